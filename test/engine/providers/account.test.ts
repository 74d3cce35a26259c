/** The account behind the AWS stand-in refuses what AWS refuses because of what is there already, and answers questions about it. */
import { createdOutputs } from "../../../src/rehearsal/stand-ins/outputs";
import type { WireMap } from "../../../src/rehearsal/monitor/wire";
import { makeAccount } from "../../../src/rehearsal/stand-ins/account";
import { awsPackage } from "../../harness/engine/providers/aws/aws";
import { Cloud } from "../../harness/engine/providers/cloud";
import type { Thing } from "../../harness/engine/providers/cloud";

const REGION = "us-east-1";
const aws = awsPackage({ offers: {}, apiServer: undefined });

/** An account, and what can be done in it. */
function account() {
  const cloud = new Cloud();
  const made = (type: string, name: string, inputs: WireMap): Thing => {
    const urn = cloud.seedFor(`urn:pulumi:s::p::${type}::${name}`);
    const isRegional = !type.startsWith("aws:iam/");
    const all = { ...inputs, ...(isRegional ? { region: inputs.region ?? REGION } : {}) };
    const { id, outputs } = aws.created({ urn, type, name, inputs: all }, REGION, cloud);
    return { type, name, urn, id, inputs: all, outputs: { ...all, ...outputs } };
  };
  const create = (type: string, name: string, inputs: WireMap = {}): Thing => {
    const thing = made(type, name, inputs);
    aws.admit(thing, cloud);
    cloud.put(thing);
    return thing;
  };
  return {
    cloud,
    create,
    update: (before: Thing, inputs: WireMap) => {
      const thing = { ...before, inputs: { ...before.inputs, ...inputs }, outputs: { ...before.outputs, ...inputs } };
      aws.alter(thing, before, cloud);
      cloud.put(thing);
    },
    remove: (thing: Thing) => {
      aws.release(thing, cloud);
      cloud.remove(thing.urn, thing.id);
    },
    ask: (token: string, args: WireMap = {}) => aws.invoke(token, args, REGION, cloud),
  };
}

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const CLUSTER = "aws:eks/cluster:Cluster";
const ENTRY = "aws:eks/accessEntry:AccessEntry";

/** A VPC with a subnet in each of two zones, and a cluster in them. */
function platform() {
  const here = account();
  const vpc = here.create(VPC, "network", { cidrBlock: "10.0.0.0/16", tags: { Name: "network" } });
  const subnet = (name: string, cidrBlock: string, zone: string, of = vpc) =>
    here.create(SUBNET, name, { vpcId: of.id, cidrBlock, availabilityZone: `us-east-1${zone}` });
  const subnets = [subnet("a", "10.0.0.0/20", "a"), subnet("b", "10.0.16.0/20", "b")];
  const cluster = here.create(CLUSTER, "cluster", { name: "shared", vpcConfig: { subnetIds: subnets.map(({ id }) => id) } });
  return { ...here, vpc, subnet, subnets, cluster };
}

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

