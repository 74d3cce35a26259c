/**
 * What a change does, against kube-scheduler: in random clusters a layout is changed, a node is drained, added or taken away. Pods that stop are created again, as their
 * controllers do. Those that run again are sent where the planner says, since kube-scheduler may choose otherwise among nodes that fit; those that wait, or can never be placed
 * again, may go anywhere, and stay pending.
 *
 *     SHARED_GPU_TEST_SEED=7 WHAT_IF_STATES=200 npm run test:cluster -- planner/what-if
 */
import fc from "fast-check";
import { namedLayouts } from "../../../src/hardware/layouts";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { valueAt } from "../../../src/json/value-at";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { changeOf } from "../../../src/planner/what-if/change";
import type { Change, ChangeText } from "../../../src/planner/what-if/change";
import { consequencesOf } from "../../../src/planner/what-if/what-if";
import type { Consequences, WhatIf } from "../../../src/planner/what-if/what-if";
import { SEED } from "../../support/seeds/seed";
import { createNode, nodeNamed } from "./carry-out";
import { states } from "./states";
import type { State } from "./states";
import { World } from "./world";

/** Eight with each sort of change. */
const STATES = Number(process.env["WHAT_IF_STATES"] ?? 32);

const DRA = "resource.k8s.io/v1";

/** The states are those of the other test that have many holders: with anything, and of full nodes. */
const WITH_HOLDERS = [15, 15, 11, 15] as const;

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world.stop());

test(
  `${String(STATES)} states of seed ${String(SEED)}`,
  async () => {
    const tally: Record<string, number> = {};
    const differences: string[] = [];
    for (let index = 0; index < STATES; index++) {
      const obstacle = WITH_HOLDERS[Math.floor(index / 4) % WITH_HOLDERS.length] ?? 0;
      const [state] = fc.sample(states(`what-if-${String(index)}`, obstacle), { seed: SEED * 200_003 + index, numRuns: 1 });
      if (state !== undefined) {
        differences.push(...(await compare(state, index, tally)).map((difference) => `${state.namespace}: ${difference}`));
      }
    }
    process.stdout.write(`what-if: ${JSON.stringify(tally)}\n`);
    expect(differences).toEqual([]);
    if (STATES >= 32) {
      expect(Object.keys(tally)).toEqual(expect.arrayContaining(["layout", "add", "drain", "remove", "moves", "waits", "never"]));
    }
  },
  600_000 + STATES * 20_000,
);

async function compare(state: State, index: number, tally: Record<string, number>): Promise<readonly string[]> {
  const { namespace } = state;
  const count = (what: string, times = 1) => {
    tally[what] = (tally[what] ?? 0) + times;
  };
  await world.create(state);
  try {
    await withoutPending(namespace);
    const before = await world.settledCluster(namespace);
    const text = changeText(before, index);
    const reading = changeOf(before, text);
    if (reading.type === "invalid") {
      throw new Error(reading.reason);
    }
    const consequences = consequencesOf(before, reading.change);
    const { whatIf } = consequences;
    count(reading.change.type);
    if (whatIf.verdict === "unknown") {
      return [`${whatIf.change}: ${whatIf.missing.join("; ")}`];
    }
    whatIf.stopped.forEach(({ fate }) => {
      count(fate);
    });
    await carryOut(before, reading.change, consequences);
    await recreate(state, whatIf);
    return await differencesOf(namespace, before, consequences);
  } finally {
    await world.remove(namespace);
  }
}

/** Where pending pods go is kube-scheduler's choice, and what they take then is not there for others. */
async function withoutPending(namespace: string): Promise<void> {
  for (const { metadata, spec } of await podsOf(namespace)) {
    if (spec.nodeName === undefined) {
      await world.api.delete({ apiVersion: "v1", kind: "Pod", metadata });
    }
  }
}

/** About the node with the most pods. */
function changeText({ nodes, bound }: PlannedCluster, index: number): ChangeText {
  const pods = (name: string) => bound.filter(({ nodeName }) => nodeName === name).length;
  const [node] = nodes.filter(({ gpus }) => gpus !== undefined).sort((a, b) => pods(b.name) - pods(a.name));
  if (node?.gpus === undefined) {
    throw new Error("the state has no node with GPUs");
  }
  switch (index % 4) {
    case 0: {
      const layouts = namedLayouts(node.gpus.model);
      return { type: "layout", layout: layouts[(index * 7) % layouts.length] ?? "", pool: node.pool };
    }
    case 1:
      return { type: "nodes", count: 1, pool: node.pool };
    case 2:
      return { type: "drain", node: node.name };
    default:
      return { type: "nodes", count: -1, pool: node.pool };
  }
}

