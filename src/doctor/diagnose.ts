/**
 * The walk. The chain of each node ends at its first link that does not hold: what comes after is a consequence.
 *
 *   control plane -> (per node) relayout -> joined -> GPU labels -> MIG Manager -> DRA plugin -> slices -> metrics
 *                 -> what the stack declares -> claims -> advisories and support -> capacity -> the account of AWS -> what was tried
 */
import { answerOf, triedKinds } from "./active/answer";
import type { ActiveRun } from "./active/attempt";
import type { Account } from "./account/account";
import type { Answer, ClusterCheck, Examined, Link, NodeCheck } from "./check";
import { checkAccount } from "./checks/account";
import { checkAdvisories } from "./checks/advisories";
import { checkCapacity } from "./checks/capacity";
import { checkClaims } from "./checks/claims";
import { checkDraApi, checkVersion } from "./checks/control-plane";
import { checkDaemons } from "./checks/daemons";
import { checkDeclared } from "./checks/declared";
import { checkGpuLabels } from "./checks/gpu-labels";
import { checkJoined } from "./checks/joined";
import { checkMetrics } from "./checks/metrics";
import { checkMigManager } from "./checks/mig-manager";
import { checkPlugin } from "./checks/plugin";
import { checkPools } from "./checks/pools";
import { checkRelayout } from "./checks/relayout";
import { checkRollout } from "./checks/rollout";
import { checkForeignSlices, checkSlices } from "./checks/slices";
import { observedCluster } from "./cluster";
import type { ObservedNode } from "./cluster";
import { commandsFor } from "./commands";
import type { Declaration } from "./declaration";
import type { Diagnosis, Finding } from "./finding";
import type { Severity } from "./findings";
import { observedKind } from "./observation/kinds";
import type { ObservedKind } from "./observation/kinds";
import type { Observation } from "./observation/observation";
import { rolloutOf } from "./rollout";

const CHAIN: readonly NodeCheck[] = [
  ...[checkRelayout, checkJoined, checkGpuLabels, checkMigManager],
  ...[checkPlugin, checkSlices, checkMetrics],
];

/** Of a file of the planner: it has no pods of daemons, and no conditions. */
const CHAIN_OF_NUMBERED: readonly NodeCheck[] = [checkJoined, checkSlices];

const CLUSTER_CHECKS: readonly ClusterCheck[] = [
  ...[checkVersion, checkRollout, checkPools, checkDaemons, checkForeignSlices],
  ...[checkDeclared, checkAdvisories, checkCapacity],
];

/** What the checks of nodes and claims cannot do without. */
const NEEDED: Readonly<Partial<Record<ObservedKind, string>>> = {
  Node: "nodes",
  Pod: "which daemons run, and which pods are hurt",
  ResourceSlice: "published slices",
  DaemonSet: "whether the operator and the driver are installed",
  ResourceClaim: "claims",
  Job: "whether pulumi up is still at work",
};

/**
 * What the checks are given.
 * @param context the kubectl context that was read, for the commands.
 * @param account what `--aws` has asked. @default nothing
 */
export function examine(observation: Observation, declaration: Declaration, context: string | undefined, account?: Account): Examined {
  const cluster = observedCluster(observation, declaration);
  return {
    ...{ cluster, declaration },
    command: commandsFor({ context, stack: declaration.stack, region: declaration.region }),
    rollout: rolloutOf(cluster, declaration),
    account,
  };
}

/** @param context the kubectl context that was read, for the commands. */
export function diagnose(observation: Observation, declaration: Declaration, context: string | undefined, account?: Account): Diagnosis {
  return diagnosisOf(examine(observation, declaration, context, account));
}

/** @param run what the active check has tried. @default nothing */
export function diagnosisOf(examined: Examined, run: ActiveRun = NOTHING_TRIED): Diagnosis {
  const { cluster } = examined;
  const { observation } = cluster;
  const absent = checkDraApi(examined);
  if ((absent.findings ?? []).length > 0) {
    return conclude(examined, run, [absent]);
  }
  const isNumbered = observation.names === "numbered";
  const hasNodes = (["Node", "Pod", "ResourceSlice"] as const).every(cluster.hasRead);
  const chains = hasNodes ? cluster.gpuNodes.map((node) => walk(node, examined, isNumbered ? CHAIN_OF_NUMBERED : CHAIN)) : [];
  const whole = new Set(chains.filter(({ holds }) => holds).map(({ node }) => node.name));
  const checks = CLUSTER_CHECKS.filter((check) => cluster.hasRead("Node") || check !== checkPools).filter(
    (check) => !(isNumbered && check === checkDaemons),
  );
  return conclude(examined, run, [
    ...checks.map((check) => check(examined)),
    ...chains.map(({ answer }) => answer),
    ...(isNumbered ? [] : [{ findings: checkClaims(examined, whole, whole.size === cluster.gpuNodes.length && whole.size > 0) }]),
    ...(examined.account === undefined ? [] : [checkAccount(examined.account, examined)]),
    unread(examined),
    answerOf(run),
  ]);
}

const NOTHING_TRIED: ActiveRun = { tried: [], untried: [], unchecked: [] };

interface Walk {
  readonly node: ObservedNode;
  readonly holds: boolean;
  readonly answer: Answer;
}

function walk(node: ObservedNode, examined: Examined, chain: readonly NodeCheck[]): Walk {
  const links: Link[] = [];
  for (const check of chain) {
    const link = check(node, examined);
    links.push(link);
    if (!link.holds) {
      break;
    }
  }
  return { node, holds: links.every(({ holds }) => holds), answer: merged(links) };
}

function unread({ cluster }: Examined): Answer {
  const needed = Object.entries(NEEDED) as [ObservedKind, string][];
  return {
    unchecked: needed.flatMap(([kind, what]) => {
      const gap = cluster.observation.gaps.find((each) => each.kind === kind);
      return gap === undefined ? [] : [{ what, reason: `${observedKind(kind).resource}: ${gap.reason}` }];
    }),
  };
}

function merged(answers: readonly Answer[]): Required<Answer> {
  return {
    findings: answers.flatMap(({ findings = [] }) => findings),
    notYet: answers.flatMap(({ notYet = [] }) => notYet),
    unchecked: answers.flatMap(({ unchecked = [] }) => unchecked),
  };
}

const IN_ACCOUNT = "addresses left in the subnets, vCPU quotas, and the ends of reservations";

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

function conclude(
  { cluster: { observation }, declaration: { stack }, command, account }: Examined,
  run: ActiveRun,
  answers: readonly Answer[],
): Diagnosis {
  const { findings, notYet, unchecked } = merged(answers);
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  return {
    ...{ source: observation.source, stack, readAt: observation.readAt, kubernetesVersion: observation.kubernetesVersion ?? null },
    verdict: findings.some(({ severity }) => severity !== "info") ? "findings" : unchecked.length > 0 ? "unknown" : "healthy",
    // Findings of one severity stay in the order of the walk.
    findings: [...findings].sort((one, other) => rank(one) - rank(other)),
    notYet,
    unchecked,
    notSeen: account === undefined ? [`${IN_ACCOUNT}: nobody has asked AWS, which ${command.doctor("--aws")} does`] : [],
    tried: triedKinds(run),
  };
}
