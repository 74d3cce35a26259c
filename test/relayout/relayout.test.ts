/** Relayouts of a pool in a world that lives: how one ends, whatever interrupts it. */
import fc from "fast-check";
import { findInstanceType } from "../../src/hardware/instance-types";
import { resolveLayout } from "../../src/hardware/layouts";
import type { CustomLayout } from "../../src/hardware/layouts";
import { migPartedConfig } from "../../src/hardware/mig-parted";
import { layoutOf, migConfigsIn } from "../../src/rehearsal/recorded/mig-manager";
import { objectAt } from "../../src/cluster/objects";
import type { JsonObject } from "../../src/cluster/objects";
import { readSnapshot } from "../../src/planner/snapshot/file";
import { planRelayout } from "../../src/relayout/plan";
import type { Plan, Planning, RelayoutQuestion } from "../../src/relayout/plan";
import type { Stop } from "../../src/relayout/step";
import { Killed, expectPlanned, run } from "./runs";
import { POOL, World } from "./world";

const TO = "all-1g.10gb";
const FROM = "all-balanced";
const to = (layout: string): RelayoutQuestion => ({ pool: POOL, work: { type: "layout", layout }, nodes: [] });

interface Asked extends Partial<Omit<RelayoutQuestion, "work">> {
  readonly layout?: string;
}

const planning = (world: World, { layout = TO, ...question }: Asked = {}): Planning =>
  planRelayout(world.snapshot(), { ...to(layout), ...question }, resolveLayout);

const layouts = ({ work }: Plan) => (work.type === "layout" ? work.from : undefined);

function planOf(world: World, question: Asked = {}): Plan {
  const found = planning(world, question);
  if (found.type !== "plan") {
    throw new Error(found.type === "invalid" ? found.problems.join("; ") : "every node has the layout");
  }
  return found.plan;
}

const done = (nodes: number, owners: readonly string[]) => ({
  nodes: Array.from({ length: nodes }, (_, index) => ({
    ...{ name: `node-${String(index + 1)}`, layout: TO, migState: "success", record: undefined, isCordoned: false, published: TO },
  })),
  owners: [...owners].sort(),
});

describe("a relayout", () => {
  test("changes one node after the other, and evicts what is on them", async () => {
    const world = new World({
      nodes: 3,
      pods: [
        { node: 0, owner: "web" },
        { node: 1, owner: "web" },
        { node: 1, owner: "train" },
      ],
    });
    const plan = planOf(world);
    expect(plan.nodes).toHaveLength(3);
    expect([...plan.devices.values()]).toEqual(Array(3).fill({ "1g.10gb": 7 }));
    expect(await run(world, plan)).toBeUndefined();
    expect(world.end()).toEqual(done(3, ["web", "web", "train"]));
    expectPlanned(plan, world.evicted);
    expect(planning(world)).toMatchObject({ type: "done", nodes: ["node-1", "node-2", "node-3"] });
  });

  test("of one node leaves the others alone", async () => {
    const world = new World({ nodes: 2, pods: [{ node: 1, owner: "web" }] });
    expect(await run(world, planOf(world, { nodes: ["node-1"] }))).toBeUndefined();
    expect(world.nodes.map(({ layout }) => layout)).toEqual([TO, FROM]);
    expect(world.evicted).toEqual([]);
    expect(planOf(world)).toMatchObject({ nodes: ["node-2"], done: ["node-1"] });
  });

  test("restarts a plugin that has listed the devices of before", async () => {
    const world = new World({ nodes: 1, isUngated: true });
    const before = world.node(0).plugin;
    expect(await run(world, planOf(world))).toBeUndefined();
    expect(world.end()).toEqual(done(1, []));
    expect(world.node(0).plugin).not.toBe(before);
  });

  test("takes no slices for new ones that a plugin of before has left", async () => {
    const world = new World({ nodes: 1 });
    // They look the same.
    world.node(0).published = TO;
    let looks = 0;
    world.beforeLook = () => {
      looks++;
      world.node(0).isPluginReady = looks > 20;
    };
    expect(await run(world, planOf(world))).toBeUndefined();
    expect(looks).toBeGreaterThan(20);
  });

  test("waits for a node that restarts", async () => {
    const world = new World({ nodes: 1 });
    let looks = 0;
    world.beforeLook = () => {
      looks++;
      world.node(0).isReady = looks < 4 || looks > 12;
    };
    expect(await run(world, planOf(world))).toBeUndefined();
    expect(looks).toBeGreaterThan(12);
  });

  test("cordons a node again that somebody uncordons meanwhile", async () => {
    const world = new World({ nodes: 2, pods: [{ node: 0, owner: "web" }], delay: 3 });
    let looks = 0;
    world.beforeLook = () => {
      const begun = world.nodes.find(({ record }) => record !== undefined);
      if (begun !== undefined && ++looks === 2) {
        begun.isCordoned = false;
        begun.version++;
      }
    };
    expect(await run(world, planOf(world))).toBeUndefined();
    expect(world.end()).toEqual(done(2, ["web"]));
  });
});

