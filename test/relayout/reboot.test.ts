/** Restarts of the nodes of a pool in a world that lives: how a run of them ends, whatever interrupts it. */
import fc from "fast-check";
import { resolveLayout } from "../../src/hardware/layouts";
import { planRelayout } from "../../src/relayout/plan";
import type { Plan, Planning } from "../../src/relayout/plan";
import { isContinuation, leaseNameOf, readRun, runText } from "../../src/relayout/run";
import type { Stop } from "../../src/relayout/step";
import { Killed, expectPlanned, run } from "./runs";
import type { Kill } from "./runs";
import { POOL, World } from "./world";

const LAYOUT = "all-balanced";

const planning = (world: World, nodes: readonly string[] = []): Planning =>
  planRelayout(world.snapshot(), { pool: POOL, work: { type: "reboot" }, nodes }, resolveLayout, world.run);

function planOf(world: World, nodes: readonly string[] = []): Plan {
  const found = planning(world, nodes);
  if (found.type !== "plan") {
    throw new Error(found.type === "invalid" ? found.problems.join("; ") : "every node has restarted");
  }
  return found.plan;
}

/** Carries a plan out as the command does: what the Lease keeps is written first, and goes once nothing is left of the run. */
async function reboot(world: World, plan: Plan, kill?: Kill): Promise<Stop | undefined> {
  if (plan.work.type === "reboot") {
    world.run = readRun(runText(plan.work.run));
  }
  const stop = await run(world, plan, kill);
  forget(world);
  return stop;
}

function forget(world: World): void {
  const found = planning(world);
  if (found.type === "done" && found.isRunOver) {
    world.run = undefined;
  }
}

const restarts = (world: World) => world.nodes.map((node) => node.restarts);

const asBefore = (world: World) => ({
  nodes: world.nodes.map(({ name }) => ({
    ...{ name, layout: LAYOUT, migState: "success", record: undefined, isCordoned: false, published: LAYOUT },
  })),
  owners: world.pods.map(({ owner }) => owner).sort(),
});

const busy = () =>
  new World({
    nodes: 3,
    pods: [
      { node: 0, owner: "web" },
      { node: 1, owner: "web" },
      { node: 1, owner: "train" },
    ],
  });

describe("a run of reboots", () => {
  test("restarts one node after the other, once, and evicts what is on them", async () => {
    const world = busy();
    const plan = planOf(world);
    expect(plan.effect.change).toBe("restart of 3 nodes of pool h100, one after the other");
    expect(await reboot(world, plan)).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1, 1]);
    expect(world.end()).toEqual(asBefore(world));
    expectPlanned(plan, world.evicted);
  });

  test("is another one the next time", async () => {
    const world = busy();
    await reboot(world, planOf(world));
    await reboot(world, planOf(world));
    expect(restarts(world)).toEqual([2, 2, 2]);
  });

  test("of one node leaves the others alone", async () => {
    const world = new World({ nodes: 2, pods: [{ node: 1, owner: "web" }] });
    expect(await reboot(world, planOf(world, ["node-1"]))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 0]);
    expect(world.evicted).toEqual([]);
  });

  test("keeps the layout of each node where they differ", async () => {
    const world = new World({ nodes: 2 });
    Object.assign(world.node(1), { layout: "all-1g.10gb", gpus: "all-1g.10gb", published: "all-1g.10gb", handled: "all-1g.10gb" });
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(world.nodes.map(({ layout, published, restarts: times }) => [layout, published, times])).toEqual([
      [LAYOUT, LAYOUT, 1],
      ["all-1g.10gb", "all-1g.10gb", 1],
    ]);
  });

  test("takes no slices for those of after the restart that a plugin of before has left", async () => {
    const world = new World({ nodes: 1, isUngated: true });
    const before = world.node(0).plugin;
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(world.node(0).plugin).not.toBe(before);
    expect(world.end()).toEqual(asBefore(world));
  });

  test("drains a node that restarts by itself meanwhile, and restarts it as planned", async () => {
    const world = new World({ nodes: 1, pods: [{ node: 0, owner: "web" }], delay: 3 });
    let isBegun = false;
    world.beforeLook = () => {
      if (!isBegun && world.node(0).record !== undefined) {
        isBegun = true;
        world.node(0).bootId = "by itself";
        world.node(0).version++;
      }
    };
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1]);
    expect(world.end()).toEqual(asBefore(world));
  });
});

