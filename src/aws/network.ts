/** The VPC: public subnets for NAT gateways and load balancers, private subnets for everything else. */
import type { VpcArgs } from "@pulumi/awsx/ec2/vpc";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi";
import type * as config from "../config/types";
import { tagsNamedAfter } from "./naming";
import { planSubnets } from "../config/subnets";

export interface NetworkArgs {
  /**
   * Name of the cluster, which the `Name` tags begin with.
   * @default none: required
   */
  readonly clusterName: string;
  /**
   * Address range, zones, NAT gateways and endpoints.
   * @default none: required
   */
  readonly network: config.Network;
  /**
   * Name of the region that `network.availabilityZones` are in; part of the endpoints' service names.
   * @default none: required
   */
  readonly region: string;
  /**
   * Tags of every resource of the VPC.
   * @default none: required, `{}` for no tags
   */
  readonly tags: Readonly<Record<string, string>>;
}

const NAT_GATEWAY_STRATEGIES = { onePerAz: "OnePerAz", single: "Single", none: "None" } as const;

/** The arguments of the `awsx.ec2.Vpc` that `args` describe. Pure. */
export function vpcArgs({ network, region, tags }: Omit<NetworkArgs, "clusterName">): VpcArgs {
  const subnets = planSubnets(network.cidr, network.availabilityZones);
  return {
    cidrBlock: network.cidr,
    availabilityZoneNames: [...network.availabilityZones],
    // EKS requires both for its private API server endpoint; interface endpoints require them for private DNS. awsx leaves host names off.
    enableDnsHostnames: true,
    enableDnsSupport: true,
    // The ranges are ours, not the component's: what decides whether a subnet is replaced should not change with a version of awsx.
    subnetStrategy: "Auto",
    // The role tags are how load balancer controllers find their subnets.
    subnetSpecs: [
      { type: "Private", cidrBlocks: subnets.map((zone) => zone.private), tags: { "kubernetes.io/role/internal-elb": "1" } },
      { type: "Public", cidrBlocks: subnets.map((zone) => zone.public), tags: { "kubernetes.io/role/elb": "1" } },
    ],
    natGateways: { strategy: NAT_GATEWAY_STRATEGIES[network.natGateways] },
    // Auto: the component fills in subnets, route tables, private DNS and a security group that admits HTTPS from the VPC alone.
    vpcEndpointStrategy: "Auto",
    vpcEndpointSpecs: [
      // Free of charge, and the layers of every image in ECR come from S3: without it they pay the NAT gateway's rate per GB.
      { serviceName: `com.amazonaws.${region}.s3`, vpcEndpointType: "Gateway" },
      ...network.interfaceEndpoints.map((service) => ({ serviceName: `com.amazonaws.${region}.${service}`, vpcEndpointType: "Interface" })),
    ],
    tags: { ...tags },
  };
}

/**
 * The VPC of the stack. Nodes live in private subnets only. With `natGateways: "none"` they reach nothing outside the VPC but what has an
 * endpoint, so that they join the cluster only if `network.interfaceEndpoints` names what a node needs (the configuration is checked for
 * that); images must then come from ECR. Endpoint names are those of the regions outside China, where some carry another prefix.
 */
export class Network extends ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** In the order of `network.availabilityZones`. */
  readonly privateSubnetIds: pulumi.Output<string[]>;
  /** In the order of `network.availabilityZones`. */
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly #availabilityZones: readonly string[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:aws:Network", name, {}, opts);
    const vpc = new Vpc(name, vpcArgs(args), { parent: this, transforms: [tagsNamedAfter(args.clusterName, args.tags)] });
    this.vpcId = vpc.vpcId;
    this.privateSubnetIds = vpc.privateSubnetIds;
    this.publicSubnetIds = vpc.publicSubnetIds;
    this.#availabilityZones = args.network.availabilityZones;
    this.registerOutputs({ vpcId: this.vpcId, privateSubnetIds: this.privateSubnetIds, publicSubnetIds: this.publicSubnetIds });
  }

  /** The private subnet in `zone`. Throws RangeError for a zone in which the VPC has no subnet. */
  privateSubnetIn(zone: string): pulumi.Output<string> {
    const index = this.#availabilityZones.indexOf(zone);
    if (index < 0) throw new RangeError(`${zone} is none of the VPC's zones: ${this.#availabilityZones.join(", ")}`);
    return this.privateSubnetIds.apply((ids) => {
      const id = ids[index];
      if (id === undefined) throw new RangeError(`the VPC has ${ids.length} private subnets, none at place ${index} for ${zone}`);
      return id;
    });
  }
}
