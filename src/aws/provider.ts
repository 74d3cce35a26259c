import { version } from "@pulumi/aws/package.json";
import * as pulumi from "@pulumi/pulumi";
import { isSecret } from "../config/secrets";

/**
 * The one AWS provider of everything, what the awsx and eks components make included. Left to themselves these ask for the versions that they were built with,
 * and three AWS plugins are downloaded and run.
 *
 * It has the settings that Pulumi gives a default provider: every `aws:` key of the stack, such as `aws:profile` and `aws:defaultTags`.
 */
export class AwsProvider extends pulumi.ProviderResource {
  constructor(name: string) {
    const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("aws:"));
    const inputs = settings.map(([key, value]) => [key.slice("aws:".length), isSecret(key) ? pulumi.secret(value) : value]);
    super("aws", name, Object.fromEntries(inputs) as pulumi.Inputs, { version });
  }
}
