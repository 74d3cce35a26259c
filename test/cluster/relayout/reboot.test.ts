/**
 * `npm run relayout -- --reboot` on the real control plane with three simulated nodes and running pods, in the name of a service account with the documented
 * roles: killed at every step, with a node that does not come back, and with a MIG Manager that fails afterwards. What it prints is executed as it is printed:
 * `aws` is a stand-in, whose commands the simulated nodes follow.
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatStop } from "../../../src/cli/relayout/text";
import type { Halted } from "../../../src/cli/relayout/text";
import type { Node } from "../../../src/cluster/nodes";
import { diagnose } from "../../../src/doctor/diagnose";
import { declarationOf } from "../../../src/doctor/declaration";
import { observeCluster } from "../../../src/doctor/observation/live";
import { instanceId } from "../../../src/fleet/nodes/nodes";
import { resolveLayout } from "../../../src/hardware/layouts";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { openCluster, runOf } from "../../../src/live/relayout";
import { readCluster } from "../../../src/live/snapshot";
import { waitFor } from "../../../src/live/wait";
import { carryOut } from "../../../src/relayout/carry-out";
import { planRelayout } from "../../../src/relayout/plan";
import { PLAIN } from "../../../src/rehearsal/report/style";
import { GPU_OPERATOR_NAMESPACE } from "../../../src/well-known/namespaces";
import { podsNamed, successorOf, waitForDevices } from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { FaultyFleet } from "../../harness/fleet/faulty-fleet";
import { deployment } from "../../harness/fleet/manifests";
import type { Shell } from "../../harness/fleet/reader";
import { testedRelease } from "../../support/tested-release";
import { relayoutCommand, settled, shortenLocks, shownNodes } from "./command";
import type { Command, Ended } from "./command";
import { BALANCED, CONTEXT, LAB, PATIENCE, expectAllRunning, namesOf, startPool } from "./pool";

const LAYOUT = "all-balanced";
const RUN = 'aws ec2 reboot-instances --instance-ids "$INSTANCE" --region "$REGION"';
const REBOOT = ["--context", CONTEXT, "--pool", "a100", "--reboot"];

let cluster: Cluster;
let nodes: readonly Node[];
let operator: ApiServer;
let shell: Shell;
let account: Account;

/** What `aws` was told, and what the instances do about it. */
class Account {
  /** Names of nodes, one for each restart. */
  readonly restarted: string[] = [];
  /** Nodes that do not come back from a restart. */
  readonly deaf = new Set<string>();
  /** Nodes of another fleet. */
  readonly others = new Map<string, FaultyFleet>();
  private readonly log: string;
  private isOver = false;
  private readonly work: Promise<void>;

  /** @param folder the first on PATH. */
  constructor(folder: string) {
    this.log = join(folder, "aws.log");
    writeFileSync(this.log, "");
    const script = join(folder, "aws");
    writeFileSync(script, `#!/bin/sh\necho "$@" >> '${this.log}'\n`);
    chmodSync(script, 0o700);
    this.work = this.follow();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.work;
  }

  private async follow(): Promise<void> {
    let done = 0;
    while (!this.isOver) {
      const lines = readFileSync(this.log, "utf8").split("\n").slice(0, -1);
      for (const line of lines.slice(done)) {
        await this.carryOut(line);
      }
      done = lines.length;
      await sleep(50);
    }
  }

  private async carryOut(line: string): Promise<void> {
    const [, verb, id] = /^ec2 (reboot|terminate)-instances --instance-ids (i-\w+) --region us-east-1$/.exec(line) ?? [];
    const node =
      [...nodes, ...cluster.nodes.nodes].find(({ name }) => instanceId(name) === id)?.name ??
      [...this.others.keys()].find((name) => instanceId(name) === id);
    if (node === undefined) {
      return;
    }
    const fleet = this.others.get(node) ?? cluster.fleet;
    if (verb === "terminate") {
      return fleet.leave(node);
    }
    if (this.deaf.has(node)) {
      return;
    }
    this.restarted.push(node);
    await fleet.reboot(node);
  }
}

beforeAll(async () => {
  ({ cluster, nodes, operator, shell } = await startPool());
  account = new Account(String(shell.env["PATH"]?.split(delimiter)[0]));
});
afterAll(async () => {
  await account.end();
  operator.close();
  await cluster.stop();
});

const relayout = (...args: Parameters<Command>) => relayoutCommand(shell)(...args);
const shown = () => shownNodes(cluster.api, nodes);
const asBefore = () => nodes.map(({ name }) => settled(name, LAYOUT));

