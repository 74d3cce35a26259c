/** The EKS control plane: API server, its encryption key, its logs, who may reach it and who administers it. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Alias } from "@pulumi/aws/kms/alias";
import { Key } from "@pulumi/aws/kms/key";
import { Cluster } from "@pulumi/eks/cluster";
import { version as kubernetesVersion } from "@pulumi/kubernetes/package.json";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type * as config from "../config/types";
import type { Release } from "../releases/types";
import { CONTROL_PLANE_LOG_TYPES } from "../well-known/control-plane-logs";
import { EKS_CLUSTER, KUBERNETES_PROVIDER } from "../well-known/resource-types";
import { administrators, members } from "./access-entries";
import { grantAccess } from "./cluster-access";
import { roleNamedAfter, tagsNamedAfter } from "./naming";
import type { Network } from "./network";
import { withOptions } from "./transforms";

export interface ControlPlaneArgs {
  /**
   * The cluster's name; also part of the names of its key and its log group.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * Its `kubernetesVersion` is the control plane's.
   * @default none: required
   */
  readonly release: Release;
  /**
   * Name of the AWS region.
   * @default none: required
   */
  readonly region: string;
  /**
   * Deletion protection, log retention, support type and administrators.
   * @default none: required
   */
  readonly controlPlane: config.ControlPlane;
  /**
   * Who may reach the API server. The VPC always may.
   * @default none: required
   */
  readonly apiServerAccess: config.ApiServerAccess;
  /**
   * The teams, whose members get access entries with their groups.
   * @default none: required, `[]` for no teams
   */
  readonly teams: readonly config.Team[];
  /**
   * The VPC; the control plane's network interfaces go to its private subnets.
   * @default none: required
   */
  readonly network: Network;
  /**
   * Tags of every resource of the control plane.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

/** The arguments of `eks.Cluster` that say who may reach the API server. Pure. */
export function endpointArgs(
  access: config.ApiServerAccess,
):
  | { endpointPrivateAccess: true; endpointPublicAccess: false }
  | { endpointPrivateAccess: true; endpointPublicAccess: true; publicAccessCidrs: string[] } {
  switch (access.type) {
    case "private":
      // No list of CIDR blocks here, not even an empty one: the component refuses it without a public endpoint.
      return { endpointPrivateAccess: true, endpointPublicAccess: false };
    case "cidrs":
      return { endpointPrivateAccess: true, endpointPublicAccess: true, publicAccessCidrs: [...access.cidrs] };
  }
}

/**
 * Corrects three resources of the eks component (eks 4.3):
 *
 * - The cluster's subnets are ignored: EKS rejects a subnet in another zone, so a zone that is added later is for nodes only.
 *   Source: Amazon EKS user guide, "VPC and subnet requirements" (2026-11).
 * - The certificate is secret, which makes every kubeconfig secret in the state. Marking the component's own outputs has no effect.
 * - The unused Kubernetes provider gets the version of this program. Otherwise the engine downloads a second plugin.
 */
const adjust: pulumi.ResourceTransform = (args) => {
  switch (args.type) {
    case EKS_CLUSTER:
      return withOptions(args, { ignoreChanges: ["vpcConfig.subnetIds"], additionalSecretOutputs: ["certificateAuthority"] });
    case KUBERNETES_PROVIDER:
      return withOptions(args, { version: kubernetesVersion });
    default:
      return undefined;
  }
};

/**
 * An EKS control plane without nodes and without add-ons: pools and add-ons are resources of their own, with pinned versions and an order.
 *
 * With `deletionProtection` neither EKS nor Pulumi deletes the cluster or its key: set it to false, `pulumi up`, then `pulumi destroy`.
 * Two things can remain: the key, which KMS deletes 30 days later, and an empty log group `/aws/eks/<cluster>/cluster`, which
 * `aws logs delete-log-group` removes. EKS recreates the group for late log events, and no policy of the cluster's role can forbid that
 * (terraform-aws-modules/terraform-aws-eks issues 2446 and 2763).
 */