describe("a run of reboots that is killed", () => {
  const kills = fc.array(
    fc.record({ writes: fc.integer({ min: 0, max: 5 }), when: fc.constantFrom("before" as const, "after" as const) }),
    { minLength: 1, maxLength: 30 },
  );
  const worlds = fc.record({
    nodes: fc.integer({ min: 1, max: 4 }),
    pods: fc.array(fc.record({ node: fc.nat(), owner: fc.constantFrom("web", "train", "notebook") }), { maxLength: 8 }),
    delay: fc.integer({ min: 0, max: 3 }),
    isUngated: fc.boolean(),
  });

  test("ends in the same state when it is run again, wherever it was killed, and restarts no node twice", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, kills, async ({ pods, ...options }, all) => {
        const world = new World({ ...options, pods: pods.map((pod) => ({ ...pod, node: pod.node % options.nodes })) });
        const owners = world.pods.map(({ owner }) => owner).sort();
        for (const kill of [...all, undefined]) {
          const found = planning(world);
          if (found.type === "done") {
            break;
          }
          const plan = planOf(world);
          const before = world.evicted.length;
          try {
            if (plan.work.type === "reboot") {
              world.run = plan.work.run;
            }
            expect(await run(world, plan, kill)).toBeUndefined();
          } catch (error) {
            if (!(error instanceof Killed)) {
              throw error;
            }
          }
          expectPlanned(plan, world.evicted.slice(before));
        }
        expect(planning(world)).toMatchObject({ type: "done", isRunOver: true });
        expect(restarts(world)).toEqual(world.nodes.map(() => 1));
        expect(world.end()).toEqual({ ...asBefore(world), owners });
      }),
      { numRuns: 40 },
    );
  });
});

