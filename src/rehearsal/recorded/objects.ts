import { toObject } from "../../cluster/objects";
import type { ClusterObject, JsonObject } from "../../cluster/objects";
import type { RecordedResource, Recording } from "../monitor/recording";
import { hasUnknown } from "../monitor/wire";
import type { WireValue } from "../monitor/wire";

/** An object as the provider sends it, and the registration that it comes from. */
export interface RegisteredObject {
  readonly object: ClusterObject;
  /** What the provider sends. The object's own body also has what an API server fills in. */
  readonly sent: JsonObject;
  readonly resource: RecordedResource;
}

/** The objects of a recording in the order of registration, which is one that dependencies allow. */
export function registeredObjects(recording: Recording): readonly RegisteredObject[] {
  const resources = new Map(recording.resources.map((resource) => [resource.urn, resource]));
  return objectsOf(recording).flatMap((object) => {
    const { origin, apiVersion, kind, name, namespace } = object;
    const resource = origin.type === "stack" ? resources.get(origin.urn) : undefined;
    if (resource === undefined) {
      return [];
    }
    const metadata = { ...resource.inputs["metadata"], name, ...(namespace === "" ? {} : { namespace }) };
    return [{ object, sent: { ...resource.inputs, apiVersion, kind, metadata }, resource }];
  });
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