const bootIds = async () => {
  const all = await Promise.all(nodes.map(({ name }) => cluster.api.get(`/api/v1/nodes/${name}`) as Promise<KubernetesObject>));
  return all.map(({ status }) => String(status.nodeInfo.bootID));
};

const leases = () => cluster.api.list(`/apis/coordination.k8s.io/v1/namespaces/${GPU_OPERATOR_NAMESPACE}/leases`);

/** Follows a command line that was printed. */
const follow = (line: string): Promise<Ended> =>
  relayout(
    [...line.matchAll(/'([^']*)'|\S+/g)]
      .map(([word, quoted]) => quoted ?? word)
      .slice(4)
      .concat("--yes"),
  );
const commandsIn = (text: string, ...programs: readonly string[]) =>
  text.split("\n").filter((line) => programs.some((program) => line.startsWith(`${program} `)));

test("killed at every step and run again, it restarts every node once, and stops no pod that it has not named", async () => {
  const bystander = await namesOf(cluster, "bystander");
  const before = await bootIds();
  const killedAt = new Set<string>();
  let said = "";
  let runs = 0;
  for (;;) {
    if (runs++ > 1) {
      await shortenLocks(cluster.api);
    }
    const pods = await namesOf(cluster, "service");
    const { code, stdout, stderr } = await relayout([...REBOOT, "--run", RUN, "--yes"], (step) => {
      const isNew = !killedAt.has(step);
      killedAt.add(step);
      return isNew;
    });
    expect(stderr).toBe("");
    const after = new Set(await namesOf(cluster, "service"));
    said += stdout;
    expect(pods.filter((name) => !after.has(name) && !said.includes(`${LAB}/${name}`))).toEqual([]);
    expect((await shown()).filter(({ isCordoned }) => isCordoned).length).toBeLessThanOrEqual(1);
    if (code !== null) {
      expect([code, stdout]).toEqual([0, expect.stringContaining("Done: every node of pool")]);
      break;
    }
  }
  const kinds = ["cordon", "remove", "restart", "uncordon"];
  expect([...killedAt]).toEqual(expect.arrayContaining(nodes.flatMap(({ name }) => kinds.map((kind) => `${name}: ${kind}`))));
  expect([...account.restarted].sort()).toEqual(nodes.map(({ name }) => name).sort());
  expect(await shown()).toEqual(asBefore());
  const now = await bootIds();
  expect(now.filter((bootId, index) => bootId === before[index])).toEqual([]);
  await waitForDevices(cluster.api, 3 * BALANCED);
  await expectAllRunning(cluster);
  expect(await namesOf(cluster, "bystander")).toEqual(bystander);
  expect(await leases()).toEqual([]);
});

test("without a command of the operator's, it prints the one that restarts the node, and goes on when somebody has run it", async () => {
  const [node = ""] = nodes.map(({ name }) => name);
  const before = await bootIds();
  const child = relayout([...REBOOT, "--node", node, "--yes"]);
  const printed = `aws ec2 reboot-instances --instance-ids ${instanceId(node)} --region us-east-1`;
  await waitFor(
    "a node whose state is taken away",
    async () => (await shown()).some(({ name, state }) => name === node && state === undefined),
    PATIENCE,
  );
  await sleep(3000);
  expect(await bootIds()).toEqual(before);
  const observation = await observeCluster(cluster.api, CONTEXT, () => undefined);
  const declaration = declarationOf(cluster.recording, { stack: "dev", gpuPools: ["a100"] }, new Date(observation.readAt));
  expect(diagnose(observation, declaration, CONTEXT).notYet).toContainEqual({
    ...{ subject: `node ${node}`, waitsFor: "a relayout that restarts it ends" },
  });
  expect(await shell.run(printed)).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout, stderr } = await child;
  expect([code, stderr, stdout.split("\n")]).toEqual([0, "", expect.arrayContaining([`${node}: run this, which restarts it: ${printed}`])]);
  expect((await bootIds()).map((bootId, index) => bootId === before[index])).toEqual([false, true, true]);
  expect(await shown()).toEqual(asBefore());
  await expectAllRunning(cluster);
});