describe("names and principals are taken once", () => {
  test.each([
    ["aws:iam/role:Role", { name: "nodes" }, /^EntityAlreadyExists: Role with name nodes already exists/],
    ["aws:kms/alias:Alias", { name: "alias/eks/shared/secrets" }, /^AlreadyExistsException/],
    ["aws:cloudwatch/logGroup:LogGroup", { name: "/aws/eks/shared/cluster" }, /^ResourceAlreadyExistsException/],
    ["aws:ec2/launchTemplate:LaunchTemplate", { name: "nodes" }, /^InvalidLaunchTemplateName\.AlreadyExistsException/],
    ["aws:sqs/queue:Queue", { name: "interruptions" }, /^QueueAlreadyExists/],
    ["aws:ec2/placementGroup:PlacementGroup", { name: "near" }, /^InvalidPlacementGroup\.Duplicate/],
    ["aws:ec2/natGateway:NatGateway", { allocationId: "eipalloc-1" }, /^Resource\.AlreadyAssociated/],
    ["aws:ec2/route:Route", { routeTableId: "rtb-1", destinationCidrBlock: "0.0.0.0/0" }, /^RouteAlreadyExists/],
    ["aws:ec2/securityGroup:SecurityGroup", { name: "nodes", vpcId: "vpc-1" }, /^InvalidGroup\.Duplicate/],
    [
      "aws:ec2/securityGroupRule:SecurityGroupRule",
      { securityGroupId: "sg-1", type: "ingress", protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/16"] },
      /^InvalidPermission\.Duplicate/,
    ],
    [
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      { vpcId: "vpc-1", serviceName: "s3", vpcEndpointType: "Gateway", routeTableIds: ["rtb-1"] },
      /^RouteAlreadyExists/,
    ],
    [
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      { vpcId: "vpc-1", serviceName: "sts", vpcEndpointType: "Interface", privateDnsEnabled: true },
      /conflicting DNS domain/,
    ],
  ])("%s %j", (type, inputs, error) => {
    const { create } = account();
    create(type, "first", inputs);
    expect(() => create(type, "second", inputs)).toThrow(error);
  });

  test("in a cluster: access entries by principal, add-ons by name, associations by service account, node groups by name", () => {
    const { create } = platform();
    const ofCluster = { clusterName: "shared" };
    create(ENTRY, "ops", { ...ofCluster, principalArn: role("ops") });
    expect(() => create(ENTRY, "again", { ...ofCluster, principalArn: role("ops") })).toThrow(
      "ResourceInUseException: The specified access entry resource is already in use on this cluster.",
    );
    const addon = (name: string) => create("aws:eks/addon:Addon", name, { ...ofCluster, addonName: "coredns" });
    addon("one");
    expect(() => addon("two")).toThrow("ResourceInUseException: Addon already exists");
    const association = (name: string) =>
      create("aws:eks/podIdentityAssociation:PodIdentityAssociation", name, { ...ofCluster, namespace: "a", serviceAccount: "b" });
    association("one");
    expect(() => association("two")).toThrow("ResourceInUseException: Association already exists");
  });

  test("by EKS itself: whoever makes the cluster, and the roles of managed nodes, have an entry", () => {
    const { create, subnets } = platform();
    const nodes = { clusterName: "shared", nodeRoleArn: role("nodes"), subnetIds: subnets.map(({ id }) => id) };
    create("aws:eks/nodeGroup:NodeGroup", "nodes", { ...nodes, nodeGroupName: "nodes" });
    for (const principalArn of [role("rehearsal"), role("nodes")]) {
      expect(() => create(ENTRY, "entry", { clusterName: "shared", principalArn })).toThrow("ResourceInUseException");
    }
  });
});

describe("subnets", () => {
  test.each([
    ["10.0.8.0/22", /^InvalidSubnet\.Conflict: The CIDR '10\.0\.8\.0\/22' conflicts with another subnet/],
    ["10.1.0.0/20", /^InvalidSubnet\.Range/],
    ["10.0.0.0/8", /^InvalidSubnet\.Range/],
    ["10.0.32.0/29", /^InvalidSubnet\.Range/],
  ])("%s has no place beside the others", (cidrBlock, error) => {
    const { subnet } = platform();
    expect(() => subnet("c", cidrBlock, "c")).toThrow(error);
  });

  test("of another VPC may have the same range", () => {
    const { create, subnet } = platform();
    const other = create(VPC, "other", { cidrBlock: "10.0.0.0/16" });
    expect(() => subnet("c", "10.0.0.0/20", "a", other)).not.toThrow();
  });

  test("need their VPC", () => {
    const { create } = account();
    const inputs = { vpcId: "vpc-00123456789abcdef", cidrBlock: "10.0.0.0/20", availabilityZone: "us-east-1a" };
    expect(() => create(SUBNET, "a", inputs)).toThrow("InvalidVpcID.NotFound: The vpc ID 'vpc-00123456789abcdef' does not exist");
  });
});

describe("a cluster", () => {
  const subnetsOf = (...subnets: readonly Thing[]) => ({ vpcConfig: { subnetIds: subnets.map(({ id }) => id) } });

  test("is in the VPC of its subnets", () => {
    const { cluster, vpc } = platform();
    expect(cluster.outputs.vpcConfig).toMatchObject({ vpcId: vpc.id });
  });

  test("needs two zones", () => {
    const { create, subnet, subnets } = platform();
    const again = subnet("again", "10.0.32.0/20", "a");
    const [first] = subnets;
    expect(() => create(CLUSTER, "one", { name: "one", ...subnetsOf(again, ...(first === undefined ? [] : [first])) })).toThrow(
      "InvalidParameterException: Subnets specified must be in at least two different AZs",
    );
  });

  test("moves to other subnets of its VPC and its zones, and to no others", () => {
    const { create, update, subnet, subnets, cluster, vpc } = platform();
    const same = [subnet("a2", "10.0.32.0/20", "a"), subnet("b2", "10.0.48.0/20", "b")];
    const elsewhere = create(VPC, "other", { cidrBlock: "10.1.0.0/16" });
    const foreign = [subnet("a3", "10.1.0.0/20", "a", elsewhere), subnet("b3", "10.1.16.0/20", "b", elsewhere)];
    const more = subnet("c", "10.0.64.0/20", "c");
    expect(() => {
      update(cluster, subnetsOf(...same));
    }).not.toThrow();
    expect(() => {
      update(cluster, subnetsOf(...foreign));
    }).toThrow(`must stay in its VPC ${vpc.id}`);
    expect(() => {
      update(cluster, subnetsOf(...subnets, ...foreign));
    }).toThrow("Subnets must be in one VPC");
    expect(() => {
      update(cluster, subnetsOf(...subnets, more));
    }).toThrow("must be in the same set of AZs as at its creation: us-east-1a, us-east-1b");
  });

  test("takes node groups of its VPC only", () => {
    const { create, subnet } = platform();
    const elsewhere = create(VPC, "other", { cidrBlock: "10.1.0.0/16" });
    const foreign = subnet("a3", "10.1.0.0/20", "a", elsewhere);
    const inputs = { clusterName: "shared", nodeGroupName: "nodes", nodeRoleArn: role("nodes"), subnetIds: [foreign.id] };
    expect(() => create("aws:eks/nodeGroup:NodeGroup", "nodes", inputs)).toThrow("must be in the VPC of its cluster");
  });

  test("has to be there before what is in it", () => {
    const { create } = account();
    expect(() => create(ENTRY, "ops", { clusterName: "shared", principalArn: role("ops") })).toThrow(
      "ResourceNotFoundException: No cluster found for name: shared.",
    );
  });

  test("with deletion protection stays", () => {
    const { create, remove, subnets } = platform();
    const kept = create(CLUSTER, "kept", { name: "kept", deletionProtection: true, ...subnetsOf(...subnets) });
    expect(() => {
      remove(kept);
    }).toThrow("deletion protection");
  });
});

describe("what is in use stays", () => {
  test("a VPC with subnets, a subnet with a cluster, a cluster with entries", () => {
    const { create, remove, cluster, subnets, vpc } = platform();
    create(ENTRY, "ops", { clusterName: "shared", principalArn: role("ops") });
    const [subnet] = subnets;
    expect(() => {
      remove(vpc);
    }).toThrow(/^DependencyViolation: aws:ec2\/vpc:Vpc vpc-\w+ is in use by aws:ec2\/subnet:Subnet a/);
    expect(() => {
      if (subnet !== undefined) remove(subnet);
    }).toThrow(/^DependencyViolation: .* is in use by aws:eks\/cluster:Cluster cluster/);
    expect(() => {
      remove(cluster);
    }).toThrow(/^ResourceInUseException: .* is in use by aws:eks\/accessEntry:AccessEntry ops/);
  });

  test("a role with policies", () => {
    const { create, remove } = account();
    const nodes = create("aws:iam/role:Role", "nodes", { name: "nodes" });
    create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "nodes", { role: "nodes", policyArn: "arn:aws:iam::aws:policy/A" });
    expect(() => {
      remove(nodes);
    }).toThrow(/^DeleteConflict/);
  });
});

