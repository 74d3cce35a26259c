/** An observation with what the checks look up: who is where, and how old everything is. */
import { groupOf } from "../cluster/readiness";
import type { GpuNode } from "../cluster/readiness";
import { hasEnded, isReady, listAt, nameOf, objectAt, podTitle } from "../cluster/objects";
import type { JsonObject } from "../cluster/objects";
import type { NodeTaint } from "../dra/allocator";
import { valueAt } from "../json/value-at";
import { groupBy } from "../planner/group-by";
import { isKind } from "../planner/snapshot/kinds";
import { readCluster } from "../planner/state/read";
import type { PlannedCluster } from "../planner/state/cluster";
import { RELAYOUT_ANNOTATION, RELAYOUT_FIELD_MANAGER, readRecord } from "../relayout/record";
import type { RecordReading } from "../relayout/record";
import { DRIVER } from "../well-known/attributes";
import { DAEMON_LABELS } from "../well-known/gpu-daemons";
import type { DaemonName } from "../well-known/gpu-daemons";
import { GPU_PRESENT_LABEL, GPU_TAINT, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../well-known/labels";
import type { Declaration, GpuGroup } from "./declaration";
import type { ObservedKind } from "./observation/kinds";
import type { Observation } from "./observation/observation";

export interface ObservedCluster {
  readonly observation: Observation;
  /** When it was read. */
  readonly now: number;
  readonly gpuNodes: readonly ObservedNode[];
  readonly pods: readonly ObservedPod[];
  /** The same objects in the terms of the scheduler's model. */
  readonly planned: PlannedCluster;
  readonly hasRead: (kind: ObservedKind) => boolean;
  readonly nodeNames: ReadonlySet<string>;
}

export interface ObservedNode {
  readonly name: string;
  readonly body: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly ageMs: number;
  /** The EC2 instance, `i-0123456789abcdef0`. */
  readonly instance: string;
  /** Undefined: no GPU pool of the stack has such nodes. */
  readonly group: GpuGroup | undefined;
  /** ResourceSlices of NVIDIA's driver for this node. */
  readonly slices: readonly JsonObject[];
  readonly pods: readonly ObservedPod[];
  /** How long MIG Manager's state and the layout have been what they are, at least. Undefined where nothing says so. */
  readonly layoutAgeMs: number | undefined;
  /** When whoever reports MIG Manager's state last changed the node. */
  readonly stateChangedAt: number | undefined;
  /** What a relayout has written on it. */
  readonly relayout: RecordReading;
  /** Whether a relayout has given it the layout that it has. */
  readonly isRelayouted: boolean;
  /** How long a relayout has written nothing, at least. Undefined where nothing says so. */
  readonly relayoutAgeMs: number | undefined;
}

export interface ObservedPod {
  readonly namespace: string;
  readonly name: string;
  readonly body: JsonObject;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly nodeName: string | undefined;
  readonly phase: string;
  readonly ageMs: number;
  readonly isReady: boolean;
  /** How long its deletion is overdue; undefined: it is not being deleted. */
  readonly overdueMs: number | undefined;
  /** Since when all its containers have been running; undefined while one is not. */
  readonly startedAt: number | undefined;
  /** Why a container does not run. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  /** Whether it has claims. */
  readonly hasClaims: boolean;
}

/** An age when nothing says how old something is: no check takes it for young. */
const UNKNOWN_AGE_MS = Number.POSITIVE_INFINITY;

/** The EC2 instance of a node, `i-0123456789abcdef0`. */
export function instanceOf(node: JsonObject): string {
  return String(valueAt(node, "spec", "providerID") ?? "").replace(/^.*\//, "");
}

export function observedCluster(observation: Observation, { gpuGroups }: Declaration): ObservedCluster {
  const now = Date.parse(observation.readAt);
  const { objects, gaps } = observation;
  // What has ended matters only while it does not go.
  const pods = objects.Pod.map((body) => podOf(body, now)).filter(({ body, overdueMs }) => overdueMs !== undefined || !hasEnded(body));
  const podsByNode = groupBy(pods, ({ nodeName }) => nodeName ?? "");
  const slices = objects.ResourceSlice.filter((slice) => valueAt(slice, "spec", "driver") === DRIVER);
  const slicesByNode = groupBy(
    slices.filter((slice) => observation.names === "numbered" || !isForeignSlice(slice)),
    (slice) => String(valueAt(slice, "spec", "nodeName")),
  );
  const gpuNodes = objects.Node.filter((node) => isGpuNode(node, slicesByNode)).map((body): ObservedNode => {
    const name = nameOf(body);
    return {
      ...{ name, body },
      labels: objectAt(body, "metadata", "labels") as Readonly<Record<string, string>>,
      taints: listAt(body, "spec", "taints") as readonly NodeTaint[],
      ageMs: ageOf(body, now),
      instance: instanceOf(body),
      group: groupOf(body as unknown as GpuNode, gpuGroups),
      slices: slicesByNode.get(name) ?? [],
      pods: podsByNode.get(name) ?? [],
      layoutAgeMs: lastChange(body, now, "labels", [MIG_CONFIG_STATE_LABEL, MIG_CONFIG_LABEL]),
      stateChangedAt: minus(now, lastChange(body, now, "labels", [MIG_CONFIG_STATE_LABEL])),
      relayout: readRecord(valueAt(body, "metadata", "annotations", RELAYOUT_ANNOTATION)),
      isRelayouted: ownersOf(body, "labels", [MIG_CONFIG_LABEL]).some((owner) => valueAt(owner, "manager") === RELAYOUT_FIELD_MANAGER),
      relayoutAgeMs: lastChange(body, now, "annotations", [RELAYOUT_ANNOTATION]),
    };
  });
  const missing = new Set(gaps.map(({ kind }) => kind));
  return {
    ...{ observation, now, gpuNodes, pods },
    planned: readCluster({
      source: observation.source,
      kubernetesVersion: observation.kubernetesVersion,
      objects,
      gaps: gaps.flatMap(({ kind, reason }) => (isKind(kind) ? [{ kind, reason }] : [])),
    }),
    hasRead: (kind) => !missing.has(kind),
    nodeNames: new Set(objects.Node.map(nameOf)),
  };
}

/** A node that has GPUs, or pretends to. */
function isGpuNode(node: JsonObject, slices: ReadonlyMap<string, unknown>): boolean {
  const labels = objectAt(node, "metadata", "labels");
  return (
    labels[MIG_CONFIG_LABEL] !== undefined ||
    labels[GPU_PRESENT_LABEL] !== undefined ||
    listAt(node, "spec", "taints").some((taint) => valueAt(taint, "key") === GPU_TAINT.key) ||
    slices.has(nameOf(node))
  );
}

/** The pods of a daemon among some. */
export function podsOf(daemon: DaemonName, pods: readonly ObservedPod[]): readonly ObservedPod[] {
  const wanted = Object.entries(DAEMON_LABELS[daemon]);
  return pods.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value));
}

