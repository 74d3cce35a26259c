/**
 * Ways out for a demand that does not fit: what to change, each proven by simulating the cluster after the change. Running pods are never ended.
 */
import { excesses } from "../state/quotas";
import type { PlannedClaim, PlannedCluster, PlannedNode } from "../state/cluster";
import { gpuDevices, gpuIndexOf } from "../state/devices";
import type { GpuDevice } from "../state/devices";
import { groupBy } from "../group-by";
import { maximalLayouts } from "../../hardware/placement";
import type { GpuModel } from "../../hardware/types";
import { DRIVER } from "../../well-known/attributes";
import { GPU_TAINT } from "../../well-known/labels";
import { roundUsd } from "../cost";
import { afterAll, describeAction, newNodeName, newNodesOf, usdPerHourOf } from "./actions";
import type { Action, FreeGpu } from "./actions";
import { bestTrial } from "./orders";
import type { Asked, AskedPods } from "./pods";
import { Parts } from "./parts";
import { outcomeOf, totalCounts, usableNodes } from "./trial";
import type { Outcome, Place } from "./trial";

export interface Way {
  readonly actions: readonly Action[];
  /** What it adds to the bill; undefined where a price is unknown. */
  readonly usdPerHour: number | undefined;
  /** Where the pods go then. */
  readonly places: readonly Place[];
  /** Pending pods that get a place by it, and may get another one or none. */
  readonly uncertain: readonly string[];
}

/** Changes that belong together, all on one node. */
interface Candidate {
  readonly actions: readonly Action[];
  readonly node: string;
}

/** Sorts of changes, each a list of what can be changed next. Those before are tried alone before they are tried with others. */
type Family = (cluster: PlannedCluster, devices: readonly GpuDevice[]) => readonly Candidate[];

/** So many changes of one sort are tried at a time: a list of a thousand alike changes says nothing more. */
const MAX_CANDIDATES = 64;
/** What takes more rounds of changes is no way that a person goes. In a large cluster fewer are tried, as each is simulated in the whole of it. */
const MAX_ROUNDS = 64;
const DEVICES_SIMULATED = 131_072;
/** In clusters with more devices, sets of changes are not tried one by one. */
const DEVICES_TRIED = 512;

const FREE: readonly Family[] = [idleClaims, closedNodes, freeGpus, openedNodes];

/** All ways that are found, cheapest first; of equal ones first what changes least. None has in it all that another one needs. @param outcome of the demand in the cluster as it is. */
export function waysOut(cluster: PlannedCluster, asked: AskedPods, outcome: Outcome): readonly Way[] {
  const simulations = new Simulations(cluster, asked);
  const ofDevices = outcome.refused.length === 0 ? [[]] : waysForDevices(simulations);
  const ofQuota = outcome.quota.length === 0 ? [[]] : quotaOptions(cluster, asked.pods);
  const proven = ofQuota
    .flatMap((quota) => ofDevices.map((devices) => [...quota, ...devices]))
    .flatMap((actions): Way[] => {
      const proof = simulations.outcome(actions);
      return proof.quota.length > 0 || !simulations.isSure(actions)
        ? []
        : [{ actions, usdPerHour: priceOf(actions), places: proof.places, uncertain: proof.uncertain }];
    })
    .sort((a, b) => (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity) || a.actions.length - b.actions.length);
  return proven.filter((way, index) => !proven.slice(0, index).some((better) => isPartOf(better, way)));
}

function waysForDevices(simulations: Simulations): readonly (readonly Action[])[] {
  const ofNodesThatAreThere = simulations.canDoWithoutNewNodes ? [...FREE.map((family) => [family]), FREE] : [];
  const found = [...ofNodesThatAreThere, [newNodes], [...FREE, newNodes], [newNodes, ...FREE]].flatMap((families) => {
    const actions = search(simulations, families);
    return actions === undefined ? [] : [actions];
  });
  return distinct([...found, ...fewest(simulations, found)]);
}

/** So many changes are tried together, where there are not too many sets of them. */
const MAX_TOGETHER = 3;
const MAX_SETS = 700;

