import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/types";
import { formatImpossibleChanges, impossibleChanges } from "./identity-changes";
import type { Identity } from "./identity-changes";

/**
 * Records in the state what the platform is built on, and has the engine refuse what AWS cannot change about it, in previews too.
 * It makes nothing itself. A state of release 0.1 has no such record: nothing is refused in the first `up` after it.
 */
class Platform extends pulumi.ComponentResource {
  constructor(name: string, identity: Identity) {
    const refuseImpossible = new pulumi.ResourceHook(
      `${name}-identity`,
      ({ oldInputs = {} }) => {
        const problems = impossibleChanges(oldInputs, identity);
        if (problems.length > 0) {
          throw new Error(formatImpossibleChanges(problems));
        }
      },
      { onDryRun: true },
    );
    super("shared-gpu:aws:Platform", name, { ...identity }, { hooks: { beforeUpdate: [refuseImpossible] } });
    this.registerOutputs({});
  }
}

/** Holds the platform to what it is built on. Await it before the first resource: after a refusal nothing else is registered. */
export async function keepIdentity(name: string, config: Pick<StackConfig, "region" | "clusterName" | "network">): Promise<void> {
  const { region, clusterName, network } = config;
  const platform = new Platform(name, { region, clusterName, vpcCidr: network.cidr, availabilityZones: network.availabilityZones });
  await new Promise((resolve) => platform.urn.apply(resolve));
}
