import { TIERS, tierProfile } from "../../src/dra/tiers";
import { devicesPerNode } from "../../src/hardware/node-devices";
import { defaultRelease } from "../../src/releases/find";
import type { RawConfig } from "../../src/config/parse";
import { describeOvercommitment } from "../../src/config/quotas";
import type { GpuPool } from "../../src/config/types";
import { configOf, devStack, POOL, STACK } from "./stacks";

const block = { type: "capacityBlock", reservationId: "cr-0123456789abcdef0" };

describe("the dev stack", () => {
  it("lacks nothing but who may reach the API server", () => {
    expect(devStack()).not.toHaveProperty("apiServerAccess");
    expect(() => configOf(STACK)).not.toThrow();
  });

  it("is one p4d.24xlarge on demand with 32 slices, and a small system pool", () => {
    const { gpuPools, systemPool, region, network } = configOf(STACK);
    expect(gpuPools).toMatchObject([
      {
        instanceType: { name: "p4d.24xlarge" },
        size: { min: 1, desired: 1, max: 2 },
        capacity: { type: "onDemand" },
        layout: { name: "all-balanced" },
      },
    ]);
    expect(gpuPools.map(({ layout }) => devicesPerNode(layout))).toEqual([{ "1g.5gb": 16, "2g.10gb": 8, "3g.20gb": 8 }]);
    expect(systemPool).toMatchObject({ instanceType: { name: "m6i.large" }, size: { min: 1, desired: 2, max: 4 } });
    expect([region, ...network.availabilityZones]).toEqual(["us-east-1", "us-east-1a", "us-east-1b", "us-east-1d"]);
  });

  it("can be destroyed, and runs the workloads in team mig-test, each on a GPU of its own choice", () => {
    const { controlPlane, fashionMnist, teams } = configOf(STACK);
    expect(controlPlane.deletionProtection).toBe(false);
    expect(fashionMnist).toMatchObject({ type: "deployed", team: "mig-test", colocate: false });
    expect(teams).toMatchObject([{ name: "mig-test" }]);
  });
});

