/**
 * What a change of the configuration does: the rows of "What a change does" in docs/operations.md as data. `changes.test.ts` runs them, and
 * `test/docs/operations.test.ts` holds the document against them, so that what is written is what is run.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { STAND_IN_CHARTS } from "../../harness/engine/stand-in-charts";

export type Settings = Readonly<Record<string, unknown>>;

/** What the engine does, and how the document says it. Steps are written `update NodeGroup a100`; a replacement is one step. */
export interface Effect {
  readonly words: string;
  readonly steps: readonly string[] | "every tagged resource";
}

/** What becomes of pods on GPUs: those of the example workloads, and those of a team beside them. */
export interface Running {
  readonly words: string;
  readonly examples: Fate;
  readonly team: Fate;
}
export type Fate = "the same" | "new" | "gone";

export type Result =
  | { readonly type: "done"; readonly effects: readonly Effect[]; readonly running: Running }
  /** The preview fails with such a message, and nothing is changed. */
  | { readonly type: "refused"; readonly message: RegExp };

export interface Row {
  /** What is changed, in Markdown. */
  readonly change: string;
  /** The changed settings. @param now all settings as they are deployed. @param folder for files that they need. */
  readonly settings: (now: Settings, folder: string) => Settings;
  /** Whether a script in `workloads/` is edited besides. @default false */
  readonly editsScript?: boolean;
  /** Whether the nodes of the pool have to be drained before. @default false */
  readonly drains?: boolean;
  readonly result: Result;
}

export const POOL = {
  name: "a100",
  instanceType: "p4d.24xlarge",
  layout: "all-balanced" as unknown,
  size: { desired: 1, min: 1, max: 3 },
  capacity: { type: "onDemand" },
};
const HOPPER = { ...POOL, name: "h100", instanceType: "p5.4xlarge" };
const HALF_SMALL = {
  name: "half-small",
  gpus: [
    { devices: [0, 1, 2, 3], profiles: { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 } },
    { devices: [4, 5, 6, 7], profiles: { "1g.5gb": 7 } },
  ],
};
const MIG_TEST = { name: "mig-test", slices: { small: 8, medium: 4, large: 4 } };
const TEAM = { name: "team", slices: { small: 2 }, group: "team", principalArns: ["arn:aws:iam::111122223333:role/team"] };
const MORE = { ...TEAM, name: "more", group: "more", principalArns: ["arn:aws:iam::111122223333:role/more"] };
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1d"];
const SYSTEM_POOL = { instanceType: "m6i.large", size: { desired: 3, min: 1, max: 4 } };
const FASHION_MNIST = { type: "deployed", team: "mig-test", colocate: false };

/** What is deployed before the first change. */
export const DEPLOYED = {
  clusterName: "shared-gpu-dev",
  apiServerAccess: "private",
  availabilityZones: ZONES,
  natGateways: "single",
  deletionProtection: true,
  logRetentionDays: 30,
  systemPool: { instanceType: "m6i.large", size: { desired: 2, min: 1, max: 4 } },
  gpuPools: [POOL],
  teams: [MIG_TEST, TEAM],
  fashionMnist: FASHION_MNIST,
  charts: STAND_IN_CHARTS,
  tags: { environment: "dev" },
};

const GOES_ON: Running = { words: "keep running", examples: "the same", team: "the same" };
const EXAMPLES_ANEW = { examples: "new", team: "the same" } as const;
const ALL_ANEW = { examples: "new", team: "new" } as const;

