/** The nodes of a pool as a relayout looks at them: what an API server shows of nodes, pods and ResourceSlices in, states of nodes out. */
import { controllerOf, hasEnded, isReady, listAt, nameOf, objectAt } from "../cluster/objects";
import type { JsonObject } from "../cluster/objects";
import { currentPool } from "../cluster/readiness";
import type { Counts, GpuSlice } from "../cluster/readiness";
import { valueAt } from "../json/value-at";
import { groupBy } from "../planner/group-by";
import { NODE_GROUP_LABEL } from "../planner/state/nodes";
import { DRIVER } from "../well-known/attributes";
import { DAEMON_LABELS } from "../well-known/gpu-daemons";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL, REGION_LABEL } from "../well-known/labels";
import { RELAYOUT_ANNOTATION, readRecord } from "./record";
import type { RecordReading } from "./record";

/** Bodies of the kinds that a relayout looks at. */
export interface PoolObjects {
  readonly Node: readonly JsonObject[];
  readonly Pod: readonly JsonObject[];
  readonly ResourceSlice: readonly JsonObject[];
}

export interface PoolNode {
  readonly name: string;
  /** What a write must find unchanged. */
  readonly resourceVersion: string;
  /** Undefined: it belongs to no managed node group. */
  readonly nodeGroup: string | undefined;
  readonly layout: string | undefined;
  /** What MIG Manager reports. */
  readonly migState: string | undefined;
  readonly isReady: boolean;
  /** Another one after every start of the node. Undefined: no kubelet has reported, or a file does not keep it. */
  readonly bootId: string | undefined;
  /** Undefined: it is no instance of EC2. */
  readonly instance: Instance | undefined;
  readonly isCordoned: boolean;
  readonly record: RecordReading;
  /** What is published, by profile; undefined while it is not complete. */
  readonly devices: Counts | undefined;
  /** Pods of the DRA plugin: one, or the next one beside one that ends. */
  readonly plugins: readonly PluginPod[];
  /** Pods that a drain ends. */
  readonly pods: readonly PoolPod[];
  /** Pods of daemon sets that have claims: a drain leaves them, and they hold slices. */
  readonly holders: readonly PodReference[];
}

export interface Instance {
  readonly id: string;
  readonly region: string;
}

export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Whether it is being deleted. */
  readonly isEnding: boolean;
}

export interface PluginPod extends PodReference {
  readonly isReady: boolean;
}

export interface PoolPod extends PodReference {
  readonly owner: Owner;
}

export type Owner =
  /** Makes another pod for one that is evicted. */
  | { readonly type: "controller"; readonly uid: string }
  | { readonly type: "none" }
  /** The object never was in an API server, so that nothing says who made it. */
  | { readonly type: "unknown" };

/** @param isInPool by name of a node. */
export function poolNodes(objects: PoolObjects, isInPool: (node: string) => boolean): readonly PoolNode[] {
  const slices = groupBy(
    // A file can have slices without a pool, which say nothing.
    objects.ResourceSlice.filter(
      (slice) => valueAt(slice, "spec", "driver") === DRIVER && valueAt(slice, "spec", "pool", "generation") !== undefined,
    ),
    (slice) => String(valueAt(slice, "spec", "nodeName")),
  );
  const pods = groupBy(
    objects.Pod.filter((pod) => !hasEnded(pod)),
    (pod) => String(valueAt(pod, "spec", "nodeName")),
  );
  return objects.Node.filter((node) => isInPool(nameOf(node))).map((node) =>
    nodeOf(node, pods.get(nameOf(node)) ?? [], slices.get(nameOf(node)) ?? []),
  );
}

function nodeOf(node: JsonObject, pods: readonly JsonObject[], slices: readonly JsonObject[]): PoolNode {
  const {
    labels = {},
    annotations = {},
    resourceVersion,
  } = objectAt(node, "metadata") as {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
  };
  return {
    name: nameOf(node),
    resourceVersion: resourceVersion ?? "",
    nodeGroup: labels[NODE_GROUP_LABEL],
    layout: labels[MIG_CONFIG_LABEL],
    migState: labels[MIG_CONFIG_STATE_LABEL],
    isReady: !isStored(node) || isReady(node),
    bootId: bootIdOf(node),
    instance: instanceOf(valueAt(node, "spec", "providerID"), labels[REGION_LABEL]),
    isCordoned: valueAt(node, "spec", "unschedulable") === true,
    record: readRecord(annotations[RELAYOUT_ANNOTATION]),
    devices: currentPool(slices as unknown as readonly GpuSlice[]).devices,
    plugins: pods.filter(isPlugin).map((pod) => ({ ...referenceOf(pod), isReady: isReady(pod) })),
    pods: pods.filter((pod) => !isOfNode(pod)).map((pod) => ({ ...referenceOf(pod), owner: ownerOf(pod) })),
    holders: pods.filter((pod) => isOfNode(pod) && listAt(pod, "spec", "resourceClaims").length > 0).map(referenceOf),
  };
}

function bootIdOf(node: JsonObject): string | undefined {
  const bootId = valueAt(node, "status", "nodeInfo", "bootID");
  return typeof bootId === "string" && bootId !== "" ? bootId : undefined;
}

/** @param providerId as the cloud provider of AWS writes it: `aws:///ZONE/INSTANCE` (kubernetes/cloud-provider-aws, `pkg/providers/v1/instances.go`, `KubernetesInstanceID`, read on 2026-11-28). */
function instanceOf(providerId: unknown, region: string | undefined): Instance | undefined {
  const [, id] = /^aws:\/\/\/[^/]+\/(i-[0-9a-f]+)$/.exec(String(providerId)) ?? [];
  return id === undefined || region === undefined ? undefined : { id, region };
}

/** Pods that come back to their node whatever is done: those of daemon sets, and those that the kubelet makes of files (`kubectl drain` leaves the same). */
function isOfNode(pod: JsonObject): boolean {
  return ["DaemonSet", "Node"].includes(String(valueAt(controllerOf(pod), "kind")));
}

function isPlugin(pod: JsonObject): boolean {
  const labels = objectAt(pod, "metadata", "labels");
  return Object.entries(DAEMON_LABELS.draPlugin).every(([key, value]) => labels[key] === value);
}

function ownerOf(pod: JsonObject): Owner {
  const uid = valueAt(controllerOf(pod), "uid");
  return typeof uid === "string" ? { type: "controller", uid } : isStored(pod) ? { type: "none" } : { type: "unknown" };
}

function referenceOf(pod: JsonObject): PodReference {
  const { name, namespace, uid, deletionTimestamp } = objectAt(pod, "metadata");
  return {
    namespace: String(namespace ?? "default"),
    name: String(name),
    uid: String(uid ?? ""),
    isEnding: deletionTimestamp !== undefined,
  };
}

/** Whether an API server has stored the object: it gives a uid to everything. */
function isStored(body: JsonObject): boolean {
  return valueAt(body, "metadata", "uid") !== undefined;
}
