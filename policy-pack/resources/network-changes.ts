/** What resources change, or copy, of the networks, instances and disks that they name. */

const of = (module: string, changes: Readonly<Record<string, string>>) =>
  Object.entries(changes).map(
    ([type, paths]) =>
      [`aws:${module}/${type}:${type.charAt(0).toUpperCase()}${type.slice(1)}`, paths.split(" ").map((path) => path.split("."))] as const,
  );

/**
 * Paths of what a resource changes, or copies, by its type. Not here: what somebody puts into a network of others, such as a security
 * group, a function or a database. That changes nothing for those who are in it.
 * Source: the arguments of @pulumi/aws 7.48 that name a network, an instance or a disk.
 */
export const CHANGED: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  // Where packets go.
  ...of("ec2", {
    route: "routeTableId",
    routeTableAssociation: "subnetId gatewayId",
    mainRouteTableAssociation: "vpcId",
    defaultRouteTable: "defaultRouteTableId",
    internetGateway: "vpcId",
    internetGatewayAttachment: "vpcId",
    egressOnlyInternetGateway: "vpcId",
    vpnGateway: "vpcId",
    vpnGatewayAttachment: "vpcId vpnGatewayId",
    vpnConnection: "vpnGatewayId transitGatewayId",
    subnet: "vpcId",
    subnetCidrReservation: "subnetId",
    vpcIpv4CidrBlockAssociation: "vpcId",
    vpcIpv6CidrBlockAssociation: "vpcId",
  }),
  // These file systems write their address into the tables.
  ...of("fsx", { ontapFileSystem: "routeTableIds.*", openZfsFileSystem: "routeTableIds.*" }),
  // Which of them pass.
  ...of("ec2", {
    defaultNetworkAcl: "defaultNetworkAclId subnetIds.*",
    networkAcl: "subnetIds.*",
    networkAclAssociation: "subnetId networkAclId",
    networkAclRule: "networkAclId",
    defaultSecurityGroup: "vpcId",
    securityGroupRule: "securityGroupId",
    managedPrefixListEntry: "prefixListId",
  }),
  ...of("vpc", { securityGroupIngressRule: "securityGroupId", securityGroupEgressRule: "securityGroupId" }),
  // Which networks are one.
  ...of("ec2", {
    vpcPeeringConnection: "vpcId peerVpcId",
    vpcPeeringConnectionAccepter: "vpcPeeringConnectionId",
    peeringConnectionOptions: "vpcPeeringConnectionId",
  }),
  ...of("ec2transitgateway", {
    vpcAttachment: "vpcId subnetIds.*",
    vpcAttachmentAccepter: "transitGatewayAttachmentId",
    peeringAttachment: "transitGatewayId peerTransitGatewayId",
    peeringAttachmentAccepter: "transitGatewayAttachmentId",
    connect: "transitGatewayId transportAttachmentId",
    connectPeer: "transitGatewayAttachmentId",
    route: "transitGatewayRouteTableId",
    routeTable: "transitGatewayId",
    routeTableAssociation: "transitGatewayRouteTableId transitGatewayAttachmentId",
    routeTablePropagation: "transitGatewayRouteTableId transitGatewayAttachmentId",
    defaultRouteTableAssociation: "transitGatewayId",
    defaultRouteTablePropagation: "transitGatewayId",
    prefixListReference: "transitGatewayRouteTableId",
    multicastDomainAssociation: "subnetId",
    multicastGroupMember: "networkInterfaceId",
    multicastGroupSource: "networkInterfaceId",
  }),
  ...of("directconnect", {
    gatewayAssociation: "associatedGatewayId dxGatewayId",
    gatewayAssociationProposal: "associatedGatewayId",
    privateVirtualInterface: "vpnGatewayId dxGatewayId",
    transitVirtualInterface: "dxGatewayId",
    hostedPrivateVirtualInterfaceAccepter: "vpnGatewayId dxGatewayId",
    hostedTransitVirtualInterfaceAcceptor: "dxGatewayId",
  }),
  ...of("vpclattice", {
    serviceNetworkVpcAssociation: "vpcIdentifier",
    resourceGateway: "vpcId subnetIds.*",
    targetGroupAttachment: "target.id",
  }),
  // What names mean in a network, and which services are in it.
  ...of("ec2", {
    vpcDhcpOptionsAssociation: "vpcId",
    vpcEndpoint: "vpcId",
    vpcEndpointPolicy: "vpcEndpointId",
    vpcEndpointRouteTableAssociation: "routeTableId vpcEndpointId",
    vpcEndpointSubnetAssociation: "vpcEndpointId subnetId",
  }),
  ...of("route53", {
    zone: "vpcs.*.vpcId",
    zoneAssociation: "vpcId",
    resolverRuleAssociation: "vpcId",
    resolverFirewallRuleGroupAssociation: "vpcId",
    resolverFirewallConfig: "resourceId",
    resolverConfig: "resourceId",
    resolverDnsSecConfig: "resourceId",
    resolverQueryLogConfigAssociation: "resourceId",
    profilesAssociation: "resourceId",
  }),
  ...of("servicediscovery", { privateDnsNamespace: "vpc" }),
  // Who sees what is sent.
  ...of("ec2", { flowLog: "vpcId subnetId eniId transitGatewayId transitGatewayAttachmentId regionalNatGatewayId" }),
  // How instances are reached, and by which labels controllers know them and their networks.
  ...of("ec2", {
    networkInterface: "attachments.*.instance",
    eip: "instance networkInterface",
    eipAssociation: "instanceId networkInterfaceId",
    tag: "resourceId",
  }),
  ...of("cloudfront", { vpcOrigin: "vpcOriginEndpointConfig.arn" }),
  ...of("elb", { attachment: "instance", loadBalancer: "instances.*" }),
  ...of("lb", { targetGroupAttachment: "targetId" }),
  ...of("alb", { targetGroupAttachment: "targetId" }),
  ...of("globalaccelerator", { endpointGroup: "endpointConfigurations.*.endpointId" }),
  // What is on disks.
  ...of("ebs", { snapshot: "volumeId", snapshotCopy: "sourceSnapshotId", volume: "snapshotId" }),
  ...of("efs", { replicationConfiguration: "sourceFileSystemId", accessPoint: "fileSystemId", mountTarget: "fileSystemId" }),
]);
