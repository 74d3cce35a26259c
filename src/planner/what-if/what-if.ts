/** What a change does to what runs: what goes on, what stops and runs elsewhere, what waits, and what can never be placed again. */
import { podTitle } from "../../cluster/objects";
import { Scheduler, cordoned, uncordoned } from "../../dra/allocator";
import type { ClusterState, SchedulingResult } from "../../dra/allocator";
import { publishSlices } from "../../dra/devices";
import type { Pod } from "../../dra/pods";
import { countProfiles, formatProfileCounts } from "../../hardware/placement";
import type { KubernetesRules } from "../../releases/kubernetes";
import { DRIVER } from "../../well-known/attributes";
import { afterAll } from "../ask/actions";
import { roundUsd } from "../cost";
import { groupBy } from "../group-by";
import type { Kind } from "../snapshot/kinds";
import { describeGap, gapsAbout } from "../state/gaps";
import type { PlannedCluster, PlannedNode } from "../state/cluster";
import { gpuDevices } from "../state/devices";
import type { Change } from "./change";
import { halt, kindsOf, resume, withState } from "./moves";
import type { Move, Stopped } from "./moves";

export interface WhatIf {
  /** `keeps`: every pod that stops runs again. */
  readonly verdict: "keeps" | "loses" | "unknown";
  readonly change: string;
  /** Claims that hold devices for a pod: of these, whose pod goes on, runs elsewhere, or does not. */
  readonly claims: { readonly running: number; readonly kept: number; readonly moved: number; readonly lost: number };
  /** What to drain, in this order. */
  readonly steps: readonly Step[];
  readonly stopped: readonly StoppedPod[];
  /** Pods that were pending, and have a place then. */
  readonly started: readonly string[];
  readonly slices: readonly SliceChange[];
  /** List prices of the nodes with GPUs. */
  readonly usdPerHour: { readonly before: number; readonly after: number };
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

export interface Step {
  readonly nodes: readonly string[];
  /** Pods that stop in it. */
  readonly stops: number;
  /** Pods that have stopped up to now and wait for a place afterwards. */
  readonly waiting: number;
}

export interface StoppedPod {
  readonly pod: string;
  readonly from: string;
  readonly to: string | null;
  /** `waits`: there is no room for it now. `never`: not in the whole cluster, were it empty and no node cordoned. */
  readonly fate: "moves" | "waits" | "never";
  readonly reason: string | null;
}

export interface SliceChange {
  readonly gpuModel: string;
  readonly profile: string;
  readonly before: { readonly published: number; readonly free: number };
  readonly after: { readonly published: number; readonly free: number };
}

/** Without these nothing can be said about what stops. */
const ESSENTIAL: readonly Kind[] = ["Node", "ResourceSlice", "DeviceClass", "Pod", "ResourceClaim"];

export function whatIf(cluster: PlannedCluster, change: Change): WhatIf {
  return consequencesOf(cluster, change).whatIf;
}

/** What a change does, with the cluster as it is afterwards. */
export interface Consequences {
  readonly whatIf: WhatIf;
  readonly after: PlannedCluster;
}

/** What a change does, with what is needed to draw it. */
export function consequencesOf(cluster: PlannedCluster, change: Change): Consequences {
  const gaps = (isMissing: (kind: Kind) => boolean) =>
    gapsAbout(cluster.gaps, [...cluster.pending, ...cluster.bound])
      .filter(({ kind }) => isMissing(kind))
      .map(describeGap);
  const missing = gaps((kind) => ESSENTIAL.includes(kind));
  const doubts = cluster.doubts.map(({ message }) => message);
  const { after, moves, steps, started } =
    missing.length > 0 ? { after: cluster, moves: [], steps: [], started: [] } : outcomeOf(cluster, change);
  const stopped = fatesOf(after, moves);
  const uncertain = uncertainMoves(moves);
  const isKept = stopped.every(({ fate }) => fate === "moves");
  const answer: WhatIf = {
    verdict: missing.length + doubts.length + uncertain.length > 0 ? "unknown" : isKept ? "keeps" : "loses",
    change: describeChange(change),
    claims: claimCounts(cluster, change, moves),
    ...{ steps, stopped, started },
    slices: slicesOf(cluster, after),
    usdPerHour: { before: priceOf(cluster), after: priceOf(after) },
    missing: [...missing, ...doubts, ...uncertain],
    notes: [...cluster.notes, ...gaps((kind) => !ESSENTIAL.includes(kind)), ...notesOf(change)],
  };
  return { whatIf: answer, after };
}

interface Outcome {
  readonly after: PlannedCluster;
  readonly moves: readonly Move[];
  readonly steps: readonly Step[];
  readonly started: readonly string[];
}

function outcomeOf(cluster: PlannedCluster, change: Change): Outcome {
  switch (change.type) {
    case "layout": {
      const { layout, nodes } = change;
      return roll(
        cluster,
        nodes.map(({ name }) => name),
        change.roll === "oneByOne" ? { ends: "all", cordons: "current" } : { ends: "withClaims", cordons: "all" },
        (each, node) => {
          const others = each.state.slices.filter(({ spec }) => spec.driver !== DRIVER || spec.nodeName !== node);
          const slices = [...others, ...publishSlices(node, layout, each.release)];
          return backInUse(cluster)({ ...each, state: { ...each.state, slices } }, node);
        },
      );
    }
    case "remove": {
      const names = fewestPodsFirst(
        cluster,
        change.from.map(({ name }) => name),
      ).slice(0, change.count);
      return roll(cluster, names, { ends: "all", cordons: "all" }, (each, node) => ({
        ...each,
        nodes: each.nodes.filter(({ name }) => name !== node),
        state: {
          ...each.state,
          nodes: each.state.nodes.filter(({ metadata }) => metadata.name !== node),
          slices: each.state.slices.filter(({ spec }) => spec.nodeName !== node),
        },
      }));
    }
    case "reboot":
    case "upgrade":
      return roll(
        change.type === "upgrade" ? { ...cluster, release: change.release, kubernetesVersion: change.release.kubernetesVersion } : cluster,
        change.nodes.map(({ name }) => name),
        { ends: "all", cordons: "current" },
        backInUse(cluster),
      );
    case "drain":
      return roll(cluster, [change.node], { ends: "all", cordons: "all" }, (each) => each);
    case "add": {
      const actions = Array.from({ length: change.count }, () => ({ type: "addNode" as const, like: change.like }));
      return started(afterAll(cluster, actions));
    }
    case "team": {
      const isLeft = (namespace: string | undefined) => !change.namespaces.includes(namespace ?? "");
      const left = withState(cluster, {
        bound: cluster.bound.filter(({ pod }) => isLeft(pod.namespace)),
        claims: cluster.claims.filter(({ claim }) => isLeft(claim.namespace)),
      });
      return started({ ...left, pending: cluster.pending.filter(({ pod }) => isLeft(pod.namespace)) });
    }
  }
}

/** A node that was cordoned for a change is as it was before. */
function backInUse({ state: before }: PlannedCluster): (cluster: PlannedCluster, node: string) => PlannedCluster {
  const known = new Map(before.nodes.map((node) => [node.metadata.name, node]));
  return (cluster, name) => {
    const nodes = cluster.state.nodes.map((node) => (node.metadata.name === name ? (known.get(name) ?? node) : node));
    return { ...cluster, state: { ...cluster.state, nodes } };
  };
}

/** A change that ends no pod: some that wait have a place then. */
function started(changed: PlannedCluster): Outcome {
  const { cluster, started: pods } = resume(changed, []);
  return { after: cluster, moves: [], steps: [], started: pods };
}

/** More steps than a person reads: nodes of larger pools are drained in groups. */
const MAX_STEPS = 64;
/** So many next nodes are compared. In a large cluster one, since each is simulated in the whole of it. */
const COMPARED = 8;
const DEVICES_COMPARED = 4096;

interface Roll {
  /** Which pods end. */
  readonly ends: "all" | "withClaims";
  /** Where all nodes are cordoned first, no pod stops twice. Where the current one is alone, its pods can move to a node whose turn comes later. */
  readonly cordons: "all" | "current";
}

/** Changes nodes one after the other. The next node is the one after which the fewest pods wait; where all are cordoned first, every order stops the same pods. */
function roll(
  before: PlannedCluster,
  nodes: readonly string[],
  { ends, cordons }: Roll,
  change: (cluster: PlannedCluster, node: string) => PlannedCluster,
): Outcome {
  let left = fewestPodsFirst(before, nodes);
  let cluster = cordons === "all" ? withCordons(before, new Set(nodes)) : before;
  let waiting: readonly Stopped[] = [];
  const moves = new Map<string, Move>();
  const steps: Step[] = [];
  const begun: string[] = [];
  const size = cordons === "all" ? Math.ceil(nodes.length / MAX_STEPS) : 1;
  const devices = before.state.slices.reduce((sum, { spec }) => sum + spec.devices.length, 0);
  const compared = size === 1 && devices <= DEVICES_COMPARED ? COMPARED : 1;
  const step = (group: readonly string[]) => {
    const { cluster: halted, stopped } = halt(cordons === "all" ? cluster : withCordons(cluster, new Set(group)), group, ends);
    const stops = stopped.length;
    if (cordons === "all") {
      return { stops, resumed: resume(group.reduce(change, halted), [...waiting, ...stopped]) };
    }
    // Pods look for another node as soon as they have ended, and this one comes back later.
    const meanwhile = resume(halted, [...waiting, ...stopped]);
    const afterwards = resume(
      group.reduce(change, meanwhile.cluster),
      meanwhile.moves.filter(({ to }) => to === undefined),
    );
    const resumed = {
      cluster: afterwards.cluster,
      moves: [...meanwhile.moves.filter(({ to }) => to !== undefined), ...afterwards.moves],
      started: [...meanwhile.started, ...afterwards.started],
    };
    return { stops, resumed };
  };
  while (left.length > 0) {
    const tries = Array.from({ length: Math.min(compared, left.length) }, (_, index) => {
      const group = left.slice(index, index + size);
      return { group, ...step(group) };
    });
    const waits = ({ resumed }: (typeof tries)[number]) => resumed.moves.filter(({ to }) => to === undefined).length;
    const best = tries.reduce((one, other) => (waits(other) < waits(one) ? other : one));
    ({ cluster } = best.resumed);
    for (const move of best.resumed.moves) {
      const key = `${move.pod.namespace}/${move.pod.name}`;
      moves.set(key, { ...move, from: moves.get(key)?.from ?? move.from });
    }
    begun.push(...best.resumed.started);
    waiting = best.resumed.moves.filter(({ to }) => to === undefined);
    steps.push({ nodes: best.group, stops: best.stops, waiting: waiting.length });
    left = left.filter((node) => !best.group.includes(node));
  }
  const pending = [...cluster.pending, ...waiting.map(({ pod }) => ({ pod, limits: {}, condition: undefined }))];
  return { after: { ...cluster, pending }, moves: [...moves.values()], steps, started: begun };
}

function fewestPodsFirst({ bound }: PlannedCluster, nodes: readonly string[]): readonly string[] {
  const pods = groupBy(
    bound.filter(({ pod }) => pod.claims.length > 0),
    ({ nodeName }) => nodeName,
  );
  const count = (node: string) => pods.get(node)?.length ?? 0;
  return [...nodes].sort((a, b) => count(a) - count(b));
}

function withCordons(cluster: PlannedCluster, names: ReadonlySet<string>): PlannedCluster {
  const nodes = cluster.state.nodes.map((node) => (names.has(node.metadata.name) ? cordoned(node) : node));
  return { ...cluster, state: { ...cluster.state, nodes } };
}

/** Pods for which the model finds a place, and whose other rules may say no to it: those of its volumes, for one. The node that they ran on is as good as before. */
function uncertainMoves(moves: readonly Move[]): readonly string[] {
  return moves
    .filter(({ from, to, unmodelled }) => to !== undefined && to !== from && unmodelled.length > 0)
    .map(
      ({ pod, to, unmodelled }) =>
        `whether Pod ${podTitle(pod)} runs on node ${to ?? ""}: it has rules that are not modelled (${unmodelled.join(", ")})`,
    );
}

function fatesOf(after: PlannedCluster, moves: readonly Move[]): readonly StoppedPod[] {
  const { state, release } = after;
  const claims = state.claims.map((claim) => ({ ...claim, allocation: undefined, reservations: 0 }));
  const nodes = state.nodes.map(uncordoned);
  const kindOf = kindsOf(after);
  const alone = new Map<string, SchedulingResult>();
  return moves.map(({ pod, from, to, reason }): StoppedPod => {
    const common = { pod: `${pod.namespace}/${pod.name}`, from };
    if (to !== undefined) {
      return { ...common, to, fate: "moves", reason: null };
    }
    const kind = kindOf(pod);
    const result = alone.get(kind) ?? aloneIn({ ...state, nodes, claims, pods: [] }, pod, release.kubernetes);
    alone.set(kind, result);
    return result.type === "placed"
      ? { ...common, to: null, fate: "waits", reason: reason ?? null }
      : { ...common, to: null, fate: "never", reason: result.message };
  });
}

/** Whether a pod has a place in an empty cluster, had it the pods that it wants to be near. */
function aloneIn(empty: ClusterState, pod: Pod, rules: KubernetesRules): SchedulingResult {
  return new Scheduler(empty, rules).schedule({ ...pod, podAffinity: [] });
}

function claimCounts(before: PlannedCluster, change: Change, moves: readonly Move[]): WhatIf["claims"] {
  const fates = new Map(moves.map(({ pod, to }) => [`${pod.namespace}/${pod.name}`, to]));
  const gone = new Set(change.type === "team" ? change.namespaces : []);
  const counts = { running: 0, kept: 0, moved: 0, lost: 0 };
  for (const { claim, users } of before.claims.filter((each) => each.claim.allocation !== undefined && each.users.length > 0)) {
    const [fate, isStopped] = users.flatMap((user): readonly [string | undefined, boolean][] => {
      const key = `${claim.namespace ?? ""}/${user}`;
      return fates.has(key) ? [[fates.get(key), true]] : [];
    })[0] ?? [undefined, false];
    counts.running++;
    counts[gone.has(claim.namespace ?? "") || (isStopped && fate === undefined) ? "lost" : isStopped ? "moved" : "kept"]++;
  }
  return counts;
}

function slicesOf(before: PlannedCluster, after: PlannedCluster): readonly SliceChange[] {
  const count = (cluster: PlannedCluster) =>
    groupBy(gpuDevices(cluster), ({ model, productName, profile }) => `${model?.name ?? productName}\n${profile}`);
  const [earlier, later] = [count(before), count(after)];
  const amounts = (devices: ReturnType<typeof gpuDevices> = []) => ({
    published: devices.length,
    free: devices.filter(({ holder }) => holder === undefined).length,
  });
  return [...new Set([...earlier.keys(), ...later.keys()])].map((key) => {
    const [gpuModel = "", profile = ""] = key.split("\n");
    return { gpuModel, profile, before: amounts(earlier.get(key)), after: amounts(later.get(key)) };
  });
}

function priceOf({ nodes }: PlannedCluster): number {
  return roundUsd(nodes.reduce((sum, { gpus, usdPerHour }) => sum + (gpus === undefined ? 0 : (usdPerHour ?? 0)), 0));
}

/** A change for a person. */
function describeChange(change: Change): string {
  switch (change.type) {
    case "layout": {
      const { layout, nodes } = change;
      const [gpu] = layout.gpus;
      const contents = gpu?.type === "mig" ? formatProfileCounts(countProfiles(gpu.placements)) : "GPUs that are not divided";
      return `layout ${layout.name} (${contents}) on ${nodeCount(nodes.length)} of pool ${nodes[0]?.pool ?? ""}`;
    }
    case "add":
      return `${nodeCount(change.count)} more in pool ${change.like.pool}`;
    case "remove":
      return `${nodeCount(change.count)} fewer in pool ${change.from[0]?.pool ?? ""}`;
    case "drain":
      return `node ${change.node} is drained`;
    case "reboot":
      return `restart of ${nodeCount(change.nodes.length)} of ${poolsText(change.nodes)}, one after the other`;
    case "upgrade":
      return `Kubernetes ${change.release.kubernetesVersion}, and ${nodeCount(change.nodes.length)} of ${poolsText(change.nodes)} replaced one after the other`;
    case "team":
      return `everything in namespace ${change.namespaces.join(", ")} is deleted`;
  }
}

function poolsText(nodes: readonly PlannedNode[]): string {
  const pools = [...new Set(nodes.map(({ pool }) => pool))];
  return pools.length === 1 ? `pool ${pools.join("")}` : `pools ${pools.join(", ")}`;
}

function nodeCount(count: number): string {
  return count === 1 ? "1 node" : `${String(count)} nodes`;
}

function notesOf(change: Change): readonly string[] {
  if ((change.type === "layout" && change.roll === "oneByOne") || change.type === "reboot" || change.type === "upgrade") {
    return ["a pod that moves to a node whose turn comes later stops once more", "what pods keep in emptyDir volumes is deleted with them"];
  }
  const { type } = change;
  const cordon =
    "cordon all of these nodes before you drain the first one. Otherwise pods move to a node that is drained later, and stop twice";
  return type === "layout"
    ? [cordon, "pods without claims go on while GPUs are divided otherwise; if the node has to restart, they stop too"]
    : type === "remove"
      ? [cordon]
      : [];
}
