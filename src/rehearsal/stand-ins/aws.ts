/**
 * Believable outputs of the AWS resources that this project makes. Shapes of ids and ARNs are AWS's; numbers are made up
 * from the URN, so that every run gives the same.
 */
import type { PlainMap } from "../monitor/recording";
import type { WireMap } from "../monitor/wire";
import { arn, hex } from "./account";
import type { Created, Registration, Account } from "./account";

type Outputs = (resource: Registration, account: Account) => Created;

/** An EC2-style id: `vpc-0` and 16 hex digits. */
function ec2Id(prefix: string, resource: Registration): string {
  return `${prefix}-0${hex(resource.urn, 16)}`;
}

/** The name that AWS would see: given, or made by Pulumi from the resource's name and 7 random digits. */
function physicalName(resource: Registration, property = "name"): string {
  const { inputs } = resource;
  const prefix: unknown = inputs[`${property}Prefix`];
  if (typeof inputs[property] === "string") {
    return inputs[property];
  }
  return typeof prefix === "string" ? `${prefix}${hex(resource.urn, 26)}` : `${resource.name}-${hex(resource.urn, 7)}`;
}

/** Resources whose provider id is their name. */
function named(
  service: string,
  path: string,
  more: (resource: Registration, account: Account, name: string) => WireMap = () => ({}),
): Outputs {
  return (resource, account) => {
    const name = physicalName(resource);
    const scope = service === "iam" ? "global" : "regional";
    return { id: name, outputs: { name, arn: arn(account, service, `${path}${name}`, scope), ...more(resource, account, name) } };
  };
}

/** EC2 resources: the id carries a prefix, the ARN carries the id. */
function ec2(prefix: string, path: string, more: (resource: Registration, account: Account, id: string) => WireMap = () => ({})): Outputs {
  return (resource, account) => {
    const id = ec2Id(prefix, resource);
    return { id, outputs: { arn: arn(account, "ec2", `${path}/${id}`), ownerId: account.accountId, ...more(resource, account, id) } };
  };
}

/** Resources of which nothing but the id is ever read. */
function idOnly(prefix: string): Outputs {
  return (resource) => ({ id: ec2Id(prefix, resource), outputs: {} });
}

/** The part of an EKS endpoint's host name that is the cluster's own. */
export function eksHostId(urn: string): string {
  return hex(urn, 32).toUpperCase();
}

function eksCluster(resource: Registration, account: Account): Created {
  const name = physicalName(resource);
  const host = eksHostId(resource.urn);
  const { vpcConfig = {} } = resource.inputs as { vpcConfig?: PlainMap };
  return {
    id: name,
    outputs: {
      name,
      arn: arn(account, "eks", `cluster/${name}`),
      status: "ACTIVE",
      endpoint: `https://${host}.gr7.${account.region}.eks.amazonaws.com`,
      platformVersion: "eks.1",
      certificateAuthority: { data: Buffer.from(`rehearsal of ${name}`).toString("base64") },
      certificateAuthorities: [{ data: Buffer.from(`rehearsal of ${name}`).toString("base64") }],
      identities: [{ oidcs: [{ issuer: `https://oidc.eks.${account.region}.amazonaws.com/id/${host}` }] }],
      vpcConfig: {
        ...vpcConfig,
        clusterSecurityGroupId: `sg-0${hex(`${resource.urn}#sg`, 16)}`,
        vpcId: `vpc-0${hex(`${resource.urn}#vpc`, 16)}`,
      } as WireMap,
    },
  };
}

/** Resources that belong to a cluster: their id is `cluster:name`. */
function ofCluster(kind: string, property: string): Outputs {
  return (resource, account) => {
    const cluster = String(resource.inputs.clusterName);
    const name = physicalName(resource, property);
    return {
      id: `${cluster}:${name}`,
      outputs: { [property]: name, arn: arn(account, "eks", `${kind}/${cluster}/${name}/${hex(resource.urn, 8)}`), status: "ACTIVE" },
    };
  };
}

function nodeGroup(resource: Registration, account: Account): Created {
  const { id, outputs } = ofCluster("nodegroup", "nodeGroupName")(resource, account);
  const group = `eks-${String(outputs.nodeGroupName)}-${hex(resource.urn, 8)}`;
  return { id, outputs: { ...outputs, resources: [{ autoscalingGroups: [{ name: group }], remoteAccessSecurityGroupId: "" }] } };
}