const steps = (op: string, ...resources: readonly string[]): readonly string[] => resources.map((resource) => `${op} ${resource}`);
const ADMIN = ["AccessEntry control-plane-111122223333:role/admin", "AccessPolicyAssociation control-plane-111122223333:role/admin-admin"];
const GATE: Effect = { words: "the gate runs again", steps: steps("replace", "ConfigMap partition-gate", "Job partition-gate") };
/** What monitoring expects of the pools. */
const RULES: Effect = { words: "the rules of monitoring", steps: steps("update", "PrometheusRule monitoring-rules") };
const NODE_GROUP: Effect = { words: "the node group", steps: steps("update", "NodeGroup a100") };
const QUOTAS = steps("update", "ResourceQuota mig-test", "ResourceQuota team");
const NOTHING: Effect = { words: "nothing", steps: [] };
const WORKLOADS = ["Deployment mig-small-inference", "Job mig-large-training", "Job mig-medium-training"];
const BESIDE_WORKLOADS = [
  "ConfigMap fashion-mnist",
  "NetworkPolicy mig-small-inference-metrics",
  "PersistentVolumeClaim fashion-mnist-checkpoints",
  "Service mig-small-inference",
  "ServiceMonitor mig-small-inference",
];
/** There while the example workloads share a GPU. */
const SHARED_CLAIM = "ResourceClaim fashion-mnist-shared";
const TIERS = ["large", "medium", "small"];

/** `SecurityGroup -sg` with the endpoint's name in between. */
const ofEndpoint = (resource: string) => resource.replace(" ", " com.amazonaws.us-east-1.ecr.api");

