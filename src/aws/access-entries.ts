/** Who administers the cluster, and who belongs to which team: EKS access entries. Pure. */
import type { types } from "@pulumi/eks";
import type { Team } from "../config/types";
import { partitionOf } from "./partition";

/** The account and the principal's path and name (`111122223333:role/platform-admin`), which stay the same when a list is reordered. */
function principalName(arn: string): string {
  return arn.split(":").slice(4).join(":");
}

/**
 * A cluster-wide administrator entry for each IAM principal. The key becomes part of a resource name.
 *
 * The principal that creates the cluster is an administrator without an entry here, and EKS refuses a second entry for it.
 */
export function adminAccessEntries(principalArns: readonly string[], region: string): Record<string, types.input.AccessEntryArgs> {
  return Object.fromEntries(
    principalArns.map((principalArn) => [
      principalName(principalArn),
      {
        principalArn,
        accessPolicies: {
          admin: {
            policyArn: `arn:${partitionOf(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
            accessScope: { type: "cluster" },
          },
        },
      },
    ]),
  );
}

/** The members of teams among the IAM principals. */
export interface Membership {
  /** Part of a resource name. */
  readonly name: string;
  readonly principalArn: string;
  /** Kubernetes groups of the principal: those of all teams that name it, in the order of the teams, because EKS takes one entry for a principal. */
  readonly groups: readonly string[];
}

/** What access entries have to say of the teams. They give a group and nothing else: rights come from the roles of the teams' namespaces. */
export function memberships(teams: readonly Team[]): readonly Membership[] {
  const groups = new Map<string, Set<string>>();
  for (const { group, principalArns } of teams) {
    if (group !== undefined) {
      principalArns.forEach((arn) => groups.set(arn, (groups.get(arn) ?? new Set()).add(group)));
    }
  }
  return [...groups].map(([principalArn, names]) => ({ name: principalName(principalArn), principalArn, groups: [...names] }));
}