describe("arguments are held against the provider's limits, in previews too", () => {
  const failuresOf = (type: string, news: WireMap, name = "thing") =>
    aws
      .check({ type, name, olds: {}, news, seed: "seed", proposedName: undefined, region: REGION })
      .failures.map(({ property }) => property)
      .filter((property) => property in news);
  const long = (length: number) => "x".repeat(length);

  test.each([
    ["aws:iam/role:Role", { name: long(64), assumeRolePolicy: "{}" }, []],
    ["aws:iam/role:Role", { name: long(65), assumeRolePolicy: "{}" }, ["name"]],
    ["aws:iam/role:Role", { namePrefix: long(38), assumeRolePolicy: "{}" }, []],
    ["aws:iam/role:Role", { namePrefix: long(39), assumeRolePolicy: "{}" }, ["namePrefix"]],
    ["aws:iam/role:Role", { name: "a b", assumeRolePolicy: "{}" }, ["name"]],
    ["aws:eks/nodeGroup:NodeGroup", { nodeGroupNamePrefix: long(38) }, ["nodeGroupNamePrefix"]],
    ["aws:ec2/launchTemplate:LaunchTemplate", { name: "ab" }, ["name"]],
    ["aws:ec2/launchTemplate:LaunchTemplate", { namePrefix: long(100) }, ["namePrefix"]],
    ["aws:kms/alias:Alias", { name: "eks/shared" }, ["name"]],
    ["aws:eks/cluster:Cluster", { name: "-shared" }, ["name"]],
    ["aws:ec2/securityGroup:SecurityGroup", { name: "sg-nodes" }, ["name"]],
    ["aws:ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/8" }, ["cidrBlock"]],
  ])("%s %j", (type, inputs, failures) => {
    expect(failuresOf(type, inputs)).toEqual(failures);
  });

  test("a made-up name is not cut: the program's part has to leave room for it", () => {
    expect(failuresOf("aws:iam/role:Role", {}, long(56))).toEqual([]);
    expect(() => failuresOf("aws:iam/role:Role", {}, long(57))).toThrow("plus 7 random chars is longer than maximum length 64");
  });
});