describe("a relayout that is killed", () => {
  const kills = fc.array(
    fc.record({ writes: fc.integer({ min: 0, max: 4 }), when: fc.constantFrom("before" as const, "after" as const) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  const worlds = fc.record({
    nodes: fc.integer({ min: 1, max: 4 }),
    pods: fc.array(fc.record({ node: fc.nat(), owner: fc.constantFrom("web", "train", "notebook") }), { maxLength: 8 }),
    delay: fc.integer({ min: 0, max: 3 }),
    isUngated: fc.boolean(),
  });

  test("ends in the same state when it is run again, wherever it was killed", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, kills, async ({ pods, ...options }, all) => {
        const placed = pods.map((pod) => ({ ...pod, node: pod.node % options.nodes }));
        const world = new World({ ...options, pods: placed });
        for (const kill of [...all, undefined]) {
          const found = planning(world);
          if (found.type === "done") {
            break;
          }
          const plan = planOf(world);
          const before = world.evicted.length;
          try {
            expect(await run(world, plan, kill)).toBeUndefined();
          } catch (error) {
            if (!(error instanceof Killed)) {
              throw error;
            }
          }
          expectPlanned(plan, world.evicted.slice(before));
        }
        expect(world.end()).toEqual(
          done(
            options.nodes,
            placed.map(({ owner }) => owner),
          ),
        );
      }),
      { numRuns: 25 },
    );
  });

  test("goes back wherever it was killed", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, kills, async ({ pods, ...options }, [kill, ...more]) => {
        const placed = pods.map((pod) => ({ ...pod, node: pod.node % options.nodes }));
        const world = new World({ ...options, pods: placed });
        await run(world, planOf(world), kill).catch(() => undefined);
        for (const again of [...more, undefined]) {
          if (planning(world, { layout: FROM }).type === "done") {
            break;
          }
          await run(world, planOf(world, { layout: FROM }), again).catch((error: unknown) => {
            if (!(error instanceof Killed)) {
              throw error;
            }
          });
        }
        expect(world.nodes.map(({ layout, published, record, isCordoned }) => ({ layout, published, record, isCordoned }))).toEqual(
          world.nodes.map(() => ({ layout: FROM, published: FROM, record: undefined, isCordoned: false })),
        );
      }),
      { numRuns: 25 },
    );
  });

  test("never ends a pod that comes while it is at work, and that no plan names", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 0, max: 30 }), fc.nat(), async ({ pods, ...options }, look, place) => {
        const world = new World({ ...options, pods: pods.map((pod) => ({ ...pod, node: pod.node % options.nodes })) });
        let looks = 0;
        world.beforeLook = () => {
          const open = world.nodes.filter(({ isCordoned }) => !isCordoned);
          const [node] = [open[place % Math.max(1, open.length)]];
          if (looks++ === look && node !== undefined) {
            world.addPod(world.nodes.indexOf(node), "newcomer");
          }
        };
        const plan = planOf(world);
        const stop = await run(world, plan);
        expectPlanned(plan, world.evicted);
        if (stop !== undefined) {
          expect(stop).toMatchObject({ type: "unplanned", pods: [{ owner: { uid: "newcomer" } }] });
          // A new plan names it.
          expect(await run(world, planOf(world))).toBeUndefined();
          expect(world.nodes.map(({ layout }) => layout)).toEqual(world.nodes.map(() => TO));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("a relayout that fails", () => {
  async function failed(): Promise<{ readonly world: World; readonly node: string; readonly stop: Stop | undefined }> {
    const world = new World({
      nodes: 3,
      pods: [
        { node: 0, owner: "web" },
        { node: 1, owner: "web" },
      ],
    });
    const plan = planOf(world);
    const node = plan.nodes[1] ?? "";
    world.failing.add(node);
    return { world, node, stop: await run(world, plan) };
  }

  test("leaves the nodes before it done and those after it untouched, and its node cordoned", async () => {
    const { world, node, stop } = await failed();
    expect(stop).toMatchObject({ type: "failed", node: { name: node } });
    expect(world.nodes.filter(({ layout, isCordoned }) => layout === TO && !isCordoned)).toHaveLength(1);
    expect(world.nodes.filter(({ layout, isCordoned, record }) => layout === FROM && !isCordoned && record === undefined)).toHaveLength(1);
    expect(world.nodes.filter(({ isCordoned }) => isCordoned).map(({ name }) => name)).toEqual([node]);
  });

  test("has MIG Manager try again when it is run again, once", async () => {
    const { world, node } = await failed();
    expect(planOf(world)).toMatchObject({ retries: [node] });
    expect(await run(world, planOf(world))).toMatchObject({ type: "failed" });
    world.failing.clear();
    expect(await run(world, planOf(world))).toBeUndefined();
    expect(world.end()).toEqual(done(3, ["web", "web"]));
  });

  test("takes its node back, and nothing else", async () => {
    const { world, node } = await failed();
    const back = planOf(world, { layout: FROM, nodes: [node] });
    expect(layouts(back)?.get(node)).toBe(TO);
    expect(await run(world, back)).toBeUndefined();
    expect(world.nodes.map(({ layout, published, isCordoned, record }) => [layout, published, isCordoned, record])).toEqual(
      world.nodes.map(({ layout }) => [layout, layout, false, undefined]),
    );
    expect(world.nodes.filter(({ layout }) => layout === FROM)).toHaveLength(2);
  });

  test("says who blocks a drain, and goes on once they do not", async () => {
    const world = new World({ nodes: 2, pods: [{ node: 0, owner: "web" }] });
    world.protectedOwners.add("web");
    expect(await run(world, planOf(world))).toMatchObject({
      ...{ type: "late", phase: "drain", node: { name: "node-1" }, blockers: ["pod-3: the disruption budget needs it"] },
    });
    world.protectedOwners.clear();
    expect(await run(world, planOf(world))).toBeUndefined();
  });
});

describe("a layout of the stack's own", () => {
  const own: CustomLayout = { name: "own", gpus: [{ devices: "all", profiles: { "1g.10gb": 3, "4g.40gb": 1 } }] };
  const asked = (known: readonly CustomLayout[], layout: string) => {
    const world = new World({ nodes: 1 });
    const type = findInstanceType("p5.4xlarge");
    if (type?.gpus.type !== "mig") {
      throw new Error("the catalogue has no p5.4xlarge");
    }
    const { model, count } = type.gpus;
    const layouts = known.flatMap((each) => {
      const resolved = resolveLayout(each, model, count);
      return resolved.type === "legal" ? [resolved.layout] : [];
    });
    const configs = migConfigsIn(JSON.stringify(migPartedConfig(layouts)));
    return planRelayout(world.snapshot(), to(layout), (...question) => layoutOf(...question, configs));
  };

  test("is one that the cluster's MIG Manager was given", () => {
    expect(asked([own], "own")).toMatchObject({ type: "plan", plan: { devices: new Map([["node-1", { "1g.10gb": 3, "4g.40gb": 1 }]]) } });
    expect(asked([own], TO)).toMatchObject({ type: "plan", plan: { devices: new Map([["node-1", { "1g.10gb": 7 }]]) } });
  });

  test("is refused where it was not", () => {
    expect(asked([own], "other")).toMatchObject({ type: "invalid", problems: [expect.stringMatching(/has no layout "other".*"own"/)] });
  });
});

describe("a plan is refused", () => {
  const refused = (world: World, question: Asked = {}): readonly string[] => {
    const found = planning(world, question);
    return found.type === "invalid" ? found.problems : [];
  };

  test.each<readonly [string, (world: World) => void, RegExp]>([
    ["for a cordoned node", (world) => (world.node(1).isCordoned = true), /node-2 is cordoned.*kubectl uncordon node-2/],
    ["for a node that does not answer", (world) => (world.node(1).isReady = false), /node-2 is not Ready.*npm run doctor/],
    ["while MIG Manager is at work", (world) => (world.node(1).migState = "pending"), /mig\.config\.state=pending.*npm run doctor/],
    ["for a pod without a controller", (world) => world.addPod(0, undefined), /has no controller.*kubectl -n team-a delete pod/],
    ["for a record that nobody can read", (world) => (world.node(0).record = "{"), /kubectl annotate node node-1 shared-gpu\/relayout-/],
    [
      "while a node is on its way elsewhere",
      (world) => (world.node(0).record = '{"type":"layout","from":"all-2g.20gb","to":"all-3g.40gb"}'),
      /To go on with it: npm run relayout -- .*--layout all-3g\.40gb --node node-1\. To take it back: .*--layout all-2g\.20gb --node node-1/,
    ],
  ])("%s", (_, spoil, message) => {
    const world = new World({ nodes: 2 });
    expect(refused(world)).toEqual([]);
    spoil(world);
    expect(refused(world).join("\n")).toMatch(message);
  });

  test("for nodes of no node group, whose pool nothing names once the layout changes", () => {
    const world = new World({ nodes: 1 });
    world.node(0).isInNodeGroup = false;
    expect(refused(world, { pool: undefined }).join()).toMatch(/no label eks\.amazonaws\.com\/nodegroup/);
  });

  test("for a daemon set's pod with claims, and not for others of daemon sets", () => {
    const daemon = (hasClaims: boolean) => new World({ nodes: 1, pods: [{ node: 0, owner: "agent", ownerKind: "DaemonSet", hasClaims }] });
    expect(refused(daemon(false))).toEqual([]);
    expect(refused(daemon(true)).join()).toMatch(/has claims and is of a DaemonSet/);
  });

  test.each<readonly [Asked, RegExp]>([
    [{ layout: "all-1g.10bg" }, /"all-1g.10bg" is not a layout/],
    [{ pool: "b200" }, /there is no pool "b200"/],
    [{ nodes: ["node-9"] }, /--node node-9: the pool has no such node/],
  ])("for what does not exist: %j", (question, message) => {
    expect(refused(new World({ nodes: 1 }), question).join()).toMatch(message);
  });

  test("while it is unknown which pods there are", () => {
    const snapshot = { ...new World({ nodes: 1 }).snapshot(), gaps: [{ kind: "Pod" as const, reason: "pods is forbidden" }] };
    expect(planRelayout(snapshot, to(TO), resolveLayout)).toMatchObject({
      ...{ type: "invalid", problems: [expect.stringContaining("pods is forbidden") as string] },
    });
  });
});

test("commands name the context of the cluster, and quote names that a file has", () => {
  const world = new World({ nodes: 2 });
  world.node(1).isCordoned = true;
  world.addPod(0, undefined);
  const { objects, ...snapshot } = world.snapshot();
  const hostile = objects.Pod.map((pod) => ({ ...pod, metadata: { ...objectAt(pod, "metadata"), name: "a; rm -rf ~" } }));
  const found = planRelayout({ ...snapshot, objects: { ...objects, Pod: hostile } }, { ...to(TO), context: "my cluster" }, resolveLayout);
  expect(found.type === "invalid" ? found.problems.join("\n") : "").toMatch(
    /kubectl --context 'my cluster' -n team-a delete pod 'a; rm -rf ~'\n.*kubectl --context 'my cluster' uncordon node-2$/,
  );
});

describe("a file in which somebody has changed something", () => {
  const plan = (change: (body: JsonObject) => JsonObject) => {
    const { objects, kubernetesVersion } = new World({ nodes: 2, pods: [{ node: 0, owner: "a" }] }).snapshot();
    const items = Object.entries(objects).flatMap(([kind, bodies]) => bodies.map((body) => change({ ...body, kind })));
    const file = JSON.parse(
      JSON.stringify({ apiVersion: "v1", kind: "List", kubernetesVersion, read: Object.keys(objects), items }),
    ) as unknown;
    const reading = readSnapshot(file, "state.json");
    return reading.type === "snapshot" ? planRelayout(reading.snapshot, to(TO), resolveLayout).type : reading.problems;
  };
  const withMetadata = (more: JsonObject) => (body: JsonObject) => ({ ...body, metadata: { ...objectAt(body, "metadata"), ...more } });
  const withSpec = (more: JsonObject) => (body: JsonObject) => ({ ...body, spec: { ...objectAt(body, "spec"), ...more } });

  test.each<[string, (body: JsonObject) => JsonObject]>([
    ["nothing", (body) => body],
    ["annotations", withMetadata({ annotations: null })],
    ["taints that are null", (body) => (body["kind"] === "Node" ? withSpec({ taints: [null] })(body) : body)],
  ])("%s: there is a plan", (_, change) => {
    expect(plan(change)).toBe("plan");
  });

  test("taints of another type: the file is refused, with the place", () => {
    const found = plan((body) => (body["kind"] === "Node" ? withSpec({ taints: "none" })(body) : body));
    expect(found).toContain('items[0].spec.taints: "none": must be a list');
  });

  test.each<[string, (body: JsonObject) => JsonObject]>([
    ["labels", withMetadata({ labels: null })],
    ["owners", withMetadata({ ownerReferences: null })],
    ["pools", (body) => (body["kind"] === "ResourceSlice" ? withSpec({ pool: null })(body) : body)],
    ["devices", (body) => (body["kind"] === "ResourceSlice" ? withSpec({ devices: [null] })(body) : body)],
  ])("%s: it ends in no traceback", (_, change) => {
    expect(() => plan(change)).not.toThrow();
  });
});