describe("a stack is accepted", () => {
  it.each(["p4d.24xlarge", "p4de.24xlarge", "p5.48xlarge", "p5.4xlarge", "p5en.48xlarge", "p6-b200.48xlarge", "p6-b300.48xlarge"])(
    "with balanced GPUs of a %s, on which each tier is a profile",
    (instanceType) => {
      const config = configOf({
        ...STACK,
        gpuPools: [{ ...POOL, instanceType }],
        overcommit: true,
        fashionMnist: { ...Object(STACK.fashionMnist), colocate: true },
      });
      const { layout } = config.gpuPools[0] as GpuPool;
      expect(Object.keys(devicesPerNode(layout))).toEqual(
        expect.arrayContaining(TIERS.map(({ name }) => tierProfile(name, layout.model)?.name)),
      );
    },
  );

  describe("with example workloads that share their checkpoints", () => {
    const checkpointsOf = (changes: RawConfig) => {
      const { fashionMnist } = configOf({ ...STACK, ...changes });
      return fashionMnist.type === "deployed" ? fashionMnist.checkpoints : undefined;
    };

    it("unless something speaks against it", () => {
      expect(checkpointsOf({})).toEqual({ type: "shared", sizeGiB: 10 });
    });

    it("but not beyond the storage of their team", () => {
      const teams = [{ name: "mig-test", slices: { small: 1, medium: 1, large: 1 }, storageGiB: 9 }];
      expect(checkpointsOf({ teams })).toEqual({ type: "perPod" });
    });

    it("but not where no node has a slice of each tier", () => {
      const only = (name: string, profile: string) => ({
        ...POOL,
        name,
        layout: { name, gpus: [{ devices: "all", profiles: { [profile]: 1 } }] },
      });
      const gpuPools = [only("small", "1g.5gb"), only("medium", "2g.10gb"), only("large", "3g.20gb")];
      const teams = [{ name: "mig-test", slices: { small: 1, medium: 1, large: 1 } }];
      expect(checkpointsOf({ gpuPools, teams })).toEqual({ type: "perPod" });
    });

    it("unless they are told otherwise", () => {
      expect(checkpointsOf({ fashionMnist: { ...Object(STACK.fashionMnist), checkpoints: { type: "perPod" } } })).toEqual({
        type: "perPod",
      });
    });
  });

  it("with a g7e, whose GPU has no large slice, where no team asks for one", () => {
    const gpuPools = [{ ...POOL, instanceType: "g7e.2xlarge" }];
    const config = configOf({
      ...STACK,
      gpuPools,
      teams: [{ name: "a", slices: { small: 1, medium: 1 } }],
      fashionMnist: { type: "none" },
    });
    expect(config.teams[0]?.slices).toEqual({ small: 1, medium: 1, large: 0 });
  });

  it("with the members of a team, and with what its namespace may hold besides slices", () => {
    const principalArns = ["arn:aws:iam::111122223333:role/vision"];
    const teams = [{ name: "vision", group: "vision-engineers", principalArns, cpu: 8, memoryGiB: 64 }, { name: "plain" }];
    expect(configOf({ ...STACK, teams, fashionMnist: { type: "none" } }).teams).toMatchObject([
      { principalArns, pods: 30, cpu: 8, memoryGiB: 64 },
      { principalArns: [], pods: 30, cpu: 64, memoryGiB: 512, storageGiB: 2000, ephemeralStorageGiB: 300, objects: 30 },
    ]);
  });

  describe("with quotas", () => {
    const stackOf = (small: number, overcommit: boolean): RawConfig => ({
      ...STACK,
      teams: [
        { name: "a", slices: { small: 8 } },
        { name: "b", slices: { small } },
      ],
      overcommit,
      fashionMnist: { type: "none" },
    });

    it("that fit into the nodes there are, without a word", () => {
      expect(configOf(stackOf(8, false)).overcommitments).toEqual([]);
    });

    it("that need the nodes the pools may still get, and says so", () => {
      const { overcommitments } = configOf(stackOf(24, false));
      expect(overcommitments).toEqual([{ tier: "small", promised: 32, present: 16, most: 32 }]);
      expect(overcommitments.map(describeOvercommitment)).toEqual([
        "The quotas of all teams promise 32 small slices, 16 more than the 16 there are (32 with all nodes that the pools can have). The teams that claim first get them.",
      ]);
    });

    it("over what the pools can ever have where the stack allows it, and says by how much", () => {
      expect(configOf(stackOf(25, true)).overcommitments).toEqual([{ tier: "small", promised: 33, present: 16, most: 32 }]);
    });
  });

  it("with a capacity block in a zone of the stack", () => {
    const config = configOf({ ...STACK, gpuPools: [{ ...POOL, capacity: block, availabilityZone: "us-east-1d" }] });
    expect(config.gpuPools).toMatchObject([{ capacity: block, availabilityZone: "us-east-1d" }]);
  });

  it("with several pools, whose slices count together", () => {
    const gpuPools = [
      { ...POOL, name: "large", layout: "all-3g.20gb" },
      { ...POOL, name: "rest", layout: { name: "2-2-1-1-1", gpus: [{ devices: "all", profiles: { "2g.10gb": 2, "1g.5gb": 3 } }] } },
      { ...POOL, name: "h100", instanceType: "p5.4xlarge", layout: "all-disabled" },
    ];
    expect(configOf({ ...STACK, gpuPools }).gpuPools.map(({ layout }) => layout.name)).toEqual([
      "all-3g.20gb",
      "2-2-1-1-1",
      "all-disabled",
    ]);
  });

  it("with one name for the same custom layout in two pools", () => {
    const layout = { name: "mine", gpus: [{ devices: "all", profiles: { "3g.20gb": 1, "2g.10gb": 1, "1g.5gb": 1 } }] };
    expect(configOf({ ...STACK, gpuPools: ["a", "b"].map((name) => ({ ...POOL, name, layout })) }).gpuPools).toHaveLength(2);
  });

  it("without any GPU pool, when nobody asks for slices", () => {
    expect(configOf({ ...STACK, gpuPools: [], teams: [], fashionMnist: { type: "none" } }).gpuPools).toEqual([]);
  });

  it("with a parked pool, to which EKS gives a maximum of 1", () => {
    const config = configOf({ ...STACK, gpuPools: [{ ...POOL, size: { desired: 0 } }] });
    expect(config.gpuPools[0]?.size).toEqual({ min: 0, desired: 0, max: 1 });
  });

  it("with min and max left out, which are then desired", () => {
    expect(configOf({ ...STACK, gpuPools: [{ ...POOL, size: { desired: 3 } }] }).gpuPools[0]?.size).toEqual({ min: 3, desired: 3, max: 3 });
  });

  it.each([
    ["private", { type: "private" }],
    [" private ", { type: "private" }],
    ["203.0.113.7/32", { type: "cidrs", cidrs: ["203.0.113.7/32"] }],
    ["203.0.113.0/24, 198.51.100.0/24", { type: "cidrs", cidrs: ["203.0.113.0/24", "198.51.100.0/24"] }],
  ])("with API server access %p", (apiServerAccess, expected) => {
    expect(configOf({ ...STACK, apiServerAccess }).apiServerAccess).toEqual(expected);
  });

  it.each(["10.0.0.0/16", "10.255.0.0/20", "172.16.0.0/16", "192.168.0.0/22", "100.64.0.0/16"])("with VPC %s", (vpcCidr) => {
    expect(configOf({ ...STACK, vpcCidr }).network.cidr).toBe(vpcCidr);
  });

  // A share of the VPC for each of four zones, half of which is the private subnet, less five addresses of AWS.
  it.each<[string, string, number, number, object]>([
    ["one p4d in a /23: 21 + 38 of 59", "10.1.0.0/23", 1, 2, {}],
    ["four p4d over two zones: 42 + 76 of 123", "10.1.0.0/22", 4, 4, {}],
    ["four p4d in one zone: 42 + 152 of 251", "10.1.0.0/21", 4, 4, { availabilityZone: "us-east-1a" }],
    [
      "56 slices on each of two nodes in one zone: 42 + 124 of 251",
      "10.1.0.0/21",
      2,
      4,
      { availabilityZone: "us-east-1a", layout: "all-1g.5gb" },
    ],
  ])("with addresses for %s", (_, vpcCidr, desired, systemMax, change) => {
    const raw = {
      ...STACK,
      vpcCidr,
      availabilityZones: ["us-east-1a", "us-east-1b"],
      systemPool: { size: { desired: 2, min: 1, max: systemMax } },
      gpuPools: [{ ...POOL, size: { desired }, ...change }],
      teams: [],
      fashionMnist: { type: "none" },
    };
    expect(configOf(raw as never).network.cidr).toBe(vpcCidr);
  });

  it("in GovCloud and with private nodes", () => {
    const config = configOf({
      ...STACK,
      "aws:region": "us-gov-west-1",
      availabilityZones: ["us-gov-west-1a", "us-gov-west-1b"],
      adminPrincipalArns: ["arn:aws-us-gov:iam::123456789012:role/path/ops"],
      natGateways: "none",
      interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"],
    });
    expect(config.network.natGateways).toBe("none");
  });
});

