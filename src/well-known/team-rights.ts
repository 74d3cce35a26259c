/**
 * What a team's members may do in their namespace: run workloads and claim slices. One table for the Role that the platform makes, for the policy that judges
 * other people's roles, and for the quota: what a team may create is counted.
 *
 * Quota, limits, network policies and roles are the platform's. A claim's status is the scheduler's (who writes it allocates devices). Ephemeral containers
 * would join a running pod past its admission. ReplicaSets and revisions are made by the controllers of what is in the table.
 */

/** A rule of a role: every verb on every resource. */
export interface Right {
  /** Empty: the core group. */
  readonly group: string;
  /** Plurals, with a subresource after a slash. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Verbs that change nothing. */
export const READ_VERBS: readonly string[] = ["get", "list", "watch"];

/** Every verb that the API server knows for objects of any kind. */
export const WRITE_VERBS: readonly string[] = [...READ_VERBS, "create", "update", "patch", "delete", "deletecollection"];

/** Name of the Role in every team's namespace, and of its binding. */
export const TEAM_ROLE = "team-member";

export const TEAM_RIGHTS: readonly Right[] = [
  { group: "", resources: ["pods", "services", "configmaps", "secrets", "persistentvolumeclaims"], verbs: WRITE_VERBS },
  { group: "", resources: ["pods/exec", "pods/attach", "pods/portforward"], verbs: ["create", "get"] },
  { group: "", resources: ["pods/log", "pods/status", "events", "resourcequotas", "limitranges", "serviceaccounts"], verbs: READ_VERBS },
  { group: "apps", resources: ["deployments", "deployments/scale", "statefulsets", "statefulsets/scale"], verbs: WRITE_VERBS },
  { group: "apps", resources: ["replicasets", "controllerrevisions"], verbs: READ_VERBS },
  { group: "batch", resources: ["jobs", "cronjobs"], verbs: WRITE_VERBS },
  { group: "resource.k8s.io", resources: ["resourceclaims", "resourceclaimtemplates"], verbs: WRITE_VERBS },
  { group: "networking.k8s.io", resources: ["networkpolicies"], verbs: READ_VERBS },
];

/** A kind by its API group and plural. */
export interface ResourceKind {
  readonly group: string;
  readonly resource: string;
}

/** The kinds of which a team can make objects. */
export const CREATED_KINDS: readonly ResourceKind[] = TEAM_RIGHTS.filter(({ verbs }) => verbs.includes("create")).flatMap(
  ({ group, resources }) => resources.filter((resource) => !resource.includes("/")).map((resource) => ({ group, resource })),
);

/** The kinds that controllers make of them, and that a team can read. */
export const CONTROLLED_KINDS: readonly ResourceKind[] = [
  { group: "apps", resource: "replicasets" },
  { group: "apps", resource: "controllerrevisions" },
];
