import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import type { Cluster } from "@pulumi/eks/cluster";
import type * as pulumi from "@pulumi/pulumi";
import type { Access } from "./access-entries";

export interface ClusterAccessArgs {
  readonly clusterName: pulumi.Input<string>;
  /** Who made the entries of administrators up to release 0.1, as children of its own. */
  readonly cluster: Cluster;
  readonly access: readonly Access[];
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Makes the access entries, and what gives administrators their rights.
 *
 * The eks component can make them too, but it protects its children with the cluster: with `deletionProtection` nobody's entry could be taken out again.
 * The aliases keep the entries that it did make, since EKS refuses a second one for a principal.
 */
export function grantAccess(name: string, args: ClusterAccessArgs, opts: pulumi.CustomResourceOptions): readonly pulumi.Resource[] {
  return args.access.flatMap(({ name: principal, principalArn, right }): readonly pulumi.Resource[] => {
    const { clusterName, cluster, tags } = args;
    const entryName = `${name}-${principal}`;
    switch (right.type) {
      case "administration": {
        const unprotected = { ...opts, protect: false };
        // No type: the component gave none, and another one would be another entry. EKS's default is STANDARD.
        const entry = new AccessEntry(entryName, { clusterName, principalArn, tags }, { ...unprotected, aliases: [{ parent: cluster }] });
        const association = new AccessPolicyAssociation(
          `${entryName}-admin`,
          { clusterName, principalArn, policyArn: right.policyArn, accessScope: { type: "cluster" } },
          { ...unprotected, parent: entry, dependsOn: entry },
        );
        return [entry, association];
      }
      case "membership":
        return [
          new AccessEntry(entryName, { clusterName, principalArn, kubernetesGroups: [...right.groups], type: "STANDARD", tags }, opts),
        ];
    }
  });
}
