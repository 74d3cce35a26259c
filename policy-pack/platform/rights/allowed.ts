/** What roles may hold that somebody other than the platform registers. What is not in these tables is denied. */
import { READ_VERBS, TEAM_RIGHTS, WRITE_VERBS } from "../../../src/well-known/team-rights";
import type { Right } from "../../../src/well-known/team-rights";

/**
 * Kinds whose content nobody needs to hide: what Kubernetes' own role `view` reads (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, `viewRules`), and
 * the cluster-scoped kinds that monitoring and dashboards list. Secrets are not among them, nor what runs a command or forwards a connection by GET
 * (`pods/exec`, `pods/proxy`, `services/proxy`, `nodes/proxy`).
 */
const READABLE: readonly Right[] = [
  {
    group: "",
    resources: [
      ...["pods", "pods/log", "pods/status", "configmaps", "services", "services/status", "endpoints", "serviceaccounts", "events"],
      ...["persistentvolumeclaims", "persistentvolumeclaims/status", "replicationcontrollers", "replicationcontrollers/scale"],
      ...["replicationcontrollers/status", "limitranges", "resourcequotas", "resourcequotas/status", "podtemplates"],
      ...[
        "namespaces",
        "namespaces/status",
        "nodes",
        "nodes/status",
        "nodes/metrics",
        "nodes/stats",
        "persistentvolumes",
        "componentstatuses",
      ],
    ],
    verbs: READ_VERBS,
  },
  {
    group: "apps",
    resources: [
      ...["deployments", "deployments/status", "deployments/scale", "statefulsets", "statefulsets/status", "statefulsets/scale"],
      ...["daemonsets", "daemonsets/status", "replicasets", "replicasets/status", "replicasets/scale", "controllerrevisions"],
    ],
    verbs: READ_VERBS,
  },
  { group: "batch", resources: ["jobs", "jobs/status", "cronjobs", "cronjobs/status"], verbs: READ_VERBS },
  { group: "autoscaling", resources: ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], verbs: READ_VERBS },
  { group: "policy", resources: ["poddisruptionbudgets", "poddisruptionbudgets/status"], verbs: READ_VERBS },
  { group: "networking.k8s.io", resources: ["networkpolicies", "ingresses", "ingresses/status", "ingressclasses"], verbs: READ_VERBS },
  { group: "discovery.k8s.io", resources: ["endpointslices"], verbs: READ_VERBS },
  { group: "events.k8s.io", resources: ["events"], verbs: READ_VERBS },
  { group: "coordination.k8s.io", resources: ["leases"], verbs: READ_VERBS },
  { group: "metrics.k8s.io", resources: ["pods", "nodes"], verbs: READ_VERBS },
  { group: "storage.k8s.io", resources: ["storageclasses", "volumeattachments", "csidrivers", "csinodes"], verbs: READ_VERBS },
  { group: "scheduling.k8s.io", resources: ["priorityclasses"], verbs: READ_VERBS },
  { group: "node.k8s.io", resources: ["runtimeclasses"], verbs: READ_VERBS },
  { group: "rbac.authorization.k8s.io", resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"], verbs: READ_VERBS },
  { group: "certificates.k8s.io", resources: ["certificatesigningrequests"], verbs: READ_VERBS },
  { group: "apiextensions.k8s.io", resources: ["customresourcedefinitions"], verbs: READ_VERBS },
  { group: "apiregistration.k8s.io", resources: ["apiservices"], verbs: READ_VERBS },
  {
    group: "admissionregistration.k8s.io",
    resources: [
      ...["validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies"],
      ...["mutatingadmissionpolicybindings", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"],
    ],
    verbs: READ_VERBS,
  },
  {
    group: "resource.k8s.io",
    resources: [
      ...["resourceclaims", "resourceclaims/status", "resourceclaimtemplates", "deviceclasses", "resourceslices", "devicetaintrules"],
    ],
    verbs: READ_VERBS,
  },
  { group: "nvidia.com", resources: ["clusterpolicies", "nvidiadrivers"], verbs: READ_VERBS },
  { group: "nfd.k8s-sigs.io", resources: ["nodefeatures", "nodefeaturerules"], verbs: READ_VERBS },
];

/** In its own namespace, a program also elects a leader and writes events. A log is read whatever the verb, and many roles name it beside the pods. */
const IN_NAMESPACE: readonly Right[] = [
  ...TEAM_RIGHTS,
  { group: "", resources: ["pods/log"], verbs: WRITE_VERBS },
  { group: "coordination.k8s.io", resources: ["leases"], verbs: WRITE_VERBS },
  { group: "", resources: ["events"], verbs: ["create", "patch", "update"] },
  { group: "events.k8s.io", resources: ["events"], verbs: ["create", "patch", "update"] },
];

/** Questions that change nothing, such as whose a token is. Every proxy in front of a metrics port asks them. */
const IN_CLUSTER: readonly Right[] = [
  { group: "authentication.k8s.io", resources: ["tokenreviews", "selfsubjectreviews"], verbs: ["create"] },
  {
    group: "authorization.k8s.io",
    resources: ["subjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "localsubjectaccessreviews"],
    verbs: ["create"],
  },
];

/**
 * API groups of custom resources that teams run workloads with. Their operators make pods in the namespace of the custom resource, and admission judges those.
 * A role may hold everything of them in its own namespace, and read them in all.
 */
export const CUSTOM_GROUPS: readonly string[] = [
  ...["jobset.x-k8s.io", "leaderworkerset.x-k8s.io", "kueue.x-k8s.io", "ray.io", "kubeflow.org", "trainer.kubeflow.org"],
  ...["argoproj.io", "tekton.dev", "serving.kserve.io", "serving.knative.dev", "sparkoperator.k8s.io", "batch.volcano.sh"],
  ...["scheduling.volcano.sh", "apps.nvidia.com"],
];

/** Kinds of these groups from which a controller makes objects of any namespace, whoever writes them. */
const APPLIED_ELSEWHERE: ReadonlyMap<string, readonly string[]> = new Map([
  ["argoproj.io", ["*", "applications", "applicationsets", "appprojects"]],
]);

/** Paths of the API server itself that tell nothing of anybody's objects. A path with `*` at its end is every path that begins so. */
const PUBLIC_PATHS: readonly string[] = ["/metrics", "/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi"];

/** The verbs that a role may hold on a resource. `all`: whatever the kind's operator knows. */
export type AllowedVerbs = readonly string[] | "all";

/** @param kind of the role. A ClusterRole reaches every namespace, however it is meant to be bound. */
export function allowedVerbs(kind: "Role" | "ClusterRole", group: string, resource: string, customGroups: readonly string[]): AllowedVerbs {
  if (customGroups.includes(group)) {
    const isForOthers = APPLIED_ELSEWHERE.get(group)?.includes(resource.replace(/\/.*$/, "")) === true;
    return kind === "Role" && !isForOthers ? "all" : READ_VERBS;
  }
  const tables = kind === "Role" ? [...READABLE, ...IN_NAMESPACE] : [...READABLE, ...IN_CLUSTER];
  return tables.filter((right) => right.group === group && right.resources.includes(resource)).flatMap(({ verbs }) => verbs);
}

export function isPublicPath(path: string): boolean {
  const fixed = path.endsWith("*") ? path.slice(0, -1).replace(/\/$/, "") : path;
  return PUBLIC_PATHS.some((known) => fixed === known || fixed.startsWith(`${known}/`));
}
