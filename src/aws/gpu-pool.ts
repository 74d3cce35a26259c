/** A pool of nodes whose GPUs are divided into MIG slices. */
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import * as pulumi from "@pulumi/pulumi";
import type * as config from "../config/types";
import type { Release } from "../releases/types";
import { GPU_TAINT, MIG_CONFIG_LABEL, NODE_ROLE_LABEL } from "../well-known/labels";
import { XIDS_OF_WORKLOADS, noRepairAfter } from "../well-known/node-repair";
import { amiTypeOf } from "./ami";
import { purchaseOf } from "./capacity";
import type { ControlPlane } from "./control-plane";
import { launchTemplateArgs } from "./launch-template";
import { namePrefix } from "../well-known/name-prefix";
import type { Network } from "./network";
import type { NetworkingAddons } from "./networking-addons";
import { NodeRole } from "./node-role";
import { beforeNodeUpdates } from "./node-updates";

export interface GpuPoolArgs {
  /**
   * Name of the cluster, as configured; part of the instances' names.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * Instance type, layout, size and capacity.
   * @default none: required
   */
  readonly pool: config.GpuPool;
  /**
   * The zone that all nodes of the pool are in, as `lookupZones` decided.
   * @default none: required
   */
  readonly zone: string;
  /**
   * The cluster.
   * @default none: required
   */
  readonly controlPlane: ControlPlane;
  /**
   * The VPC; the nodes go to its private subnet in `zone`.
   * @default none: required
   */
  readonly network: Network;
  /**
   * What has to be in the cluster before a node can become ready.
   * @default none: required
   */
  readonly networkingAddons: NetworkingAddons;
  /**
   * Kubernetes version and AMI release of the nodes.
   * @default none: required
   */
  readonly release: Release;
  /**
   * Name of the AWS region.
   * @default none: required
   */
  readonly region: string;
  /**
   * Tags of the pool, its role, its instances and their volumes.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/** After a reboot the slices of every team are gone (docs/decisions/0007-node-monitoring-without-nvidia.md). */
const NODE_REPAIR = { enabled: true, nodeRepairConfigOverrides: XIDS_OF_WORKLOADS.map(noRepairAfter) };

/**
 * A managed node group in one zone. MIG Manager reads the label `nvidia.com/mig.config`, and the taint `nvidia.com/gpu=true:NoSchedule` keeps
 * other pods away. The GPU Operator sets `nvidia.com/gpu.present` itself: set earlier, it starts the DRA driver before there are slices.
 *
 * There is no EFA: its use is NCCL across GPUs, which MIG slices cannot do.
 *
 * Capacity block: nodes start when the reservation starts, and EKS drains the pool 40 minutes before it ends.
 * Scale the pool to 0 before its Kubernetes version or AMI changes.
 */
export class GpuPool extends pulumi.ComponentResource {
  readonly nodeGroupName: pulumi.Output<string>;

  constructor(name: string, args: GpuPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:GpuPool", name, {}, opts);
    const { pool, release, tags } = args;
    const role = new NodeRole(name, { clusterName: args.clusterName, region: args.region, tags }, { parent: this });
    const launchTemplate = new LaunchTemplate(
      name,
      launchTemplateArgs({
        clusterName: args.clusterName,
        poolName: pool.name,
        volumeGiB: pool.volumeGiB,
        nvmeGB: pool.instanceType.nvmeGB,
        image: "nvidia",
        capacity: pool.capacity,
        instanceType: pool.instanceType.name,
        tags,
      }),
      { parent: this, ignoreChanges: ["namePrefix"] },
    );
    const nodeGroup = new NodeGroup(
      name,
      {
        ...purchaseOf(pool.capacity, pool.instanceType.name).nodeGroup,
        clusterName: args.controlPlane.clusterName,
        // A prefix, because a replacement is created before the old group goes, and two groups cannot have one name.
        nodeGroupNamePrefix: namePrefix(args.clusterName, pool.name, "nodeGroup"),
        nodeRoleArn: role.arn,
        subnetIds: [args.network.privateSubnetIn(args.zone)],
        amiType: amiTypeOf(pool.instanceType, "nvidia"),
        version: release.kubernetesVersion,
        releaseVersion: release.gpuAmi.releaseVersion,
        // Why `desired` is not ignored: docs/decisions/0005-desired-size-is-the-stacks.md.
        scalingConfig: { minSize: pool.size.min, desiredSize: pool.size.desired, maxSize: pool.size.max },
        launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
        labels: { [NODE_ROLE_LABEL]: "gpu", [MIG_CONFIG_LABEL]: pool.layout.name },
        // EKS has its own spelling of Kubernetes' effect.
        taints: [{ key: GPU_TAINT.key, value: GPU_TAINT.value, effect: "NO_SCHEDULE" }],
        // MINIMAL ends an old node before it starts a new one; the default starts first, and a second p4d is seldom available.
        updateConfig: { maxUnavailable: 1, updateStrategy: "MINIMAL" },
        nodeRepairConfig: NODE_REPAIR,
        tags,
      },
      {
        parent: this,
        dependsOn: [role, args.networkingAddons],
        // A pool that is not pinned got its zone from what AWS offers today. Should AWS begin to offer the type in an earlier zone of the
        // list, the answer changes, and with it the subnet, and EKS would replace a running pool for nothing. To move it, pin it.
        ignoreChanges: ["nodeGroupNamePrefix", ...(pool.availabilityZone === undefined ? ["subnetIds"] : [])],
        // Bare-metal-sized instances boot slowly, and an update drains pods that may train for an hour.
        customTimeouts: { create: "60m", update: "120m", delete: "60m" },
        hooks: beforeNodeUpdates(name),
      },
    );
    this.nodeGroupName = nodeGroup.nodeGroupName;
    this.registerOutputs({ nodeGroupName: this.nodeGroupName });
  }
}
