/**
 * What a change of an AWS resource's arguments does. Which can only be changed by a new resource: `ForceNew` of terraform-provider-aws v6, from which the
 * Pulumi provider is made (internal/service/{ec2,eks,iam,kms,logs,events,sqs,sns}). Types that this project and its components make.
 */
import { LAUNCH_TEMPLATE } from "../../well-known/resource-types";
import { UNKNOWN } from "../monitor/wire";
import type { WireMap } from "../monitor/wire";
import type { Difference } from "./differences";

const ALL = ["*"];

const NAMED = ["name", "namePrefix"];

/** Paths by type; a path also stands for everything below it. `region` replaces everything that has one. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  "aws:cloudwatch/eventRule:EventRule": [...NAMED, "eventBusName"],
  "aws:cloudwatch/eventTarget:EventTarget": ["rule", "targetId", "eventBusName"],
  "aws:cloudwatch/logGroup:LogGroup": [...NAMED, "logGroupClass"],
  "aws:ec2/eip:Eip": ["address", "domain", "networkBorderGroup", "publicIpv4Pool"],
  "aws:ec2/flowLog:FlowLog": ALL,
  // Another VPC is detached and attached.
  "aws:ec2/internetGateway:InternetGateway": [],
  "aws:ec2/launchTemplate:LaunchTemplate": NAMED,
  "aws:ec2/natGateway:NatGateway": ["allocationId", "connectivityType", "privateIp", "subnetId"],
  "aws:ec2/placementGroup:PlacementGroup": [...NAMED, "partitionCount", "spreadLevel", "strategy"],
  "aws:ec2/route:Route": ["routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"],
  "aws:ec2/routeTable:RouteTable": ["vpcId"],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ["gatewayId", "subnetId"],
  "aws:ec2/securityGroup:SecurityGroup": [...NAMED, "description", "vpcId"],
  "aws:ec2/securityGroupRule:SecurityGroupRule": [
    "cidrBlocks",
    "fromPort",
    "ipv6CidrBlocks",
    "prefixListIds",
    "protocol",
    "securityGroupId",
    "self",
    "sourceSecurityGroupId",
    "toPort",
    "type",
  ],
  "aws:ec2/subnet:Subnet": ["availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"],
  "aws:ec2/tag:Tag": ["key", "resourceId"],
  "aws:ec2/vpc:Vpc": ["cidrBlock", "instanceTenancy", "ipv4IpamPoolId", "ipv4NetmaskLength"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["serviceName", "serviceRegion", "vpcEndpointType", "vpcId"],
  "aws:eks/accessEntry:AccessEntry": ["clusterName", "principalArn", "type"],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ["accessScope", "clusterName", "policyArn", "principalArn"],
  "aws:eks/addon:Addon": ["addonName", "clusterName"],
  "aws:eks/cluster:Cluster": [
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "bootstrapSelfManagedAddons",
    "kubernetesNetworkConfig.ipFamily",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "name",
    "outpostConfig",
    "remoteNetworkConfig",
    "roleArn",
  ],
  "aws:eks/nodeGroup:NodeGroup": [
    "amiType",
    "capacityType",
    "clusterName",
    "diskSize",
    "instanceTypes",
    "launchTemplate.id",
    "launchTemplate.name",
    "nodeGroupName",
    "nodeGroupNamePrefix",
    "nodeRoleArn",
    "remoteAccess",
    "subnetIds",
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": ["clusterName", "namespace", "serviceAccount"],
  "aws:iam/instanceProfile:InstanceProfile": [...NAMED, "path"],
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ["url"],
  "aws:iam/policy:Policy": [...NAMED, "description", "path"],
  "aws:iam/role:Role": [...NAMED, "path"],
  "aws:iam/rolePolicy:RolePolicy": [...NAMED, "role"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn", "role"],
  "aws:kms/alias:Alias": NAMED,
  "aws:kms/key:Key": ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
  "aws:sns/topic:Topic": [...NAMED, "fifoTopic"],
  "aws:sns/topicSubscription:TopicSubscription": ["endpoint", "protocol", "topicArn"],
  "aws:sqs/queue:Queue": [...NAMED, "fifoQueue"],
};

/** Whether the table has a type: of others, nobody here knows which arguments replace them. */
export function isKnown(type: string): boolean {
  return Object.hasOwn(REPLACED, type);
}

/** Lists in which AWS sees no order (`TypeSet`). */
const SETS: ReadonlySet<string> = new Set([
  "cidrBlocks",
  "enabledClusterLogTypes",
  "kubernetesGroups",
  "publicAccessCidrs",
  "routeTableIds",
  "securityGroupIds",
  "subnetIds",
  "taints",
  "vpcSecurityGroupIds",
]);

/** Whether another value at a path means another resource. @param isRemoval the argument was given before and is not any more. */
export function replaces(type: string, path: string, isRemoval: boolean): boolean {
  if (type === "aws:eks/cluster:Cluster" && path === "encryptionConfig") {
    // Encryption can be switched on, and never off.
    return isRemoval;
  }
  const paths = ["region", ...(REPLACED[type] ?? NAMED)];
  return paths.some(
    (candidate) => candidate === "*" || path === candidate || path.startsWith(`${candidate}.`) || path.startsWith(`${candidate}[`),
  );
}

/** Whether the order of a list does not matter. @param path of the list. */
export function isSet(path: string): boolean {
  return SETS.has(path.split(".").at(-1) ?? "");
}

/** Changes of a launch template that make no new version of it. */
const UNVERSIONED = /^(tags|updateDefaultVersion|defaultVersion)\b/;

/** Computed outputs that an update in place changes. @param outputs as they were. */
export function changed(type: string, found: readonly Difference[], inputs: WireMap, outputs: WireMap, isPreview: boolean): WireMap {
  const all = tagsAll(inputs);
  if (type !== LAUNCH_TEMPLATE || found.every(({ path }) => UNVERSIONED.test(path))) {
    return all;
  }
  // Of a change of the template Terraform's provider says in its plan already that both versions will be others.
  const latestVersion = isPreview ? UNKNOWN : Number(outputs.latestVersion) + 1;
  return { ...all, latestVersion, ...(inputs.updateDefaultVersion === true ? { defaultVersion: latestVersion } : {}) };
}

/** The output that repeats a resource's tags. */
export function tagsAll({ tags }: WireMap): WireMap {
  return tags === undefined ? {} : { tagsAll: tags };
}
