/** Who of a real cluster is expected to refuse a case of the corpus. What differs from the simulation of the admission policies stands here, and why. */
import { ADMISSION_POLICY_OF, keyOf, kindOf, stopOf } from "../../corpus/differences";
import type { CorpusCase } from "../../corpus/differences";
import { refusals } from "../../kubernetes/admission/refusals";
import type { DroppedField } from "../../../src/releases/kubernetes";
import { testedRelease } from "../../support/tested-release";
import type { Refuser } from "../refuser";

/** What is expected of a request. */
export type Expected =
  | { readonly type: "admitted" }
  /** A template that makes pods which Pod Security refuses: it is admitted, with a warning. */
  | { readonly type: "warned" }
  /** Admitted without what was bad of it: the answer has no field of that name. */
  | { readonly type: "dropped"; readonly field: string }
  /** A patch that leaves the object (`PATCHED`) as it was. */
  | { readonly type: "unchanged" }
  | { readonly type: "refused"; readonly by: Refuser; readonly message?: string };

const refused = (by: Refuser): Expected => ({ type: "refused", by });

/** Kinds that a team's members may write. */
const OF_TEAMS = new Set([
  ...["v1 Pod", "v1 ConfigMap", "v1 Secret", "v1 Service", "v1 PersistentVolumeClaim"],
  ...["apps/v1 Deployment", "apps/v1 StatefulSet", "batch/v1 Job", "batch/v1 CronJob"],
  ...["resource.k8s.io/v1 ResourceClaim", "resource.k8s.io/v1 ResourceClaimTemplate"],
]);

/** Versions and kinds that Kubernetes does not serve by default, or ever; and those of charts that are not installed here. */
const NOT_SERVED =
  /^(resource\.k8s\.io\/v1(alpha|beta)|admissionregistration\.k8s\.io\/v1beta|extensions|ray\.io|jobset|serving|nvidia\.com|resource\.nvidia|nfd|monitoring\.coreos\.com\/(?!v1 ServiceMonitor$)|yaml\.example|karpenter)/;

/** Refused before admission policies are asked, which would refuse them too. */
const BEFORE_ADMISSION_POLICIES: Readonly<Record<string, string>> = {
  "enforce-balanced-mig-profiles/v1-flat": "unknown field",
  "enforce-balanced-mig-profiles/does-not-compile": "Syntax error",
  "forbid-claim-privileges/admin-access": "requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace",
  "forbid-claim-privileges/admin-access-template":
    "requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace",
  "forbid-claim-privileges/admin-access-second":
    "requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace",
  "forbid-gpus-without-claim/pod-level-gpu": "Unsupported value",
  "forbid-node-access/mirror-pod": "must set spec.nodeName if mirror pod annotation is set",
};

/** What a patch makes of an object no simulation sees: these are judged by the API server alone. */
const PATCHES: Readonly<Record<string, Expected>> = {
  // The pack denies every patch of a template, because it cannot see the rest; this one changes nothing, and no other could: the spec is immutable.
  "enforce-balanced-mig-profiles/claim-patch": { type: "unchanged" },
  "forbid-gpus-without-claim/deployment-patch": refused("policy shared-gpu-pod-controllers"),
  "forbid-gpus-without-claim/deployment-patch-tolerations": refused("policy shared-gpu-pod-controllers"),
  "forbid-gpus-without-claim/deployment-patch-replicas": { type: "admitted" },
  "forbid-gpus-without-claim/deployment-patch-grace-period": { type: "admitted" },
  "forbid-services-beyond-cluster/service-patch": refused("policy shared-gpu-services"),
  "forbid-services-beyond-cluster/service-patch-selector": { type: "admitted" },
  "reserve-platform-objects/namespace-patch": refused("policy shared-gpu-namespaces"),
};

/** Cases that are bad for a field of a claim, which some versions drop before any policy sees it. */
const BAD_FIELDS: Readonly<Record<string, DroppedField>> = {
  "forbid-claim-privileges/capacity-as-choice": "capacity",
  "forbid-claim-privileges/capacity-in-template": "capacity",
  "forbid-claim-privileges/capacity-request": "capacity",
  "forbid-claim-privileges/tolerates-as-choice": "tolerations",
  "forbid-claim-privileges/tolerates-device-taints": "tolerations",
  "forbid-claim-privileges/tolerates-one-device-taint": "tolerations",
};

/** Admitted, without what was bad of them. */
const DROPPED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(BAD_FIELDS).filter(([, field]) => testedRelease().kubernetes.claimApi.dropped.includes(field))),
  "forbid-claim-privileges/forged-status": "allocation",
  "forbid-claim-privileges/forged-reservation": "reservedFor",
};

/** What is asked of the API server for a case: a patch is of the kind without `Patch`, and a list of that of its items. */
function requestedKind(each: CorpusCase): string {
  return kindOf(each).replace(/(Patch|List)$/, "");
}

