/** The kinds that the doctor reads, each once: where an API server has them, and what cannot be said without them. */
import { API_GROUPS, KINDS as PLANNED, KIND_NAMES as PLANNED_NAMES } from "../../planner/snapshot/kinds";
import type { Kind as PlannedKind } from "../../planner/snapshot/kinds";
import { PARTITION_GATE_NAMESPACE } from "../../well-known/namespaces";

export interface ObservedKindInfo {
  /** Empty for the core group. */
  readonly group: string;
  /** Plural, as in the path of the API. */
  readonly resource: string;
  /** Asked of the API server, so that it does not send what no check uses. @default everything */
  readonly fieldSelector?: string;
}

const RBAC = "rbac.authorization.k8s.io";
const ADMISSION = "admissionregistration.k8s.io";

const MORE = {
  DaemonSet: { group: "apps", resource: "daemonsets" },
  Job: { group: "batch", resource: "jobs", fieldSelector: `metadata.namespace=${PARTITION_GATE_NAMESPACE}` },
  NetworkPolicy: { group: "networking.k8s.io", resource: "networkpolicies" },
  Role: { group: RBAC, resource: "roles" },
  RoleBinding: { group: RBAC, resource: "rolebindings" },
  ClusterRole: { group: RBAC, resource: "clusterroles" },
  ClusterRoleBinding: { group: RBAC, resource: "clusterrolebindings" },
  ValidatingAdmissionPolicy: { group: ADMISSION, resource: "validatingadmissionpolicies" },
  ValidatingAdmissionPolicyBinding: { group: ADMISSION, resource: "validatingadmissionpolicybindings" },
} as const satisfies Readonly<Record<string, ObservedKindInfo>>;

export type ObservedKind = PlannedKind | keyof typeof MORE;

export const OBSERVED_KIND_NAMES: readonly ObservedKind[] = [...PLANNED_NAMES, ...(Object.keys(MORE) as (keyof typeof MORE)[])];

/** The planner's kinds are read as the planner reads them, but pods that have ended, too: a finalizer can keep those for ever. */
export function observedKind(kind: ObservedKind): ObservedKindInfo {
  if (!isPlanned(kind)) {
    return MORE[kind];
  }
  const { group, resource, fieldSelector } = PLANNED[kind];
  const isNarrow = fieldSelector !== undefined && kind !== "Pod";
  return { group: API_GROUPS[group], resource, ...(isNarrow ? { fieldSelector } : {}) };
}

function isPlanned(kind: ObservedKind): kind is PlannedKind {
  return kind in PLANNED;
}

export function isObservedKind(name: unknown): name is ObservedKind {
  return OBSERVED_KIND_NAMES.some((kind) => kind === name);
}
