import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import type { KubernetesObject } from "../resources/objects";
import { HELM_RELEASE } from "../../src/well-known/resource-types";
import { UNKNOWN } from "../evaluation/snapshot";
import { isInPlatformNamespace, isRegisteredByPlatform, objectsOfOthers } from "./registrant";
import { PLATFORM_SCHEMA, platformNamespacesOf } from "./settings";
import type { PlatformSettings } from "./settings";

interface ReservedGroup {
  /** `allBut`: every kind except those that teams create themselves. */
  readonly kinds: readonly string[] | "all" | { readonly allBut: readonly string[] };
  readonly why: string;
}

/** The reserved kinds by API group, and what each decides. */
const RESERVED: ReadonlyMap<string, readonly ReservedGroup[]> = new Map(
  Object.entries<readonly ReservedGroup[]>({
    "": [
      {
        kinds: ["Namespace"],
        why: "its labels decide whether admission policies and Pod Security apply, and whether claims may have admin access",
      },
      { kinds: ["Node"], why: "its labels and taints decide which pods run on GPU nodes and how MIG Manager divides the GPUs" },
      { kinds: ["ResourceQuota", "LimitRange"], why: "they are the team's share of the GPUs" },
      { kinds: ["Binding"], why: "it puts a pod on a node and bypasses the scheduler" },
    ],
    "resource.k8s.io": [
      {
        kinds: { allBut: ["ResourceClaim", "ResourceClaimTemplate"] },
        why: "device classes, resource slices and device taints decide which devices exist and who gets them",
      },
    ],
    "admissionregistration.k8s.io": [{ kinds: "all", why: "it decides what the API server admits" }],
    "apiregistration.k8s.io": [{ kinds: "all", why: "it serves a part of the API in the place of the API server" }],
    "certificates.k8s.io": [{ kinds: "all", why: "a certificate of a node has the rights of its kubelet" }],
    "node.k8s.io": [{ kinds: "all", why: "it selects the runtime, which injects devices, and tolerates taints for its pods" }],
    "nvidia.com": [{ kinds: "all", why: "it configures drivers, MIG and the runtime on every GPU node" }],
    "resource.nvidia.com": [{ kinds: "all", why: "it creates device classes and claims" }],
    "nfd.k8s-sigs.io": [{ kinds: "all", why: "it labels and taints nodes" }],
  }),
);

const INSTEAD = "The platform's own components create it. Change the configuration of the platform's stack, or ask its owners";

/** Checks that only the platform creates the objects that its guardrails consist of. */
export const reservePlatformObjects: ResourceValidationPolicy = {
  name: "reserve-platform-objects",
  displayName: "The platform creates its own objects",
  description:
    "Checks that device classes, resource slices, quotas, limit ranges, namespaces, nodes, admission policies, runtime classes, NVIDIA's custom resources and everything in the platform's namespaces come from the platform itself.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "tenancy", "platform"],
  remediationSteps:
    "Remove the object. The platform's stack creates namespaces, quotas and claim templates of a team from `teams`, and device classes from `gpuPools`.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) => [
    ...releaseFindings(resource),
    ...objectsOfOthers(resource).flatMap((object) => reservationFindings(object, resource)),
  ]),
};

/** Of a chart that Helm fetches, no object is here, and its namespace is where they are. */
function releaseFindings(resource: Resource): readonly Finding[] {
  const settings = resource.getConfig<PlatformSettings>();
  const { namespace } = resource.props;
  if (resource.type !== HELM_RELEASE || isRegisteredByPlatform(resource, settings)) {
    return [];
  }
  if (namespace === UNKNOWN) {
    return [undetermined("namespace", "whether it is one of the platform's")];
  }
  return typeof namespace === "string" && platformNamespacesOf(settings).includes(namespace)
    ? [`the release is in ${namespace}, a namespace of the platform. Use your own namespace`]
    : [];
}

function reservationFindings(object: KubernetesObject, resource: Resource): readonly Finding[] {
  const { kind, prefix } = object;
  const reserved = reservation(object);
  if (reserved !== undefined) {
    return [`${prefix}${kind} is reserved for the platform: ${reserved.why}. ${INSTEAD}`];
  }
  switch (isInPlatformNamespace(object, resource, resource.getConfig<PlatformSettings>())) {
    case "yes":
      return [`${prefix}${kind} is in a namespace of the platform, which has MIG Manager, the drivers and their configuration. ${INSTEAD}`];
    case "unknown":
      return [prefixed(`${kind}: `, undetermined(`${prefix}metadata.namespace`, "whether it is one of the platform's"))];
    case "no":
      return [];
  }
}

function reservation({ group, kind }: KubernetesObject): ReservedGroup | undefined {
  return RESERVED.get(group)?.find(({ kinds }) => isAmong(kind, kinds));
}

function isAmong(kind: string, kinds: ReservedGroup["kinds"]): boolean {
  if (kinds === "all") {
    return true;
  }
  return "allBut" in kinds ? !kinds.allBut.includes(kind) : kinds.includes(kind);
}
