import type { RoleArgs, RoleBindingArgs } from "@pulumi/kubernetes/rbac/v1";
import { TEAM_RIGHTS, TEAM_ROLE } from "../../well-known/team-rights";

/** What the members of a team may do in their namespace. */
export function teamRole(namespace: string): RoleArgs {
  return {
    metadata: { name: TEAM_ROLE, namespace },
    rules: TEAM_RIGHTS.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources: [...resources], verbs: [...verbs] })),
  };
}

/** Gives the role to a Kubernetes group, which an EKS access entry assigns to people. */
export function teamRoleBinding(namespace: string, group: string): RoleBindingArgs {
  return {
    metadata: { name: TEAM_ROLE, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: TEAM_ROLE },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
  };
}
