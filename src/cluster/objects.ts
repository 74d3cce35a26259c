/** Kubernetes objects, whether the program registered them or a manifest names them. */
import { isNamespaced } from "../rehearsal/outputs/kubernetes";
import type { PlainMap, RecordedResource, Recording } from "../rehearsal/monitor/recording";
import { hasUnknown } from "../rehearsal/monitor/wire";
import type { WireValue } from "../rehearsal/monitor/wire";

export interface ClusterObject {
  /** `resource.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for objects that belong to the whole cluster. */
  readonly namespace: string;
  /** The whole object as it would be sent. */
  readonly body: PlainMap;
  readonly origin: Origin;
}

export type Origin =
  /** Part of the stack. */
  | { readonly type: "stack"; readonly urn: string }
  /** Of a file of the user's. */
  | { readonly type: "manifest"; readonly file: string; readonly line: number };

/** How an object is called in messages: `Pod mig-test/inference`. */
export function titleOf(object: ClusterObject): string {
  return `${object.kind} ${object.namespace === "" ? object.name : `${object.namespace}/${object.name}`}`;
}

/** Where an object stands: `team-a.yaml:12`, or that it is the stack's. */
export function placeOf(origin: Origin): string {
  return origin.type === "manifest" ? `${origin.file}:${origin.line}` : "the stack";
}

/** An object from a manifest or a registration. @param namespace that of objects which name none. */
export function toObject(body: PlainMap, origin: Origin, namespace: string): ClusterObject {
  const { apiVersion, kind, metadata = {} } = body as { apiVersion: string; kind: string; metadata?: PlainMap };
  const { name, generateName } = metadata as { name?: string; generateName?: string };
  const own = metadata.namespace as string | undefined;
  return {
    apiVersion,
    kind,
    name: name ?? (generateName === undefined ? "" : `${generateName}x`),
    namespace: isNamespaced(kind) ? (own ?? namespace) : "",
    body,
    origin,
  };
}

/** Every Kubernetes object that the program registered, in that order. Objects inside Helm releases are not known to it. */
export function objectsOf(recording: Recording): readonly ClusterObject[] {
  return recording.resources
    .filter(isKubernetesObject)
    .map((resource) => toObject(resource.outputs, { type: "stack", urn: resource.urn }, "default"));
}

function isKubernetesObject(resource: RecordedResource): boolean {
  return (
    resource.kind === "custom" &&
    resource.type.startsWith("kubernetes:") &&
    !resource.type.startsWith("kubernetes:helm.sh/") &&
    !hasUnknown((resource.outputs.metadata ?? null) as WireValue)
  );
}
