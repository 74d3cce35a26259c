/** What an API server refuses of one object as such: by its type, and by the rules that a type cannot say. */
import { dnsSubdomainFault } from "../../../dra/manifest/names";
import { readClaim } from "../../../dra/claims";
import type { KubernetesRules } from "../../../releases/kubernetes";
import type { ServedApi } from "../../../releases/api/types";
import { cronJobProblems, jobProblems } from "./jobs";
import { configMapProblems, secretProblems } from "./data";
import { metadataProblems } from "./metadata";
import { ingressClassProblems, ingressProblems, networkPolicyProblems } from "./network";
import { podAnnotationProblems } from "./pods/annotations";
import { podSpecProblems } from "./pods/spec";
import { bindingProblems, roleProblems } from "./rights";
import { asPart, between, formatted, named, oneOf, text } from "./rules";
import type { Part, Problems } from "./rules";
import { autoscalerProblems, disruptionBudgetProblems } from "./scaling";
import { schemaProblems } from "./schema";
import { notServed, servedKind } from "./served";
import { limitRangeProblems, quotaProblems } from "./quotas";
import { serviceProblems } from "./services";
import { claimSpecProblems } from "./volume-claims";
import {
  daemonSetProblems,
  deploymentProblems,
  replicaSetProblems,
  replicationControllerProblems,
  statefulSetProblems,
  templateProblems,
} from "./workloads";

/** The problems of one object of a kind that Kubernetes itself serves, as `path: value: reason`. Later rules are not asked where earlier ones fail, as in an API server. */
export function validationProblems(body: Part, api: ServedApi, rules: KubernetesRules): Problems {
  const [apiVersion, kind] = [String(body["apiVersion"]), String(body["kind"])];
  const served = servedKind(api, apiVersion, kind);
  if (served === undefined) {
    return [notServed(api, apiVersion, kind)];
  }
  const rule = RULES.get(`${apiVersion} ${kind}`);
  const ofSchema = schemaProblems(api, served.type, body, rule === undefined ? "reported" : "leftToRules");
  return ofSchema.length > 0
    ? ofSchema
    : [...metadataProblems(kind, served.scope, body["metadata"], rules), ...(rule?.(body, rules) ?? [])];
}

const ofSpec =
  (check: (spec: Part, rules: KubernetesRules) => Problems): ((body: Part, rules: KubernetesRules) => Problems) =>
  ({ spec }, rules) =>
    check(asPart(spec), rules);

function claimProblems(body: Part, rules: KubernetesRules): Problems {
  const reading = readClaim(body, rules);
  return reading.type === "invalid" ? reading.problems : [];
}

/** Prefix and two names of Kubernetes' own (`ValidatePriorityClass`). */
function reservedFault(name: string): string | undefined {
  return name.startsWith("system-") ? "must not begin with system-, which is reserved for Kubernetes" : undefined;
}

const RULES: ReadonlyMap<string, (body: Part, rules: KubernetesRules) => Problems> = new Map([
  ["resource.k8s.io/v1 ResourceClaim", claimProblems],
  ["resource.k8s.io/v1 ResourceClaimTemplate", claimProblems],
  ["v1 ServiceAccount", () => []],
  [
    "v1 Pod",
    ({ metadata, spec }: Part, rules: KubernetesRules) => [
      ...podAnnotationProblems(asPart(metadata)["annotations"], "metadata.annotations", asPart(spec), "spec"),
      ...podSpecProblems(spec, "spec", rules, { labels: asPart(metadata)["labels"] }),
    ],
  ],
  ["v1 PodTemplate", ({ template }: Part, rules: KubernetesRules) => templateProblems(template, "template", rules)],
  ["v1 ReplicationController", ofSpec(replicationControllerProblems)],
  ["apps/v1 Deployment", ofSpec(deploymentProblems)],
  ["apps/v1 ReplicaSet", ofSpec(replicaSetProblems)],
  ["apps/v1 DaemonSet", ofSpec(daemonSetProblems)],
  ["apps/v1 StatefulSet", ofSpec(statefulSetProblems)],
  [
    "batch/v1 Job",
    ({ spec, metadata }: Part, rules: KubernetesRules) => jobProblems(asPart(spec), rules, "spec", text(asPart(metadata)["name"])),
  ],
  ["batch/v1 CronJob", ofSpec(cronJobProblems)],
  ["v1 Service", ofSpec(serviceProblems)],
  ["v1 ConfigMap", configMapProblems],
  ["v1 Secret", secretProblems],
  ["v1 ResourceQuota", ofSpec(quotaProblems)],
  ["v1 LimitRange", ofSpec(limitRangeProblems)],
  ["v1 PersistentVolumeClaim", ({ spec }: Part) => claimSpecProblems(spec, "spec")],
  ["autoscaling/v1 HorizontalPodAutoscaler", ofSpec(autoscalerProblems)],
  ["autoscaling/v2 HorizontalPodAutoscaler", ofSpec(autoscalerProblems)],
  ["policy/v1 PodDisruptionBudget", ofSpec(disruptionBudgetProblems)],
  ["networking.k8s.io/v1 NetworkPolicy", ofSpec(networkPolicyProblems)],
  ["networking.k8s.io/v1 Ingress", ofSpec(ingressProblems)],
  ["rbac.authorization.k8s.io/v1 Role", (body: Part) => roleProblems(body, "Namespaced")],
  ["rbac.authorization.k8s.io/v1 ClusterRole", (body: Part) => roleProblems(body, "Cluster")],
  ["rbac.authorization.k8s.io/v1 RoleBinding", (body: Part) => bindingProblems(body, "Namespaced")],
  ["rbac.authorization.k8s.io/v1 ClusterRoleBinding", (body: Part) => bindingProblems(body, "Cluster")],
  [
    "coordination.k8s.io/v1 Lease",
    ofSpec(({ leaseDurationSeconds, leaseTransitions }) => [
      ...between(leaseDurationSeconds, "spec.leaseDurationSeconds", 1),
      ...between(leaseTransitions, "spec.leaseTransitions", 0),
    ]),
  ],
  ["networking.k8s.io/v1 IngressClass", ofSpec(ingressClassProblems)],
  [
    "scheduling.k8s.io/v1 PriorityClass",
    ({ metadata, value, preemptionPolicy }: Part) => [
      ...formatted(asPart(metadata)["name"], "metadata.name", reservedFault),
      ...between(value, "value", -(2 ** 31), 1_000_000_000),
      ...oneOf(preemptionPolicy, "preemptionPolicy", ["PreemptLowerPriority", "Never"]),
    ],
  ],
  [
    "storage.k8s.io/v1 StorageClass",
    ({ provisioner, reclaimPolicy, volumeBindingMode }: Part) => [
      ...named(provisioner, "provisioner", (name) => dnsSubdomainFault(name.toLowerCase().replace("/", "."))),
      ...oneOf(reclaimPolicy, "reclaimPolicy", ["Delete", "Retain"]),
      ...oneOf(volumeBindingMode, "volumeBindingMode", ["Immediate", "WaitForFirstConsumer"]),
    ],
  ],
]);
