/** The monitor answers a program as the engine and the providers would. */
import { LaunchTemplate, SecurityGroup, Subnet } from "@pulumi/aws/ec2";
import { NodeGroup } from "@pulumi/aws/eks";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import { Role } from "@pulumi/aws/iam/role";
import { Provider as AwsProvider } from "@pulumi/aws/provider";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import { Cluster } from "@pulumi/eks/cluster";
import { Namespace, Pod } from "@pulumi/kubernetes/core/v1";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { Provider } from "@pulumi/kubernetes/provider";
import { ComponentResource, all, jsonStringify, output, runtime, secret } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { UNKNOWN, ofType, only, plainState, runComponents } from "../support/program";

class Inner extends ComponentResource {
  constructor(parent: ComponentResource) {
    super("shared-gpu:test:Inner", "inner", {}, { parent });
    new SecurityGroup("group", {}, { parent: this });
  }
}
class Outer extends ComponentResource {
  constructor(options: { readonly protect?: boolean } = {}) {
    super("shared-gpu:test:Outer", "outer", {}, options);
    new Inner(this);
  }
}

const vpcArgs = {
  cidrBlock: "10.0.0.0/16",
  availabilityZoneNames: ["us-east-1a", "us-east-1b", "us-east-1d"],
  subnetStrategy: "Auto" as const,
  subnetSpecs: [
    { type: "Private" as const, cidrMask: 19 },
    { type: "Public" as const, cidrMask: 24 },
  ],
  natGateways: { strategy: "Single" as const },
};
const network = () => new Vpc("net", vpcArgs);
const cluster = (vpc: Vpc) =>
  new Cluster("main", {
    name: "shared",
    version: "1.34",
    vpcId: vpc.vpcId,
    publicSubnetIds: vpc.publicSubnetIds,
    privateSubnetIds: vpc.privateSubnetIds,
    authenticationMode: "API",
    skipDefaultNodeGroup: true,
    skipDefaultSecurityGroups: true,
    useDefaultVpcCni: true,
    kubeProxyAddonOptions: { enabled: false },
  });

describe("URNs", () => {
  test("carry the types of all parents but the stack", async () => {
    const { resources } = await runComponents(() => {
      new Outer();
      new Namespace("team", {});
    });
    const urns = resources.filter(({ kind }) => kind !== "defaultProvider").map(({ urn }) => urn);
    expect(urns).toEqual([
      "urn:pulumi:test::shared-gpu::pulumi:pulumi:Stack::shared-gpu-test",
      "urn:pulumi:test::shared-gpu::shared-gpu:test:Outer::outer",
      "urn:pulumi:test::shared-gpu::kubernetes:core/v1:Namespace::team",
      "urn:pulumi:test::shared-gpu::shared-gpu:test:Outer$shared-gpu:test:Inner::inner",
      "urn:pulumi:test::shared-gpu::shared-gpu:test:Outer$shared-gpu:test:Inner$aws:ec2/securityGroup:SecurityGroup::group",
    ]);
  });

  test("are unique: a second resource of the same name fails", async () => {
    await expect(runtimeRegistrations(["one", "one"])).rejects.toThrow("Duplicate resource URN");
    await expect(runtimeRegistrations(["one", "two"])).resolves.toBeUndefined();
  });
});

/** Registers namespaces by the monitor's own service, since the runtime reports a failed registration to the process as a whole. */
async function runtimeRegistrations(names: readonly string[]): Promise<void> {
  const { RegisterResourceRequest } = await import("@pulumi/pulumi/proto/resource_pb");
  await runComponents(async () => {
    for (const name of names) {
      const request = new RegisterResourceRequest();
      request.setType("kubernetes:core/v1:Namespace");
      request.setName(name);
      request.setCustom(true);
      await new Promise<void>((resolve, reject) => {
        runtime.getMonitor()?.registerResource(request, (error) => {
          if (error === null) {
            resolve();
          } else {
            reject(new Error(error.details));
          }
        });
      });
    }
  });
}

