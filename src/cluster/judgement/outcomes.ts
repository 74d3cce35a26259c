/** What happens to each object of the manifests: simulated, accepted without an effect on placement, accepted but not modelled, or refused. */
import { SIZING } from "../custom-resources/plain";
import { QUEUEING } from "../custom-resources/queueing";
import type { Makes } from "../custom-resources/pods/types";
import { findCustomKind } from "../custom-resources/table";
import { servedKind } from "./validation/served";
import type { ServedApi } from "../../releases/api/types";
import type { ClusterObject } from "../objects";

export type ObjectOutcome =
  /** The simulation plays it: it makes pods, or decides about those of others. */
  | { readonly type: "modelled" }
  /** The API server accepts it, and no pod is placed otherwise because of it. */
  | { readonly type: "withoutEffect" }
  /** Nobody here knows what comes of it. */
  | { readonly type: "notModelled"; readonly why: string }
  /** The API server refuses it. */
  | { readonly type: "refused" };

/** Kinds that the simulation plays. */
const MODELLED: ReadonlySet<string> = new Set([
  ...["v1 Namespace", "v1 Pod", "v1 ReplicationController", "v1 ResourceQuota", "v1 LimitRange", "v1 PersistentVolumeClaim"],
  ...["apps/v1 Deployment", "apps/v1 ReplicaSet", "apps/v1 StatefulSet", "apps/v1 DaemonSet", "batch/v1 Job", "batch/v1 CronJob"],
  ...["resource.k8s.io/v1 DeviceClass", "resource.k8s.io/v1 ResourceClaim", "resource.k8s.io/v1 ResourceClaimTemplate"],
  ...["storage.k8s.io/v1 StorageClass", "autoscaling/v1 HorizontalPodAutoscaler", "autoscaling/v2 HorizontalPodAutoscaler"],
]);

/** Kinds that decide nothing about where pods run. Workloads that name them are told when they are missing. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...["v1 ConfigMap", "v1 Secret", "v1 Service", "v1 ServiceAccount", "v1 Endpoints", "v1 Event", "discovery.k8s.io/v1 EndpointSlice"],
  ...[
    "events.k8s.io/v1 Event",
    "apps/v1 ControllerRevision",
    "coordination.k8s.io/v1 Lease",
    "policy/v1 PodDisruptionBudget",
    "v1 PodTemplate",
  ],
  ...["networking.k8s.io/v1 NetworkPolicy", "networking.k8s.io/v1 Ingress", "networking.k8s.io/v1 IngressClass"],
  ...["rbac.authorization.k8s.io/v1 Role", "rbac.authorization.k8s.io/v1 RoleBinding"],
  ...["rbac.authorization.k8s.io/v1 ClusterRole", "rbac.authorization.k8s.io/v1 ClusterRoleBinding"],
]);

/** Built-in kinds whose effect on pods is known and not simulated. */
const NOT_MODELLED: ReadonlyMap<string, string> = new Map([
  ["scheduling.k8s.io/v1 PriorityClass", "pods of a higher priority can evict others; every pod is placed in the order of its object here"],
  ["v1 PersistentVolume", "a volume can tie pods to the node or zone that it is in"],
  ["v1 Node", "the nodes of the rehearsal are those of the stack's node groups"],
  ["v1 Binding", "it places a pod past the scheduler"],
  ["resource.k8s.io/v1 ResourceSlice", "the devices of the rehearsal are those that the driver publishes for the stack's node groups"],
  ["node.k8s.io/v1 RuntimeClass", "it can add to what pods request, and choose their nodes"],
  ["apiextensions.k8s.io/v1 CustomResourceDefinition", "an operator decides what comes of its objects"],
  ["apiregistration.k8s.io/v1 APIService", "another server answers for its objects"],
  ["admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy", "it can refuse other objects"],
  ["admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding", "it can refuse other objects"],
  ["admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration", "a webhook can refuse other objects"],
  ["admissionregistration.k8s.io/v1 MutatingWebhookConfiguration", "a webhook can change other objects"],
]);

/** What happens to an object that was not refused. */
export function acceptedOutcome(
  object: ClusterObject,
  api: ServedApi,
  unplaced: readonly string[],
): Exclude<ObjectOutcome, { readonly type: "refused" }> {
  const { apiVersion, kind } = object;
  const key = `${apiVersion} ${kind}`;
  if (MODELLED.has(key)) {
    return { type: "modelled" };
  }
  if (WITHOUT_EFFECT.has(key)) {
    return { type: "withoutEffect" };
  }
  const why = NOT_MODELLED.get(key);
  if (why !== undefined) {
    return { type: "notModelled", why };
  }
  return servedKind(api, apiVersion, kind) === undefined
    ? customOutcome(object, unplaced)
    : { type: "notModelled", why: "its effect on pods is not known here" };
}

function customOutcome(object: ClusterObject, unplaced: readonly string[]): Exclude<ObjectOutcome, { readonly type: "refused" }> {
  const group = object.apiVersion.split("/").slice(0, -1).join("/");
  const known = findCustomKind(group, object.kind);
  switch (known?.type) {
    case "plain":
      // They have no pods, and decide about those of others.
      return QUEUEING.includes(known)
        ? { type: "notModelled", why: "it decides when pods start; here every pod starts at once" }
        : SIZING.includes(known)
          ? { type: "notModelled", why: "it changes what pods of others request; here every pod requests what its object says" }
          : { type: "withoutEffect" };
    case "workload":
      return workloadOutcome(known.makes, unplaced);
    case undefined:
      return {
        type: "notModelled",
        why: "Kubernetes does not serve this kind itself: an operator decides whether it is accepted, and which pods come of it",
      };
  }
}

function workloadOutcome(makes: Makes, unplaced: readonly string[]): Exclude<ObjectOutcome, { readonly type: "refused" }> {
  switch (makes.type) {
    case "pods":
      return unplaced.length === 0 ? { type: "modelled" } : { type: "notModelled", why: unplaced.join("; ") };
    case "template":
      return { type: "withoutEffect" };
    case "named":
      return { type: "notModelled", why: makes.why };
  }
}
