/** What providers and the engine fill in before a resource is made, so that policies and the state see it as an input. */
import { asMap, isWireMap } from "../monitor/wire";
import type { WireMap } from "../monitor/wire";
import { hex } from "./account";

/** Services of AWS without regions: their resources take no argument `region`. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(["budgets", "cloudfront", "iam", "organizations", "route53"]);

/** The argument that is a resource's name in AWS, and made up where nobody gives it. A test holds this against the SDK's declarations. */
export const NAME_ARGUMENTS: Readonly<Record<string, string>> = {
  "aws:autoscaling/policy:Policy": "name",
  "aws:budgets/budget:Budget": "name",
  "aws:cloudwatch/eventRule:EventRule": "name",
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
  "aws:ec2/launchTemplate:LaunchTemplate": "name",
  "aws:ec2/placementGroup:PlacementGroup": "name",
  "aws:ec2/securityGroup:SecurityGroup": "name",
  "aws:eks/cluster:Cluster": "name",
  "aws:eks/nodeGroup:NodeGroup": "nodeGroupName",
  "aws:iam/instanceProfile:InstanceProfile": "name",
  "aws:iam/policy:Policy": "name",
  "aws:iam/role:Role": "name",
  "aws:iam/rolePolicy:RolePolicy": "name",
  "aws:kms/alias:Alias": "name",
  "aws:sns/topic:Topic": "name",
  "aws:sqs/queue:Queue": "name",
};

/** Whether resources of a type of the AWS provider have a region. */
export function hasRegion(type: string): boolean {
  const [, module = ""] = type.split(":");
  return !GLOBAL_SERVICES.has(module.split("/")[0] ?? "");
}

/**
 * Inputs with the region and the name that the AWS provider fills in (pulumi-terraform-bridge pkg/tfbridge, pulumi-aws provider/resources.go).
 * @param deployed inputs of the resource that is there already, which keeps its name.
 */
export function checkedByAws(
  resource: { readonly urn: string; readonly type: string; readonly name: string },
  inputs: WireMap,
  region: string,
  deployed: WireMap = {},
): WireMap {
  const argument = NAME_ARGUMENTS[resource.type];
  const isNamed = argument === undefined || (inputs[argument] ?? inputs[`${argument}Prefix`] ?? null) !== null;
  return {
    ...inputs,
    ...(hasRegion(resource.type) && (inputs.region ?? null) === null ? { region } : {}),
    ...(isNamed ? {} : { [argument]: deployed[argument] ?? `${resource.name}-${hex(resource.urn, 7)}` }),
  };
}

/**
 * What the Kubernetes provider writes into every Release where the program says nothing: the zero value of each field of its type.
 * Source: pulumi/pulumi-kubernetes v4.25, `provider/pkg/provider/helm_release.go`, `Release`, `RepositoryOpts` and `setDefaults`.
 */
const UNSET_OF_RELEASE: WireMap = {
  ...Object.fromEntries(
    [
      ...["allowNullValues", "atomic", "cleanupOnFail", "createNamespace", "dependencyUpdate", "devel", "disableCRDHooks"],
      ...["disableOpenapiValidation", "disableWebhooks", "forceUpdate", "lint", "recreatePods", "renderSubchartNotes", "replace"],
      ...["resetValues", "reuseValues", "skipCrds", "verify", "skipAwait", "waitForJobs"],
    ].map((flag) => [flag, false]),
  ),
  ...Object.fromEntries(["chart", "description", "keyring", "name", "namespace", "postrender", "version"].map((text) => [text, ""])),
  timeout: 300,
};
const UNSET_OF_REPOSITORY: WireMap = { repo: "", caFile: "", certFile: "", keyFile: "", password: "", username: "" };

/** Inputs of a Release as the Kubernetes provider hands them on. */
export function checkedRelease(inputs: WireMap): WireMap {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null && value !== undefined));
  const { repositoryOpts } = given;
  return {
    ...UNSET_OF_RELEASE,
    ...given,
    ...(isWireMap(repositoryOpts) ? { repositoryOpts: { ...UNSET_OF_REPOSITORY, ...repositoryOpts } } : {}),
  };
}

/** A provider's inputs with the version of its plugin (pulumi/pulumi pkg/resource/deploy/providers/registry.go, SetProviderVersion). */
export function versionedProvider(inputs: WireMap, version: string): WireMap {
  return version === "" ? inputs : { ...inputs, version, __internal: asMap(inputs.__internal) };
}
