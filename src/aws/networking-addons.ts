/** The add-ons that a node needs to become ready: pod network, service network, pod credentials. They come before the first node. */
import * as pulumi from "@pulumi/pulumi";
import type { Release } from "../releases/types";
import { NODE_ADDRESSES } from "../well-known/node-addresses";
import { createAddon } from "./addon";
import type { ControlPlane } from "./control-plane";
import { managedPolicyArn } from "./partition";
import { PodIdentityRole } from "./pod-identity";

export interface NetworkingAddonsArgs {
  /**
   * Name of the cluster, as configured.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * The cluster.
   * @default none: required
   */
  readonly controlPlane: ControlPlane;
  /**
   * Its `addons` are the versions.
   * @default none: required
   */
  readonly release: Release;
  /**
   * Name of the AWS region.
   * @default none: required
   */
  readonly region: string;
  /**
   * Tags of the add-ons and their roles.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/** Settings of the vpc-cni add-on. */
export const VPC_CNI_CONFIGURATION = {
  // A string: the add-on's schema refuses the boolean.
  enableNetworkPolicy: "true",
  env: {
    // By default every node holds a whole network interface in reserve: about 100 idle addresses on each p4d.24xlarge, whose interfaces carry
    // 50. With these a node starts with enough for its daemons and a few workloads and then keeps five spare. Both are needed: a small
    // reserve alone asks EC2 for addresses one by one while a node fills, and EC2 throttles that.
    MINIMUM_IP_TARGET: String(NODE_ADDRESSES.minimum),
    WARM_IP_TARGET: String(NODE_ADDRESSES.spare),
  },
} as const;

/**
 * vpc-cni (with its own role by pod identity, so that nodes need no right to change network interfaces, and with network policies
 * enforced), kube-proxy and eks-pod-identity-agent. None of them waits for a node: EKS reports a DaemonSet without nodes as active.
 */
export class NetworkingAddons extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkingAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:NetworkingAddons", name, {}, opts);
    const { controlPlane, release, region, tags } = args;
    const cniRole = new PodIdentityRole(
      `${name}-vpc-cni`,
      {
        clusterName: args.clusterName,
        namespace: "kube-system",
        serviceAccount: "aws-node",
        policy: { type: "managed", arn: managedPolicyArn(region, "AmazonEKS_CNI_Policy") },
        tags,
      },
      { parent: this },
    );
    const addons = [
      {
        addonName: "vpc-cni",
        addonVersion: release.addons.vpcCni,
        configuration: VPC_CNI_CONFIGURATION,
        identity: { serviceAccount: "aws-node", roleArn: cniRole.arn },
      },
      { addonName: "kube-proxy", addonVersion: release.addons.kubeProxy },
      { addonName: "eks-pod-identity-agent", addonVersion: release.addons.podIdentityAgent },
    ];
    for (const addon of addons) createAddon(name, controlPlane.clusterName, tags, addon, { parent: this });
    this.registerOutputs({});
  }
}
