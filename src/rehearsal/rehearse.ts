/** The rehearsal: the program, the policy pack and the cluster, one after the other, with nothing deployed. */
import { join } from "node:path";
import { assess } from "../releases/advisories/assess";
import { asResource, readManifests } from "./manifests";
import type { Played } from "../planner/life/play";
import type { LifeStep } from "../planner/life/steps";
import { installedBy } from "./recorded/installed";
import { groupsOf, nodesOf } from "./recorded/nodes";
import { objectsOf } from "./recorded/objects";
import { releaseOf } from "./recorded/release";
import type { Refusal } from "../cluster/judgement/checks";
import type { ClusterObject } from "../cluster/objects";
import { judgeAndSimulate } from "../cluster/judgement/judge";
import type { Recording } from "./monitor/recording";
import type { AskControlPlane } from "./control-plane";
import { DeployedStack } from "./deployed/deployed-stack";
import { readExport } from "./deployed/stack-export";
import { PackConfigError, evaluatePack, isMandatory } from "./policy/evaluate";
import type { PolicyVerdict } from "./policy/evaluate";
import { parsePackConfig } from "./policy/pack-config";
import type { PackConfig } from "./policy/pack-config";
import type { ServedPack } from "./policy/served-pack";
import { buildReport } from "./report/build";
import type { Report } from "./report/report";
import { runProgram } from "./run-program";
import { readStack } from "./stack-files";
import type { StackSettings } from "./stack-files";
import { UserError, readText } from "./files";

export interface RehearseOptions {
  /** Folder with Pulumi.yaml and index.ts. */
  readonly root: string;
  readonly stack: string;
  /** YAML files of Kubernetes objects, checked and placed after the stack's own. */
  readonly manifests: readonly string[];
  /** Namespace of manifest objects that name none. */
  readonly namespace: string;
  /** Whether an object that is not modelled is a finding. */
  readonly strict: boolean;
  /** JSON file in the form of `pulumi --policy-pack-config`; undefined: the pack's defaults. */
  readonly policyPackConfig: string | undefined;
  /** Output of `pulumi stack export`. @default nothing is known of what is deployed */
  readonly fromExport?: string | undefined;
  /** Loads the policy pack, which judges as on a day. It is asked for late, since most mistakes are found before. */
  readonly loadPack: (today: Date) => Promise<ServedPack>;
  /** The day by which support, advisories and exceptions are judged. */
  readonly today: Date;
  /** What happens after `up`, step by step. @default nothing */
  readonly life?: readonly LifeStep[];
  /** Asks a real control plane too; its answers make the report then. @default the models answer */
  readonly askControlPlane?: AskControlPlane | undefined;
}

/**
 * Rehearses a stack.
 * @throws UserError for what is wrong before anything can be rehearsed: files, configuration, the program's own refusal.
 */
export async function rehearse(options: RehearseOptions): Promise<Report> {
  const { root, stack, manifests, namespace, strict, policyPackConfig, fromExport, loadPack, today, life = [], askControlPlane } = options;
  // Files first: a typo in a manifest should not take a second to be told.
  const settings = readStack(root, stack);
  const packConfig = policyPackConfig === undefined ? {} : readPackConfig(policyPackConfig);
  const manifestObjects = readManifests(manifests, namespace);
  const exported = fromExport === undefined ? undefined : readExport(fromExport, settings);
  const deployed = exported && new DeployedStack(exported, settings);

  const { config, accessUnset } = withAccess(settings);
  const recording = await runProgram({
    program: join(root, "index.ts"),
    project: settings.project,
    stack,
    config,
    secretKeys: settings.encrypted,
    deployed,
  });
  if (recording.errors.length > 0) {
    throw new UserError(recording.errors.join("\n"));
  }
  const asResources = manifestObjects.map((object, index) => ({ object, resource: asResource(object, stack, settings.project, index) }));
  const judged = [...recording.resources, ...asResources.map(({ resource }) => resource)];
  const verdict = await judge(() => loadPack(today), judged, packConfig, policyPackConfig);

  const { nodes, shapes, problems: nodeProblems } = nodesOf(recording);
  const release = releaseOf(recording);
  const stackObjects = objectsOf(recording);
  const simulation = judgeAndSimulate(nodes, shapes, [...stackObjects, ...manifestObjects], release);
  const byUrn = new Map(asResources.map(({ object, resource }): [string, ClusterObject] => [resource.urn, object]));
  const denied = deniedObjects(verdict, byUrn);
  const answered = await askControlPlane?.({
    ...{ settings, recording, release, nodes, shapes, stackObjects, manifestObjects, denied, simulation },
  });
  const current = answered?.simulation ?? simulation;
  const objects = [...stackObjects, ...manifestObjects];
  let later: readonly Played[] | undefined;
  if (life.length > 0) {
    // The planner is loaded only for it.
    const { playedOn } = await import("./played");
    later = playedOn({ source: `the rehearsed stack ${stack}`, nodes, objects, release, simulation: current }, life, recording);
  }
  return buildReport({
    settings,
    recording,
    verdict,
    manifestObjects: byUrn,
    nodes,
    shapes,
    nodeProblems,
    groups: groupsOf(recording),
    simulation: current,
    later,
    controlPlane: answered?.report,
    upgrade: deployed && { steps: deployed.steps(), pending: exported?.pending ?? [] },
    release,
    accessUnset,
    strict,
    today,
    packConfig,
    assessment: assess(
      { installed: installedBy(recording, [...objectsOf(recording), ...manifestObjects]), kubernetesVersion: release.kubernetesVersion },
      today,
    ),
  });
}

/** Manifest objects that a mandatory policy denies, with what it says. */
function deniedObjects(
  { violations }: PolicyVerdict,
  byUrn: ReadonlyMap<string, ClusterObject>,
): ReadonlyMap<ClusterObject, readonly Refusal[]> {
  const denied = new Map<ClusterObject, readonly Refusal[]>();
  for (const violation of violations.filter(isMandatory)) {
    const object = byUrn.get(violation.urn);
    if (object !== undefined) {
      denied.set(object, [...(denied.get(object) ?? []), { message: `policy ${violation.policy}`, onPurpose: "policyPack" }]);
    }
  }
  return denied;
}

/** Who may reach the API server has no default. Where it is open, the rehearsal takes `private` and says so. */
export function withAccess({ project, config }: StackSettings): {
  readonly config: Readonly<Record<string, string>>;
  readonly accessUnset: boolean;
} {
  const key = `${project}:apiServerAccess`;
  const accessUnset = (config[key] ?? "").trim() === "";
  return { config: accessUnset ? { ...config, [key]: "private" } : config, accessUnset };
}

async function judge(
  loadPack: () => Promise<ServedPack>,
  resources: Recording["resources"],
  config: PackConfig,
  configFile: string | undefined,
): Promise<PolicyVerdict> {
  try {
    return await evaluatePack(await loadPack(), resources, config);
  } catch (error) {
    if (error instanceof PackConfigError) {
      throw new UserError(error.problems.map((problem) => `${configFile ?? "policy pack"}: ${problem}`).join("\n"));
    }
    throw error;
  }
}

function readPackConfig(file: string): PackConfig {
  const text = readText(file);
  try {
    return parsePackConfig(text);
  } catch (error) {
    throw new UserError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