/**
 * The search takes one change after the other, each the best for the next step: two that help together alone, or one that helps as much as two others, it can miss.
 * So all sets of fewer changes without a price are tried, in small clusters.
 */
function fewest(simulations: Simulations, found: readonly (readonly Action[])[]): readonly (readonly Action[])[] {
  const known = found.filter((actions) => priceOf(actions) === 0).map(({ length }) => length);
  const single = simulations.freeChanges();
  let left = MAX_SETS;
  for (let size = 1; size <= MAX_TOGETHER && size < Math.min(...known); size++) {
    const sets = setsOf(single, size, left, canFollow);
    if (sets === undefined) {
      return [];
    }
    left -= sets.length;
    const solved = sets.filter((actions) => isSolved(simulations, actions) && simulations.isSure(actions));
    if (solved.length > 0) {
      return solved.slice(0, 1);
    }
  }
  return [];
}

/** All sets of so many items of which each can follow those before; undefined: there are more than the maximum. */
function setsOf<T>(
  items: readonly T[],
  size: number,
  maximum: number,
  isPossible: (before: readonly T[], next: T) => boolean,
): readonly (readonly T[])[] | undefined {
  let sets: readonly { readonly set: readonly T[]; readonly next: number }[] = [{ set: [], next: 0 }];
  for (let length = 1; length <= size; length++) {
    sets = sets.flatMap(({ set, next }) =>
      items.slice(next).flatMap((item, index) => (isPossible(set, item) ? [{ set: [...set, item], next: next + index + 1 }] : [])),
    );
    if (sets.length > maximum) {
      return undefined;
    }
  }
  return sets.map(({ set }) => set);
}

/** A GPU that has been divided has other devices than those that a second division is about. */
function canFollow(before: readonly Action[], next: Action): boolean {
  return (
    next.type !== "relayout" ||
    before.every((action) => action.type !== "relayout" || action.node !== next.node || action.gpu.index !== next.gpu.index)
  );
}

/** Whether a way does all that another one does, which then is no better. */
function isPartOf(one: Way, other: Way): boolean {
  const left = other.actions.map(describeAction);
  return one.actions.every((action) => {
    const index = left.indexOf(describeAction(action));
    return index >= 0 && left.splice(index, 1).length > 0;
  });
}

function priceOf(actions: readonly Action[]): number | undefined {
  let sum = 0;
  for (const action of actions) {
    const usd = usdPerHourOf(action);
    if (usd === undefined) {
      return undefined;
    }
    sum += usd;
  }
  return roundUsd(sum);
}

function distinct(all: readonly (readonly Action[])[]): readonly (readonly Action[])[] {
  return [...new Map(all.map((actions) => [keyOf(actions), actions])).values()];
}

/** Changes until everything fits, of the first sort that helps, without those that nothing depends on. */
function search(simulations: Simulations, families: readonly Family[]): readonly Action[] | undefined {
  let actions: readonly Action[] = [];
  for (let round = 0; round < simulations.rounds && !isSolved(simulations, actions); round++) {
    const next = bestStep(simulations, actions, families);
    if (next === undefined) {
      return undefined;
    }
    actions = next;
  }
  return isSolved(simulations, actions) ? withoutNeedless(simulations, actions) : undefined;
}

function isSolved(simulations: Simulations, actions: readonly Action[]): boolean {
  return simulations.outcome(actions).refused.length === 0;
}

/** So many changes that help their node are tried in the whole cluster. */
const MAX_TRIALS = 3;

