/** Policies for what only the platform itself may make in a cluster. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { kubernetesObjects } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { onKubernetes } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import { isInPlatformNamespace, isRegisteredByPlatform } from "./registrant";
import { PLATFORM_SCHEMA } from "./settings";
import type { PlatformSettings } from "./settings";
import { reservedBindings, reservedGrants } from "./reserved-rights";

interface ReservedGroup {
  /** `all`: but for what teams make themselves. */
  readonly kinds: readonly string[] | { readonly allBut: readonly string[] };
  readonly why: string;
}

/** By API group. */
const RESERVED: Readonly<Record<string, readonly ReservedGroup[]>> = {
  "": [
    { kinds: ["Namespace"], why: "its labels decide whether guardrails and Pod Security apply, and whether claims may have admin access" },
    { kinds: ["Node"], why: "its labels and taints decide which pods come to GPUs and how MIG Manager divides them" },
    { kinds: ["ResourceQuota", "LimitRange"], why: "they are the team's share of the GPUs" },
    { kinds: ["Binding"], why: "it puts a pod on a node past the scheduler" },
  ],
  "resource.k8s.io": [
    {
      kinds: { allBut: ["ResourceClaim", "ResourceClaimTemplate"] },
      why: "device classes, resource slices and device taints decide which devices there are and who gets them",
    },
  ],
  "admissionregistration.k8s.io": [{ kinds: { allBut: [] }, why: "it decides what the API server admits" }],
  "apiregistration.k8s.io": [{ kinds: { allBut: [] }, why: "it answers for the API server" }],
  "certificates.k8s.io": [{ kinds: { allBut: [] }, why: "a certificate of a node is the rights of its kubelet" }],
  "node.k8s.io": [{ kinds: { allBut: [] }, why: "it chooses the runtime, which hands devices out, and tolerates taints for its pods" }],
  "nvidia.com": [{ kinds: { allBut: [] }, why: "it configures drivers, MIG and the runtime on every GPU node" }],
  "resource.nvidia.com": [{ kinds: { allBut: [] }, why: "it makes device classes and claims of its own" }],
  "nfd.k8s-sigs.io": [{ kinds: { allBut: [] }, why: "it labels and taints nodes" }],
};

const INSTEAD = "it is made by the platform's own components; ask the platform's owners, or change the stack's configuration";

/** Checks that nobody but the platform makes what guardrails are made of. */
export const reservePlatformObjects: ResourceValidationPolicy = {
  name: "reserve-platform-objects",
  displayName: "Guardrails are the platform's",
  description:
    "Checks that device classes, resource slices, quotas, limit ranges, namespaces, nodes, admission policies, runtime classes, NVIDIA's custom resources and everything in the platform's namespaces come from the platform itself.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "tenancy", "platform"],
  remediationSteps:
    "Leave the object out. Namespaces, quotas and claim templates of a team follow from `teams` in the platform's stack, device classes from `gpuPools`.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) => objectsOfOthers(resource).flatMap((object) => reservationFindings(object, resource))),
};

function reservationFindings(object: KubernetesObject, resource: Resource): readonly Finding[] {
  const { kind, prefix } = object;
  const reserved = reservation(object);
  if (reserved !== undefined) {
    return [`${prefix}${kind} is the platform's: ${reserved.why}; ${INSTEAD}`];
  }
  switch (isInPlatformNamespace(object, resource, resource.getConfig<PlatformSettings>())) {
    case "yes":
      return [`${prefix}${kind} is in a namespace of the platform, where MIG Manager, the drivers and their configuration are; ${INSTEAD}`];
    case "unknown":
      return [prefixed(`${kind}: `, undetermined(`${prefix}metadata.namespace`, "whether it is one of the platform's"))];
    case "no":
      return [];
  }
}

/** Checks that nobody but the platform grants the rights that guardrails keep from teams. */
export const reserveClusterRights: ResourceValidationPolicy = {
  name: "reserve-cluster-rights",
  displayName: "Teams cannot be given rights over guardrails",
  description:
    "Checks that roles and bindings of others than the platform do not grant what allocates devices or switches guardrails off: claim status, slices, classes, nodes, nodes/proxy, quotas, namespaces, admission, ephemeral containers, escalate, bind, impersonate.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "tenancy", "rbac"],
  remediationSteps:
    "Name the verbs and resources that are needed, without wildcards. What a team may do follows from `teams` in the platform's stack.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource)
      .filter(({ group }) => group === "rbac.authorization.k8s.io")
      .flatMap((object) =>
        [...reservedGrants(object), ...reservedBindings(object)].map((finding) => prefixed(`${object.kind}: `, finding)),
      ),
  ),
};

function objectsOfOthers(resource: Resource): readonly KubernetesObject[] {
  return isRegisteredByPlatform(resource, resource.getConfig<PlatformSettings>()) ? [] : kubernetesObjects(resource);
}

function reservation({ group, kind }: KubernetesObject): ReservedGroup | undefined {
  return RESERVED[group]?.find(({ kinds }) => ("allBut" in kinds ? !kinds.allBut.includes(kind) : kinds.includes(kind)));
}
