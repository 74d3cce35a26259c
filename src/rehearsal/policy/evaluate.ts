/** Holds a recording against a policy pack, as `pulumi up --policy-pack` would. */
import { urnOfProvider } from "../monitor/urn";
import type { Mode, RecordedResource } from "../monitor/recording";
import { Analyzer, ConfigurationRefused } from "./analyzer";
import type { Violation } from "./analyzer";
import { reconcile } from "./pack-config";
import type { PackConfig, PolicyInfo } from "./pack-config";
import type { ServedPack } from "./served-pack";
import { EKS_CLUSTER } from "../../well-known/resource-types";

export interface PolicyVerdict {
  readonly pack: string;
  readonly version: string;
  readonly policies: readonly PolicyInfo[];
  /** How many resources were looked at. */
  readonly resources: number;
  readonly violations: readonly Violation[];
}

/** The configuration of the pack is not one that it accepts. */
export class PackConfigError extends Error {
  override readonly name = "PackConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/**
 * Configures a pack and asks it about every resource, then about the stack.
 * @param userConfig of a `--policy-pack-config` file. @param mode of the run that recorded the resources.
 * @throws PackConfigError when the pack refuses the configuration.
 * @throws Error when a policy itself fails: the engine stops there, too.
 */
export async function evaluatePack(
  pack: ServedPack,
  resources: readonly RecordedResource[],
  userConfig: PackConfig = {},
  mode: Mode = "known",
): Promise<PolicyVerdict> {
  const analyzer = new Analyzer(pack);
  await analyzer.configureStack(mode === "preview");
  const info = await analyzer.info();
  const reconciled = reconcile(info.policies, info.initialConfig, userConfig);
  if (reconciled.type === "invalid") {
    throw new PackConfigError(reconciled.problems);
  }
  await configure(analyzer, reconciled.config);
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const providerOf = (resource: RecordedResource) => byUrn.get(urnOfProvider(resource.provider));
  // In the engine a cluster comes before what is created in it, and the pack judges claims by the cluster's Kubernetes version.
  const ofClusters = new Map<RecordedResource, readonly Violation[]>();
  for (const cluster of resources.filter(({ type }) => type === EKS_CLUSTER)) {
    ofClusters.set(cluster, await analyzer.analyze(cluster, providerOf(cluster)));
  }
  const violations: Violation[] = [];
  for (const resource of resources) {
    violations.push(...(ofClusters.get(resource) ?? (await analyzer.analyze(resource, providerOf(resource)))));
  }
  violations.push(...(await analyzer.analyzeStack(resources, providerOf)));
  return { pack: info.name, version: info.version, policies: info.policies, resources: resources.length, violations };
}

async function configure(analyzer: Analyzer, config: PackConfig): Promise<void> {
  try {
    await analyzer.configure(config);
  } catch (error) {
    throw error instanceof ConfigurationRefused ? new PackConfigError(error.message.split("\n")) : error;
  }
}

/** Whether a violation stops `pulumi up`. What a remediation left over counts as mandatory, as the engine counts it. */
export function isMandatory(violation: Violation): boolean {
  return violation.enforcementLevel === "mandatory" || violation.enforcementLevel === "remediate";
}