describe("data sources", () => {
  test("know the clusters", () => {
    const { ask, cluster } = platform();
    expect(ask("aws:eks/getClusters:getClusters")).toMatchObject({ names: ["shared"] });
    expect(ask("aws:eks/getCluster:getCluster", { name: "shared" })).toMatchObject({ id: "shared", vpcConfig: cluster.outputs.vpcConfig });
    expect(() => ask("aws:eks/getCluster:getCluster", { name: "other" })).toThrow("reading EKS Cluster (other): couldn't find resource");
  });

  test("know the VPCs", () => {
    const { ask, create, vpc } = platform();
    expect(ask("aws:ec2/getVpc:getVpc", { tags: { Name: "network" } })).toMatchObject({ id: vpc.id, cidrBlock: "10.0.0.0/16" });
    expect(() => ask("aws:ec2/getVpc:getVpc", { id: "vpc-1" })).toThrow("no matching EC2 VPC found");
    create(VPC, "other", { cidrBlock: "10.0.0.0/16" });
    expect(() => ask("aws:ec2/getVpc:getVpc", { cidrBlock: "10.0.0.0/16" })).toThrow("multiple EC2 VPCs matched");
    expect(() => ask("aws:ec2/getVpc:getVpc", { state: "available" })).toThrow("finds no VPC by state");
  });
});

test("the rehearsal and the stand-in agree on ids and names", () => {
  const inputs = { name: "nodes", assumeRolePolicy: "{}" };
  const resource = { urn: "urn:pulumi:s::p::aws:iam/role:Role::nodes", type: "aws:iam/role:Role", name: "nodes", inputs };
  expect(aws.created(resource, REGION, new Cloud())).toMatchObject(createdOutputs(resource, makeAccount(REGION, "")));
});
