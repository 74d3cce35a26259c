import { toObject } from "../../cluster/objects";
import type { ClusterObject } from "../../cluster/objects";
import type { RecordedResource, Recording } from "../monitor/recording";
import { hasUnknown } from "../monitor/wire";
import type { WireValue } from "../monitor/wire";

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
