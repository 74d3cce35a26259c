import type { core } from "@pulumi/kubernetes/types/input";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { fieldsOf } from "../evaluation/properties";
import { UNKNOWN } from "../evaluation/snapshot";
import { objectsToCheck } from "../platform/registrant";
import { PLATFORM_SCHEMA } from "../platform/settings";
import { readerOf } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { podTemplates } from "../resources/pod-specs";
import { nodeEscapes } from "./node-escapes";

/**
 * Checks that pods stay inside their containers. Whoever controls any node controls the platform's operators on it, so this holds for every pod. Pods near
 * GPUs must also keep the runtime's default protections.
 */
export const forbidNodeAccess: ResourceValidationPolicy = {
  name: "forbid-node-access",
  displayName: "Pods have no access to nodes",
  description:
    "Checks that no pod gets access to its node: by privileges, capabilities, host namespaces, host paths, raw devices, an unmasked /proc, ephemeral containers, a node's name or the form of a static pod, or by a volume of a node's path.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["gpu", "pods", "tenancy"],
  remediationSteps: "Remove the field. Pod Security level restricted, which team namespaces enforce, defines what a pod may request.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsToCheck(resource).flatMap((object) =>
      [...podTemplates(object).flatMap(nodeEscapes), ...volumeFindings(object)].map((finding) => prefixed(`${object.kind}: `, finding)),
    ),
  ),
};

const NODE_VOLUMES = ["hostPath", "local", "flexVolume"] as const;

/** A PersistentVolume with a path of a node is an indirect host path. */
function volumeFindings(object: KubernetesObject): readonly Finding[] {
  const { group, kind, prefix } = object;
  if (group !== "" || kind !== "PersistentVolume") {
    return [];
  }
  const spec = readerOf<core.v1.PersistentVolume>(object)("spec");
  if (spec === UNKNOWN) {
    return [undetermined(`${prefix}spec`, "whether the volume is a path of a node")];
  }
  const fields = fieldsOf(spec);
  return NODE_VOLUMES.filter((source) => fields[source] !== undefined).map(
    (source) => `${prefix}spec.${source} opens the node's files to pods. Use a storage class`,
  );
}