/** The changes up to now and the next ones. Pods that are pending get places before the demand does, so a change that helps these alone is a step, too. */
function bestStep(simulations: Simulations, before: readonly Action[], families: readonly Family[]): readonly Action[] | undefined {
  const room = simulations.room(before);
  const { refused, waiting } = simulations.outcome(before);
  const gainOf = (candidate: Candidate): Gain => {
    const { asked, pending } = room.gain(candidate);
    return { asked: Math.min(refused.length, asked), pending: Math.min(waiting, pending) };
  };
  for (const family of families) {
    const helpful = room
      .candidates(family)
      .slice(0, MAX_CANDIDATES)
      .map((candidate) => ({ candidate, gain: gainOf(candidate) }))
      .filter(({ gain }) => gain.asked > 0 || gain.pending > 0)
      .sort(
        (a, b) =>
          b.gain.asked - a.gain.asked ||
          b.gain.pending - a.gain.pending ||
          (priceOf(a.candidate.actions) ?? Infinity) - (priceOf(b.candidate.actions) ?? Infinity),
      );
    for (const { candidate, gain } of helpful.slice(0, MAX_TRIALS)) {
      const once = minimal(candidate, (fewer) => {
        const { asked, pending } = gainOf(fewer);
        return asked === gain.asked && pending === gain.pending;
      });
      const times = once.every(({ type }) => type === "addNode")
        ? Math.ceil((refused.length + waiting) / Math.max(1, gain.asked + gain.pending))
        : 1;
      const actions = [...before, ...Array.from({ length: times }, () => once).flat()];
      const after = simulations.outcome(actions);
      if (after.refused.length < refused.length || (after.refused.length === refused.length && after.waiting < waiting)) {
        return actions;
      }
    }
  }
  return undefined;
}