test("a command of the operator's that fails stops it, with what the command has said", async () => {
  const [node = ""] = nodes.map(({ name }) => name);
  const failing = await relayout([...REBOOT, "--node", node, "--run", "echo no rights for $INSTANCE >&2; exit 7", "--yes"]);
  // Sentences are broken into lines.
  const said = failing.stdout.replace(/\s+/g, " ");
  expect([failing.code, said]).toEqual([1, expect.stringContaining(`ended with code 7: no rights for ${instanceId(node)}`)]);
  expect((await shown()).filter(({ isCordoned }) => isCordoned).map(({ name }) => name)).toEqual([node]);
  const [goOn = ""] = commandsIn(failing.stdout, "npm");
  expect(goOn).toContain(`--node ${node}`);
  const done = await relayout([...REBOOT, "--node", node, "--run", RUN, "--yes"]);
  expect([done.code, done.stderr]).toEqual([0, ""]);
  expect(await shown()).toEqual(asBefore());
  await expectAllRunning(cluster);
});

/** A run in this process, in which nodes have three seconds to restart. */
async function inAHurry(): Promise<{ readonly order: readonly string[]; readonly text: string; readonly stop: Halted }> {
  const snapshot = await readCluster(operator, CONTEXT, () => undefined);
  const pool = nodes[0]?.labels["eks.amazonaws.com/nodegroup"] ?? "";
  const question = { pool: "a100", work: { type: "reboot" }, nodes: [], context: CONTEXT } as const;
  const planning = planRelayout(snapshot, question, resolveLayout, await runOf(operator, pool));
  if (planning.type !== "plan") {
    throw new Error(JSON.stringify(planning));
  }
  const { plan } = planning;
  const live = await openCluster(
    () => operator,
    plan,
    () => undefined,
  );
  const stop = await carryOut(
    plan,
    {
      observe: () => live.observe(),
      perform: async (step) => {
        if (step.type !== "reboot") {
          return live.perform(step);
        }
        await shell.run(`aws ec2 reboot-instances --instance-ids ${step.instance.id} --region ${step.instance.region}`);
        return { blockers: [] };
      },
    },
    {
      limits: { drain: 60_000, restart: 3000, partition: 60_000, publication: 60_000 },
      pause: () => sleep(200),
      now: () => performance.now(),
      onStep: () => undefined,
    },
  );
  await live.close();
  if (stop === undefined || stop.type === "unplanned") {
    throw new Error(`it has ended with ${JSON.stringify(stop)}`);
  }
  const names = { context: CONTEXT, stack: "dev", restart: RUN, drainMinutes: 15, asks: true };
  return { order: plan.nodes, stop, text: formatStop(stop, plan, names, { style: PLAIN, width: 100 }) };
}

test("a node that does not come back is left, or goes on, or makes room for another one, as it is printed", async () => {
  const { api, fleet } = cluster;
  const before = account.restarted.length;
  const dry = await relayout([...REBOOT, "--dry-run"]);
  const second = /^ +2 +(\S+\.internal) /m.exec(dry.stdout)?.[1] ?? "";
  account.deaf.add(second);
  const { order, stop, text } = await inAHurry();
  const [first = "", , third = ""] = order;
  expect(order[1]).toBe(second);
  expect(stop).toMatchObject({ type: "late", phase: "restart", node: { name: second } });
  expect(account.restarted.slice(before)).toEqual([first]);
  const byName = async () => Object.fromEntries((await shown()).map((node) => [node.name, node]));
  expect(await byName()).toMatchObject({
    [first]: settled(first, LAYOUT),
    [second]: { layout: LAYOUT, state: undefined, isCordoned: true },
    [third]: settled(third, LAYOUT),
  });

  // It is left as it was.
  for (const line of commandsIn(text, "kubectl")) {
    expect([line, await shell.run(line)]).toMatchObject([line, { code: 0 }]);
  }
  await waitFor("the node as it was", async () => JSON.stringify((await byName())[second]) === JSON.stringify(settled(second, LAYOUT)), {
    ...PATIENCE,
    describe: async () => JSON.stringify((await byName())[second]),
  });
  await waitForDevices(api, 3 * BALANCED);

  // It is tried again, does not come back again, and another instance comes in its place.
  const again = await inAHurry();
  expect(again.order).toEqual(expect.arrayContaining([second, third]));
  expect(again.order).not.toContain(first);
  // The order of those that are left is the planner's.
  expect(again.stop.node.name).toBe(second);
  const [, terminate = ""] = commandsIn(again.text, "aws");
  expect(terminate).toContain("terminate-instances");
  expect(await shell.run(terminate)).toMatchObject({ code: 0 });
  await waitFor(
    "the end of the node",
    async () => (await api.find({ apiVersion: "v1", kind: "Node", metadata: { name: second } })) === undefined,
  );
  const successor = successorOf(nodes.at(-1) as Node);
  await fleet.join([successor]);
  nodes = [...nodes.filter(({ name }) => name !== second), successor];
  await waitForDevices(api, 3 * BALANCED);
  const [goOn = ""] = commandsIn(again.text, "npm");
  const done = await follow(goOn);
  expect([done.code, done.stderr, done.stdout]).toEqual([0, "", expect.any(String)]);
  expect([...account.restarted.slice(before)].sort()).toEqual([first, third].sort());
  expect(await shown()).toEqual(asBefore());
  expect(await leases()).toEqual([]);
  await expectAllRunning(cluster);
});

