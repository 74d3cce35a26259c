/** Clusters that are what their stack declares, as an API server shows them, for the doctor's tests. */
import type { JsonObject } from "../../src/cluster/objects";
import { listAt, objectAt } from "../../src/cluster/objects";
import type { Node } from "../../src/cluster/nodes";
import { declarationOf } from "../../src/doctor/declaration";
import type { Declaration } from "../../src/doctor/declaration";
import { OBSERVED_KIND_NAMES } from "../../src/doctor/observation/kinds";
import type { ObservedKind } from "../../src/doctor/observation/kinds";
import type { Observation } from "../../src/doctor/observation/observation";
import { publishSlices } from "../../src/dra/devices";
import { nodeObject } from "../../src/fleet/nodes/nodes";
import { driverObjects, operatorObjects } from "../../src/fleet/operators/operators";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { registeredObjects } from "../../src/rehearsal/recorded/objects";
import { DAEMON_LABELS, DCGM_EXPORTER_NODES, MIG_MANAGER_NODES } from "../../src/well-known/gpu-daemons";
import type { DaemonName } from "../../src/well-known/gpu-daemons";
import { MIG_CONFIG_STATE_LABEL } from "../../src/well-known/labels";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../src/well-known/namespaces";
import type { Recording } from "../support/program";

/** When every observation of the tests is made. */
export const READ_AT = Date.parse("2026-11-28T09:00:00Z");

const DAY_MINUTES = 24 * 60;

/** A time so many minutes before. */
export function ago(minutes: number): string {
  return new Date(READ_AT - minutes * 60_000).toISOString();
}

export interface Healthy {
  readonly declaration: Declaration;
  readonly nodes: readonly Node[];
  readonly objects: Record<ObservedKind, readonly JsonObject[]>;
}

/** @param today decides about advisories and support. */
export function healthy(recording: Recording, today = new Date("2026-11-28")): Healthy {
  const declaration = declarationOf(recording, { stack: "dev", gpuPools: ["a100"] }, today);
  const { nodes } = nodesOf(recording);
  const stack = registeredObjects(recording).map(({ sent }) => created(sent, DAY_MINUTES));
  const charts = [...operatorObjects(), ...driverObjects()].map((object) => created(object, DAY_MINUTES));
  const all = [
    ...stack.map((object) =>
      object["kind"] === "Job" ? { ...object, status: { conditions: [condition("Complete", "True", DAY_MINUTES)] } } : object,
    ),
    ...charts,
    created({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } }, DAY_MINUTES),
    ...nodes.flatMap((node) =>
      node.layout === undefined ? [nodeBody(node, declaration, DAY_MINUTES)] : gpuNode(node, declaration, DAY_MINUTES),
    ),
  ];
  return {
    declaration,
    nodes,
    objects: byKind(all.filter(({ kind, metadata }) => kind !== "Job" || objectAt(metadata)["namespace"] === "partition-gate")),
  };
}

export function byKind(bodies: readonly JsonObject[]): Record<ObservedKind, readonly JsonObject[]> {
  const kinds = Object.fromEntries(OBSERVED_KIND_NAMES.map((kind): [string, JsonObject[]] => [kind, []]));
  for (const body of bodies) {
    kinds[String(body["kind"])]?.push(body);
  }
  return kinds as unknown as Record<ObservedKind, readonly JsonObject[]>;
}

export function observed(objects: Observation["objects"], more: Partial<Observation> = {}): Observation {
  return {
    source: "a test",
    readAt: new Date(READ_AT).toISOString(),
    kubernetesVersion: "1.34",
    objects,
    gaps: [],
    names: "kept",
    ...more,
  };
}

export function created(object: JsonObject, minutes: number): JsonObject {
  return { ...object, metadata: { ...objectAt(object, "metadata"), creationTimestamp: ago(minutes) } };
}

export function condition(type: string, status: string, minutes: number): JsonObject {
  return { type, status, lastTransitionTime: ago(minutes) };
}

function nodeBody(node: Node, { release }: Declaration, minutes: number): JsonObject {
  const body = nodeObject(node, release, `boot of ${node.name}`);
  return created({ ...body, status: { ...body["status"], conditions: [condition("Ready", "True", minutes)] } }, minutes);
}

