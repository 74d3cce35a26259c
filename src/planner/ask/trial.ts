/** Puts the pods of a demand to the scheduler of a cluster as it is. */
import { describeExcess } from "../../cluster/quota";
import type { Counts } from "../../cluster/object-counts";
import { formatRefusal } from "../../dra/allocator";
import type { Attempt, NodeRefusal, Placed, Refusal, SchedulingResult } from "../../dra/allocator";
import type { Pod } from "../../dra/pods";
import type { PlannedCluster } from "../state/cluster";
import { excesses, unnamedResources } from "../state/quotas";
import { queueOf, uncertainPlaces } from "../status/pending";
import type { Queue } from "../status/pending";
import type { Asked, AskedPods } from "./pods";

/** Where a pod of a demand goes. */
export interface Place {
  readonly pod: string;
  readonly wants: string;
  readonly node: string;
  /** Names of the devices that the first fit gives it. */
  readonly devices: readonly string[];
}

export type BlockKind = "quota" | "devices" | "constraint" | "taint" | "resources" | "class" | "other";

/** Something that keeps pods of the demand out. */
export interface Block {
  readonly kind: BlockKind;
  readonly message: string;
}

/** What comes of a demand. */
export interface Outcome {
  readonly places: readonly Place[];
  readonly refused: readonly { readonly asked: Asked }[];
  /** How many of the cluster's own pending pods find no place. */
  readonly waiting: number;
  /** What the quotas of the namespace refuse: a quota is in the way of pods and claims whether or not there are devices. */
  readonly quota: readonly Block[];
  /** The search for devices was cut off, or kube-scheduler would end it with an error. */
  readonly cutOff: boolean;
  /** Pending pods that may take other places than the model gives them, or none. */
  readonly uncertain: readonly string[];
}

/** The same with what keeps each pod out that finds no place. */
export interface Trial extends Outcome {
  readonly refused: readonly { readonly asked: Asked; readonly block: Block }[];
}

/**
 * Tries all pods, in the given order, once the cluster's own pending pods have been tried. Pods that a quota refuses are tried too: whether there are devices for them is worth
 * knowing.
 */
export function outcomeOf(cluster: PlannedCluster, asked: AskedPods): Outcome {
  const queue = queueBefore(cluster, asked);
  const { scheduler } = queue;
  const { places, refused } = put(asked.pods, (pod) => scheduler.attempt(pod));
  return {
    ...{ places, refused },
    cutOff: refused.some(({ result }) => result.isCutOff),
    waiting: queue.pods.filter(({ fits }) => !fits).length,
    uncertain: uncertainPlaces(queue),
    quota: quotaBlocks(cluster, asked.pods),
  };
}

/** Tries all pods as {@link outcomeOf} does, and says why. */
export function tryOut(cluster: PlannedCluster, asked: AskedPods): Trial {
  const queue = queueBefore(cluster, asked);
  const { scheduler } = queue;
  const gpuNodes = new Set(cluster.state.slices.map(({ spec }) => spec.nodeName));
  const { places, refused } = put(asked.pods, (pod) => scheduler.schedule(pod));
  return {
    places,
    refused: refused.map(({ asked: each, result: { refusal } }) => ({
      asked: each,
      block: { kind: kindOf(refusal), message: formatRefusal(ofGpuNodes(refusal, gpuNodes)) },
    })),
    cutOff: refused.some(({ result: { refusal } }) => isCutOff(refusal)),
    waiting: queue.pods.filter(({ fits }) => !fits).length,
    uncertain: uncertainPlaces(queue),
    quota: quotaBlocks(cluster, asked.pods),
  };
}

/** The cluster's own pending pods have been tried, and the templates of the demand are there. */
function queueBefore(cluster: PlannedCluster, { templates }: AskedPods): Queue {
  const withTemplates = { ...cluster, state: { ...cluster.state, templates: [...cluster.state.templates, ...templates] } };
  return queueOf(withTemplates);
}

/**
 * The nodes that have room for pending pods and for the demand, also for a second one of the same kind: pods of it may have to go elsewhere after a change. No pod
 * that is looked at gets a place on any other node, whatever changes there are on these.
 */
export function usableNodes(cluster: PlannedCluster, asked: AskedPods): readonly string[] {
  const { scheduler, pods: queue } = queueBefore(cluster, asked);
  const kept = queue.filter(({ placement }) => placement === undefined).map(({ waiting }) => waiting.pod);
  const nodes = new Set(queue.flatMap(({ placement }) => placement?.nodeName ?? []));
  const full = new Set<string>();
  for (const { pod, wants } of [...asked.pods, ...asked.pods, ...kept.map((pod) => ({ pod, wants: "" }))]) {
    const result = full.has(wants) ? undefined : scheduler.attempt(pod);
    if (result?.type === "placed") {
      nodes.add(result.nodeName);
    } else if (wants !== "") {
      full.add(wants);
    }
  }
  return [...nodes];
}

