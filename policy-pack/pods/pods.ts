/**
 * Policies for pods near GPUs.
 *
 * "Near GPUs" is a pod that tolerates the taint of the GPU nodes or has a claim. For every pod, near or not, it holds that devices come by claims
 * alone (whoever names a GPU in another way means one) and that nodes are out of reach (whoever holds any node holds the platform's operators on it). For
 * pods near GPUs it holds besides that each container uses a claim or declines devices, and that it keeps the runtime's default protections.
 */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import type { KubernetesObject } from "../resources/objects";
import { onKubernetes } from "../evaluation/on-resource";
import { objectsToJudge } from "../platform/registrant";
import { PLATFORM_SCHEMA } from "../platform/settings";
import { gpuWaysIn } from "./gpu-bypasses";
import { nodeWaysIn } from "./node-escapes";
import { podTemplates } from "../resources/pod-specs";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";

/** Checks that pods get GPUs by claims alone. */
export const forbidGpusWithoutClaim: ResourceValidationPolicy = {
  name: "forbid-gpus-without-claim",
  displayName: "Pods get GPUs by claims alone",
  description:
    "Checks that no pod gets at a GPU past a claim: by device plugin resources, by variables, mounts, annotations or runtime classes, or by running on a GPU node without one.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["gpu", "dra", "pods", "tenancy"],
  remediationSteps:
    "Name a claim template in the pod's resourceClaims (mig-small-template, mig-medium-template, mig-large-template) and the claim in resources.claims of the containers that use it. Set NVIDIA_VISIBLE_DEVICES to void in the pod's other containers.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsToJudge(resource).flatMap((object) =>
      podTemplates(object)
        .flatMap((pod) => gpuWaysIn(pod, object.isPatch))
        .map((finding) => prefixed(`${object.kind}: `, finding)),
    ),
  ),
};

/** Checks that pods stay inside their containers. */
export const forbidNodeAccess: ResourceValidationPolicy = {
  name: "forbid-node-access",
  displayName: "Pods stay off their nodes",
  description:
    "Checks that no pod gets at its node: privileged, with capabilities, host namespaces, host paths, raw devices, an unmasked /proc, ephemeral containers, a node's name or as a static pod; nor a volume of a node's path.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["gpu", "pods", "tenancy"],
  remediationSteps: "Leave the field out; Pod Security level restricted, which team namespaces enforce, shows what a pod may ask for.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsToJudge(resource).flatMap((object) =>
      [...podTemplates(object).flatMap(nodeWaysIn), ...nodeVolume(object)].map((finding) => prefixed(`${object.kind}: `, finding)),
    ),
  ),
};

/** A PersistentVolume is a host path with a detour. */
function nodeVolume({ group, kind, prefix, read }: KubernetesObject): readonly Finding[] {
  if (group !== "" || kind !== "PersistentVolume") {
    return [];
  }
  const spec = read("spec");
  if (spec === UNKNOWN) {
    return [undetermined(`${prefix}spec`, "whether the volume is a path of a node")];
  }
  return ["hostPath", "local", "flexVolume"]
    .filter((source) => asRecord(spec)[source] !== undefined)
    .map((source) => `${prefix}spec.${source} opens the node's files to pods; use a storage class`);
}
