/** The add-ons that need a node to run on: DNS, metrics, volumes, node health. They come after the system pool. Roles of pods that need one are here, too. */
import * as pulumi from "@pulumi/pulumi";
import type { Monitoring } from "../config/types";
import type { Release } from "../releases/types";
import { createAddon } from "./addon";
import type { ControlPlane } from "./control-plane";
import { managedPolicyArn } from "./partition";
import { PodIdentityRole } from "./pod-identity";
import { RemoteWriteRole } from "./remote-write-role";
import type { SystemPool } from "./system-pool";

export interface ClusterAddonsArgs {
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
   * The nodes on which the add-ons' Deployments run: created before a node exists, EKS gives them up as degraded after 20 minutes.
   * @default none: required
   */
  readonly systemPool: SystemPool;
  /**
   * Its `addons` are the versions.
   * @default none: required
   */
  readonly release: Release;
  /**
   * Where metrics go: what writes to Amazon Managed Prometheus needs a role before it starts.
   * @default none: required
   */
  readonly monitoring: Monitoring;
  /**
   * Name of the AWS region.
   * @default none: required
   */
  readonly region: string;
  /**
   * Tags of the add-ons, their roles and the volumes that the EBS driver makes.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Settings of the eks-node-monitoring-agent add-on (1.6.0 or later). Its NVIDIA monitor is off, because node repair would replace every GPU node
 * without end: docs/decisions/0007-node-monitoring-without-nvidia.md.
 */
export const NODE_MONITORING_CONFIGURATION = { nodeAgent: { monitors: { nvidia: { enabled: false } } } } as const;

/**
 * The managed policy of the volume driver's role. Unlike `AmazonEBSCSIDriverPolicy` it covers only volumes and snapshots that the driver has tagged with
 * `ebs.csi.aws.com/cluster`, which it does with all that it creates. Source: AWS managed policy reference (2026-04-16, read 2026-11-28).
 */
const EBS_CSI_POLICY = "AmazonEBSCSIDriverPolicyV2";

/** CoreDNS, metrics-server, the EBS volume driver (with its own role by pod identity) and the agent whose findings node repair acts on; the role of Prometheus, if it needs one. */
export class ClusterAddons extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterAddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:ClusterAddons", name, {}, opts);
    const { controlPlane, monitoring, release, region, systemPool, tags } = args;
    const ebsRole = new PodIdentityRole(
      `${name}-ebs-csi`,
      {
        clusterName: args.clusterName,
        namespace: "kube-system",
        serviceAccount: "ebs-csi-controller-sa",
        policy: { type: "managed", arn: managedPolicyArn(region, EBS_CSI_POLICY) },
        tags,
      },
      { parent: this },
    );
    const addons = [
      { addonName: "coredns", addonVersion: release.addons.coredns },
      { addonName: "metrics-server", addonVersion: release.addons.metricsServer },
      {
        addonName: "aws-ebs-csi-driver",
        addonVersion: release.addons.ebsCsiDriver,
        configuration: { controller: { extraVolumeTags: tags } },
        identity: { serviceAccount: "ebs-csi-controller-sa", roleArn: ebsRole.arn },
      },
      {
        addonName: "eks-node-monitoring-agent",
        addonVersion: release.addons.nodeMonitoringAgent,
        configuration: NODE_MONITORING_CONFIGURATION,
      },
    ];
    for (const addon of addons) createAddon(name, controlPlane.clusterName, tags, addon, { parent: this, dependsOn: [systemPool] });
    if (monitoring.type === "remoteWrite" && monitoring.remoteWrite.auth.type === "sigv4") {
      const workspace = monitoring.remoteWrite.auth;
      new RemoteWriteRole("remote-write", { clusterName: args.clusterName, controlPlane, workspace, tags }, { parent: this });
    }
    this.registerOutputs({});
  }
}
