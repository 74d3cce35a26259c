/**
 * `npm run relayout` on the real control plane with three simulated nodes and running pods, in the name of a service account with the documented roles: killed
 * at every step, stopped by MIG Manager and by a disruption budget, and taken back by the command that it prints.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "../../../src/cluster/nodes";
import { resolveLayout } from "../../../src/hardware/layouts";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { declarationOf } from "../../../src/doctor/declaration";
import { diagnose } from "../../../src/doctor/diagnose";
import type { Finding } from "../../../src/doctor/finding";
import { observeCluster } from "../../../src/doctor/observation/live";
import { openCluster } from "../../../src/live/relayout";
import { readCluster } from "../../../src/live/snapshot";
import { waitFor } from "../../../src/live/wait";
import { carryOut } from "../../../src/relayout/carry-out";
import { planRelayout } from "../../../src/relayout/plan";
import { MIG_CONFIG_LABEL } from "../../../src/well-known/labels";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../../src/well-known/namespaces";
import { podsNamed, publishedDevices, waitForDevices } from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import type { Shell } from "../../harness/fleet/reader";
import { ROOT } from "../../support/program";
import { STEP, relayoutCommand, settled, shortenLocks, shownNodes } from "./command";
import type { Command, Ended } from "./command";
import { BALANCED, CONTEXT, LAB, PATIENCE, REPLICAS, expectAllRunning, namesOf, startPool } from "./pool";

const SMALLEST = 56;
const FROM = "all-balanced";
const TO = "all-1g.5gb";

let cluster: Cluster;
let nodes: readonly Node[];
let operator: ApiServer;
let shell: Shell;
beforeAll(async () => {
  ({ cluster, nodes, operator, shell } = await startPool());
});
afterAll(async () => {
  operator.close();
  await cluster.stop();
});

const relayout = (...args: Parameters<Command>) => relayoutCommand(shell)(...args);
const toLayout = (layout: string, ...more: readonly string[]) => ["--context", CONTEXT, "--pool", "a100", "--layout", layout, ...more];

const shown = () => shownNodes(cluster.api, nodes);

test("killed at every step and run again, it ends as if nothing had happened, and stops no pod that it has not named", async () => {
  const bystander = await namesOf(cluster, "bystander");
  const killedAt = new Set<string>();
  let said = "";
  let runs = 0;
  for (;;) {
    // The lock of the first one runs out by itself.
    if (runs++ > 1) {
      await shortenLocks(cluster.api);
    }
    const before = await namesOf(cluster, "service");
    // Each step is said before it is done. The next process does the step, and is killed at the one after it.
    const { code, stdout, stderr } = await relayout(toLayout(TO, "--yes"), (step) => {
      const isNew = !killedAt.has(step);
      killedAt.add(step);
      return isNew;
    });
    expect(stderr).toBe("");
    const after = new Set(await namesOf(cluster, "service"));
    // A pod that an earlier process has evicted can take until now to end.
    said += stdout;
    expect(before.filter((name) => !after.has(name) && !said.includes(`${LAB}/${name}`))).toEqual([]);
    expect((await shown()).filter(({ isCordoned }) => isCordoned).length).toBeLessThanOrEqual(1);
    if (code !== null) {
      expect([code, stdout]).toEqual([0, expect.stringContaining("pulumi config set --path 'gpuPools[0].layout' all-1g.5gb --stack dev")]);
      break;
    }
  }
  const kinds = ["cordon", MIG_CONFIG_LABEL, "uncordon"];
  expect([...killedAt]).toEqual(expect.arrayContaining(nodes.flatMap(({ name }) => kinds.map((kind) => `${name}: ${kind}`))));
  expect([...killedAt].filter((step) => step.endsWith(": evict"))).not.toEqual([]);
  expect(await shown()).toEqual(nodes.map(({ name }) => settled(name, TO)));
  await waitForDevices(cluster.api, 3 * SMALLEST);
  await expectAllRunning(cluster);
  expect(await namesOf(cluster, "bystander")).toEqual(bystander);
});

/** What the doctor finds about layouts and relayouts. */
async function foundOfLayouts(): Promise<readonly Finding[]> {
  const observation = await observeCluster(cluster.api, CONTEXT, () => undefined);
  // A new cluster without a partition gate is one that pulumi up is still at.
  const readAt = new Date(Date.parse(observation.readAt) + 4 * 3_600_000).toISOString();
  const declaration = declarationOf(cluster.recording, { stack: "dev", gpuPools: ["a100"] }, new Date(readAt));
  return diagnose({ ...observation, readAt }, declaration, CONTEXT).findings.filter(({ id }) => /^(relayout|node-layout)/.test(id));
}

test("until pulumi up, the doctor says that it is done, and what makes it last", async () => {
  const set = "pulumi config set --path 'gpuPools[0].layout' all-1g.5gb --stack dev";
  expect(await foundOfLayouts()).toMatchObject([
    { id: "relayout-not-in-stack", commands: [set, "npm start -- --stack dev", "pulumi up --stack dev"] },
  ]);
});