test("a failure of MIG Manager after the restart of the second leaves the first done, the third untouched, and goes on as it is printed", async () => {
  const { fleet } = cluster;
  const before = account.restarted.length;
  const dry = await relayout([...REBOOT, "--dry-run"]);
  const order = [...dry.stdout.matchAll(/^ +\d+ +(\S+\.internal) /gm)].map(([, name = ""]) => name);
  const [first = "", second = "", third = ""] = order;
  fleet.spoilDriver(second, true);
  const failed = await relayout([...REBOOT, "--run", RUN, "--yes"]);
  expect([failed.code, failed.stderr, failed.stdout]).toEqual([1, "", expect.stringContaining("MIG Manager could not divide the GPUs")]);
  expect(account.restarted.slice(before)).toEqual([first, second]);
  expect(Object.fromEntries((await shown()).map((node) => [node.name, node]))).toMatchObject({
    [first]: settled(first, LAYOUT),
    [second]: { layout: LAYOUT, state: "failed", isCordoned: true },
    [third]: settled(third, LAYOUT),
  });
  const [goOn = ""] = commandsIn(failed.stdout, "npm");
  const again = await follow(goOn);
  expect([again.code, again.stdout]).toEqual([1, expect.stringMatching(new RegExp(`^${second}: MIG Manager tries again$`, "m"))]);
  fleet.spoilDriver(second, false);
  const done = await follow(goOn);
  expect([done.code, done.stderr, done.stdout]).toEqual([0, "", expect.any(String)]);
  expect(account.restarted.slice(before)).toEqual([first, second, third]);
  expect(await shown()).toEqual(asBefore());
  await waitForDevices(cluster.api, 3 * BALANCED);
  await expectAllRunning(cluster);
});

test("with DRA driver 25.12, whose containers of before cannot start after a restart, pods of a node that was drained run again", async () => {
  const { api } = cluster;
  const fleet = new FaultyFleet(api, { release: { ...testedRelease(), draDriver: { version: "25.12.0", line: "25.12" } } });
  await fleet.start();
  try {
    const node = successorOf(nodes.at(-1) as Node);
    account.others.set(node.name, fleet);
    await fleet.join([node]);
    await waitForDevices(api, 4 * BALANCED);
    const pinned = deployment(2, { name: "pinned", namespace: LAB, claims: [{ resourceClaimTemplateName: "small" }] });
    await cluster.apply([pinned]);
    await api.merge(pinned, { spec: { template: { spec: { nodeSelector: { "kubernetes.io/hostname": node.name } } } } });
    const isPinned = async () => (await podsNamed(api, LAB, "pinned")).map(({ spec, status }) => [spec.nodeName, status?.phase].join(" "));
    const settledThere = async () => {
      const pods = await isPinned();
      return pods.length === 2 && pods.every((each) => each === `${node.name} Running`);
    };
    await waitFor("pods on the node", settledThere, { ...PATIENCE, describe: async () => (await isPinned()).join() });
    const done = await relayout([...REBOOT, "--node", node.name, "--run", RUN, "--yes"]);
    expect([done.code, done.stderr, done.stdout]).toEqual([0, "", expect.any(String)]);
    await waitFor("pods on the node again", settledThere, { ...PATIENCE, describe: async () => (await isPinned()).join() });
    const statuses = (await podsNamed(api, LAB, "pinned")).map(
      ({ status }) => status?.containerStatuses?.[0] as { ready: boolean; restartCount: number },
    );
    expect(statuses.map(({ ready, restartCount }) => [ready, restartCount])).toEqual([
      [true, 0],
      [true, 0],
    ]);
    await api.delete(pinned);
    await waitFor("the end of the pods", async () => (await podsNamed(api, LAB, "pinned")).length === 0, PATIENCE);
    await fleet.leave(node.name);
  } finally {
    await fleet.stop();
  }
});
