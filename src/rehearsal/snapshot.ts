/** A rehearsed stack as a snapshot of the cluster that it would make: its pods are created, and the scheduler has placed them. */
import { join } from "node:path";
import { judgeAndSimulate } from "../cluster/judgement/judge";
import { toKubernetesNode } from "../cluster/nodes";
import type { Node } from "../cluster/nodes";
import type { ClusterObject, JsonObject } from "../cluster/objects";
import type { PodOutcome } from "../cluster/pod-outcomes";
import { readState } from "../cluster/state";
import { VENDOR_DEVICE_CLASSES } from "../dra/device-classes";
import type { ClaimSpec } from "../dra/claims";
import { claimObject } from "../planner/snapshot/claim-object";
import { KIND_NAMES } from "../planner/snapshot/kinds";
import type { Kind } from "../planner/snapshot/kinds";
import { podObject } from "../planner/snapshot/pod-object";
import type { Snapshot } from "../planner/snapshot/snapshot";
import type { Release } from "../releases/types";
import { UserError } from "./files";
import type { Recording } from "./monitor/recording";
import { nodesOf } from "./recorded/nodes";
import { objectsOf } from "./recorded/objects";
import { releaseOf } from "./recorded/release";
import { withAccess } from "./rehearse";
import { runProgram } from "./run-program";
import { readStack } from "./stack-files";

/**
 * Runs a stack's program.
 * @param root folder with Pulumi.yaml and index.ts.
 * @throws UserError for files, a configuration or a program that refuse.
 */
export async function recordingOfStack(root: string, stack: string): Promise<Recording> {
  const settings = readStack(root, stack);
  const recording = await runProgram({
    program: join(root, "index.ts"),
    project: settings.project,
    stack,
    config: withAccess(settings).config,
    secretKeys: settings.encrypted,
  });
  if (recording.errors.length > 0) {
    throw new UserError(recording.errors.join("\n"));
  }
  return recording;
}

/**
 * Runs a stack's program and simulates its cluster.
 * @param root folder with Pulumi.yaml and index.ts.
 * @throws UserError for files, a configuration or a program that refuse.
 */
export async function snapshotOfStack(root: string, stack: string): Promise<Snapshot> {
  const recording = await recordingOfStack(root, stack);
  const { nodes, shapes, problems } = nodesOf(recording);
  if (problems.length > 0) {
    throw new UserError(problems.map(({ pool, message }) => `pool ${pool}: ${message}`).join("\n"));
  }
  const release = releaseOf(recording);
  const objects = objectsOf(recording);
  const { slices, pods } = judgeAndSimulate(nodes, shapes, objects, release);
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
  return { source: `the rehearsed stack ${stack}`, kubernetesVersion: release.kubernetesVersion, objects: made, gaps: [] };
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