test("afterwards the node group's label changes nothing", async () => {
  const { api, fleet } = cluster;
  const state = async () => ({
    pods: await namesOf(cluster, ""),
    plugins: (await podsNamed(api, DRA_DRIVER_NAMESPACE, "")).map(({ metadata }) => String(metadata["uid"])).sort(),
    devices: [...(await publishedDevices(api)).keys()].sort(),
    nodes: await shown(),
  });
  const before = await state();
  for (const node of nodes) {
    await fleet.update({ ...node, labels: { ...node.labels, [MIG_CONFIG_LABEL]: TO } });
  }
  // Time for whatever should not happen.
  await sleep(3000);
  expect(await state()).toEqual({ ...before, nodes: nodes.map(({ name }) => settled(name, TO)) });
});

const BUDGET: KubernetesObject = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "whole-service", namespace: LAB },
  spec: { minAvailable: REPLICAS, selector: { matchLabels: { app: "service" } } },
};

/** From now on no pod of the service is evicted. */
async function protectService(): Promise<void> {
  const { api } = cluster;
  await cluster.apply([BUDGET]);
  const status = async () => (await api.find(BUDGET))?.["status"] as { readonly expectedPods?: number; readonly currentHealthy?: number };
  await waitFor("the budget", async () => (await status()).currentHealthy === REPLICAS, PATIENCE);
}

/** Nodes on which the service runs. */
const busyNodes = async () => new Set((await podsNamed(cluster.api, LAB, "service")).map(({ spec }) => String(spec.nodeName)));

