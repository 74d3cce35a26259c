/**
 * The planner against kube-scheduler: random clusters with quotas, shared claims, constraints and alternatives. What the planner says fits is created and gets
 * nodes, what it says does not fit stays pending for the reason given, and a way out is carried out and then it fits: of several ways the sort that came up least.
 *
 *     SHARED_GPU_TEST_SEED=7 PLANNER_STATES=1000 npm run test:cluster -- planner
 */
import fc from "fast-check";
import { objectAt } from "../../../src/cluster/objects";
import type { JsonObject } from "../../../src/cluster/objects";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { claimFailure } from "../../../src/live/events";
import { readCluster as readLive } from "../../../src/live/snapshot";
import { waitFor } from "../../../src/live/wait";
import { valueAt } from "../../../src/json/value-at";
import { describeAction } from "../../../src/planner/ask/actions";
import type { Action } from "../../../src/planner/ask/actions";
import { ask } from "../../../src/planner/ask/ask";
import type { Answer } from "../../../src/planner/ask/ask";
import { askedPods } from "../../../src/planner/ask/pods";
import type { BlockKind } from "../../../src/planner/ask/trial";
import { tryOut } from "../../../src/planner/ask/trial";
import { waysOut } from "../../../src/planner/ask/ways";
import type { Way } from "../../../src/planner/ask/ways";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { excesses } from "../../../src/planner/state/quotas";
import { readCluster } from "../../../src/planner/state/read";
import { queueOf } from "../../../src/planner/status/pending";
import { startControlPlane } from "../../harness/control-plane/start";
import { classes } from "../../planner/clusters";
import { SEED } from "../../support/seeds/seed";
import { Bed } from "../differential/bed";
import { verdictIn } from "../differential/verdicts";
import { carryOut } from "./carry-out";
import { states } from "./states";
import type { State } from "./states";

/** Three with each obstacle. */
const STATES = Number(process.env["PLANNER_STATES"] ?? 54);
/** Of the first state: a range of states can be looked at alone. */
const FIRST = Number(process.env["PLANNER_FIRST"] ?? 0);

let plane: ControlPlane;
let api: ApiServer;
let bed: Bed;
let heartbeats: Heartbeats;

beforeAll(async () => {
  plane = await startControlPlane({ clientRate: "unlimited" });
  ({ api } = plane);
  bed = new Bed(api);
  heartbeats = new Heartbeats(api);
  for (const object of classes()) {
    await api.create(object as unknown as KubernetesObject);
  }
});

afterAll(async () => {
  heartbeats.stop();
  await bed.close();
  await plane.stop();
});

/** What kube-scheduler writes into a pod, or the API server answers, for each sort of reason. */
const WORDS: Readonly<Record<BlockKind, RegExp>> = {
  devices: /cannot allocate all claims/,
  constraint: /cannot allocate all claims/,
  taint: /untolerated taint|unschedulable/,
  resources: /Too many pods|Insufficient/,
  quota: /exceeded quota/,
  class: /could not be found|not found|does not exist/,
  other: /./,
};

interface Seen {
  readonly placed: number;
  readonly words: readonly string[];
}

const WAYS: Readonly<Record<Action["type"], true>> = {
  ...{ deleteClaim: true, deletePod: true, raiseQuota: true, uncordon: true, removeTaint: true, relayout: true, addNode: true },
};

test(
  `${String(STATES)} states of seed ${String(SEED)}`,
  async () => {
    const tally = new Tally();
    const differences: string[] = [];
    for (let index = FIRST; index < FIRST + STATES; index++) {
      const [state] = fc.sample(states(`state-${String(index)}`, index), { seed: SEED * 100_003 + index, numRuns: 1 });
      if (state !== undefined) {
        differences.push(...(await compare(state, tally)).map((difference) => `${state.namespace}: ${difference}`));
      }
    }
    process.stdout.write(`planner: ${tally.text()}\n`);
    expect(differences).toEqual([]);
    if (STATES >= 54) {
      expect(tally.of("fits")).toBeGreaterThan(STATES / 3);
      expect(tally.of("doesNotFit")).toBeGreaterThan(STATES / 3);
      expect(Object.keys(WAYS).filter((type) => tally.of(`way: ${type}`) === 0)).toEqual([]);
    }
  },
  600_000 + STATES * 10_000,
);

/** How often what came up. */
class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  text(): string {
    return JSON.stringify(Object.fromEntries([...this.counts].sort()));
  }
}