export class ControlPlane extends pulumi.ComponentResource {
  /**
   * Known in every preview, so that nothing that carries it is ever shown as to be replaced; resolves once the cluster exists, and
   * whatever uses it is deleted before the cluster.
   */
  readonly clusterName: pulumi.Output<string>;
  /** For `kubectl` with the AWS CLI's credentials; holds none itself. Secret all the same, here and in the state. */
  readonly kubeconfig: pulumi.Output<unknown>;
  /** Provider of everything inside the cluster. */
  readonly provider: Provider;
  /** The security group that EKS makes for the control plane and all managed nodes. */
  readonly clusterSecurityGroupId: pulumi.Output<string>;

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:ControlPlane", name, {}, opts);
    const { clusterName, tags, controlPlane } = args;
    const protect = controlPlane.deletionProtection;

    const key = new Key(
      `${name}-secrets`,
      { description: `Kubernetes Secrets of EKS cluster ${clusterName}`, enableKeyRotation: true, deletionWindowInDays: 30, tags },
      { parent: this, protect },
    );
    new Alias(`${name}-secrets`, { name: `alias/eks/${clusterName}/secrets`, targetKeyId: key.keyId }, { parent: this });

    // EKS would make this group by itself, without an end to retention; the name is EKS's.
    const logGroup = new LogGroup(
      `${name}-logs`,
      { name: `/aws/eks/${clusterName}/cluster`, retentionInDays: controlPlane.logRetentionDays, tags },
      { parent: this },
    );

    const cluster = new Cluster(
      name,
      {
        name: clusterName,
        version: args.release.kubernetesVersion,
        upgradePolicy: { supportType: controlPlane.supportType },
        deletionProtection: controlPlane.deletionProtection,
        vpcId: args.network.vpcId,
        // Private subnets alone: the control plane's network interfaces need no public address, and load balancers find their subnets by tag.
        privateSubnetIds: args.network.privateSubnetIds,
        ...endpointArgs(args.apiServerAccess),
        authenticationMode: "API",
        encryptionConfigKeyArn: key.arn,
        enabledClusterLogTypes: [...CONTROL_PLANE_LOG_TYPES],
        skipDefaultNodeGroup: true,
        // Managed node groups use the group that EKS makes; the component's own would be open to the internet outwards and used by nothing.
        skipDefaultSecurityGroups: true,
        // Pods get AWS credentials by pod identity.
        createOidcProvider: false,
        // NetworkingAddons and ClusterAddons install the add-ons. `useDefaultVpcCni: true` stops the component from creating vpc-cni.
        bootstrapSelfManagedAddons: false,
        useDefaultVpcCni: true,
        kubeProxyAddonOptions: { enabled: false },
        corednsAddonOptions: { enabled: false },
        tags,
      },
      {
        parent: this,
        protect,
        // The group has to be there before EKS makes it, and to go after the cluster has stopped writing.
        dependsOn: logGroup,
        transforms: [adjust, tagsNamedAfter(clusterName, tags), roleNamedAfter(clusterName)],
      },
    );

    // Not `cluster.eksCluster.name`: that output is a reference to a resource, which Pulumi rebuilds with a call to the engine at every
    // run, and the name in it is unknown in some previews.
    this.clusterName = pulumi.all([clusterName, cluster.urn]).apply(([known]) => known);
    const access = grantAccess(
      name,
      {
        clusterName: this.clusterName,
        cluster,
        access: [...administrators(controlPlane.adminPrincipalArns, args.region), ...members(args.teams)],
        tags,
      },
      { parent: this },
    );
    this.clusterSecurityGroupId = cluster.clusterSecurityGroupId;
    this.kubeconfig = pulumi.secret(cluster.kubeconfig);
    this.provider = new Provider(
      name,
      {
        kubeconfig: pulumi.secret(cluster.kubeconfigJson),
        // Without it the provider guesses from the kubeconfig whether the cluster is another one, and replaces everything in it when it
        // guesses wrong.
        clusterIdentifier: `${args.region}/${clusterName}`,
      },
      // An administrator who destroys the stack keeps access to the end.
      { parent: this, dependsOn: [...access] },
    );
    this.registerOutputs({
      clusterName: this.clusterName,
      kubeconfig: this.kubeconfig,
      clusterSecurityGroupId: this.clusterSecurityGroupId,
    });
  }
}