test("a disruption budget stops it, with who blocks, and the node goes back", async () => {
  const { api } = cluster;
  await protectService();
  const before = await namesOf(cluster, "");
  const planning = planRelayout(
    await readCluster(operator, CONTEXT, () => undefined),
    { pool: "a100", work: { type: "layout", layout: FROM }, nodes: [] },
    resolveLayout,
  );
  if (planning.type !== "plan") {
    throw new Error(JSON.stringify(planning));
  }
  const { plan } = planning;
  const busy = await busyNodes();
  const node = plan.nodes.find((name) => busy.has(name)) ?? "";
  const alone = { ...plan, nodes: [node] };
  // A login that has expired is replaced.
  const logins = [operator.as("expired"), operator];
  const live = await openCluster(
    () => logins.shift() ?? operator,
    alone,
    () => undefined,
  );
  const stop = await carryOut(alone, live, {
    limits: { drain: 3000, restart: 60_000, partition: 60_000, publication: 60_000 },
    pause: () => sleep(200),
    now: () => performance.now(),
    onStep: () => undefined,
  });
  await live.close();
  expect(logins).toEqual([]);
  expect(stop).toMatchObject({ type: "late", phase: "drain", node: { name: node } });
  expect(JSON.stringify(stop)).toContain("The disruption budget whole-service needs 6 healthy pods and has 6 currently");
  expect((await shown()).filter(({ isCordoned }) => isCordoned).map(({ name, layout }) => [name, layout])).toEqual([[node, TO]]);

  const { code, stdout } = await relayout(toLayout(TO, "--node", node, "--yes"));
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${node}: back to ${TO}`)]);
  expect(await shown()).toEqual(nodes.map(({ name }) => settled(name, TO)));
  expect(await namesOf(cluster, "")).toEqual(before);
  await api.delete(BUDGET);
});

test("a second one changes nothing while the first is at work, and takes over when it was killed", async () => {
  await protectService();
  const [node = ""] = await busyNodes();
  const forth = toLayout(FROM, "--node", node, "--yes");
  let kill: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => (kill = resolve));
  let first: Promise<Ended> | undefined;
  await new Promise<void>((isBlocked) => {
    const onStep = (step: string) => {
      if (step.endsWith(": evict")) {
        isBlocked();
      }
      return false;
    };
    first = relayout(forth, onStep, killed);
    void first.then(() => {
      isBlocked();
    });
  });
  const during = await shown();
  const second = await relayout(forth);
  expect([second.code, second.stdout]).toEqual([
    1,
    expect.stringMatching(/another relayout of pool \S+ is at work, of\s+\S+\. Wait until/),
  ]);
  expect(second.stdout).not.toMatch(STEP);
  expect(await shown()).toEqual(during);

  kill();
  expect(await first).toMatchObject({ code: null, stdout: expect.stringContaining(`${node}: evict`) as string });
  const third = await relayout(toLayout(TO, "--node", node, "--yes"));
  expect([third.code, third.stdout]).toEqual([0, expect.stringMatching(/was at a relayout of pool [^]*: back to all-1g\.5gb/)]);
  expect(await shown()).toEqual(nodes.map(({ name }) => settled(name, TO)));
  await cluster.api.delete(BUDGET);
  expect(await cluster.api.list(`/apis/coordination.k8s.io/v1/namespaces/${GPU_OPERATOR_NAMESPACE}/leases`)).toEqual([]);
});

test("a failure of MIG Manager on the second node leaves the first done, the third untouched, and the second a way back that works", async () => {
  const { api, fleet } = cluster;
  const plan = await relayout(toLayout(FROM, "--dry-run"));
  const order = [...plan.stdout.matchAll(/^ +\d+ +(\S+\.internal) +all-1g\.5gb +all-balanced/gm)].map(([, name = ""]) => name);
  expect([...order].sort()).toEqual(nodes.map(({ name }) => name).sort());
  const [first = "", second = "", third = ""] = order;
  fleet.spoilDriver(second, true);
  const podsOn = async (node: string) =>
    (await podsNamed(api, LAB, "")).filter(({ spec }) => spec.nodeName === node).map(({ metadata }) => String(metadata["name"]));

  const failed = await relayout(toLayout(FROM, "--yes"));
  expect([failed.code, failed.stderr, failed.stdout]).toEqual([1, "", expect.any(String)]);
  const untouched = await podsOn(third);
  expect(failed.stdout).not.toMatch(new RegExp(`^${third}: `, "m"));
  const byName = async () => Object.fromEntries((await shown()).map((node) => [node.name, node]));
  expect(await byName()).toMatchObject({
    [first]: settled(first, FROM),
    [second]: { layout: FROM, state: "failed", isCordoned: true },
    [third]: settled(third, TO),
  });

  const printed = failed.stdout.split("\n").filter((line) => line.startsWith("npm run relayout -- "));
  expect(printed).toHaveLength(2);
  const [goOn = "", goBack = ""] = printed;
  const follow = (line: string) => relayout([...line.replace("npm run relayout -- ", "").split(" "), "--yes"]);
  const back = await follow(goBack);
  expect([back.code, back.stderr, back.stdout]).toEqual([0, "", expect.any(String)]);
  expect(await byName()).toEqual({ [first]: settled(first, FROM), [second]: settled(second, TO), [third]: settled(third, TO) });
  expect(await podsOn(third)).toEqual(expect.arrayContaining(untouched));

  // While the driver still refuses, MIG Manager fails again, also when it is told to try again.
  expect((await follow(goOn)).code).toBe(1);
  const again = await follow(goOn);
  expect([again.code, again.stderr, again.stdout]).toEqual([1, "", expect.any(String)]);
  expect(again.stdout).toMatch(new RegExp(`^${second}: MIG Manager tries again$[^]*^- MIG Manager could not divide the GPUs`, "m"));
  fleet.spoilDriver(second, false);
  const done = await follow(goOn);
  expect([done.code, done.stderr, done.stdout]).toEqual([0, "", expect.any(String)]);
  expect(await shown()).toEqual(nodes.map(({ name }) => settled(name, FROM)));
  await waitForDevices(api, 3 * BALANCED);
  await expectAllRunning(cluster);
});

test("a DRA plugin that runs all the time is restarted, since it has listed the devices of before", async () => {
  const { api } = cluster;
  const name = "nvidia-dra-driver-gpu-kubelet-plugin";
  const plugin: KubernetesObject = { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name, namespace: DRA_DRIVER_NAMESPACE } };
  const isRolledOut = async () => {
    const { metadata, status } = (await api.find(plugin)) ?? plugin;
    const wanted = Number(status?.desiredNumberScheduled);
    return (
      status?.observedGeneration === metadata["generation"] && status?.updatedNumberScheduled === wanted && status?.numberReady === wanted
    );
  };
  await api.merge(plugin, { spec: { template: { spec: { nodeSelector: null } } } });
  await waitFor("plugins without a node selector", isRolledOut, PATIENCE);
  const [node = ""] = nodes.map((each) => each.name);
  const { code, stdout } = await relayout(toLayout(TO, "--node", node, "--yes"));
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${node}: restart the DRA plugin`)]);
  await waitForDevices(api, SMALLEST + 2 * BALANCED);
  await expectAllRunning(cluster);
});

test("the doctor's command takes a node back that alone has another layout, as it is printed", async () => {
  const [node = ""] = nodes.map((each) => each.name);
  const findings = await foundOfLayouts();
  expect(findings).toMatchObject([{ id: "relayout-not-in-stack", subject: `node ${node}` }]);
  const [command = ""] = findings.flatMap(({ commands }) => commands);
  expect(await shell.run(`cd '${ROOT}' && ${command} --yes`)).toMatchObject({ code: 0 });
  expect(await shown()).toEqual(nodes.map(({ name }) => settled(name, FROM)));
  expect(await foundOfLayouts()).toEqual([]);
  await waitForDevices(cluster.api, 3 * BALANCED);
  await expectAllRunning(cluster);
});

test("the roles allow nothing else", async () => {
  const [service = ""] = await namesOf(cluster, "service");
  const status = async (...request: Parameters<ApiServer["request"]>) => (await operator.request(...request)).status;
  expect(await status("GET", "/api/v1/secrets")).toBe(403);
  expect(await status("DELETE", `/api/v1/namespaces/${LAB}/pods/${service}?dryRun=All`)).toBe(403);
  expect(await status("DELETE", `/api/v1/nodes/${nodes[0]?.name ?? ""}?dryRun=All`)).toBe(403);
});
