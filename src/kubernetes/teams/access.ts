import type { RoleArgs, RoleBindingArgs } from "@pulumi/kubernetes/rbac/v1";

const ROLE = "team-member";
const READ = ["get", "list", "watch"];
const WRITE = [...READ, "create", "update", "patch", "delete", "deletecollection"];

/**
 * What the members of a team may do in their namespace: run workloads and claim slices. Quota, limits, network policies and roles are the platform's;
 * a claim's status is the scheduler's (who writes it allocates devices); ephemeral containers would join a running pod past its admission.
 */
export function teamRole(namespace: string): RoleArgs {
  return {
    metadata: { name: ROLE, namespace },
    rules: [
      { apiGroups: [""], resources: ["pods", "services", "configmaps", "secrets", "persistentvolumeclaims"], verbs: WRITE },
      { apiGroups: [""], resources: ["pods/exec", "pods/attach", "pods/portforward"], verbs: ["create", "get"] },
      {
        apiGroups: [""],
        resources: ["pods/log", "pods/status", "events", "resourcequotas", "limitranges", "serviceaccounts"],
        verbs: READ,
      },
      { apiGroups: ["apps"], resources: ["deployments", "deployments/scale", "statefulsets", "statefulsets/scale"], verbs: WRITE },
      { apiGroups: ["apps"], resources: ["replicasets", "controllerrevisions"], verbs: READ },
      { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: WRITE },
      { apiGroups: ["resource.k8s.io"], resources: ["resourceclaims", "resourceclaimtemplates"], verbs: WRITE },
      { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: READ },
    ],
  };
}

/** Gives the role to a Kubernetes group, which an EKS access entry assigns to people. */
export function teamRoleBinding(namespace: string, group: string): RoleBindingArgs {
  return {
    metadata: { name: ROLE, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: ROLE },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
  };
}
