/** Nodes that a command of the operator's restarts. */
import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailed, withRestarts } from "../../src/cli/relayout/restart";
import type { LiveCluster } from "../../src/live/relayout";
import { poolNodes } from "../../src/relayout/pool";
import { runNode } from "../support/child";
import { ROOT } from "../support/program";
import { World } from "../relayout/world";

const INSTANCE = { id: "i-0a", region: "us-east-1" };

/** A cluster whose node is restarted by a command. @returns a look at it, once the command has ended. */
async function afterwards(command: string, change: (world: World) => void): Promise<unknown> {
  const world = new World({ nodes: 2 });
  const nodes = () => poolNodes(world.snapshot().objects, () => true);
  const live: LiveCluster = {
    observe: () => Promise.resolve(nodes()),
    perform: () => Promise.reject(new Error("a restart is no write")),
    close: () => Promise.resolve(),
  };
  const cluster = withRestarts(live, command);
  const [node] = await cluster.observe();
  if (node === undefined) {
    throw new Error("the world is empty");
  }
  await cluster.perform({ type: "reboot", node, instance: INSTANCE });
  await sleep(300);
  change(world);
  return cluster.observe().then(
    () => "goes on",
    (error: unknown) => error,
  );
}

test("a command that fails ends the look at a node that is as it was", async () => {
  expect(await afterwards("exit 255", () => undefined)).toBeInstanceOf(CommandFailed);
});

test.each<[string, (world: World) => void]>([
  ["has restarted", (world) => (world.node(0).bootId = "another")],
  ["is on its way down", (world) => (world.node(0).isReady = false)],
  ["has gone", (world) => world.nodes.splice(0, 1)],
])("a command that fails says nothing of a node that %s", async (_, change) => {
  expect(await afterwards("exit 255", change)).toBe("goes on");
});

test("a command that goes on keeps nobody waiting", async () => {
  const program = `
    const { withRestarts } = require("./src/cli/relayout/restart.ts");
    withRestarts({}, "sleep 60").perform({ type: "reboot", node: { name: "node-1" }, instance: ${JSON.stringify(INSTANCE)} });`;
  const begun = performance.now();
  const { code } = await runNode(["--require", "./transpile.js", "--eval", program], { cwd: ROOT });
  expect([code, performance.now() - begun < 30_000]).toEqual([0, true]);
}, 70_000);
