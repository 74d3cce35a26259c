/** A simulated cluster as the planner reads one: its pods are created, and the scheduler has placed them. */
import { toKubernetesNode } from "../cluster/nodes";
import type { Node } from "../cluster/nodes";
import type { ClusterObject, JsonObject } from "../cluster/objects";
import type { PodOutcome } from "../cluster/pod-outcomes";
import type { Simulation } from "../cluster/simulate";
import { readState } from "../cluster/state";
import { VENDOR_DEVICE_CLASSES } from "../dra/device-classes";
import type { ClaimSpec } from "../dra/claims";
import { claimObject } from "../planner/snapshot/claim-object";
import { KIND_NAMES } from "../planner/snapshot/kinds";
import type { Kind } from "../planner/snapshot/kinds";
import { podObject } from "../planner/snapshot/pod-object";
import type { Snapshot } from "../planner/snapshot/snapshot";
import type { Release } from "../releases/types";

/** A cluster that is simulated. */
export interface SimulatedCluster {
  readonly source: string;
  readonly nodes: readonly Node[];
  /** Everything that was created in it. */
  readonly objects: readonly ClusterObject[];
  readonly release: Release;
  readonly simulation: Pick<Simulation, "slices" | "pods">;
}

export function simulatedSnapshot({ source, nodes, objects, release, simulation }: SimulatedCluster): Snapshot {
  const { slices, pods } = simulation;
  const bodiesOf = (kind: Kind) => objects.filter((object) => object.kind === kind).map(bodyOf);
  const made: Readonly<Record<Kind, readonly JsonObject[]>> = {
    ...(Object.fromEntries(KIND_NAMES.map((kind): [string, readonly JsonObject[]] => [kind, bodiesOf(kind)])) as Record<
      Kind,
      readonly JsonObject[]
    >),
    Node: nodes.map(nodeObject),
    ResourceSlice: slices.map((slice) => ({ ...slice })),
    DeviceClass: [...VENDOR_DEVICE_CLASSES.map(classObject), ...bodiesOf("DeviceClass")],
    Pod: pods.flatMap(podObjects),
    ResourceClaim: claimObjects(objects, pods, release),
  };
  return { source, kubernetesVersion: release.kubernetesVersion, objects: made, gaps: [] };
}

/** As it is created: what the provider answers besides is no state of a cluster. */
function bodyOf({ body: { apiVersion, kind, metadata, spec } }: ClusterObject): JsonObject {
  return { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) };
}

function nodeObject(node: Node): JsonObject {
  const { metadata, spec, status } = toKubernetesNode(node);
  return { apiVersion: "v1", kind: "Node", metadata, spec, status };
}

function classObject({ name, selectors }: (typeof VENDOR_DEVICE_CLASSES)[number]): JsonObject {
  const spec = { selectors: selectors.map((expression) => ({ cel: { expression } })) };
  return { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name }, spec };
}

/** Equal pods that wait are one outcome: a few of them are enough to say so. */
const MAX_ALIKE = 100;

function podObjects(outcome: PodOutcome): readonly JsonObject[] {
  const { pod, limits } = outcome.planned;
  if (outcome.type === "placed") {
    const made = outcome.claims
      .filter(({ podClaim }) => podClaim.source.type === "template")
      .map(({ podClaim, claimName }) => [podClaim.name, claimName] as const);
    return [podObject({ pod, limits, nodeName: outcome.nodeName, made: Object.fromEntries(made) })];
  }
  return Array.from({ length: Math.min(outcome.count, MAX_ALIKE) }, (_, index) =>
    podObject({ pod: index === 0 ? pod : { ...pod, name: `${pod.name}-${String(index)}` }, limits, nodeName: undefined }),
  );
}

/** Claims that the stack has, and those made for its pods, with what each holds. */
function claimObjects(objects: readonly ClusterObject[], pods: readonly PodOutcome[], release: Release): readonly JsonObject[] {
  const { state } = readState(objects, { nodes: [], slices: [] }, release);
  const specs = new Map(
    [...state.claims, ...state.templates].map(({ kind, namespace, name, spec }): [string, ClaimSpec] => [
      `${kind} ${namespace ?? ""}/${name}`,
      spec,
    ]),
  );
  const held = new Map<string, { readonly object: () => JsonObject; readonly users: string[] }>();
  for (const outcome of pods) {
    if (outcome.type !== "placed") {
      continue;
    }
    const { pod } = outcome.planned;
    const { namespace } = pod;
    for (const { podClaim, claimName, devices } of outcome.claims) {
      const { source } = podClaim;
      const known = held.get(`${namespace}/${claimName}`);
      const spec = specs.get(
        source.type === "claim"
          ? `ResourceClaim ${namespace}/${source.claimName}`
          : `ResourceClaimTemplate ${namespace}/${source.templateName}`,
      );
      if (known !== undefined) {
        known.users.push(pod.name);
      } else if (spec !== undefined) {
        const users = [pod.name];
        const claim = { name: claimName, namespace, spec, allocation: { devices, nodeName: outcome.nodeName } };
        const madeFor = source.type === "template" ? pod.name : undefined;
        held.set(`${namespace}/${claimName}`, { users, object: () => claimObject(claim, madeFor, users) });
      }
    }
  }
  const unused = state.claims.filter(({ namespace, name }) => !held.has(`${namespace ?? ""}/${name}`));
  return [...[...held.values()].map(({ object }) => object()), ...unused.map((claim) => claimObject(claim, undefined, []))];
}