/** A node with its slices and daemons. @param minutes since MIG Manager was done. */
export function gpuNode(node: Node, declaration: Declaration, minutes: number): readonly JsonObject[] {
  const { layout, name } = node;
  if (layout === undefined) {
    throw new Error(`${name} has no GPUs`);
  }
  const labels = { ...node.labels, ...MIG_MANAGER_NODES, ...DCGM_EXPORTER_NODES, [MIG_CONFIG_STATE_LABEL]: "success" };
  const body = nodeBody(node, declaration, minutes + 15);
  const labelled = { ...body, metadata: { ...objectAt(body, "metadata"), labels, managedFields: [owner(minutes)] } };
  const slices = publishSlices(name, layout, declaration.release).map((slice) => ({
    ...slice,
    metadata: { ...slice.metadata, ownerReferences: [{ kind: "Node", name }] },
  }));
  return [
    labelled,
    ...slices,
    ...(["featureDiscovery", "migManager", "dcgmExporter", "draPlugin"] as const).map((daemon) => daemonPod(daemon, name, minutes)),
  ];
}

/** What the API server notes of who set MIG Manager's labels. */
export function owner(minutes: number): JsonObject {
  return { manager: "a", time: ago(minutes), fieldsV1: { "f:metadata": { "f:labels": { [`f:${MIG_CONFIG_STATE_LABEL}`]: {} } } } };
}

export function daemonPod(daemon: DaemonName, nodeName: string, minutes: number): JsonObject {
  const namespace = daemon === "draPlugin" ? DRA_DRIVER_NAMESPACE : GPU_OPERATOR_NAMESPACE;
  return runningPod(namespace, `${daemon.toLowerCase()}-${nodeName.replace(/\..*/, "")}`, nodeName, minutes, {
    labels: DAEMON_LABELS[daemon],
  });
}

export function runningPod(namespace: string, name: string, nodeName: string, minutes: number, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, creationTimestamp: ago(minutes), ...metadata },
    spec: { nodeName, containers: [{ name: "main", image: "stand-in" }] },
    status: {
      phase: "Running",
      conditions: [condition("Ready", "True", minutes)],
      containerStatuses: [{ name: "main", ready: true, state: { running: { startedAt: ago(minutes) } } }],
    },
  };
}

/** A pod with a claim of its own, made from a template. @param held `pool/device`; undefined: it waits. */
export function claimingPod(
  namespace: string,
  name: string,
  className: string,
  minutes: number,
  held: string | undefined,
): readonly JsonObject[] {
  const [node = "", device = ""] = held?.split("/") ?? [];
  const base = held === undefined ? pendingPod(namespace, name, minutes) : runningPod(namespace, name, node, minutes);
  const spec = objectAt(base, "spec");
  return [
    {
      ...base,
      spec: { ...spec, resourceClaims: [{ name: "slice", resourceClaimName: `${name}-claim` }] },
    },
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: {
        name: `${name}-claim`,
        namespace,
        creationTimestamp: ago(minutes),
        finalizers: ["resource.kubernetes.io/delete-protection"],
      },
      spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName: className } }] } },
      ...(held === undefined
        ? {}
        : {
            status: {
              allocation: { devices: { results: [{ request: "slice", driver: "gpu.nvidia.com", pool: node, device }] } },
              reservedFor: [{ resource: "pods", name, uid: name }],
            },
          }),
    },
  ];
}

function pendingPod(namespace: string, name: string, minutes: number): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, creationTimestamp: ago(minutes) },
    spec: { containers: [{ name: "main" }] },
    status: {
      phase: "Pending",
      conditions: [{ ...condition("PodScheduled", "False", minutes), reason: "Unschedulable", message: "0/3 nodes" }],
    },
  };
}

/** Names of the devices that a node publishes. */
export function devicesOn(objects: Observation["objects"], node: string): readonly string[] {
  return objects.ResourceSlice.filter((slice) => objectAt(slice, "spec")["nodeName"] === node)
    .flatMap((slice) => listAt(slice, "spec", "devices"))
    .map((device) => String(objectAt(device)["name"]));
}