/** Of each change that is made as few as everything still fits with. */
function withoutNeedless(simulations: Simulations, actions: readonly Action[]): readonly Action[] {
  if (!simulations.isSure(actions)) {
    return actions;
  }
  return [...new Set(actions.map((action) => keyOf([action])))].reverse().reduce((kept, key) => {
    const isIt = (action: Action) => keyOf([action]) === key;
    const withFirst = (count: number) => {
      let left = count;
      return kept.filter((action) => !isIt(action) || left-- > 0);
    };
    let [low, high] = [0, kept.filter(isIt).length];
    // Mostly none is needless, so the search begins at the top.
    for (let step = 1; low < high && step < high - low; step *= 2) {
      if (!simulations.isSure(withFirst(high - step))) {
        low = high - step + 1;
        break;
      }
      high -= step;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      if (simulations.isSure(withFirst(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return withFirst(low);
  }, actions);
}

/** What several searches simulate alike is simulated once. */
class Simulations {
  /** How many rounds of changes are tried. */
  readonly rounds: number;
  private readonly outcomes = new Map<string, Outcome>();
  private readonly sure = new Map<string, boolean>();
  private readonly rooms = new Map<string, Room>();
  private readonly unchanged = new Map<string, Gain>();
  private readonly parts: Parts;
  private readonly devices: readonly GpuDevice[];
  private readonly usable: readonly string[];
  private readonly hasOneKind: boolean;

  constructor(
    private readonly cluster: PlannedCluster,
    private readonly asked: AskedPods,
  ) {
    this.parts = new Parts(cluster);
    this.devices = gpuDevices(cluster);
    this.rounds = Math.min(MAX_ROUNDS, Math.max(2, Math.floor(DEVICES_SIMULATED / this.devices.length)));
    this.usable = usableNodes(cluster, asked);
    this.hasOneKind = new Set(asked.pods.map(({ wants }) => wants)).size === 1;
  }

  /** Every round changes one node, and a pod takes a device of it at least. For more pods than all rounds have devices for, no way is searched for without further nodes. */
  get canDoWithoutNewNodes(): boolean {
    const published = [...groupBy(this.devices, ({ node }) => node).values()].map(({ length }) => length);
    const divided = this.cluster.nodes.map(({ gpus }) => (gpus === undefined ? 0 : gpus.count * mostDevices(gpus.model)));
    const most = [...published, ...divided].reduce((one, other) => Math.max(one, other), 0);
    return this.outcome([]).refused.length <= this.rounds * most;
  }

  /** What happens to the demand after changes. Nodes that no pod can use, and that no change is about, make no difference. */
  outcome(actions: readonly Action[]): Outcome {
    const key = keyOf(actions);
    const outcome = this.outcomes.get(key) ?? outcomeOf(this.after(actions), this.asked);
    this.outcomes.set(key, outcome);
    return outcome;
  }

  /** Whether everything fits after changes, in whichever order kube-scheduler takes the pods. */
  isSure(actions: readonly Action[]): boolean {
    // What does not fit in one order is not sure, and pods of one kind have no other one.
    if (!isSolved(this, actions) || this.hasOneKind) {
      return isSolved(this, actions);
    }
    const key = keyOf(actions);
    const isSure = this.sure.get(key) ?? this.fitsInEveryOrder(actions);
    this.sure.set(key, isSure);
    return isSure;
  }

  private fitsInEveryOrder(actions: readonly Action[]): boolean {
    const { outcome, pinned } = bestTrial(this.after(actions), this.asked);
    return outcome.refused.length === 0 && !pinned;
  }

  /** Every single change that costs nothing, in a cluster that is small enough for all to be tried; of GPUs that nobody uses some of each sort. */
  freeChanges(): readonly Action[] {
    if (this.devices.length > DEVICES_TRIED) {
      return [];
    }
    const candidates = [...idleClaims(this.cluster, this.devices), ...closedNodes(this.cluster, this.devices)];
    const relayouts = layoutsOf(freeGpusOf(this.cluster, this.devices).flatMap((gpus) => gpus.slice(0, MAX_TOGETHER)));
    const all = [...candidates, ...relayouts].flatMap(({ actions }) => actions);
    return [...new Map(all.map((action) => [keyOf([action]), action])).values()];
  }

  private after(actions: readonly Action[]): PlannedCluster {
    return afterAll(this.parts.of([...this.usable, ...actions.flatMap(nodeOf)]), actions);
  }

  room(actions: readonly Action[]): Room {
    const key = keyOf(actions);
    const room = this.rooms.get(key) ?? this.roomAfter(actions);
    this.rooms.set(key, room);
    return room;
  }

  private roomAfter(actions: readonly Action[]): Room {
    const kinds = new Set(this.outcome(actions).refused.map(({ asked }) => asked.wants));
    if (actions.length === 0) {
      return new Room(this.cluster, this.parts, this.devices, this.asked, kinds, new Set(), this.unchanged);
    }
    const cluster = afterAll(this.cluster, actions);
    const parts = new Parts(cluster);
    const changed = new Set([...actions.flatMap(nodeOf), ...newNodesOf(cluster)]);
    const devices = [...this.devices.filter(({ node }) => !changed.has(node)), ...gpuDevices(parts.of([...changed]))];
    return new Room(cluster, parts, devices, this.asked, kinds, changed, this.unchanged);
  }
}

/** Of a GPU that is divided. */
function mostDevices(model: GpuModel): number {
  return maximalLayouts(model).reduce((most, { placements }) => Math.max(most, placements.length), 1);
}

/** The node that a change is about; of a node that is added the one that it is like. */
function nodeOf(action: Action): readonly string[] {
  switch (action.type) {
    case "deleteClaim":
    case "uncordon":
    case "removeTaint":
    case "relayout":
      return [action.node];
    case "addNode":
      return [action.like.name];
    case "deletePod":
    case "raiseQuota":
      return [];
  }
}

function keyOf(actions: readonly Action[]): string {
  return actions.map(describeAction).join("\n");
}

/** How many more pods a change has a place for on its node: of the demand, and of those that are pending. */
interface Gain {
  readonly asked: number;
  readonly pending: number;
}

/** What changes gain: quickly found out, as the other nodes are left out of it. */
class Room {
  private readonly placed = new Map<string, Gain>();
  private readonly newNodes: readonly string[];
  private readonly found = new Map<Family, readonly Candidate[]>();

  /**
   * @param changed nodes on which something differs from the cluster as it is.
   * @param unchanged what is placed on all other nodes, for the rooms of all searches.
   */
  constructor(
    private readonly cluster: PlannedCluster,
    private readonly parts: Parts,
    private readonly devices: readonly GpuDevice[],
    private readonly asked: AskedPods,
    private readonly kinds: ReadonlySet<string>,
    private readonly changed: ReadonlySet<string>,
    private readonly unchanged: Map<string, Gain>,
  ) {
    this.newNodes = newNodesOf(cluster);
  }

  candidates(family: Family): readonly Candidate[] {
    const candidates = this.found.get(family) ?? family(this.cluster, this.devices);
    this.found.set(family, candidates);
    return candidates;
  }

  gain({ actions, node }: Candidate): Gain {
    const [now, then] = [this.placedOn(node, []), this.placedOn(node, actions)];
    return { asked: then.asked - now.asked, pending: then.pending - now.pending };
  }

  private placedOn(node: string, actions: readonly Action[]): Gain {
    const isChanged = [node, ...actions.flatMap(nodeOf)].some((each) => this.changed.has(each));
    const placed = isChanged ? this.placed : this.unchanged;
    const key = [...this.kinds, node, keyOf(actions)].join("\n");
    const known = placed.get(key) ?? this.tryOn(node, actions);
    placed.set(key, known);
    return known;
  }

  private tryOn(node: string, actions: readonly Action[]): Gain {
    const part = this.parts.of([node, ...actions.flatMap(nodeOf), ...this.newNodes]);
    const alone = new Parts(afterAll(part, actions)).of([node]);
    const { places, waiting } = outcomeOf(alone, this.asked);
    return { asked: places.filter(({ wants }) => this.kinds.has(wants)).length, pending: alone.pending.length - waiting };
  }
}

/** A candidate's changes without those that nothing depends on. */
function minimal(candidate: Candidate, isEnough: (fewer: Candidate) => boolean): readonly Action[] {
  return candidate.actions.reduce((kept, action) => {
    const fewer = kept.filter((each) => each !== action);
    return fewer.length > 0 && isEnough({ ...candidate, actions: fewer }) ? fewer : kept;
  }, candidate.actions);
}

/** Claims that hold devices for nobody: each by itself, and all of a node. */
function idleClaims({ claims }: PlannedCluster, devices: readonly GpuDevice[]): readonly Candidate[] {
  const nodes = new Map<PlannedClaim, string>();
  for (const { holder, node } of devices) {
    if (holder?.users.length === 0) {
      nodes.set(holder, node);
    }
  }
  const idle = claims
    .filter(({ users, claim }) => users.length === 0 && claim.allocation !== undefined)
    .flatMap((planned) => {
      const node = nodes.get(planned);
      const { namespace = "", name, allocation } = planned.claim;
      return node === undefined
        ? []
        : [{ node, action: { type: "deleteClaim" as const, namespace, name, node, holds: allocation?.devices.length ?? 0 } }];
    });
  return [
    ...idle.map(({ node, action }): Candidate => ({ node, actions: [action] })),
    ...[...groupBy(idle, ({ node }) => node)].map(([node, group]): Candidate => ({ node, actions: group.map(({ action }) => action) })),
  ];
}

/** Nodes that a person has closed: cordoned, or with a taint that neither the pods tolerate nor Kubernetes takes away by itself. */
function closedNodes({ state }: PlannedCluster, devices: readonly GpuDevice[]): readonly Candidate[] {
  const withGpus = new Set(devices.map(({ node }) => node));
  return state.nodes.flatMap(({ metadata: { name }, spec }): readonly Candidate[] => {
    const taints = (spec?.taints ?? []).filter(
      ({ key, effect }) => effect !== "PreferNoSchedule" && key !== GPU_TAINT.key && !key.startsWith("node.kubernetes.io/"),
    );
    const actions: readonly Action[] = [
      ...(spec?.unschedulable === true ? [{ type: "uncordon" as const, node: name }] : []),
      ...taints.map(({ key }) => ({ type: "removeTaint" as const, node: name, taint: key })),
    ];
    return actions.length === 0 || !withGpus.has(name) ? [] : [{ node: name, actions }];
  });
}

/** Closed nodes that are of use once something else on them changes, too. */
function openedNodes(cluster: PlannedCluster, devices: readonly GpuDevice[]): readonly Candidate[] {
  const closed = closedNodes(cluster, devices);
  if (closed.length === 0) {
    return [];
  }
  const ofEachSort = freeGpusOf(cluster, devices).flatMap((gpus) => [...new Map(gpus.map((gpu) => [gpu.node, gpu])).values()]);
  const others = groupBy([...idleClaims(cluster, devices), ...layoutsOf(ofEachSort)], ({ node }) => node);
  return closed.flatMap(({ node, actions }) =>
    (others.get(node) ?? []).map((other) => ({ node, actions: [...actions, ...other.actions] })),
  );
}

/** GPUs of which no device is held, one of each sort, in every layout that leaves no room. */
function freeGpus(cluster: PlannedCluster, devices: readonly GpuDevice[]): readonly Candidate[] {
  return layoutsOf(freeGpusOf(cluster, devices).flatMap((gpus) => gpus.slice(0, 1)));
}

function layoutsOf(gpus: readonly FreeGpu[]): readonly Candidate[] {
  return gpus.flatMap((gpu) =>
    maximalLayouts(gpu.model).map(({ placements }): Candidate => ({
      node: gpu.node,
      actions: [{ type: "relayout", node: gpu.node, gpu, placements }],
    })),
  );
}

/** GPUs of which no device is held, sort by sort. */
function freeGpusOf(cluster: PlannedCluster, devices: readonly GpuDevice[]): readonly (readonly FreeGpu[])[] {
  const pools = new Map(cluster.nodes.map(({ name, pool }) => [name, pool]));
  const held = new Set(devices.flatMap(({ gpu, holder }) => (holder === undefined ? [] : gpu)));
  const unheld = devices.filter(({ gpu }) => !held.has(gpu));
  const free = [...groupBy(unheld, ({ gpu }) => gpu).values()].flatMap((group) => freeGpu(group) ?? []);
  return [...groupBy(free, ({ node, model, layout }) => `${pools.get(node) ?? ""} ${model.name} ${layout}`).values()];
}

/** @param devices of one GPU, all free. */
function freeGpu(devices: readonly GpuDevice[]): FreeGpu | undefined {
  const [first] = devices;
  const index = gpuIndexOf(first?.name ?? "");
  if (first?.model === undefined || index === undefined) {
    return undefined;
  }
  const counts = [...groupBy(devices, ({ profile }) => profile)].map(([profile, group]) => `${profile} x${String(group.length)}`);
  return {
    node: first.node,
    index,
    model: first.model,
    devices: devices.map(({ name }) => name),
    layout: counts.join(", "),
  };
}

/** A further node of each pool with GPUs. The pattern is a node of the pool whose devices are all published. */
function newNodes(cluster: PlannedCluster): readonly Candidate[] {
  const { nodes, state } = cluster;
  const published = groupBy(
    state.slices.filter(({ spec }) => spec.driver === DRIVER),
    ({ spec }) => spec.nodeName,
  );
  const isWhole = ({ name }: PlannedNode) => {
    const slices = published.get(name) ?? [];
    return slices.length > 0 && slices.every(({ spec: { pool } }) => pool.resourceSliceCount === slices.length);
  };
  const patterns = [...groupBy(nodes.filter(({ gpus }) => gpus !== undefined).filter(isWhole), ({ pool }) => pool).values()];
  return patterns.flatMap(([like]) => (like === undefined ? [] : [{ node: newNodeName(cluster), actions: [{ type: "addNode", like }] }]));
}

/** What makes room on the quotas: more of it, or fewer claims that wait for devices. */
function quotaOptions(cluster: PlannedCluster, pods: readonly Asked[]): readonly (readonly Action[])[] {
  const namespace = pods[0]?.pod.namespace ?? "";
  const total = totalCounts(pods);
  const raises = excesses(cluster, namespace, total).map((excess): Action => ({ type: "raiseQuota", namespace, excess }));
  const fewer: Action[] = [];
  for (const { pod } of cluster.pending.filter((each) => each.pod.namespace === namespace)) {
    if (excesses(afterAll(cluster, fewer), namespace, total).length === 0) {
      break;
    }
    fewer.push({ type: "deletePod", namespace, name: pod.name });
  }
  const isEnough = fewer.length > 0 && excesses(afterAll(cluster, fewer), namespace, total).length === 0;
  return isEnough ? [raises, fewer] : [raises];
}