/** By type token. A type that is missing here gets an id and an ARN; a test asks for those that the program makes to be added. */
export const AWS_OUTPUTS: Readonly<Record<string, Outputs>> = {
  "aws:autoscaling/tag:Tag": idOnly("asgtag"),
  "aws:autoscaling/policy:Policy": named("autoscaling", "scalingPolicy:"),
  "aws:budgets/budget:Budget": named("budgets", "budget/"),
  "aws:cloudwatch/eventRule:EventRule": named("events", "rule/"),
  "aws:cloudwatch/eventTarget:EventTarget": idOnly("target"),
  "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group:"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", "alarm:"),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2("sg", "security-group"),
  "aws:ec2/eip:Eip": ec2("eipalloc", "elastic-ip", (resource) => ({
    publicIp: `203.0.113.${Number.parseInt(hex(resource.urn, 2), 16)}`,
    allocationId: ec2Id("eipalloc", resource),
  })),
  "aws:ec2/flowLog:FlowLog": ec2("fl", "vpc-flow-log"),
  "aws:ec2/internetGateway:InternetGateway": ec2("igw", "internet-gateway"),
  "aws:ec2/launchTemplate:LaunchTemplate": ec2("lt", "launch-template", (resource) => ({
    name: physicalName(resource),
    latestVersion: 1,
    defaultVersion: 1,
  })),
  "aws:ec2/natGateway:NatGateway": ec2("nat", "natgateway"),
  "aws:ec2/placementGroup:PlacementGroup": named("ec2", "placement-group/"),
  "aws:ec2/route:Route": idOnly("r-rtb"),
  "aws:ec2/routeTable:RouteTable": ec2("rtb", "route-table"),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": idOnly("rtbassoc"),
  "aws:ec2/securityGroup:SecurityGroup": ec2("sg", "security-group", (resource) => ({ name: physicalName(resource) })),
  "aws:ec2/securityGroupRule:SecurityGroupRule": (resource) => ({
    id: `sgrule-${hex(resource.urn, 10)}`,
    outputs: { securityGroupRuleId: ec2Id("sgr", resource) },
  }),
  "aws:ec2/subnet:Subnet": ec2("subnet", "subnet", (resource, account) => ({
    availabilityZoneId: zoneId(account.region, String(resource.inputs.availabilityZone)),
  })),
  "aws:ec2/tag:Tag": idOnly("tag"),
  "aws:ec2/vpc:Vpc": ec2("vpc", "vpc", (resource) => ({
    defaultSecurityGroupId: `sg-0${hex(`${resource.urn}#default`, 16)}`,
    mainRouteTableId: `rtb-0${hex(`${resource.urn}#main`, 16)}`,
  })),
  "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpce", "vpc-endpoint", () => ({ state: "available" })),
  "aws:eks/accessEntry:AccessEntry": ofCluster("access-entry", "principalArn"),
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ofCluster("access-policy", "principalArn"),
  "aws:eks/addon:Addon": ofCluster("addon", "addonName"),
  "aws:eks/cluster:Cluster": eksCluster,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": (resource, account) => {
    const associationId = `a-${hex(resource.urn, 17)}`;
    return {
      id: associationId,
      outputs: {
        associationId,
        associationArn: arn(account, "eks", `podidentityassociation/${String(resource.inputs.clusterName)}/${associationId}`),
      },
    };
  },
  "aws:iam/instanceProfile:InstanceProfile": named("iam", "instance-profile/"),
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": named("iam", "oidc-provider/"),
  "aws:iam/policy:Policy": (resource, account) => {
    const name = physicalName(resource);
    const policyArn = arn(account, "iam", `policy/${name}`, "global");
    return { id: policyArn, outputs: { name, arn: policyArn } };
  },
  "aws:iam/role:Role": named("iam", "role/", (resource) => ({ uniqueId: `AROA${hex(resource.urn, 17).toUpperCase()}` })),
  "aws:iam/rolePolicy:RolePolicy": named("iam", "role-policy/"),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (resource) => ({
    id: `${String(resource.inputs.role)}-${hex(resource.urn, 26)}`,
    outputs: {},
  }),
  "aws:kms/alias:Alias": named("kms", ""),
  "aws:kms/key:Key": (resource, account) => {
    const digits = hex(resource.urn, 32);
    const keyId = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
    return { id: keyId, outputs: { keyId, arn: arn(account, "kms", `key/${keyId}`) } };
  },
  "aws:kms/keyPolicy:KeyPolicy": idOnly("keypolicy"),
  "aws:sns/topic:Topic": (resource, account) => {
    const name = physicalName(resource);
    const topicArn = arn(account, "sns", name);
    return { id: topicArn, outputs: { name, arn: topicArn } };
  },
  "aws:sns/topicPolicy:TopicPolicy": idOnly("topicpolicy"),
  "aws:sns/topicSubscription:TopicSubscription": idOnly("subscription"),
  "aws:sqs/queue:Queue": named("sqs", ""),
};

/** Zone ids name the physical zone; which letter stands for which differs from account to account. */
export function zoneId(region: string, zone: string): string {
  const [area = "", direction = "", number = ""] = region.split("-");
  return `${area}${direction.slice(0, 1)}${number}-az${zone.charCodeAt(zone.length - 1) - "a".charCodeAt(0) + 1}`;
}

/** An AWS resource of a type without an entry. */
export function anyAwsResource(resource: Registration, account: Account): Created {
  const [, module = ""] = resource.type.split(":");
  const name = physicalName(resource);
  const [service = "aws", kind = "resource"] = module.split("/");
  return { id: name, outputs: { arn: arn(account, service, `${kind}/${name}`) } };
}