async function carryOut(before: PlannedCluster, change: Change, { whatIf, after }: Consequences): Promise<void> {
  const nodes = whatIf.steps.flatMap((step) => step.nodes);
  for (const name of nodes) {
    await world.api.merge(nodeNamed(name), { spec: { unschedulable: true } });
  }
  for (const { pod } of whatIf.stopped) {
    const [namespace, name] = pod.split("/");
    await world.api.delete({ apiVersion: "v1", kind: "Pod", metadata: { namespace, name } });
  }
  // Their claims are given back, or go with them.
  const stopped = new Set(whatIf.stopped.map(({ pod }) => pod));
  await waitFor("claims of pods that are gone to hold nothing", async () =>
    (await world.api.list(`/apis/${DRA}/resourceclaims`)).every(({ metadata, status }) => {
      const users = (status?.reservedFor ?? []) as readonly { readonly name: string }[];
      return users.every(({ name }) => !stopped.has(`${String(metadata["namespace"])}/${name}`));
    }),
  );
  switch (change.type) {
    case "layout":
      for (const name of nodes) {
        await deleteSlices(before, name);
        for (const { metadata, spec } of after.state.slices.filter((slice) => slice.spec.nodeName === name)) {
          await world.api.create({ apiVersion: DRA, kind: "ResourceSlice", metadata: { name: metadata.name }, spec });
        }
        const wasCordoned = before.state.nodes.some(({ metadata, spec }) => metadata.name === name && spec?.unschedulable === true);
        await world.api.merge(nodeNamed(name), { spec: { unschedulable: wasCordoned } });
      }
      return;
    case "add": {
      const known = new Set(before.nodes.map(({ name }) => name));
      for (const { name } of after.nodes.filter((node) => !known.has(node.name))) {
        await createNode(world.api, world.heartbeats, after, name);
      }
      return;
    }
    case "remove":
      for (const name of nodes) {
        await deleteSlices(before, name);
        await world.api.delete(nodeNamed(name));
      }
      return;
    case "drain":
    case "team":
  }
}

async function deleteSlices({ state }: PlannedCluster, node: string): Promise<void> {
  for (const { metadata } of state.slices.filter(({ spec }) => spec.nodeName === node)) {
    await world.api.delete({ apiVersion: DRA, kind: "ResourceSlice", metadata: { name: metadata.name } });
  }
}

/** Creates the pods again: first those that run again, where the planner says, then the others. */
async function recreate({ namespace, pods }: State, { stopped }: WhatIf): Promise<void> {
  await world.settle();
  const manifests = new Map(pods.map((pod) => [`${namespace}/${String(pod.metadata["name"])}`, pod]));
  for (const group of [stopped.filter(({ to }) => to !== null), stopped.filter(({ to }) => to === null)]) {
    const names = new Set<string>();
    for (const { pod, to } of group) {
      const manifest = manifests.get(pod);
      if (manifest === undefined) {
        throw new Error(`no manifest has pod ${pod}`);
      }
      await world.api.create(to === null ? manifest : tiedTo(manifest, to));
      names.add(String(manifest.metadata["name"]));
    }
    await world.verdicts(namespace, names);
  }
}

function tiedTo(pod: KubernetesObject, node: string): KubernetesObject {
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  return { ...pod, spec: { ...pod.spec, affinity } };
}

async function differencesOf(namespace: string, before: PlannedCluster, { whatIf, after }: Consequences): Promise<readonly string[]> {
  const nodeOf = new Map(
    (await podsOf(namespace)).map((pod) => [`${namespace}/${String(pod.metadata["name"])}`, valueAt(pod.spec, "nodeName")]),
  );
  const fates = new Map(whatIf.stopped.map(({ pod, to }) => [pod, to ?? undefined]));
  const wanted = before.bound
    .filter(({ pod }) => pod.namespace === namespace)
    .map(({ pod, nodeName }) => {
      const name = `${namespace}/${pod.name}`;
      return [name, fates.has(name) ? fates.get(name) : nodeName] as const;
    });
  const now = await world.settledCluster(namespace);
  const counts = (cluster: PlannedCluster) =>
    cluster.state.slices.map(({ spec }) => `${spec.nodeName} ${String(spec.devices.length)}`).sort();
  return [
    ...wanted
      .filter(([name, node]) => nodeOf.get(name) !== node)
      .map(([name, node]) => `${whatIf.change}: ${name} is on ${String(nodeOf.get(name))}, not on ${String(node)}`),
    ...(JSON.stringify(counts(now)) === JSON.stringify(counts(after))
      ? []
      : [`${whatIf.change}: ${counts(now).join()} instead of ${counts(after).join()}`]),
  ];
}

function podsOf(namespace: string): Promise<readonly KubernetesObject[]> {
  return world.api.list(`/api/v1/namespaces/${namespace}/pods`);
}