describe("a run of reboots that stops", () => {
  async function stopped(spoil: (world: World, node: string) => void) {
    const world = busy();
    const { nodes } = planOf(world);
    const [first = "", second = "", third = ""] = nodes;
    spoil(world, second);
    const stop = await reboot(world, planOf(world));
    const times = (name: string) => world.nodes.find((node) => node.name === name)?.restarts;
    expect([times(first), times(third)]).toEqual([1, 0]);
    expect(world.nodes.filter(({ isCordoned }) => isCordoned).map(({ name }) => name)).toEqual([second]);
    return { world, second, stop };
  }

  test("at a node that does not come back goes on when it does, and restarts no node twice", async () => {
    const { world, second, stop } = await stopped((each, node) => each.lost.add(node));
    expect(stop).toMatchObject({ type: "late", phase: "restart", node: { name: second } });
    world.lost.clear();
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1, 1]);
    expect(world.end()).toEqual(asBefore(world));
    expect(world.run).toBeUndefined();
  });

  test("leaves a node alone that has joined meanwhile, unless it is named", async () => {
    const { world, second } = await stopped((each, node) => each.lost.add(node));
    world.lost.clear();
    const successor = { ...world.node(0), name: "node-9", restarts: 0, bootId: "its first" };
    world.nodes.push(successor);
    expect(planOf(world).nodes).not.toContain("node-9");
    expect(planOf(world, ["node-9", second]).nodes).toEqual([second, "node-9"]);
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(successor.restarts).toBe(0);
    expect(world.run).toBeUndefined();
  });

  test("names those that have joined meanwhile", async () => {
    const { world } = await stopped((each, node) => each.lost.add(node));
    world.lost.clear();
    world.nodes.push({ ...world.node(0), name: "node-9", bootId: "its first" });
    expect(planOf(world).joined).toEqual(["node-9"]);
    const after = await run(world, planOf(world));
    expect([after, planning(world)]).toMatchObject([undefined, { type: "done", joined: ["node-9"] }]);
    expect(planOf(world, ["node-9"]).joined).toEqual([]);
  });

  test("is over when other nodes have come in the place of all of its own: the next one restarts every node", async () => {
    const world = busy();
    world.run = { isWhole: true, boots: new Map([["node-of-last-month", "a"]]) };
    expect(planOf(world).nodes).toHaveLength(3);
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1, 1]);
  });

  test("of some nodes is followed by one of all, which leaves out those that have restarted", async () => {
    const world = busy();
    world.lost.add("node-2");
    const plan = planOf(world, ["node-1", "node-2"]);
    expect(await reboot(world, plan)).toMatchObject({ phase: "restart" });
    world.lost.clear();
    expect(planOf(world).nodes).toHaveLength(3 - world.nodes.filter(({ restarts: times }) => times > 0).length);
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1, 1]);
  });

  test("at a node that does not come back goes on when it is gone", async () => {
    const { world, second } = await stopped((each, node) => each.lost.add(node));
    world.nodes.splice(
      world.nodes.findIndex(({ name }) => name === second),
      1,
    );
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1]);
    expect(world.run).toBeUndefined();
  });

  test("because MIG Manager has failed has it try again, and does not restart the node again", async () => {
    const { world, second, stop } = await stopped((each, node) => each.failing.add(node));
    expect(stop).toMatchObject({ type: "failed", node: { name: second } });
    expect(planOf(world)).toMatchObject({ retries: [second], begun: [second] });
    expect(await reboot(world, planOf(world))).toMatchObject({ type: "failed" });
    world.failing.clear();
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1, 1]);
    expect(world.end()).toEqual(asBefore(world));
  });

  test("goes on from the record of a node where nobody knows of the run any more", async () => {
    const { world, second } = await stopped((each, node) => each.failing.add(node));
    world.run = undefined;
    world.failing.clear();
    expect(await reboot(world, planOf(world, [second]))).toBeUndefined();
    expect(world.nodes.find(({ name }) => name === second)?.restarts).toBe(1);
  });

  test("with one node only keeps what it knows of the others", async () => {
    const { world, second } = await stopped((each, node) => each.lost.add(node));
    world.lost.clear();
    expect(await reboot(world, planOf(world, [second]))).toBeUndefined();
    expect(world.run?.boots.size).toBe(3);
    expect(await reboot(world, planOf(world))).toBeUndefined();
    expect(restarts(world)).toEqual([1, 1, 1]);
  });
});

test("nodes of no node group restart, too", async () => {
  const world = new World({ nodes: 1 });
  world.node(0).isInNodeGroup = false;
  const found = planRelayout(world.snapshot(), { pool: undefined, work: { type: "reboot" }, nodes: [] }, resolveLayout);
  expect(found.type === "plan" ? await run(world, found.plan) : found).toBeUndefined();
  expect(restarts(world)).toEqual([1]);
});