describe("secrets", () => {
  test("are unwrapped to be read, and marked so that nobody takes them for plain", async () => {
    const recording = await runComponents(() => {
      const password = new RandomPassword("admin", { length: 24 });
      const object = new Secret("admin", { stringData: { user: "admin", password: password.result } });
      return { name: object.metadata.name, token: secret("t0ken"), nested: { deep: secret({ token: "t0ken" }) } };
    });
    const object = only(recording, "kubernetes:core/v1:Secret");
    expect(object.inputs.stringData.password).toHaveLength(24);
    expect(object.secretInputs).toEqual(["stringData"]);
    expect(object.secretOutputs).toEqual(["stringData"]);
    expect(only(recording, "random:index/randomPassword:RandomPassword").secretOutputs).toEqual(["result", "bcryptHash"]);
    expect(recording.outputs).toMatchObject({ token: "t0ken", nested: { deep: { token: "t0ken" } } });
    expect(recording.secretOutputs).toEqual(expect.arrayContaining(["token"]));
  });

  test("do not stand in the plain part of the state", async () => {
    const recording = await runComponents(() => {
      const password = new RandomPassword("admin", { length: 24 });
      new Secret("admin", { stringData: { password: password.result } });
      return { password: password.result, connection: output(password.result).apply((text) => `admin:${text}`) };
    });
    const { result } = only(recording, "random:index/randomPassword:RandomPassword").outputs as { result: string };
    expect(recording.outputs.connection).toBe(`admin:${result}`);
    expect(plainState(recording)).not.toContain(result);
    expect(plainState(recording)).toContain("[secret]");
  });
});

describe("options", () => {
  test("protection is inherited by everything below", async () => {
    const recording = await runComponents(() => {
      new Outer({ protect: true });
    });
    expect(only(recording, "aws:ec2/securityGroup:SecurityGroup").options.protect).toBe(true);
  });

  test("protection and retention of a remote component are those of everything that its plugin makes", async () => {
    const recording = await runComponents(() => new Vpc("net", vpcArgs, { protect: true, retainOnDelete: true }).vpcId);
    const made = recording.resources.filter(({ madeBy, kind }) => madeBy === "awsx:ec2:Vpc" || kind === "remoteComponent");
    expect(made.length).toBeGreaterThan(20);
    expect(made.filter(({ options }) => !options.protect || !options.retainOnDelete)).toEqual([]);
  });

  test("a remote component's plugin gets the providers that the program gives the component", async () => {
    const recording = await runComponents(() => {
      const aws = new AwsProvider("frankfurt", { region: "eu-central-1" });
      return new Vpc("net", vpcArgs, { providers: { aws } }).vpcId;
    });
    const { urn, id = "" } = only(recording, "pulumi:providers:aws", "frankfurt");
    const made = recording.resources.filter(({ madeBy }) => madeBy === "awsx:ec2:Vpc");
    expect(new Set(made.map(({ provider }) => provider))).toEqual(new Set([`${urn}::${id}`]));
    expect(new Set(made.map(({ inputs }) => inputs.region as string))).toEqual(new Set(["eu-central-1"]));
  });

  test("children of a remote component depend on what their inputs come from, and the component's outputs on all of it", async () => {
    const recording = await runComponents(() => {
      new Subnet("more", { vpcId: new Vpc("net", vpcArgs).vpcId });
    });
    const table = ofType(recording, "aws:ec2/routeTable:RouteTable")[0];
    expect(table?.propertyDependencies).toMatchObject({ vpcId: [only(recording, "aws:ec2/vpc:Vpc").urn], tags: [] });
    expect(only(recording, "aws:ec2/subnet:Subnet", "more").dependencies).toEqual(
      expect.arrayContaining([only(recording, "awsx:ec2:Vpc").urn, only(recording, "aws:ec2/vpc:Vpc").urn]),
    );
  });

  test("a resource without a provider gets the package's default, which has the stack's settings", async () => {
    const recording = await runComponents(() => {
      new SecurityGroup("group", {});
      new SecurityGroup("other", {});
    });
    const provider = only(recording, "pulumi:providers:aws");
    expect(provider).toMatchObject({ kind: "defaultProvider", inputs: { region: "us-east-1" } });
    expect(only(recording, "aws:ec2/securityGroup:SecurityGroup", "group").provider).toBe(`${provider.urn}::${provider.id ?? ""}`);
  });

  test("ARNs and data sources know the region of their provider", async () => {
    const recording = await runComponents(() => {
      const provider = new AwsProvider("frankfurt", { region: "eu-central-1" });
      const group = new SecurityGroup("group", {}, { provider });
      return { arn: group.arn, region: getRegionOutput({}, { provider }).region };
    });
    expect(recording.outputs).toMatchObject({ arn: expect.stringContaining(":eu-central-1:") as string, region: "eu-central-1" });
  });
});