async function compare(state: State, tally: Tally): Promise<readonly string[]> {
  const { namespace, items, arrangement } = state;
  await create(state);
  try {
    const cluster = await settledCluster(namespace);
    const answer = ask(cluster, { items, namespace, arrangement });
    tally.add(answer.verdict);
    if (answer.verdict === "unknown") {
      return [];
    }
    const seen = await put(answer.manifests, namespace, answer.pinned);
    const wanted = answer.manifests.filter(({ kind }) => kind === "Pod").length;
    if (answer.verdict === "fits") {
      tally.add(`fits ${answer.pinned ? "in one order" : arrangement}`);
      return seen.placed === wanted ? [] : [`fits: ${answer.asked}, but ${counts(seen, wanted)}`];
    }
    answer.blocks.forEach(({ kind }) => {
      tally.add(`blocked by ${kind}`);
    });
    const wrong = wrongReasons(answer, seen, wanted);
    await takeBack(namespace);
    const asked = askedPods(cluster, items, namespace, arrangement);
    const ways = waysOut(cluster, asked, tryOut(cluster, asked));
    const rarity = ({ actions }: Way) => Math.min(...actions.map(({ type }) => tally.of(`way: ${type}`)));
    const [way] = [...ways].sort((a, b) => rarity(a) - rarity(b));
    if (way === undefined) {
      tally.add("no way out");
      return wrong;
    }
    new Set(way.actions.map(({ type }) => type)).forEach((type) => {
      tally.add(`way: ${type}`);
    });
    await carryOut(api, heartbeats, cluster, way.actions);
    await settledCluster(namespace);
    const after = await put(asked.manifests, namespace, false);
    return after.placed === wanted ? wrong : [...wrong, `${way.actions.map(describeAction).join(", ")}: ${counts(after, wanted)}`];
  } finally {
    await remove(namespace);
  }
}

function counts({ placed, words }: Seen, wanted: number): string {
  return `${String(placed)} of ${String(wanted)} pods have a node: ${words.join("; ")}`;
}

/**
 * The cluster once its controllers have done what follows from what was done before: nothing is being deleted, quotas count what there is, kube-scheduler has
 * heard of everything, and no pod waits for which there is a place.
 */
async function settledCluster(namespace: string): Promise<PlannedCluster> {
  let cluster: PlannedCluster | undefined;
  await waitFor(
    `the cluster of ${namespace} to come to rest`,
    async () => {
      const before = await readLive(api, "test", () => undefined);
      if (Object.values(before.objects).some((objects) => objects.some(isEnding)) || !quotasCount(readCluster(before), namespace)) {
        return false;
      }
      await bed.settle();
      cluster = readCluster(await readLive(api, "test", () => undefined));
      return queueOf(cluster).pods.every(({ fits }) => !fits);
    },
    { timeoutMs: 120_000, describe: async () => JSON.stringify((await api.list(`/api/v1/namespaces/${namespace}/pods`)).map(restOf)) },
  );
  if (cluster === undefined) {
    throw new Error("the cluster was not read");
  }
  return cluster;
}

function isEnding({ metadata }: JsonObject): boolean {
  return valueAt(metadata, "deletionTimestamp") !== undefined;
}

function restOf({ metadata, spec, status }: KubernetesObject): object {
  return { name: metadata["name"] as unknown, node: spec.nodeName as unknown, conditions: status?.conditions as unknown };
}

/** Whether quotas have counted what there is, and no longer count what is gone: the API server does the one at once, a controller the other later. */
function quotasCount(cluster: PlannedCluster, namespace: string): boolean {
  const uncounted = { ...cluster, limits: cluster.limits.map((object) => ({ ...object, body: { ...object.body, status: {} } })) };
  return cluster.limits
    .filter((object) => object.kind === "ResourceQuota" && object.namespace === namespace)
    .every(({ body }) =>
      Object.entries(objectAt(body, "spec", "hard")).every(([key, limit]) => {
        const used = (each: PlannedCluster) => excesses(each, namespace, { [key]: 1_000_000 })[0]?.used;
        return valueAt(body, "status", "hard", key) === limit && used(cluster) === used(uncounted);
      }),
    );
}

function wrongReasons({ asked, blocks }: Answer, { placed, words }: Seen, wanted: number): readonly string[] {
  if (placed === wanted) {
    return [`does not fit: ${asked} (${blocks.map(({ message }) => message).join("; ")}), but every pod has a node`];
  }
  const kinds = [...new Set(blocks.map(({ kind }) => kind))];
  return words.every((word) => kinds.some((kind) => WORDS[kind].test(word)))
    ? []
    : [`does not fit: ${asked}, blocked by ${kinds.join(", ")}, but the cluster says: ${words.join("; ")}`];
}

