/** The command line of `npm run relayout`, and what it prints. */
import { PassThrough } from "node:stream";
import { confirm } from "../../src/cli/confirm";
import { HELP, readRelayoutArguments } from "../../src/cli/relayout/arguments";
import { planJson } from "../../src/cli/relayout/json";
import { formatDeclined, formatLasting, formatLost, formatPlan, formatRestarted, formatStop, stepText } from "../../src/cli/relayout/text";
import type { Halted } from "../../src/cli/relayout/text";
import { resolveLayout } from "../../src/hardware/layouts";
import { planRelayout } from "../../src/relayout/plan";
import type { Plan } from "../../src/relayout/plan";
import { poolNodes } from "../../src/relayout/pool";
import type { PoolNode } from "../../src/relayout/pool";
import { PLAIN } from "../../src/rehearsal/report/style";
import { instanceId } from "../../src/fleet/nodes/nodes";
import { POOL, World } from "../relayout/world";
import type { WorldNode } from "../relayout/world";

const OPTIONS = { style: PLAIN, width: 100 };
const NAMES = { context: "the cluster", stack: "production", restart: undefined, drainMinutes: 15, asks: true };

describe("the command line", () => {
  test.each<readonly [string, object]>([
    [
      "--layout all-1g.5gb --dry-run",
      {
        work: { type: "layout", layout: "all-1g.5gb" },
        what: { type: "planStack" },
        stack: "dev",
        pool: undefined,
        nodes: [],
        drainMinutes: 15,
      },
    ],
    ["--layout all-1g.5gb --dry-run --from state.json", { what: { type: "planFile", path: "state.json" } }],
    ["--layout all-1g.5gb --dry-run --context c", { what: { type: "planLive", context: "c" } }],
    ["--layout all-1g.5gb --context c", { what: { type: "run", context: "c", asks: true } }],
    ["--layout all-1g.5gb --context c --yes", { what: { type: "run", context: "c", asks: false } }],
    ["--layout all-1g.5gb --context c --node a --node b --drain-minutes 90", { nodes: ["a", "b"], drainMinutes: 90 }],
    ["--reboot --dry-run", { work: { type: "reboot" }, restart: undefined, what: { type: "planStack" } }],
    ["--reboot --context c --run ./reboot", { work: { type: "reboot" }, restart: "./reboot" }],
    ["--layout all-1g.5gb --dry-run --json", { what: { type: "planStack" }, json: true }],
    ["--help", { type: "help" }],
  ])("%s", (line, expected) => {
    expect(readRelayoutArguments(line.split(" "))).toMatchObject(expected);
  });

  test.each([
    ["--context c", "name a layout: --layout NAME"],
    ["--layout a", "name a cluster: --context NAME. Or write --dry-run"],
    ["--layout a --from f", "name a cluster: --context NAME. Or write --dry-run"],
    ["--layout a --context c --from f --dry-run", "--context and --from are different sources"],
    ["--layout a --context c --drain-minutes 0", "--drain-minutes 0: write a number of minutes"],
    [
      "--layout a --context c --drain-minutes 10000000000000000000000",
      "--drain-minutes 10000000000000000000000: write a number of minutes",
    ],
    ["--layout a --context c --drain-minutes 1h", "--drain-minutes 1h: write a number of minutes"],
    ["--layout a --reboot --context c", "--layout and --reboot are different work"],
    ["--layout a --context c --run x", "--run is the command that restarts a node"],
    ["--reboot --dry-run --run x", "--run is the command that restarts a node"],
    ["--layout a --context c --json", "--json prints the plan of --dry-run: write --dry-run too"],
    ["--layout a --cluster c", "Unknown option '--cluster'"],
  ])("%s is refused", (line, message) => {
    expect(() => readRelayoutArguments(line.split(" "))).toThrow(message);
  });

  test("the examples of the help can be read", () => {
    const examples = [...HELP.matchAll(/^ {2}npm run relayout -- (--[^[\]\n]+)$/gm)].map(([, line = ""]) => line);
    expect(examples.length).toBeGreaterThan(3);
    for (const line of examples) {
      const words = [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
      expect(readRelayoutArguments(words)).toMatchObject({ type: "relayout" });
    }
  });
});

test.each([
  ["y\n", true],
  ["Yes\n", true],
  ["\n", false],
  ["no\n", false],
  ["yellow\n", false],
  ["", false],
])("the answer %j is taken for %s", async (answer, expected) => {
  const input = new PassThrough();
  const agreed = confirm("? ", input, new PassThrough());
  input.end(answer);
  expect(await agreed).toBe(expected);
});

function planOf(world: World): Plan {
  const planning = planRelayout(
    world.snapshot(),
    { pool: POOL, work: { type: "layout", layout: "all-1g.10gb" }, nodes: [] },
    resolveLayout,
  );
  if (planning.type !== "plan") {
    throw new Error(JSON.stringify(planning));
  }
  return planning.plan;
}

function nodeOf(world: World, index: number): PoolNode {
  const { name } = world.node(index);
  const [node] = poolNodes(world.snapshot().objects, (each) => each === name);
  if (node === undefined) {
    throw new Error(`no ${name}`);
  }
  return node;
}

const begun = () => {
  const world = new World({ nodes: 2 });
  Object.assign(world.node(0), { record: '{"type":"layout","from":"all-balanced","to":"all-1g.10gb"}', isCordoned: true });
  return world;
};

test("a plan names the nodes in their order, and every pod that is evicted", () => {
  const world = new World({
    nodes: 2,
    pods: [
      { node: 0, owner: "web" },
      { node: 1, owner: "train" },
    ],
  });
  const plan = planOf(world);
  const text = formatPlan(plan, OPTIONS);
  expect([...text.matchAll(/^ +\d+ +(node-\d) +all-balanced +all-1g\.10gb/gm)].map(([, name]) => name)).toEqual(plan.nodes);
  expect(plan.evicts.map(({ name }) => name).filter((name) => !text.includes(`team-a/${name}`))).toEqual([]);
});

test("a plan as JSON says of each node what happens to it, and of each pod", () => {
  const world = new World({
    nodes: 3,
    pods: [
      { node: 0, owner: "web" },
      { node: 1, owner: "train" },
    ],
  });
  Object.assign(world.node(2), { layout: "all-1g.10gb", gpus: "all-1g.10gb", published: "all-1g.10gb" });
  Object.assign(world.node(1), { record: '{"type":"layout","from":"all-balanced","to":"all-1g.10gb"}', isCordoned: true });
  const plan = planOf(world);
  const report = planJson({ type: "plan", plan });
  expect(JSON.parse(JSON.stringify(report))).toMatchObject({
    ...{ format: 1, verdict: "keeps", pool: POOL, work: "layout", layout: "all-1g.10gb", devices: { "1g.10gb": 7 }, done: ["node-3"] },
    nodes: [
      { name: "node-2", from: "all-balanced", to: "all-1g.10gb", isBegun: true, isTriedAgain: false },
      { name: "node-1", from: "all-balanced", to: "all-1g.10gb", isBegun: false, isTriedAgain: false },
    ],
  });
  expect([...report.evicts].sort()).toEqual(world.pods.map(({ name }) => `team-a/${name}`).sort());
  expect(report.effect?.stopped.map(({ pod }) => pod)).toEqual(expect.arrayContaining([...report.evicts]));
  expect(report.nodes.reduce((sum, { stops }) => sum + stops, 0)).toBeGreaterThanOrEqual(report.evicts.length);
});

test("a plan as JSON of nodes that all have the layout has nothing to do", () => {
  const world = new World({ nodes: 1, layout: "all-1g.10gb" });
  const planning = planRelayout(
    world.snapshot(),
    { pool: undefined, work: { type: "layout", layout: "all-1g.10gb" }, nodes: [] },
    resolveLayout,
  );
  expect(planning.type === "invalid" ? planning : planJson(planning)).toEqual({
    ...{
      format: 1,
      verdict: "done",
      pool: POOL,
      work: "layout",
      layout: "all-1g.10gb",
      nodes: [],
      done: ["node-1"],
      joined: [],
      devices: null,
      evicts: [],
      effect: null,
    },
  });
});

test("a node that is begun comes first, and is said to be taken up again where MIG Manager has failed", () => {
  const world = begun();
  Object.assign(world.node(1), { record: world.node(0).record, isCordoned: true, layout: "all-1g.10gb", migState: "failed" });
  Object.assign(world.node(0), { record: undefined, isCordoned: false });
  expect(planOf(world).nodes).toEqual(["node-2", "node-1"]);
  expect(formatPlan(planOf(world), OPTIONS)).toMatch(/1 +node-2 .*MIG Manager tries again/);
});

describe("a relayout that has stopped", () => {
  const world = begun();
  const [plan, node] = [planOf(world), nodeOf(world, 0)];
  const text = (stop: Halted) => formatStop(stop, plan, NAMES, OPTIONS);
  const AGAIN = `npm run relayout -- --context 'the cluster' --stack production --pool ${POOL} --layout all-1g.10gb`;
  const BACK = `npm run relayout -- --context 'the cluster' --stack production --pool ${POOL} --layout all-balanced --node node-1`;

  test.each<readonly [string, Halted, RegExp]>([
    ["MIG Manager", { type: "failed", node }, /-n gpu-operator logs -l app=nvidia-mig-manager/],
    [
      "pods",
      { type: "late", node, phase: "drain", blockers: ["a/b: the budget needs it"] },
      /the budget needs it[^]*get pods --all-namespaces/,
    ],
    [
      "MIG Manager in silence",
      { type: "late", node, phase: "partition", blockers: [] },
      /-n gpu-operator delete pod -l app=nvidia-mig-manager/,
    ],
    [
      "slices",
      { type: "late", node, phase: "publication", blockers: [] },
      /-n nvidia-dra-driver delete pod --field-selector spec.nodeName=node-1/,
    ],
    ["something else", { type: "obstacle", node, problems: ["a pod is in the way"] }, /a pod is in the way/],
  ])("by %s says why, how to go on and how to go back", (_, stop, reason) => {
    const lines = text(stop).split("\n");
    expect(text(stop)).toMatch(reason);
    expect(lines).toEqual(expect.arrayContaining([AGAIN, BACK]));
  });

  test("with some nodes goes on with the same ones", () => {
    const some = { ...plan, asked: ["node-1", "node-2"] };
    expect(formatStop({ type: "failed", node }, some, NAMES, OPTIONS).split("\n")).toContain(`${AGAIN} --node node-1 --node node-2`);
  });

  test("goes on with the same options, and asks before it goes back", () => {
    const names = { ...NAMES, drainMinutes: 90, asks: false };
    expect(formatStop({ type: "failed", node }, plan, names, OPTIONS).split("\n")).toEqual(
      expect.arrayContaining([`${AGAIN} --drain-minutes 90 --yes`, `${BACK} --drain-minutes 90`]),
    );
  });

  test("in the middle says where it was, and how to go back", () => {
    const lines = formatLost("nodes is forbidden", plan, node, NAMES, OPTIONS).split("\n");
    expect(lines).toEqual(expect.arrayContaining(["Stopped at node-1, which may be cordoned.", "- nodes is forbidden", AGAIN, BACK]));
  });

  test("because the cluster is out of reach says how to go on", () => {
    expect(formatLost("connect ECONNREFUSED", plan, undefined, NAMES, OPTIONS)).toContain(`connect ECONNREFUSED`);
    expect(formatLost("connect ECONNREFUSED", plan, undefined, NAMES, OPTIONS).split("\n")).toContain(AGAIN);
  });

  test("because a command has failed shows what it has printed, and no control character of it", () => {
    expect(formatLost("aws ended with code 1: \u001b[2Jno rights", plan, node, NAMES, OPTIONS)).toContain("code 1: \\x1b[2Jno rights");
  });

  test("because somebody does not agree says how to take a node back that is begun", () => {
    expect(formatDeclined(plan, true, NAMES, OPTIONS).split("\n")).toContain(BACK);
    expect(formatDeclined(planOf(new World({ nodes: 1 })), true, NAMES, OPTIONS)).toBe("Nothing was changed.\n");
  });

  test("before it has begun on a node needs no way back", () => {
    const said = text({ type: "obstacle", node: nodeOf(world, 1), problems: ["it is not Ready"] });
    expect(said).toContain("node-2, which is as it was");
    expect(said).toContain(AGAIN);
    expect(said).not.toContain("--node");
  });
});

describe("what makes it last", () => {
  const GROUP = "prod-h100-20261128120000123400000001";
  const POOLS = { stack: "production", clusterName: "prod", gpuPools: ["a100", "h100", "h100-2"] };
  const lasting = (layout: string, pools = POOLS, isWhole = true) => formatLasting({ pool: GROUP, layout, isWhole }, pools, OPTIONS);

  test("is a key of the stack", () => {
    expect(lasting("all-1g.10gb")).toContain("pulumi config set --path 'gpuPools[1].layout' all-1g.10gb --stack production\n");
    expect(lasting("all-1g.10gb")).toContain("pulumi up --stack production\n");
  });

  test.each([
    ["has no such pool", { ...POOLS, gpuPools: ["a100"] }],
    ["is of another cluster, with a pool of this name", { ...POOLS, clusterName: "dev" }],
    ["is elsewhere", { ...POOLS, clusterName: "", gpuPools: [] }],
  ])("is no command where the stack %s", (_, pools) => {
    const text = lasting("all-1g.10gb", pools);
    expect(text).toContain(`# no pool of Pulumi.production.yaml calls its node group ${GROUP}`);
    expect(text).not.toMatch(/^(pulumi|npm) .*--stack/m);
  });

  test("is no name of a layout of the stack's own, which is more than a name", () => {
    expect(lasting("more-small")).not.toContain("pulumi config set");
    expect(lasting("more-small")).toContain("write the layout more-small into gpuPools[1].layout of Pulumi.production.yaml");
  });

  test("is nothing while the nodes of the pool differ", () => {
    expect(lasting("all-1g.10gb", POOLS, false)).not.toContain("pulumi config");
    expect(lasting("all-1g.10gb", POOLS, false).replace(/\s+/g, " ")).toContain("A pool has one layout in the stack");
  });
});

test("every step has a line that begins with its node", () => {
  const world = begun();
  const node = nodeOf(world, 0);
  const record = { type: "layout", from: "a", to: "b" } as const;
  const pod = { namespace: "team-a", name: "web", uid: "1", isEnding: false, owner: { type: "none" } } as const;
  const steps: readonly Parameters<typeof stepText>[0][] = [
    ...(["begin", "turnBack", "relabel"] as const).map((type) => ({ type, node, record })),
    ...(["cordon", "retry", "finish"] as const).map((type) => ({ type, node })),
    { type: "evict", node, pods: [pod] },
    { type: "restartPlugin", node, plugin: pod },
    { type: "clearState", node, record: { type: "reboot" } },
    { type: "reboot", node, instance: { id: "i-0a", region: "us-east-1" } },
    ...(["drain", "restart", "partition", "publication"] as const).map((phase) => ({ type: "wait", node, phase }) as const),
  ];
  const lines = steps.map((step) => stepText(step, NAMES));
  expect(lines.filter((line) => !line.startsWith("node-1: "))).toEqual([]);
  expect(new Set(lines).size).toBe(lines.length);
});

describe("a restart", () => {
  const REBOOT = { pool: POOL, work: { type: "reboot" }, nodes: [] } as const;
  const rebootPlan = (world: World, nodes: readonly string[] = [], run = world.run): Plan => {
    const planning = planRelayout(world.snapshot(), { ...REBOOT, nodes }, resolveLayout, run);
    if (planning.type !== "plan") {
      throw new Error(JSON.stringify(planning));
    }
    return planning.plan;
  };
  const id = instanceId("node-1");
  const AWS = `aws ec2 reboot-instances --instance-ids ${id} --region us-east-1`;
  const instance = { id, region: "us-east-1" };
  /** @param bootId of the record. */
  const drained = (bootId: string | undefined, more: Partial<WorldNode> = {}) => {
    const world = new World({ nodes: 2 });
    Object.assign(world.node(0), { record: JSON.stringify({ type: "reboot", bootId }), isCordoned: true, ...more });
    return world;
  };

  test("is said with the command that does it, or with that of the operator", () => {
    const step = { type: "reboot", node: nodeOf(new World({ nodes: 1 }), 0), instance } as const;
    expect(stepText(step, NAMES)).toMatch(new RegExp(`: ${AWS}$`));
    expect(stepText(step, { ...NAMES, restart: "reboot $NODE" })).toBe("node-1: restart it by reboot $NODE");
  });

  test("keeps the layout of each node, in the plan and as JSON", () => {
    const world = new World({ nodes: 2, pods: [{ node: 0, owner: "web" }] });
    Object.assign(world.node(1), { layout: "all-1g.10gb", gpus: "all-1g.10gb", published: "all-1g.10gb" });
    const plan = rebootPlan(world);
    expect(formatPlan(plan, OPTIONS)).toMatch(/node-2 +all-1g\.10gb +\d/);
    expect(planJson({ type: "plan", plan })).toMatchObject({
      ...{ format: 1, verdict: "keeps", work: "reboot", layout: null, devices: null, done: [] },
      nodes: expect.arrayContaining([
        expect.objectContaining({ name: "node-2", from: "all-1g.10gb", to: "all-1g.10gb", devices: { "1g.10gb": 7 } }),
      ]) as unknown,
      effect: { change: "restart of 2 nodes of pool h100, one after the other" },
    });
  });

  test("that has begun before is said, with what forgets it", () => {
    const world = new World({ nodes: 2 });
    const text = formatPlan(
      rebootPlan(world, [], {
        isWhole: true,
        boots: new Map([
          ["node-1", "boot of node-1"],
          ["node-2", "boot of before"],
        ]),
      }),
      OPTIONS,
    );
    expect(text).toMatch(/Have restarted already, in a run that has begun before\n +node-2\n/);
    expect(text).toContain("kubectl -n gpu-operator delete lease shared-gpu-h100-relayout");
    expect(formatPlan(rebootPlan(world), OPTIONS)).not.toContain("delete lease");
  });

  test("goes on with the same command, for the same nodes", () => {
    const plan = rebootPlan(new World({ nodes: 2 }), ["node-2"]);
    const goOn = (names: typeof NAMES | (Omit<typeof NAMES, "restart"> & { restart: string })) =>
      formatLost("it is gone", plan, undefined, names, OPTIONS);
    expect(goOn(NAMES)).toContain(`npm run relayout -- --context 'the cluster' --stack production --pool ${POOL} --reboot --node node-2\n`);
    expect(goOn({ ...NAMES, restart: 'reboot "$NODE"' })).toContain(`--reboot --run 'reboot "$NODE"' --node node-2\n`);
  });

  const stopped = (world: World, stop: Omit<Extract<Halted, { type: "late" }>, "node"> | { readonly type: "failed" }) =>
    formatStop({ ...stop, node: nodeOf(world, 0) } as Halted, rebootPlan(world), NAMES, OPTIONS).split("\n");
  const late = (phase: "drain" | "restart" | "partition") => ({ type: "late", phase, blockers: [] }) as const;
  const LEAVE = [
    "kubectl --context 'the cluster' annotate node node-1 shared-gpu/relayout-",
    "kubectl --context 'the cluster' uncordon node-1",
  ];

  test("of a node that is not drained in time can be left out", () => {
    expect(stopped(drained(undefined), late("drain"))).toEqual(expect.arrayContaining(LEAVE));
  });

  test("of a node that does not come back is tried again, or another instance comes", () => {
    const lines = stopped(drained("boot of node-1", { migState: undefined }), late("restart"));
    const mig = `kubectl --context 'the cluster' -n gpu-operator delete pod -l app=nvidia-mig-manager --field-selector spec.nodeName=node-1`;
    expect(lines).toEqual(expect.arrayContaining([AWS, AWS.replace("reboot-", "terminate-"), mig, ...LEAVE]));
  });

  test("has no way back once it has happened", () => {
    const world = drained("boot of before", { migState: "failed" });
    const lines = stopped(world, { type: "failed" });
    expect(lines.filter((line) => /^(kubectl|npm|aws)/.test(line))).toEqual([
      expect.stringContaining("logs -l app=nvidia-mig-manager") as string,
      `npm run relayout -- --context 'the cluster' --stack production --pool ${POOL} --reboot`,
    ]);
  });

  test("of a node that is not Ready afterwards names the command that replaces it", () => {
    const lines = stopped(drained("boot of before", { isReady: false }), late("partition"));
    expect(lines).toContain(AWS.replace("reboot-", "terminate-"));
  });

  test("that has ended says so", () => {
    const ended = (isWhole: boolean, joined: readonly string[]) => formatRestarted({ pool: POOL, isWhole, joined }, NAMES, OPTIONS);
    expect(ended(true, [])).toContain("every node of pool h100 restarted");
    expect(ended(false, [])).toContain("these nodes restarted");
    expect(ended(true, ["node-9"])).toMatch(
      /these nodes restarted[^]*\nnpm run relayout -- --context 'the cluster' --stack production --pool h100 --reboot --node node-9\n/,
    );
  });
});
