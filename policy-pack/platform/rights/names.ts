/** Names of roles and bindings that are not for programs to write. */
import { TEAM_ROLE } from "../../../src/well-known/team-rights";

/** The role of Kubernetes that anybody may bind: it reads what nobody needs to hide, and no Secrets. */
export const VIEW_ROLE = "view";

/** The parts of the platform whose charts bring roles: what their releases are called, with what follows. */
const OPERATORS = /^(gpu-operator|nvidia-|node-feature-discovery|dra-driver|k8s-dra-driver|kube-prometheus-stack|monitoring-)/;

/**
 * Whether a role or binding of this name is Kubernetes' own (`system:...`, and the four for people), EKS', the platform's or one of its operators'.
 * Who writes such an object changes what others hold, and who binds one gets more than any table here allows.
 */
export function isReservedName(name: string): boolean {
  return (
    /^(system|eks|aws|amazon|iam):/.test(name) ||
    ["cluster-admin", "admin", "edit", VIEW_ROLE, TEAM_ROLE, "aws-node", "vpc-resource-controller-role"].includes(name) ||
    OPERATORS.test(name)
  );
}
