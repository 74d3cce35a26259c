/** Who administers the cluster, and who belongs to which team: EKS access entries. Pure. */
import type { Team } from "../config/types";
import { partitionOf } from "../config/regions";

/** An IAM principal that gets into the cluster. EKS takes one entry for a principal. */
export interface Access {
  /** Part of a resource name. */
  readonly name: string;
  readonly principalArn: string;
  readonly right:
    /** Everything in the whole cluster, by an access policy of EKS. */
    | { readonly type: "administration"; readonly policyArn: string }
    /** Membership in Kubernetes groups and nothing else: rights come from the roles of the teams' namespaces. */
    | { readonly type: "membership"; readonly groups: readonly string[] };
}

/** The account and the principal's path and name (`111122223333:role/platform-admin`), which stay the same when a list is reordered. */
function principalName(arn: string): string {
  return arn.split(":").slice(4).join(":");
}

/** Cluster-wide administrators. The principal that creates the cluster is one without an entry here, and EKS refuses a second entry for it. */
export function administrators(principalArns: readonly string[], region: string): readonly Access[] {
  const policyArn = `arn:${partitionOf(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
  return principalArns.map((principalArn) => ({
    name: principalName(principalArn),
    principalArn,
    right: { type: "administration", policyArn },
  }));
}

/** The members of teams among the IAM principals, each with the groups of all teams that name it, in the order of the teams. */
export function members(teams: readonly Team[]): readonly Access[] {
  const groups = new Map<string, Set<string>>();
  for (const { group, principalArns } of teams) {
    if (group !== undefined) {
      principalArns.forEach((arn) => groups.set(arn, (groups.get(arn) ?? new Set()).add(group)));
    }
  }
  return [...groups].map(([principalArn, names]) => ({
    name: principalName(principalArn),
    principalArn,
    right: { type: "membership", groups: [...names] },
  }));
}