const poolsOf = ({ gpuPools }: Settings) => gpuPools as readonly (typeof POOL)[];
const teamsOf = ({ teams }: Settings) => teams as readonly (typeof MIG_TEST)[];
/** The first pool with other properties. */
const firstPool = (change: object) => (now: Settings) => ({
  gpuPools: poolsOf(now).map((pool, index) => (index === 0 ? { ...pool, ...change } : pool)),
});
/** The driver's chart in a version that does not exist. */
function newerChart(folder: string): object {
  const [chart, version] = [join(folder, "newer-driver"), "0.4.2"];
  cpSync(STAND_IN_CHARTS.draDriver.chart, chart, { recursive: true });
  const file = join(chart, "Chart.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("0.4.1", version));
  // Which hook such a version brings along is unknown to the policy pack; the node's own is known.
  return { chart, version, values: { nvidiaCDIHookPath: "/usr/bin/nvidia-cdi-hook" } };
}

/** One chart with other properties. */
const withChart =
  (chart: keyof typeof STAND_IN_CHARTS, change: object) =>
  ({ charts }: Settings) => ({ charts: { ...(charts as object), [chart]: { ...STAND_IN_CHARTS[chart], ...change } } });
const done = (running: Running, ...effects: readonly Effect[]): Result => ({ type: "done", effects, running });

const refused = (message: RegExp): Result => ({ type: "refused", message });

function team(op: "create" | "delete", name: string): readonly string[] {
  return steps(
    op,
    ...["LimitRange", "Namespace", "ResourceQuota", "Role", "RoleBinding"].map((kind) => `${kind} ${name}`),
    ...["default-deny", "dns", "https", "within-team"].map((rule) => `NetworkPolicy ${name}-${rule}`),
    ...TIERS.map((tier) => `ResourceClaimTemplate ${name}-mig-${tier}-template`),
    `AccessEntry control-plane-111122223333:role/${name}`,
  );
}

const pool = (op: "create" | "delete", name: string): readonly string[] =>
  steps(
    op,
    ...["LaunchTemplate", "NodeGroup", "Role"].map((kind) => `${kind} ${name}`),
    ...["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"].map((policy) => `RolePolicyAttachment ${name}-${policy}`),
  );

/** In the order in which they are run, those of a list in one `up`: their steps do not meet, and pods fare alike under all of them. */
export const BATCHES: readonly (readonly Row[])[] = [
  [
    {
      change: "`apiServerAccess`, `supportType`, `logRetentionDays`, `natGateways`",
      settings: () => ({ apiServerAccess: "203.0.113.7/32", supportType: "STANDARD", logRetentionDays: 60, natGateways: "onePerAz" }),
      result: done(GOES_ON, {
        words: "that setting only",
        steps: [
          ...steps("update", "Cluster control-plane-eksCluster", "LogGroup control-plane-logs"),
          ...[2, 3].flatMap((zone) => [
            ...steps("create", `Eip network-${zone}`, `NatGateway network-${zone}`),
            ...steps("update", `Route network-private-${zone}`),
          ]),
        ],
      }),
    },
    {
      change: "`interfaceEndpoints`",
      settings: () => ({ interfaceEndpoints: ["ecr.api"] }),
      result: done(GOES_ON, {
        words: "the endpoint and its security group",
        steps: steps("create", ...["VpcEndpoint ", "SecurityGroup -sg", "SecurityGroupRule -ingress"].map(ofEndpoint)),
      }),
    },
    {
      change: "`adminPrincipalArns`, one more",
      settings: () => ({ adminPrincipalArns: ["arn:aws:iam::111122223333:role/admin"] }),
      result: done(GOES_ON, { words: "the access entry", steps: steps("create", ...ADMIN) }),
    },
    {
      change: "`teams`, one more",
      settings: (now) => ({ teams: [...teamsOf(now), MORE] }),
      result: done(GOES_ON, { words: "its namespace with its contents, its members' access entries", steps: team("create", MORE.name) }),
    },
    {
      change: "`charts.kubePrometheusStack`, `monitoring.retentionDays`, `storageGiB`",
      settings: (now) => ({
        ...withChart("kubePrometheusStack", { values: { commonLabels: { a: "b" } } })(now),
        monitoring: { type: "inCluster", retentionDays: 14 },
      }),
      result: done(GOES_ON, { words: "that release", steps: steps("update", "Release monitoring") }),
    },
    { change: "`overcommit`", settings: () => ({ overcommit: true }), result: done(GOES_ON, NOTHING) },
  ],
  [
    {
      change: "`adminPrincipalArns`, one fewer",
      settings: () => ({ adminPrincipalArns: [] }),
      result: done(GOES_ON, { words: "the access entry, also under `deletionProtection`", steps: steps("delete", ...ADMIN) }),
    },
    {
      change: "`teams`, one fewer",
      settings: (now) => ({ teams: teamsOf(now).filter(({ name }) => name !== MORE.name) }),
      result: done(GOES_ON, { words: "**deletes its namespace with everything in it**", steps: team("delete", MORE.name) }),
    },
    {
      change: "`teams[].slices`, `pods`, `cpu`, `memoryGiB`, `storageGiB`, `ephemeralStorageGiB`, `objects`",
      settings: (now) => ({
        teams: teamsOf(now).map((each) => (each.name === MIG_TEST.name ? { ...each, slices: { ...each.slices, small: 6 } } : each)),
      }),
      result: done(GOES_ON, { words: "the quota", steps: steps("update", "ResourceQuota mig-test") }),
    },
    {
      change: "`gpuPools[].size`",
      settings: firstPool({ size: { desired: 2, min: 1, max: 3 } }),
      result: done(GOES_ON, NODE_GROUP, GATE),
    },
    {
      change: "`systemPool.size`",
      settings: () => ({ systemPool: SYSTEM_POOL }),
      result: done(GOES_ON, { words: "the node group", steps: steps("update", "NodeGroup system") }),
    },
    {
      change: "`charts.gpuOperator`, `charts.draDriver`",
      settings: (now, folder) => withChart("draDriver", newerChart(folder))(now),
      result: done(
        { ...GOES_ON, words: "keep running. The driver's plugin restarts" },
        { words: "that release", steps: steps("update", "Release dra-driver") },
        { words: "with another version, the gate runs again", steps: steps("replace", "Job partition-gate") },
      ),
    },
  ],
  [
    {
      change: "`fashionMnist.colocate`",
      settings: () => ({ fashionMnist: { ...FASHION_MNIST, colocate: true } }),
      result: done(
        { words: "the example pods are recreated", ...EXAMPLES_ANEW },
        {
          words: "the example workloads, their shared claim",
          steps: [...steps("create", SHARED_CLAIM), ...steps("replace", ...WORKLOADS)],
        },
      ),
    },
  ],
  [
    {
      change: "a script in `workloads/`",
      settings: () => ({}),
      editsScript: true,
      result: done(
        { words: "the example pods are recreated, and resume from the last checkpoint if it is shared", ...EXAMPLES_ANEW },
        { words: "the scripts, the example workloads", steps: steps("replace", "ConfigMap fashion-mnist", ...WORKLOADS) },
      ),
    },
    {
      change: "`partitionGate`",
      settings: () => ({ partitionGate: { timeoutMinutes: 60 } }),
      result: done({ words: "keep running", ...EXAMPLES_ANEW }, GATE),
    },
  ],
  [
    {
      change: "`fashionMnist.type`, `none`",
      settings: () => ({ fashionMnist: { type: "none" } }),
      result: done(
        { words: "the example pods are deleted", examples: "gone", team: "the same" },
        { words: "the example workloads", steps: steps("delete", ...WORKLOADS, ...BESIDE_WORKLOADS, SHARED_CLAIM) },
      ),
    },
  ],
  [
    {
      change: "`fashionMnist.type`, `deployed`",
      settings: () => ({ fashionMnist: FASHION_MNIST }),
      result: done(
        { words: "the example pods start", ...EXAMPLES_ANEW },
        { words: "the example workloads", steps: steps("create", ...WORKLOADS, ...BESIDE_WORKLOADS) },
      ),
    },
  ],
  [
    {
      change: "`gpuPools`, one more",
      settings: (now) => ({ gpuPools: [...poolsOf(now), HOPPER] }),
      result: done(
        GOES_ON,
        { words: "the node group with its role and launch template, the quotas", steps: [...pool("create", HOPPER.name), ...QUOTAS] },
        RULES,
        GATE,
      ),
    },
  ],
  [
    {
      change: "`availabilityZones`, one more at the end",
      settings: (now) => ({ availabilityZones: [...(now["availabilityZones"] as readonly string[]), "us-east-1c"] }),
      result: done(GOES_ON, {
        words: "adds subnets, also to the endpoints; replaces the system pool, new before old",
        steps: [
          ...["Route", "RouteTable", "RouteTableAssociation", "Subnet"].flatMap((type) =>
            ["private", "public"].flatMap((side) => steps("create", `${type} network-${side}-4`)),
          ),
          ...steps("create", "Eip network-4", "NatGateway network-4"),
          ...steps("replace", "NodeGroup system"),
          ...steps("update", "VpcEndpoint com.amazonaws.us-east-1.s3", ofEndpoint("VpcEndpoint ")),
        ],
      }),
    },
    {
      change: "`gpuPools[].capacity`",
      settings: (now) => ({
        gpuPools: poolsOf(now).map((each) =>
          each.name === HOPPER.name
            ? { ...each, capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0" }, availabilityZone: "us-east-1a" }
            : each,
        ),
      }),
      result: done(
        { ...GOES_ON, words: "are evicted, and recreated on the new nodes" },
        {
          words: "the launch template; replaces the node group, new before old",
          steps: [...steps("update", "LaunchTemplate h100"), ...steps("replace", "NodeGroup h100")],
        },
      ),
    },
  ],
  [
    {
      change: "`tags`",
      settings: () => ({ tags: { environment: "dev", owner: "me" } }),
      result: done(
        { words: "**EKS replaces the nodes of every pool**, because instances carry the tags", ...ALL_ANEW },
        { words: "every AWS resource, launch templates included", steps: "every tagged resource" },
      ),
    },
  ],
  [
    {
      change: "`gpuPools[].volumeGiB`",
      settings: firstPool({ volumeGiB: 300 }),
      result: done(
        { words: "**EKS replaces the nodes of the pool**", ...ALL_ANEW },
        { words: "the launch template and the node group", steps: steps("update", "LaunchTemplate a100", "NodeGroup a100") },
      ),
    },
    {
      change: "`systemPool.volumeGiB`",
      settings: () => ({ systemPool: { ...SYSTEM_POOL, volumeGiB: 100 } }),
      result: done(
        { words: "**EKS replaces its nodes**, and system pods move", ...ALL_ANEW },
        { words: "the launch template and the node group", steps: steps("update", "LaunchTemplate system", "NodeGroup system") },
      ),
    },
    {
      change: "`gpuPools`, one fewer",
      settings: (now) => ({ gpuPools: poolsOf(now).filter(({ name }) => name !== HOPPER.name) }),
      result: done(
        { words: "pods on it are evicted, and recreated where there is room", ...ALL_ANEW },
        { words: "its node group, role and launch template, the quotas", steps: [...pool("delete", HOPPER.name), ...QUOTAS] },
        RULES,
        GATE,
      ),
    },
  ],
  [
    {
      change: "`gpuPools[].layout`",
      settings: firstPool({ layout: HALF_SMALL }),
      drains: true,
      result: done(
        { words: "you must drain the pool first, see [below](#changing-a-layout)", ...ALL_ANEW },
        NODE_GROUP,
        { words: "the operator's layouts, if they are your own", steps: steps("update", "Release gpu-operator") },
        RULES,
        GATE,
      ),
    },
  ],
  [
    {
      change: "`gpuPools[].instanceType`, `availabilityZone`",
      settings: firstPool({ instanceType: "p4de.24xlarge", layout: "all-balanced", availabilityZone: "us-east-1b" }),
      result: done(
        { words: "are evicted, and recreated on the new nodes", ...ALL_ANEW },
        { words: "replaces the node group, new before old", steps: steps("replace", "NodeGroup a100") },
        { words: "with another GPU, the quotas", steps: QUOTAS },
        // The layout changes too: the one of the row above is not legal on this GPU.
        { words: "the operator's layouts, if they were your own", steps: steps("update", "Release gpu-operator") },
        RULES,
        GATE,
      ),
    },
    {
      change: "`systemPool.instanceType`",
      settings: () => ({ systemPool: { ...SYSTEM_POOL, instanceType: "m6i.xlarge" } }),
      result: done(
        { words: "system pods move", ...ALL_ANEW },
        {
          words: "replaces the node group, new before old",
          steps: [...steps("update", "LaunchTemplate system"), ...steps("replace", "NodeGroup system")],
        },
      ),
    },
  ],
  [
    {
      change: "`gpuPools[].name`",
      settings: firstPool({ name: "renamed" }),
      result: done(
        { words: "are evicted, and recreated on the new nodes", ...ALL_ANEW },
        { words: "creates a new pool, deletes the old one", steps: [...pool("create", "renamed"), ...pool("delete", "a100")] },
      ),
    },
    {
      change: "`deletionProtection`",
      settings: () => ({ deletionProtection: false }),
      result: done(
        { words: "keep running", ...ALL_ANEW },
        { words: "the cluster", steps: steps("update", "Cluster control-plane-eksCluster") },
      ),
    },
  ],
];

/** Changes that no deployed platform takes. They are previewed. */
export const REFUSED: readonly Row[] = [
  {
    change: "`vpcCidr`",
    settings: () => ({ vpcCidr: "10.8.0.0/16" }),
    result: refused(/vpcCidr.*a VPC keeps its range/),
  },
  {
    change: "`availabilityZones`, one fewer",
    settings: () => ({ availabilityZones: ZONES.slice(1) }),
    result: refused(/availabilityZones.*EKS cannot take a cluster out of a zone/),
  },
  {
    change: "`availabilityZones`, in another order",
    settings: ({ availabilityZones }) => ({ availabilityZones: [...(availabilityZones as readonly string[])].reverse() }),
    result: refused(/availabilityZones.*this order changes the subnets/),
  },
  {
    change: "`clusterName`, `aws:region`",
    settings: () => ({ clusterName: "another" }),
    result: refused(/clusterName.*EKS cannot rename a cluster/),
  },
];

export const ROWS: readonly Row[] = [...BATCHES.flat(), ...REFUSED];

/** A row as the document has it. */
export function cellsOf({ change, result }: Row): readonly [string, string, string] {
  return result.type === "refused"
    ? [change, "rejected in the preview: AWS cannot do it", "keep running"]
    : [change, result.effects.map(({ words }) => words).join("; "), result.running.words];
}