/** Creates the state, and waits until kube-scheduler has looked at its pods. */
async function create({ objects, pods, namespace }: State): Promise<void> {
  const isClaim = ({ kind }: KubernetesObject) => kind === "ResourceClaim";
  for (const object of objects.filter((each) => !isClaim(each))) {
    await api.create(object);
    if (object.kind === "Node") {
      await heartbeats.begin(String(object.metadata["name"]));
    }
  }
  await api.tryCreate({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
  await waitFor("the quota to count", async () =>
    (await api.list(`/api/v1/namespaces/${namespace}/resourcequotas`)).every(({ status }) => status?.hard !== undefined),
  );
  for (const { status, ...claim } of objects.filter(isClaim)) {
    if ((await api.tryCreate(claim as KubernetesObject)).status < 300 && status !== undefined) {
      await api.merge(claim as KubernetesObject, { status: status as unknown }, "status");
    }
  }
  await bed.settle();
  const created = new Set<string>();
  for (const pod of pods) {
    if ((await api.tryCreate(pod)).status < 300) {
      created.add(String(pod.metadata["name"]));
    }
  }
  await verdicts(namespace, created);
}

/** Creates what an answer says to create, and waits for what comes of each pod. */
async function put(manifests: readonly object[], namespace: string, inOrder: boolean): Promise<Seen> {
  const refused: string[] = [];
  const created = new Set<string>();
  for (const manifest of manifests as readonly KubernetesObject[]) {
    const { status, body } = await api.tryCreate(manifest);
    if (status >= 300) {
      refused.push(String(body.message));
    } else if (manifest.kind === "Pod") {
      created.add(String(manifest.metadata["name"]));
      if (inOrder) {
        await verdicts(namespace, created);
      }
    }
  }
  const seen = await verdicts(namespace, created);
  return { placed: seen.placed, words: [...refused, ...seen.words] };
}

/** Waits until every pod has a node, a reason, or an event that says why its claim does not exist. Pods whose claim is missing get no reason. */
async function verdicts(namespace: string, names: ReadonlySet<string>): Promise<Seen> {
  let seen: Seen = { placed: 0, words: [] };
  await waitFor(`verdicts on pods of ${namespace}`, async () => {
    const pods = (await api.list(`/api/v1/namespaces/${namespace}/pods`)).filter(({ metadata }) => names.has(String(metadata["name"])));
    const claims = new Set(
      (await api.list(`/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims`)).map(({ metadata }) => metadata["name"]),
    );
    const told: string[] = [];
    let placed = 0;
    for (const pod of pods) {
      const verdict = verdictIn(pod);
      if (verdict?.type === "placed") {
        placed++;
      } else if (verdict !== undefined) {
        told.push(verdict.message);
      } else {
        const own = await claimFailure(api, pod);
        const entries = (pod["spec"].resourceClaims ?? []) as readonly { readonly resourceClaimName?: string }[];
        const isMissing = entries.some(({ resourceClaimName: name }) => name !== undefined && !claims.has(name));
        if (own === undefined && !isMissing) {
          return false;
        }
        told.push(own ?? "its claim does not exist");
      }
    }
    seen = { placed, words: told };
    return pods.length === names.size;
  });
  return seen;
}

/** Ends the pods that were asked for, and waits until nothing is left of them. */
async function takeBack(namespace: string): Promise<void> {
  const isAsked = ({ metadata }: KubernetesObject) => String(metadata["name"]).startsWith("ask");
  for (const [path, kind, apiVersion] of [
    ["api/v1", "Pod", "v1"],
    ["apis/resource.k8s.io/v1", "ResourceClaimTemplate", "resource.k8s.io/v1"],
  ] as const) {
    for (const { metadata } of (await api.list(`/${path}/namespaces/${namespace}/${kind.toLowerCase()}s`)).filter(isAsked)) {
      await api.delete({ apiVersion, kind, metadata });
    }
  }
  await settledCluster(namespace);
}

async function remove(namespace: string): Promise<void> {
  await api.deleteAll(`/api/v1/namespaces/${namespace}/pods`);
  await Promise.all(
    ["resourceclaims", "resourceclaimtemplates"].map((kind) => api.deleteAll(`/apis/resource.k8s.io/v1/namespaces/${namespace}/${kind}`)),
  );
  for (const path of ["/api/v1/nodes", "/apis/resource.k8s.io/v1/resourceslices"]) {
    await api.deleteAll(path);
  }
}
