/** IAM roles for pods, by EKS Pod Identity. */
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { namePrefix } from "../well-known/name-prefix";

/** A service account of one cluster. */
export interface ServiceAccountRef {
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * The trust policy of a role that one service account of one cluster may take on. Without the conditions every pod identity association of
 * the AWS account could use the role. Pure. Source: Amazon EKS user guide, "Create IAM role with trust policy required by EKS Pod Identity".
 */
export function podIdentityTrustPolicy({ clusterName, namespace, serviceAccount }: ServiceAccountRef): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-name": clusterName,
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": serviceAccount,
          },
        },
      },
    ],
  };
}

export interface PodIdentityRoleArgs extends ServiceAccountRef {
  /**
   * What the role allows.
   * @default none: required
   */
  readonly policy:
    | { readonly type: "managed"; readonly arn: string }
    /** A policy of the role's own, as JSON. */
    | { readonly type: "inline"; readonly document: pulumi.Input<string> };
  /**
   * Tags of the role.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/** A role for one service account of one cluster. */
export class PodIdentityRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: PodIdentityRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:PodIdentityRole", name, {}, opts);
    const role = new Role(
      name,
      {
        namePrefix: namePrefix(args.clusterName, name, "role"),
        assumeRolePolicy: JSON.stringify(podIdentityTrustPolicy(args)),
        description: `${args.namespace}/${args.serviceAccount} of EKS cluster ${args.clusterName}`,
        tags: args.tags,
      },
      { parent: this, ignoreChanges: ["namePrefix"] },
    );
    const { policy } = args;
    const attachment =
      policy.type === "managed"
        ? new RolePolicyAttachment(name, { role: role.name, policyArn: policy.arn }, { parent: this })
        : new RolePolicy(name, { role: role.name, policy: policy.document }, { parent: this });
    // A pod may only meet the role with its policy attached.
    this.arn = pulumi.all([role.arn, attachment.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}