describe("remote components", () => {
  test("awsx.ec2.Vpc makes what its plugin makes, in disjoint ranges inside the VPC", async () => {
    const recording = await runComponents(() => {
      const vpc = network();
      return {
        vpcId: vpc.vpcId,
        privateSubnetIds: vpc.privateSubnetIds,
        zones: vpc.privateSubnets.apply((subnets) => all(subnets.map((subnet) => subnet.availabilityZone))),
      };
    });
    const made = recording.resources.filter(({ madeBy }) => madeBy === "awsx:ec2:Vpc");
    // The counts that the real engine showed for three zones.
    expect(
      Object.fromEntries(
        ["vpc", "subnet", "routeTable", "routeTableAssociation", "route", "internetGateway", "eip", "natGateway"].map((kind) => [
          kind,
          made.filter(({ type }) => type.startsWith(`aws:ec2/${kind}:`)).length,
        ]),
      ),
    ).toEqual({
      vpc: 1,
      subnet: 6,
      routeTable: 6,
      routeTableAssociation: 6,
      route: 6,
      internetGateway: 1,
      eip: 1,
      natGateway: 1,
    });
    expect(ofType(recording, "aws:ec2/subnet:Subnet").map(({ name, inputs }) => [name, inputs.cidrBlock])).toEqual([
      ["net-public-1", "10.0.32.0/24"],
      ["net-private-1", "10.0.0.0/19"],
      ["net-public-2", "10.0.96.0/24"],
      ["net-private-2", "10.0.64.0/19"],
      ["net-public-3", "10.0.160.0/24"],
      ["net-private-3", "10.0.128.0/19"],
    ]);
    expect(recording.outputs.privateSubnetIds).toHaveLength(3);
    expect(recording.outputs.zones).toEqual(vpcArgs.availabilityZoneNames);
  });

  test("eks.Cluster hands out live references to what its plugin makes", async () => {
    const recording = await runComponents(() => {
      const { eksCluster, kubeconfigJson, clusterSecurityGroupId } = cluster(network());
      const group = new NodeGroup("pool", {
        clusterName: eksCluster.name,
        nodeRoleArn: "arn",
        subnetIds: ["subnet-1"],
        scalingConfig: { desiredSize: 1, minSize: 1, maxSize: 1 },
      });
      new Pod("pod", { spec: { containers: [] } }, { provider: new Provider("k8s", { kubeconfig: kubeconfigJson }), dependsOn: [group] });
      return {
        arn: eksCluster.arn,
        endpoint: eksCluster.endpoint,
        clusterSecurityGroupId,
        kubeconfig: kubeconfigJson.apply((text) => JSON.parse(text) as object),
      };
    });
    expect(recording.outputs).toMatchObject({
      arn: "arn:aws:eks:us-east-1:123456789012:cluster/shared",
      endpoint: expect.stringMatching(/^https:\/\/[0-9A-F]{32}\.gr7\.us-east-1\.eks\.amazonaws\.com$/) as string,
      clusterSecurityGroupId: expect.stringMatching(/^sg-0/) as string,
      kubeconfig: { users: [{ user: { exec: { args: expect.arrayContaining(["--cluster-name", "shared"]) as string[] } } }] },
    });
    expect(only(recording, "aws:eks/nodeGroup:NodeGroup").inputs.clusterName).toBe("shared");
    expect(recording.resources.filter(({ madeBy }) => madeBy === "eks:index:Cluster").map(({ type }) => type)).toEqual([
      "eks:index:ServiceRole",
      "aws:iam/role:Role",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      "aws:eks/cluster:Cluster",
      "pulumi:providers:kubernetes",
    ]);
  });
});

