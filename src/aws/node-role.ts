/** The IAM role of the nodes of one pool. */
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { namePrefix } from "../well-known/name-prefix";
import { managedPolicyArn } from "./partition";

/**
 * What every node may do: join the cluster and hand pods their own credentials; pull images from ECR. Not AmazonEKS_CNI_Policy: the
 * vpc-cni add-on has a role of its own.
 */
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"] as const;

export interface NodeRoleArgs {
  /**
   * Name of the cluster, as configured; part of the role's name.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * Name of the AWS region.
   * @default none: required
   */
  readonly region: string;
  /**
   * Tags of the role.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/** The trust policy of a role for EC2 instances. Pure. */
export function ec2TrustPolicy(): object {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
}

/**
 * One role per pool, so that a right given to one pool is not given to the others. EKS makes the access entry of a managed node group's role
 * itself. Depend on the component, not on `arn` alone: a node that boots before the policies are attached fails to join.
 */
export class NodeRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: NodeRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:NodeRole", name, {}, opts);
    const role = new Role(
      name,
      {
        namePrefix: namePrefix(args.clusterName, name, "role"),
        assumeRolePolicy: JSON.stringify(ec2TrustPolicy()),
        tags: args.tags,
      },
      { parent: this, ignoreChanges: ["namePrefix"] },
    );
    for (const policy of NODE_POLICIES) {
      new RolePolicyAttachment(
        `${name}-${policy}`,
        { role: role.name, policyArn: managedPolicyArn(args.region, policy) },
        { parent: this },
      );
    }
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
