/**
 * What a change of the configuration does: the rows of "What a change does" in docs/operations.md as data. `changes.test.ts` runs them, and
 * `test/docs/operations.test.ts` holds the document against them, so that what is written is what is run.
 */
import { STAND_IN_CHARTS } from "./stand-in-charts";

export type Settings = Readonly<Record<string, unknown>>;

/** What the engine does, and how the document says it. Steps are written `update NodeGroup a100`; a replacement is one step. */
export interface Effect {
  readonly words: string;
  readonly steps: readonly string[];
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
  | { readonly type: "refused"; readonly words: string; readonly message: RegExp };

export interface Row {
  /** What is changed, in Markdown. */
  readonly change: string;
  /** The changed settings. @param now all settings as they are deployed. */
  readonly settings: (now: Settings) => Settings;
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
const SECOND = { ...POOL, name: "second" };
const HOPPER = { ...POOL, name: "h100", instanceType: "p5.4xlarge" };
const MIG_TEST = { name: "mig-test", slices: { small: 8, medium: 4, large: 4 } };
const TEAM = { name: "team", slices: { small: 2 }, group: "team", principalArns: ["arn:aws:iam::111122223333:role/team"] };
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1d"];
const FASHION_MNIST = { type: "deployed", team: "mig-test", colocate: false };

/** What is deployed before the first change. */
export const DEPLOYED = {
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

const GOES_ON: Running = { words: "goes on", examples: "the same", team: "the same" };
const EXAMPLES_ANEW = { examples: "new", team: "the same" } as const;
const ALL_ANEW = { examples: "new", team: "new" } as const;

const steps = (op: string, ...resources: readonly string[]): readonly string[] => resources.map((resource) => `${op} ${resource}`);
const ADMIN = ["AccessEntry control-plane-111122223333:role/admin", "AccessPolicyAssociation control-plane-111122223333:role/admin-admin"];
const GATE: Effect = { words: "the gate runs again", steps: steps("replace", "ConfigMap partition-gate", "Job partition-gate") };
const GATE_JOB: Effect = { words: GATE.words, steps: steps("replace", "Job partition-gate") };
const WORKLOADS = ["Deployment mig-small-inference", "Job mig-large-training", "Job mig-medium-training"];
const TIERS = ["large", "medium", "small"];
const CLASSES: Effect = { words: "the device classes", steps: TIERS.map((tier) => `update DeviceClass mig-${tier}.nvidia.com`) };

const poolsOf = ({ gpuPools }: Settings) => gpuPools as readonly (typeof POOL)[];
const teamsOf = ({ teams }: Settings) => teams as readonly (typeof MIG_TEST)[];
/** The first pool with other properties. */
const firstPool = (change: object) => (now: Settings) => ({
  gpuPools: poolsOf(now).map((pool, index) => (index === 0 ? { ...pool, ...change } : pool)),
});
const done = (running: Running, ...effects: readonly Effect[]): Result => ({ type: "done", effects, running });

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
  steps(op, `Role ${name}`, `LaunchTemplate ${name}`, `NodeGroup ${name}`);

/** In the order in which they are run, those of a list in one `up`: their steps do not meet, and pods fare alike under all of them. */
export const BATCHES: readonly (readonly Row[])[] = [
  [
    {
      change: "`apiServerAccess`, `supportType`, `logRetentionDays`, `natGateways`",
      settings: () => ({ apiServerAccess: "203.0.113.7/32", supportType: "STANDARD", logRetentionDays: 60, natGateways: "onePerAz" }),
      result: done(GOES_ON, {
        words: "that one thing",
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
      change: "`adminPrincipalArns`, one more",
      settings: () => ({ adminPrincipalArns: ["arn:aws:iam::111122223333:role/admin"] }),
      result: done(GOES_ON, {
        words: "its access entry",
        steps: steps("create", ...ADMIN),
      }),
    },
    {
      change: "`teams`, one more",
      settings: (now) => ({
        teams: [...teamsOf(now), { ...TEAM, name: "more", group: "more", principalArns: ["arn:aws:iam::111122223333:role/more"] }],
      }),
      result: done(GOES_ON, { words: "its namespace and what is in it, its members' access entries", steps: team("create", "more") }),
    },
    {
      change: "`charts.kubePrometheusStack`",
      settings: ({ charts }) => ({
        charts: {
          ...(charts as object),
          kubePrometheusStack: { ...STAND_IN_CHARTS.kubePrometheusStack, values: { commonLabels: { a: "b" } } },
        },
      }),
      result: done(GOES_ON, { words: "that release", steps: steps("update", "Release monitoring") }),
    },
    { change: "`overcommit`", settings: () => ({ overcommit: true }), result: done(GOES_ON, { words: "nothing", steps: [] }) },
  ],
];