/** What a member of the team is told. */
export function expectedOfMember(each: CorpusCase): Expected {
  const kind = requestedKind(each);
  const { namespace = "team-a" } = each.manifest["metadata"] as { readonly namespace?: string };
  const inGroupOfTeam = OF_TEAMS.has(kind) || /^resource\.k8s\.io\/\w+ ResourceClaim/.test(kind);
  return inGroupOfTeam && namespace === "team-a" ? expectedWithRights(each, kind) : refused("RBAC");
}

/** Objects that nobody's rights but cluster administrators', and no admission policy, are in the way of. By kind. */
const ONLY_RIGHTS: Readonly<Record<string, Expected>> = Object.fromEntries(
  [
    // RBAC lets nobody give rights that he has not, unless he has the verbs for that too.
    ...["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].map((kind) => `rbac.authorization.k8s.io/v1 ${kind}`),
    // Written by controllers of EKS, NVIDIA and Kubernetes, which no policy can tell from others.
    ...["resource.k8s.io/v1 ResourceSlice", "v1 Node", "v1 ConfigMap", "node.k8s.io/v1 RuntimeClass", "v1 PersistentVolume"],
    ...["v1 ResourceQuota", "v1 LimitRange", "networking.k8s.io/v1 NetworkPolicy", "scheduling.k8s.io/v1 PriorityClass"],
    ...[
      "discovery.k8s.io/v1 EndpointSlice",
      "storage.k8s.io/v1 StorageClass",
      "storage.k8s.io/v1 VolumeAttributesClass",
      "v1 ServiceAccount",
    ],
    // Kubernetes exempts what changes admission from admission policies.
    ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].map((kind) => `admissionregistration.k8s.io/v1 ${kind}`),
  ].map((kind) => [kind, { type: "admitted" }]),
);

/** Bad cases that meet something else first when somebody with more rights asks. */
const OPERATOR_MEETS: Readonly<Record<string, Expected>> = {
  "reserve-cluster-rights/cluster-admin": refused("conflict"),
  "reserve-cluster-rights/view": refused("conflict"),
  "reserve-cluster-rights/team-member": refused("conflict"),
  "reserve-cluster-rights/unknown-subject": refused("validation"),
  // There is no namespace of that name.
  ...Object.fromEntries(
    ["other-teams-role", "into-another-namespace", "account-by-user-name", "accounts-of-a-namespace"].map((name) => [
      `reserve-cluster-rights/${name}`,
      refused("not served"),
    ]),
  ),
  "reserve-platform-objects/admission-policy": refused("RBAC"),
  "reserve-platform-objects/admission-binding": refused("RBAC"),
  "reserve-platform-objects/api-service": refused("validation"),
  "reserve-platform-objects/certificate-of-a-node": refused("validation"),
  // The pod to be bound does not exist.
  "reserve-platform-objects/binding": refused("not served"),
  // Outside of teams' namespaces pods are not judged: nobody but administrators has rights there.
  "reserve-platform-objects/pod-among-drivers": { type: "admitted" },
  "forbid-gpus-without-claim/platform-namespace-is-not-enough": { type: "admitted" },
  "forbid-node-access/privileged-daemonset": { type: "warned" },
};

/** What somebody is told who has every right, except to change the admission policies. */
export function expectedOfOperator(each: CorpusCase): Expected {
  return OPERATOR_MEETS[keyOf(each)] ?? ONLY_RIGHTS[requestedKind(each)] ?? expectedWithRights(each, requestedKind(each));
}

/** What somebody is told who may write the kind. */
function expectedWithRights(each: CorpusCase, kind: string): Expected {
  const key = keyOf(each);
  const dropped = DROPPED[key];
  if (dropped !== undefined) {
    return { type: "dropped", field: dropped };
  }
  if (NOT_SERVED.test(kind)) {
    return refused("not served");
  }
  const early = BEFORE_ADMISSION_POLICIES[key];
  if (early !== undefined) {
    return { type: "refused", by: "validation", message: early };
  }
  const patched = PATCHES[key];
  if (patched !== undefined) {
    return patched;
  }
  const admissionPolicy = ADMISSION_POLICY_OF[kind];
  const items = (each.manifest["items"] ?? [each.manifest]) as readonly object[];
  const [message] = admissionPolicy === undefined ? [] : items.flatMap((object) => refusals({ policy: admissionPolicy, object }));
  if (message !== undefined) {
    return { type: "refused", by: `policy ${String(admissionPolicy)}`, message };
  }
  if (each.verdict === "good") {
    return { type: "admitted" };
  }
  const stop = stopOf(each);
  if (stop === undefined || stop.by === "nobody") {
    throw new Error(`${key}: nothing says who stops it`);
  }
  if (stop.by === "pack") {
    return { type: "admitted" };
  }
  return stop.by === "PodSecurity" && kind !== "v1 Pod" ? { type: "warned" } : refused(stop.by);
}