describe("nothing is begun", () => {
  const first = async (world: World) => (await run(world, planOf(world))) as Extract<Stop, { type: "obstacle" }>;

  test.each<readonly [string, (world: World) => void, RegExp]>([
    ["on a node without an instance of EC2", (world) => (world.node(0).providerId = "kind://docker/kind/worker"), /no instance of EC2/],
    ["on a node that reports no boot ID", (world) => (world.node(0).bootId = ""), /reports no boot ID/],
  ])("%s", async (_, spoil, problem) => {
    const world = new World({ nodes: 1, pods: [{ node: 0, owner: "web" }] });
    spoil(world);
    const stop = await first(world);
    expect(stop.problems.join()).toMatch(problem);
    expect([world.evicted, world.node(0).isCordoned]).toEqual([[], false]);
  });

  test("on a node whose kubelet had not reported when the plan was made, which would be taken for one that has restarted", async () => {
    const world = new World({ nodes: 1 });
    world.node(0).bootId = "";
    const plan = planOf(world);
    world.node(0).bootId = "its first";
    expect(await run(world, plan)).toMatchObject({ type: "obstacle", problems: [expect.stringContaining("reports no boot ID")] });
    expect(restarts(world)).toEqual([0]);
  });

  test("on a node that has got another layout since the plan", async () => {
    const world = new World({ nodes: 1 });
    const plan = planOf(world);
    Object.assign(world.node(0), { layout: "all-1g.10gb", handled: "all-1g.10gb", gpus: "all-1g.10gb" });
    expect(await run(world, plan)).toMatchObject({ type: "obstacle", problems: [expect.stringContaining("has changed the label")] });
  });

  test.each<readonly [string, object, RegExp]>([
    [
      "a relayout",
      { record: '{"type":"layout","from":"a","to":"b"}', isCordoned: true },
      /To go on with it: npm run relayout .*--layout b --node node-2\. To take it back: .*--layout a --node node-2$/,
    ],
    ["somebody who has cordoned it", { isCordoned: true }, /is cordoned/],
    ["a layout that MIG Manager does not have", { layout: "unheard-of" }, /"unheard-of" is not a layout/],
  ])("while a node is of %s", (_, change, problem) => {
    const world = new World({ nodes: 2 });
    Object.assign(world.node(1), change);
    const found = planning(world);
    expect(found.type === "invalid" ? found.problems.join() : found.type).toMatch(problem);
  });

  test("of a relayout on a node that is restarted", () => {
    const world = new World({ nodes: 1 });
    Object.assign(world.node(0), { record: '{"type":"reboot"}', isCordoned: true });
    const question = { pool: POOL, work: { type: "layout", layout: "all-1g.10gb" }, nodes: [] } as const;
    expect(planRelayout(world.snapshot(), question, resolveLayout)).toMatchObject({
      problems: [
        `node node-1 is on its way to a restart. To go on with it: npm run relayout -- --context NAME --pool ${POOL} --reboot --node node-1`,
      ],
    });
  });
});

test("what a Lease keeps of a run is read as it was written, and nothing else is taken for it", () => {
  const of = { isWhole: true, boots: new Map([["node-1", "a"]]) };
  expect(readRun(runText(of))).toEqual(of);
  expect([undefined, "", "[]", "null", '{"boots":{}}', '{"isWhole":true}'].map(readRun)).toEqual(Array(6).fill(undefined));
});

describe("a run goes on with one that is noted", () => {
  const of = (isWhole: boolean, ...boots: readonly [string, string][]) => ({ isWhole, boots: new Map(boots) });
  const MEMBERS = ["node-1", "node-2"];

  test.each([
    ["of the same nodes", of(true, ["node-1", "a"], ["node-2", "b"]), of(true, ["node-1", "a"], ["node-2", "b"]), true],
    ["of fewer nodes", of(true, ["node-1", "a"], ["node-2", "b"]), of(false, ["node-1", "a"]), true],
    ["of nodes that have gone", of(false, ["node-1", "a"]), of(true, ["node-9", "z"]), true],
    ["of a node that has restarted in it meanwhile, only if it knows that", of(true, ["node-1", "b"]), of(true, ["node-1", "a"]), false],
    ["of a node that it does not know, not at all", of(true, ["node-1", "a"]), of(true, ["node-2", "b"]), false],
    ["of the whole pool, not for some of it", of(false, ["node-1", "a"]), of(true, ["node-1", "a"]), false],
  ])("%s", (_, run, noted, expected) => {
    expect(isContinuation(run, noted, MEMBERS)).toBe(expected);
  });
});

test("the Lease of a pool has a name that Kubernetes takes", () => {
  expect(leaseNameOf("Team_A100-x")).toBe("shared-gpu-team-a100-x-relayout");
});