describe("a first preview", () => {
  test("knows inputs, and Kubernetes names where the cluster exists, and no computed output", async () => {
    const recording = await runComponents(
      () => {
        const vpc = network();
        const { eksCluster, kubeconfigJson } = cluster(vpc);
        const provider = new Provider("k8s", { kubeconfig: kubeconfigJson });
        const namespace = new Namespace("team", { metadata: { name: "team" } }, { provider });
        new Pod("pod", { metadata: { namespace: namespace.metadata.name }, spec: { containers: [] } }, { provider });
        const there = new Namespace("there", { metadata: { name: "there" } });
        new Pod("pod-there", { metadata: { namespace: there.metadata.name }, spec: { containers: [] } });
        const template = new LaunchTemplate("lt", { description: vpc.vpcId });
        new Subnet("extra", { vpcId: vpc.vpcId, availabilityZone: "us-east-1a" });
        return {
          name: eksCluster.name,
          version: eksCluster.version,
          arn: eksCluster.arn,
          subnets: vpc.privateSubnetIds,
          template: template.latestVersion,
          text: jsonStringify({ arn: eksCluster.arn }),
        };
      },
      { mode: "preview" },
    );
    expect(recording.outputs).toEqual({
      name: "shared",
      version: "1.34",
      arn: UNKNOWN,
      subnets: UNKNOWN,
      template: UNKNOWN,
      text: UNKNOWN,
    });
    // The engine asks no provider whose configuration is unknown, not even for names.
    expect(only(recording, "kubernetes:core/v1:Pod", "pod").inputs.metadata.namespace).toBe(UNKNOWN);
    expect(only(recording, "kubernetes:core/v1:Namespace", "team").outputs).toEqual({});
    expect(only(recording, "kubernetes:core/v1:Pod", "pod-there").inputs.metadata.namespace).toBe("there");
    expect(only(recording, "aws:ec2/subnet:Subnet", "extra")).toMatchObject({
      id: undefined,
      inputs: { vpcId: UNKNOWN, availabilityZone: "us-east-1a" },
    });
  });
});

/** What the SDK declares as an output that cannot be undefined, the provider computes: the plan does not know it. */
test("a first preview leaves open what a provider fills in, at the top and in the blocks that are given", async () => {
  const { resources } = await runComponents(
    () => {
      new Role("role", { assumeRolePolicy: "{}" });
      new Role("given", { assumeRolePolicy: "{}", managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] });
      new LaunchTemplate("lt", { blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }] });
      new RandomPassword("password", { length: 20 });
    },
    { mode: "preview" },
  );
  const outputsOf = (name: string) => resources.find((resource) => resource.name === name)?.outputs;
  expect(outputsOf("role")).toMatchObject({ managedPolicyArns: UNKNOWN, uniqueId: UNKNOWN, arn: UNKNOWN });
  expect(outputsOf("role")).not.toHaveProperty("description");
  expect(outputsOf("given")).toMatchObject({ managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] });
  expect(outputsOf("lt")).toMatchObject({
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: UNKNOWN } }],
  });
  const password = resources.find(({ name }) => name === "password");
  expect(password).toMatchObject({ outputs: { length: 20, result: UNKNOWN }, secretOutputs: ["bcryptHash", "result"] });
});

test("a data source that nobody can answer fails with its name, instead of answering nothing", async () => {
  await expect(runComponents(() => runtime.invoke("aws:ec2/getSpotPrice:getSpotPrice", {}))).rejects.toThrow(
    "aws:ec2/getSpotPrice:getSpotPrice",
  );
});

test("runs of one process do not see each other", async () => {
  const runs = await Promise.all(
    ["one", "two", "three"].map((name) => runComponents(() => new Namespace(name, { metadata: { name } }).metadata.name)),
  );
  expect(runs.map((recording) => ofType(recording, "kubernetes:core/v1:Namespace").map(({ name }) => name))).toEqual([
    ["one"],
    ["two"],
    ["three"],
  ]);
});