/** Pods of a node that hold slices or wait for them, as `namespace/name`. */
export function claimants({ pods }: Pick<ObservedNode, "pods">): readonly string[] {
  return pods.filter(({ hasClaims }) => hasClaims).map(podTitle);
}

function podOf(body: JsonObject, now: number): ObservedPod {
  const { name, namespace, labels = {}, deletionTimestamp } = objectAt(body, "metadata");
  const status = objectAt(body, "status");
  const nodeName = valueAt(body, "spec", "nodeName");
  const containers = listAt(status, "containerStatuses");
  const starts = containers.map((container) => Date.parse(String(valueAt(container, "state", "running", "startedAt"))));
  const waiting = containers.map((container) => objectAt(container, "state", "waiting")).find(({ reason }) => reason !== undefined);
  return {
    name: String(name),
    namespace: String(namespace ?? "default"),
    body,
    labels: labels as Readonly<Record<string, unknown>>,
    nodeName: typeof nodeName === "string" ? nodeName : undefined,
    phase: String(status["phase"]),
    ageMs: ageOf(body, now),
    isReady: isReady(body),
    // The API server writes when the grace is over.
    overdueMs: typeof deletionTimestamp === "string" ? now - Date.parse(deletionTimestamp) : undefined,
    startedAt: starts.length > 0 && starts.every((start) => !Number.isNaN(start)) ? Math.max(...starts) : undefined,
    waiting: waiting && { reason: String(waiting["reason"]), message: String(waiting["message"] ?? "") },
    hasClaims: listAt(body, "spec", "resourceClaims").length > 0,
  };
}

/** How old an object is. */
export function ageOf(body: JsonObject, now: number): number {
  return sinceMs(valueAt(body, "metadata", "creationTimestamp"), now);
}

/** How long ago something was. */
export function sinceMs(time: unknown, now: number): number {
  const ms = Date.parse(String(time));
  return Number.isNaN(ms) ? UNKNOWN_AGE_MS : now - ms;
}

/**
 * How long the owners of labels or annotations have changed nothing that they own. The API server notes the time of that, and labels have no other. The owner may have
 * changed something else since, so that the labels are at least as old as this.
 */
function lastChange(node: JsonObject, now: number, kind: "labels" | "annotations", keys: readonly string[]): number | undefined {
  const owners = ownersOf(node, kind, keys);
  return owners.length === 0 ? undefined : Math.min(...owners.map((owner) => sinceMs(valueAt(owner, "time"), now)));
}

/** What the API server notes of each who owns one of these labels or annotations. */
function ownersOf(node: JsonObject, kind: "labels" | "annotations", keys: readonly string[]): readonly unknown[] {
  return listAt(node, "metadata", "managedFields").filter((entry) => {
    const owned = objectAt(entry, "fieldsV1", "f:metadata", `f:${kind}`);
    return keys.some((key) => `f:${key}` in owned);
  });
}

function minus(now: number, ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : now - ms;
}

/**
 * Whether a slice of NVIDIA's driver was not published by the plugin of its node, which gives it the node as its owner and calls the pool after the node.
 * Source: Kubernetes v0.34, `dynamic-resource-allocation/resourceslice/resourceslicecontroller.go`.
 */
export function isForeignSlice(slice: JsonObject): boolean {
  const node = valueAt(slice, "spec", "nodeName");
  const owners = listAt(slice, "metadata", "ownerReferences");
  return (
    valueAt(slice, "spec", "pool", "name") !== node ||
    !owners.some((owner) => valueAt(owner, "kind") === "Node" && valueAt(owner, "name") === node)
  );
}
