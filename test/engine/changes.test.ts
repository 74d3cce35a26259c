/**
 * What a change of the configuration, of a script or of a manifest makes of a stack that is deployed: each changes or replaces what it should, and nothing
 * else. The real Kubernetes provider previews by a server-side apply without effect, so that these are the API server's answers too.
 */
import * as fs from "node:fs";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { Deployment, STAND_IN_CHARTS } from "./deployment";
import type { Outcome, RunOptions } from "./workspace";
import { errorsOf, stackProgram } from "./workspace";

const POOL = {
  name: "a100",
  instanceType: "p4d.24xlarge",
  layout: "all-balanced" as unknown,
  size: { desired: 1, min: 1, max: 2 },
  capacity: { type: "onDemand" },
};
const TEAM = { name: "mig-test", slices: { small: 8, medium: 4, large: 4 } };
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1d"];
const FASHION_MNIST = { type: "deployed", team: "mig-test", colocate: false };
/** Everything that a case changes, as it is deployed. */
const DEPLOYED = {
  apiServerAccess: "private",
  availabilityZones: ZONES,
  natGateways: "single",
  logRetentionDays: 30,
  systemPool: { instanceType: "m6i.large", size: { desired: 2, min: 1, max: 4 } },
  gpuPools: [POOL],
  teams: [TEAM],
  fashionMnist: FASHION_MNIST,
  charts: STAND_IN_CHARTS,
  tags: { environment: "dev" },
};

let deployment: Deployment;
let program: PulumiFn;
beforeAll(async () => {
  deployment = await Deployment.open({ config: DEPLOYED });
  program = await stackProgram();
  const outcome = await deployment.workspace.up();
  if (!outcome.succeeded) {
    throw new Error(outcome.stdout);
  }
});
afterAll(() => deployment.close());

async function previewOf(settings: object, options?: RunOptions): Promise<Outcome> {
  await deployment.configure({ ...settings });
  try {
    const outcome = await deployment.workspace.preview(options);
    expect(errorsOf(outcome)).toEqual([]);
    expect(outcome.violations.filter(({ enforcementLevel, isDowngraded }) => isDowngraded || enforcementLevel === "mandatory")).toEqual([]);
    return outcome;
  } finally {
    await deployment.configure(DEPLOYED);
  }
}

/** Steps of components say nothing of their own. */
const COMPONENT = /^(shared-gpu|awsx|eks):/;
const SHORT = { "create-replacement": "", "delete-replaced": "" } as const;

/** `update NodeGroup a100`, sorted; a replacement is one line. */
function changes({ steps }: Outcome): readonly string[] {
  return steps
    .filter(({ op, type }) => !COMPONENT.test(type) && !(op in SHORT))
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();
}

const GATE_ANEW = ["replace ConfigMap partition-gate", "replace Job partition-gate"];
const WORKLOADS_ANEW = ["replace Deployment mig-small-inference", "replace Job mig-large-training", "replace Job mig-medium-training"];
const HALF_SMALL = {
  name: "half-small",
  gpus: [
    { devices: [0, 1, 2, 3], profiles: { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 } },
    { devices: [4, 5, 6, 7], profiles: { "1g.5gb": 7 } },
  ],
};

test.each<{ readonly change: string; readonly settings: object; readonly expected: readonly string[] }>([
  { change: "nothing", settings: {}, expected: [] },
  {
    change: "one more node",
    settings: { gpuPools: [{ ...POOL, size: { desired: 2, min: 1, max: 2 } }] },
    expected: [...GATE_ANEW, "update NodeGroup a100"],
  },
  {
    change: "another layout, which no node is replaced for",
    settings: { gpuPools: [{ ...POOL, layout: HALF_SMALL }] },
    expected: [...GATE_ANEW, "update NodeGroup a100", "update Release gpu-operator"],
  },
  {
    change: "larger volumes of GPU nodes",
    settings: { gpuPools: [{ ...POOL, volumeGiB: 300 }] },
    expected: ["update LaunchTemplate a100", "update NodeGroup a100"],
  },
  {
    change: "another instance type",
    settings: { gpuPools: [{ ...POOL, instanceType: "p4de.24xlarge" }] },
    expected: [
      ...GATE_ANEW,
      ...WORKLOADS_ANEW,
      "replace NodeGroup a100",
      ...["large", "medium", "small"].map((tier) => `update DeviceClass mig-${tier}.nvidia.com`),
      "update ResourceQuota mig-test",
    ],
  },
  {
    change: "a team more",
    settings: { teams: [TEAM, { name: "team-b", slices: { small: 2 } }] },
    expected: [
      "create LimitRange team-b",
      "create Namespace team-b",
      ...["default-deny", "dns", "https", "within-team"].map((rule) => `create NetworkPolicy team-b-${rule}`),
      ...["large", "medium", "small"].map((tier) => `create ResourceClaimTemplate team-b-mig-${tier}-template`),
      "create ResourceQuota team-b",
    ],
  },
  {
    change: "fewer slices for a team",
    settings: { teams: [{ ...TEAM, slices: { small: 6, medium: 4, large: 4 } }] },
    expected: ["update ResourceQuota mig-test"],
  },
  {
    change: "workloads on one GPU",
    settings: { fashionMnist: { ...FASHION_MNIST, colocate: true } },
    expected: ["create ResourceClaim fashion-mnist-shared", ...WORKLOADS_ANEW],
  },
  {
    change: "who may reach the API server",
    settings: { apiServerAccess: "203.0.113.7/32" },
    expected: ["update Cluster control-plane-eksCluster"],
  },
  { change: "log retention", settings: { logRetentionDays: 60 }, expected: ["update LogGroup control-plane-logs"] },
  {
    change: "a NAT gateway in every zone",
    settings: { natGateways: "onePerAz" },
    expected: [2, 3].flatMap((zone) => [
      `create Eip network-${zone}`,
      `create NatGateway network-${zone}`,
      `update Route network-private-${zone}`,
    ]),
  },
  {
    // The system pool spans every zone, and EKS does not change a node group's subnets: its new nodes come before the old ones go.
    change: "a zone more, which moves no subnet and no GPU node",
    settings: { availabilityZones: [...ZONES, "us-east-1c"] },
    expected: [
      ...["Route", "RouteTable", "RouteTableAssociation", "Subnet"].flatMap((type) =>
        ["private", "public"].map((side) => `create ${type} network-${side}-4`),
      ),
      "replace NodeGroup system",
      "update Cluster control-plane-eksCluster",
      "update VpcEndpoint com.amazonaws.us-east-1.s3",
    ],
  },
  {
    change: "values of a chart",
    settings: {
      charts: { ...STAND_IN_CHARTS, kubePrometheusStack: { ...STAND_IN_CHARTS.kubePrometheusStack, values: { commonLabels: { a: "b" } } } },
    },
    expected: ["update Release monitoring"],
  },
])("$change", async ({ settings, expected }) => {
  expect(changes(await previewOf(settings))).toEqual([...expected].sort());
});