describe("the charts of a stack", () => {
  const charts = (overrides: object): ReturnType<typeof configOf> => configOf({ ...STACK, charts: overrides });

  it("are the release's, from their publishers, where it says nothing", () => {
    const config = configOf(STACK);
    expect(config.release).toEqual(defaultRelease());
    expect(config.charts).toEqual({
      kubePrometheusStack: {
        chart: "kube-prometheus-stack",
        repository: "https://prometheus-community.github.io/helm-charts",
        version: "88.5.3",
        values: {},
      },
      gpuOperator: { chart: "gpu-operator", repository: "https://helm.ngc.nvidia.com/nvidia", version: "v26.3.3", values: {} },
      draDriver: {
        chart: "oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu",
        repository: undefined,
        version: "0.4.1",
        values: {},
      },
    });
  });

  it.each([
    ["an operator that knows the pool's GPU", "g7e.48xlarge", "all-balanced", { version: "v25.3.3" }],
    [
      "an older one, with a layout of the stack's own",
      "g7e.48xlarge",
      { name: "own", gpus: [{ devices: "all", profiles: { "1g.24gb": 4 } }] },
      { version: "v25.3.2" },
    ],
    [
      "an older one with a newer MIG Manager",
      "p6-b300.48xlarge",
      "all-balanced",
      { version: "v25.3.4", values: { migManager: { version: "v0.13.0" } } },
    ],
    ["an older one for a GPU of its time", "p4d.24xlarge", "all-balanced", { version: "v25.3.0" }],
  ])("can be %s", (_, instanceType, layout, gpuOperator) => {
    const [pool] = STACK.gpuPools as readonly object[];
    const config = configOf({
      ...STACK,
      teams: [],
      fashionMnist: { type: "none" },
      gpuPools: [{ ...pool, instanceType, layout }],
      charts: { gpuOperator },
    });
    expect(config.charts.gpuOperator.version).toBe(gpuOperator.version);
  });

  it("come from a mirror", () => {
    expect(charts({ gpuOperator: { repository: "https://charts.example/nvidia" } }).charts.gpuOperator).toMatchObject({
      chart: "gpu-operator",
      repository: "https://charts.example/nvidia",
      version: "v26.3.3",
    });
    expect(charts({ draDriver: { repository: "https://charts.example/nvidia" } }).charts.draDriver).toMatchObject({
      chart: "dra-driver-nvidia-gpu",
      repository: "https://charts.example/nvidia",
      version: "0.4.1",
    });
  });

  it("are where their publisher had them in that version", () => {
    const { release, charts: resolved } = charts({ draDriver: { version: "25.8.1" } });
    expect(resolved.draDriver).toMatchObject({ chart: "nvidia-dra-driver-gpu", repository: "https://helm.ngc.nvidia.com/nvidia" });
    expect(release.draDriver).toEqual({ version: "25.8.1", line: "25.8" });
  });

  it("are those of the GPU software that it chooses, on the image of that time", () => {
    const { release, charts: resolved } = configOf({ ...STACK, gpuSoftware: "25.10" });
    expect([resolved.gpuOperator.version, resolved.draDriver]).toEqual([
      "v25.10.1",
      { chart: "nvidia-dra-driver-gpu", repository: "https://helm.ngc.nvidia.com/nvidia", version: "25.8.1", values: {} },
    ]);
    expect(release).toMatchObject({
      draDriver: { line: "25.8" },
      gpuAmi: { releaseVersion: "1.34.9-20260714" },
      kubePrometheusStackVersion: "88.5.3",
    });
  });

  it.each(["oci://registry.example/nvidia/gpu-operator", "./charts/gpu-operator", "../gpu-operator", "/srv/gpu-operator.tgz"])(
    "come from %s, without a repository",
    (chart) => {
      expect(charts({ gpuOperator: { chart } }).charts.gpuOperator).toMatchObject({ chart, repository: undefined });
    },
  );

  it("have other values laid over them", () => {
    expect(charts({ gpuOperator: { values: { toolkit: { enabled: true } } } }).charts.gpuOperator.values).toEqual({
      toolkit: { enabled: true },
    });
  });

  it("decide by their version how devices are named", () => {
    const { release, charts: resolved } = charts({ draDriver: { version: "25.12.0" }, gpuOperator: { version: "v26.3.0" } });
    expect(release.draDriver).toEqual({ version: "25.12.0", line: "25.12" });
    expect([release.gpuOperatorVersion, resolved.gpuOperator.version]).toEqual(["v26.3.0", "v26.3.0"]);
  });
});
