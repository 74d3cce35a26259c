/** A relayout from its first plan to its end, in a world that lives and in which somebody else changes things meanwhile. */
import { conduct } from "../../src/cli/relayout/conduct";
import type { Conduct } from "../../src/cli/relayout/conduct";
import { CommandFailed } from "../../src/cli/relayout/restart";
import { resolveLayout } from "../../src/hardware/layouts";
import { ApiError } from "../../src/live/api/api-server";
import { planRelayout } from "../../src/relayout/plan";
import type { WorkQuestion } from "../../src/relayout/work";
import { UserError } from "../../src/rehearsal/files";
import { PLAIN } from "../../src/rehearsal/report/style";
import { run } from "../relayout/runs";
import { POOL, World } from "../relayout/world";

const NAMES = { context: "production", stack: "production", restart: undefined, drainMinutes: 15, asks: true };
const LAYOUT: WorkQuestion = { type: "layout", layout: "all-1g.10gb" };
const LINE = `npm run relayout -- --context production --stack production --pool ${POOL}`;

interface Ended {
  readonly code: number | Error;
  readonly printed: string;
}

async function conducted(world: World, work: WorkQuestion, more: Partial<Conduct> = {}): Promise<Ended> {
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  const question = { pool: POOL, work, nodes: [], context: NAMES.context, stack: NAMES.stack };
  const code = await conduct({
    ...{ names: NAMES, print, options: { style: PLAIN, width: 200 } },
    pools: () => ({ stack: "production", clusterName: "prod", gpuPools: ["a100"] }),
    plan: () => Promise.resolve(planRelayout(world.snapshot(), question, resolveLayout, world.run)),
    confirm: () => Promise.resolve(true),
    perform: (plan, onStep) => {
      world.run = plan.work.type === "reboot" ? plan.work.run : undefined;
      return run(world, plan, undefined, onStep);
    },
    forget: () => {
      world.run = undefined;
      return Promise.resolve();
    },
    ...more,
  }).catch((error: unknown) => error as Error);
  return { code, printed };
}

/** Once a node is begun and before it is empty. */
function onceBegun(world: World, act: (node: number) => void): void {
  let isDone = false;
  world.beforeLook = () => {
    const node = world.nodes.findIndex(({ record }) => record !== undefined);
    if (!isDone && node >= 0) {
      isDone = true;
      act(node);
    }
  };
}

test("the plan says of which cluster the pool is", async () => {
  const { code, printed } = await conducted(new World({ nodes: 1 }), LAYOUT);
  expect([code, printed]).toEqual([0, expect.stringMatching(/^Pool h100 of the cluster of context production\n/)]);
});

test("pods that come meanwhile make another plan", async () => {
  const world = new World({ nodes: 2, pods: [{ node: 0, owner: "web" }], delay: 3 });
  onceBegun(world, (node) => {
    world.addPod(node, "newcomer");
  });
  const { code, printed } = await conducted(world, LAYOUT);
  expect([code, printed.match(/Node by node/g)]).toEqual([0, ["Node by node", "Node by node"]]);
});

test.each<[WorkQuestion, readonly string[]]>([
  [LAYOUT, [`${LINE} --layout all-1g.10gb`, `${LINE} --layout all-balanced --node node-1`]],
  [{ type: "reboot" }, [`${LINE} --reboot`, "kubectl --context production uncordon node-1"]],
])(
  "where a pod without a controller comes to a drained node, %j stops, with the ways on and back, and does not say that nothing was changed",
  async (work, ways) => {
    const world = new World({ nodes: 1, pods: [{ node: 0, owner: "web" }], delay: 3 });
    onceBegun(world, (node) => {
      world.addPod(node, undefined);
    });
    const { code, printed } = await conducted(world, work);
    expect(code).toBe(1);
    expect(printed).toMatch(/Stopped at node-1, which may be cordoned\.\n- Pod team-a\/pod-\d+ on node node-1 has no controller/);
    expect(printed.split("\n")).toEqual(expect.arrayContaining([...ways]));
  },
);

test.each<[string, Error, number, string]>([
  ["the cluster refuses something", new ApiError(403, "Forbidden", "pods is forbidden"), 1, "- pods is forbidden"],
  ["the command of the operator fails", new CommandFailed("reboot ended with code 1"), 1, "- reboot ended with code 1"],
  ["somebody interrupts it", Object.assign(new Error("The operation was aborted"), { name: "AbortError" }), 130, "- it was interrupted"],
])("where %s, it says at which node, and the ways on and back", async (_, error, code, reason) => {
  const world = new World({ nodes: 2, pods: [{ node: 0, owner: "web" }], delay: 3 });
  onceBegun(world, () => {
    throw error;
  });
  const ended = await conducted(world, LAYOUT);
  expect(ended.code).toBe(code);
  const at = world.nodes.find(({ isCordoned }) => isCordoned)?.name ?? "";
  expect(ended.printed.split("\n")).toEqual(
    expect.arrayContaining([
      `Stopped at ${at}, which may be cordoned.`,
      ...[reason, `${LINE} --layout all-1g.10gb`, `${LINE} --layout all-balanced --node ${at}`],
    ]),
  );
});

test("where the cluster is out of reach once all is done, no node is said to be cordoned", async () => {
  const world = new World({ nodes: 1 });
  let plans = 0;
  const question = { pool: POOL, work: LAYOUT, nodes: [], context: NAMES.context, stack: NAMES.stack };
  const { code, printed } = await conducted(world, LAYOUT, {
    plan: () =>
      plans++ === 0
        ? Promise.resolve(planRelayout(world.snapshot(), question, resolveLayout))
        : Promise.reject(new UserError("context production: the cluster does not answer")),
  });
  expect([code, printed]).toEqual([1, expect.stringMatching(/Stopped\.\n- context production: the cluster does not answer\n/)]);
  expect(printed).not.toContain("can be cordoned");
});

test("what stands against it before anything is begun is an error, and not a stop", async () => {
  const world = new World({ nodes: 1 });
  world.addPod(0, undefined);
  expect(await conducted(world, LAYOUT)).toEqual({ code: expect.any(UserError) as Error, printed: "" });
});

test("a fault of this project keeps its stack", async () => {
  const fault = new TypeError("undefined is not a function");
  const world = new World({ nodes: 1 });
  onceBegun(world, () => {
    throw fault;
  });
  expect(await conducted(world, LAYOUT)).toMatchObject({ code: fault });
});

test("who says no to the second plan is not told that nothing was changed", async () => {
  const world = new World({ nodes: 2, pods: [{ node: 0, owner: "web" }], delay: 3 });
  onceBegun(world, (node) => {
    world.addPod(node, "newcomer");
  });
  let asked = 0;
  const { code, printed } = await conducted(world, LAYOUT, { confirm: () => Promise.resolve(asked++ === 0) });
  expect(code).toBe(1);
  expect(printed).toMatch(/Nothing more is changed\.\n\nnode-\d stays cordoned\./);
});
