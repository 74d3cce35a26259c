/** The pool for everything that is not a GPU workload: DNS, operators, monitoring. */
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import * as pulumi from "@pulumi/pulumi";
import type * as config from "../config/types";
import type { Release } from "../releases/types";
import { NODE_ROLE_LABEL } from "../well-known/labels";
import { amiTypeOf } from "./ami";
import { purchaseOf } from "./capacity";
import type { ControlPlane } from "./control-plane";
import { launchTemplateArgs } from "./launch-template";
import { namePrefix } from "../well-known/name-prefix";
import type { Network } from "./network";
import type { NetworkingAddons } from "./networking-addons";
import { NodeRole } from "./node-role";
import { beforeNodeUpdates } from "./node-updates";

const ON_DEMAND: config.Capacity = { type: "onDemand" };

export interface SystemPoolArgs {
  /**
   * Name of the cluster, as configured; part of the instances' names.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * Instance type, size and volume.
   * @default none: required
   */
  readonly systemPool: config.SystemPool;
  /**
   * The cluster.
   * @default none: required
   */
  readonly controlPlane: ControlPlane;
  /**
   * The VPC; the nodes go to all of its private subnets.
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

/** A managed node group in all private subnets, label `node-role=system`, no taint. */
export class SystemPool extends pulumi.ComponentResource {
  readonly nodeGroupName: pulumi.Output<string>;

  constructor(name: string, args: SystemPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:SystemPool", name, {}, opts);
    const { systemPool, release, tags } = args;
    const role = new NodeRole(name, { clusterName: args.clusterName, region: args.region, tags }, { parent: this });
    const launchTemplate = new LaunchTemplate(
      name,
      launchTemplateArgs({
        clusterName: args.clusterName,
        poolName: "system",
        volumeGiB: systemPool.volumeGiB,
        nvmeGB: systemPool.instanceType.nvmeGB,
        image: "standard",
        capacity: ON_DEMAND,
        instanceType: systemPool.instanceType.name,
        tags,
      }),
      { parent: this, ignoreChanges: ["namePrefix"] },
    );
    const nodeGroup = new NodeGroup(
      name,
      {
        ...purchaseOf(ON_DEMAND, systemPool.instanceType.name).nodeGroup,
        clusterName: args.controlPlane.clusterName,
        nodeGroupNamePrefix: namePrefix(args.clusterName, "system", "nodeGroup"),
        nodeRoleArn: role.arn,
        subnetIds: args.network.privateSubnetIds,
        amiType: amiTypeOf(systemPool.instanceType, "standard"),
        version: release.kubernetesVersion,
        releaseVersion: release.systemAmiReleaseVersion,
        scalingConfig: { minSize: systemPool.size.min, desiredSize: systemPool.size.desired, maxSize: systemPool.size.max },
        launchTemplate: { id: launchTemplate.id, version: launchTemplate.latestVersion.apply(String) },
        labels: { [NODE_ROLE_LABEL]: "system" },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        tags,
      },
      {
        parent: this,
        dependsOn: [role, args.networkingAddons],
        ignoreChanges: ["nodeGroupNamePrefix"],
        customTimeouts: { create: "30m", update: "60m", delete: "30m" },
        hooks: beforeNodeUpdates(name),
      },
    );
    this.nodeGroupName = nodeGroup.nodeGroupName;
    this.registerOutputs({ nodeGroupName: this.nodeGroupName });
  }
}