test("the version of a chart: the release, and the gate again", async () => {
  const folder = join(deployment.workspace.folder, "newer-driver");
  cpSync(STAND_IN_CHARTS.draDriver.chart, folder, { recursive: true });
  writeFileSync(join(folder, "Chart.yaml"), readFileSync(join(folder, "Chart.yaml"), "utf8").replace("25.8.1", "25.8.2"));
  const charts = { ...STAND_IN_CHARTS, draDriver: { chart: folder, version: "25.8.2" } };
  expect(changes(await previewOf({ charts }))).toEqual(["replace Job partition-gate", "update Release dra-driver"]);
});

test("tags: every AWS resource, the nodes of both pools among them, and nothing in the cluster", async () => {
  const outcome = await previewOf({ tags: { environment: "dev", owner: "me" } });
  expect(outcome.steps.filter(({ op }) => op !== "update")).toEqual([]);
  expect(outcome.steps.filter(({ type }) => type.startsWith("kubernetes:"))).toEqual([]);
  expect(changes(outcome)).toEqual(expect.arrayContaining(["update NodeGroup a100", "update NodeGroup system", "update Vpc network"]));
});

test("an edited script: its ConfigMap and the pods that read it", async () => {
  const read = fs.readFileSync;
  const edited = jest.spyOn(jest.requireActual<typeof fs>("node:fs"), "readFileSync").mockImplementation(((
    ...args: Parameters<typeof read>
  ) => {
    const content = read(...args);
    return String(args[0]).endsWith("fashion_mnist/training.py") ? `${String(content)}\n# edited\n` : content;
  }) as typeof read);
  try {
    expect(changes(await previewOf({}))).toEqual(["replace ConfigMap fashion-mnist", ...WORKLOADS_ANEW].sort());
  } finally {
    edited.mockRestore();
  }
});

/** The program with other arguments for every resource of a type. */
function withProperties(type: string, change: (properties: Readonly<Record<string, object>>) => object): PulumiFn {
  return async () => {
    runtime.registerStackTransformation((args) =>
      args.type === type
        ? { props: { ...args.props, ...change(args.props as Readonly<Record<string, object>>) }, opts: args.opts }
        : undefined,
    );
    return program();
  };
}

test("another claim template: it is replaced, since its spec cannot be changed, and the pods that run keep their claims", async () => {
  const spec = {
    spec: {
      devices: {
        requests: [{ name: "renamed", exactly: { deviceClassName: "mig-small.nvidia.com", allocationMode: "ExactCount", count: 1 } }],
      },
    },
  };
  const renamed = withProperties("kubernetes:resource.k8s.io/v1:ResourceClaimTemplate", () => ({ spec }));
  const expected = ["large", "medium", "small"].map((tier) => `replace ResourceClaimTemplate mig-test-mig-${tier}-template`);
  expect(changes(await previewOf({}, { program: renamed }))).toEqual(expected);

  const claims = () => deployment.api.list("/apis/resource.k8s.io/v1/namespaces/mig-test/resourceclaims");
  const before = (await claims()).map(({ metadata }) => String(metadata["uid"])).sort();
  const outcome = await deployment.workspace.up({ program: renamed });
  expect(errorsOf(outcome)).toEqual([]);
  expect((await claims()).map(({ metadata }) => String(metadata["uid"])).sort()).toEqual(before);
  const templates = await deployment.api.list("/apis/resource.k8s.io/v1/namespaces/mig-test/resourceclaimtemplates");
  expect(templates.map(({ spec: { spec: claim } }) => String(claim.devices.requests[0].name))).toEqual(["renamed", "renamed", "renamed"]);
});

test("another storage class: it alone is replaced, and what has volumes of it stays", async () => {
  const throughput = withProperties("kubernetes:storage.k8s.io/v1:StorageClass", ({ parameters }) => ({
    parameters: { ...parameters, throughput: "250" },
  }));
  // Without a preview, as docs/operations.md says: the provider does not take the API server's words for a field that cannot be changed.
  const outcome = await deployment.workspace.up({ program: throughput });
  expect(errorsOf(outcome)).toEqual([]);
  // The templates change back from those of the test before.
  expect(changes(outcome).filter((change) => !change.includes("ResourceClaimTemplate"))).toEqual(["replace StorageClass gp3"]);
});