type Refused<T> = Extract<T, { readonly type: "refused" }>;

/** Puts one pod after the other to a scheduler. Pods only take: after one that finds no place, no other one of its kind does. */
function put<T extends Attempt | SchedulingResult>(pods: readonly Asked[], place: (pod: Pod) => T) {
  const places: Place[] = [];
  const refused: { readonly asked: Asked; readonly result: Refused<T> }[] = [];
  const full = new Map<string, Refused<T>>();
  for (const asked of pods) {
    const result = full.get(asked.wants) ?? place(asked.pod);
    if (result.type === "placed") {
      places.push(placeOf(asked, result));
    } else {
      full.set(asked.wants, result as Refused<T>);
      refused.push({ asked, result: result as Refused<T> });
    }
  }
  return { places, refused };
}

/** That a node without devices has none is no news, as long as there are others. */
function ofGpuNodes(refusal: Refusal, gpuNodes: ReadonlySet<string>): Refusal {
  if (refusal.type !== "noNodeFits") {
    return refusal;
  }
  const groups = refusal.groups.flatMap((group) => {
    const nodes = group.nodes.filter((node) => gpuNodes.has(node));
    return nodes.length === 0 ? [] : [{ ...group, nodes }];
  });
  return groups.length === 0 ? refusal : { ...refusal, groups };
}

function placeOf({ pod, wants }: Asked, { nodeName, claims }: Placed): Place {
  return { pod: pod.name, wants, node: nodeName, devices: claims.flatMap(({ devices }) => devices.map(({ device }) => device)) };
}

function isCutOff(refusal: Refusal): boolean {
  return (
    refusal.type === "schedulerError" ||
    (refusal.type === "noNodeFits" && refusal.groups.some(({ refusal: { type } }) => type === "gaveUp"))
  );
}

/** What is nearest to a place decides: a node that lacks devices alone blocks less than one whose taint is not tolerated. */
function kindOf(refusal: Refusal): BlockKind {
  if (refusal.type !== "noNodeFits") {
    return refusal.type === "missingClass" ? "class" : "other";
  }
  const kinds = new Set(refusal.groups.map(({ refusal: { type } }) => KIND_OF_REFUSAL[type]));
  return ORDER.find((kind) => kinds.has(kind)) ?? "devices";
}

const ORDER: readonly BlockKind[] = ["constraint", "devices", "resources", "taint", "other"];

const KIND_OF_REFUSAL: Readonly<Record<NodeRefusal["type"], BlockKind>> = {
  cordoned: "taint",
  otherNode: "other",
  taint: "taint",
  nodeSelector: "other",
  nodeAffinity: "other",
  resources: "resources",
  volumeCount: "other",
  volumeZone: "other",
  volumeAffinity: "other",
  volumeTopology: "other",
  noVolume: "other",
  spreadLabel: "other",
  spread: "other",
  podAffinity: "other",
  podAntiAffinity: "other",
  existingAntiAffinity: "other",
  claimElsewhere: "other",
  devices: "devices",
  together: "devices",
  constraints: "constraint",
  gaveUp: "other",
};

function quotaBlocks(cluster: PlannedCluster, pods: readonly Asked[]): readonly Block[] {
  const namespace = pods[0]?.pod.namespace ?? "";
  if (!cluster.limits.some((object) => object.kind === "ResourceQuota" && object.namespace === namespace)) {
    return [];
  }
  const total = totalCounts(pods);
  const unnamed = unnamedResources(cluster, namespace, total);
  const over = excesses(cluster, namespace, total).map((excess): Block => ({ kind: "quota", message: describeExcess(excess) }));
  return unnamed.length === 0
    ? over
    : [
        ...over,
        {
          kind: "quota",
          message: `a quota of namespace ${namespace} refuses pods that do not name ${unnamed.join(", ")}: write them in your pods, or create a LimitRange with defaults`,
        },
      ];
}

/** What all pods and their claims count together. */
export function totalCounts(pods: readonly Asked[]): Counts {
  const sums: Record<string, number> = {};
  for (const [key, amount] of pods.flatMap(({ counts }) => counts.flatMap((each) => Object.entries(each)))) {
    sums[key] = (sums[key] ?? 0) + amount;
  }
  return sums;
}
