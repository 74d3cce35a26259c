/**
 * The planner against kube-scheduler: random clusters with quotas, shared claims, constraints and alternatives. What the planner says fits is created and gets
 * nodes, what it says does not fit stays pending for the reason given, and a way out is carried out and then it fits.
 *
 *     SHARED_GPU_TEST_SEED=7 PLANNER_STATES=1000 npm run test:cluster -- planner
 */
import fc from "fast-check";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { claimFailure } from "../../../src/live/events";
import { readCluster as readLive } from "../../../src/live/snapshot";
import { waitFor } from "../../../src/live/wait";
import { describeAction } from "../../../src/planner/ask/actions";
import type { Action } from "../../../src/planner/ask/actions";
import { ask } from "../../../src/planner/ask/ask";
import type { Answer } from "../../../src/planner/ask/ask";
import { askedPods } from "../../../src/planner/ask/pods";
import type { BlockKind } from "../../../src/planner/ask/trial";
import { tryOut } from "../../../src/planner/ask/trial";
import { waysOut } from "../../../src/planner/ask/ways";
import { readCluster } from "../../../src/planner/state/read";
import { startControlPlane } from "../../harness/control-plane/start";
import { classes } from "../../planner/clusters";
import { SEED } from "../../support/seeds/seed";
import { Bed } from "../differential/bed";
import { verdictIn } from "../differential/verdicts";
import { carryOut } from "./carry-out";
import { states } from "./states";
import type { State } from "./states";

const STATES = Number(process.env["PLANNER_STATES"] ?? 60);

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
  bed.close();
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

test(
  `${String(STATES)} states of seed ${String(SEED)}`,
  async () => {
    const counts = new Map<string, number>();
    const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
    const differences: string[] = [];
    for (let index = 0; index < STATES; index++) {
      const [state] = fc.sample(states(`state-${String(index)}`), { seed: SEED * 100_003 + index, numRuns: 1 });
      if (state !== undefined) {
        differences.push(...(await compare(state, index, count)).map((difference) => `${state.namespace}: ${difference}`));
      }
    }
    process.stdout.write(`planner: ${JSON.stringify(Object.fromEntries([...counts].sort()))}\n`);
    expect(differences).toEqual([]);
    expect(Math.min(counts.get("fits") ?? 0, counts.get("doesNotFit") ?? 0)).toBeGreaterThan(0);
  },
  600_000 + STATES * 10_000,
);

async function compare(state: State, index: number, count: (what: string) => void): Promise<readonly string[]> {
  const { namespace } = state;
  await create(state);
  try {
    const cluster = readCluster(await readLive(api, "test", () => undefined));
    const question = { items: state.items, namespace, arrangement: state.arrangement };
    const answer = ask(cluster, question);
    count(answer.verdict);
    const seen = await put(answer.manifests, namespace, answer.pinned);
    const wanted = answer.manifests.filter(({ kind }) => kind === "Pod").length;
    if (answer.verdict !== "doesNotFit") {
      return seen.placed === wanted
        ? []
        : [
            `${answer.verdict}: ${answer.asked}, but ${String(seen.placed)} of ${String(wanted)} pods have a node: ${seen.words.join("; ")}`,
          ];
    }
    answer.blocks.forEach(({ kind }) => count(`blocked by ${kind}`));
    const wrong = wrongReasons(answer, seen, wanted);
    await takeBack(namespace);
    const asked = askedPods(cluster, state.items, namespace, state.arrangement);
    const ways = waysOut(cluster, asked, tryOut(cluster, asked));
    const way = ways[index % Math.max(1, ways.length)];
    if (way === undefined) {
      count("no way out");
      return wrong;
    }
    return [...wrong, ...(await goOut(way.actions))];

    async function goOut(actions: readonly Action[]): Promise<readonly string[]> {
      new Set(actions.map(({ type }) => type)).forEach((type) => count(`way: ${type}`));
      await carryOut(api, heartbeats, cluster, actions);
      await settled(actions);
      const after = await put(asked.manifests, namespace, false);
      return after.placed === wanted
        ? []
        : [`${actions.map(describeAction).join(", ")}: still ${String(after.placed)} of ${String(wanted)} pods: ${after.words.join("; ")}`];
    }
  } finally {
    await remove(namespace);
  }

  async function settled(actions: readonly Action[]): Promise<void> {
    if (actions.some(({ type }) => type === "raiseQuota" || type === "deletePod")) {
      const [quota] = await api.list(`/api/v1/namespaces/${namespace}/resourcequotas`);
      const raised = actions.flatMap((action) => (action.type === "raiseQuota" ? [action.excess] : []));
      await waitFor("the quota", async () => {
        const [now] = await api.list(`/api/v1/namespaces/${namespace}/resourcequotas`);
        return raised.every(({ key, used, asked }) => now?.["status"]?.hard?.[key] === String(used + asked)) && quota !== undefined;
      });
    }
    await bed.settle();
  }
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
  for (const object of objects.filter(({ kind }) => kind !== "ResourceClaim")) {
    await api.create(object);
    if (object.kind === "Node") {
      await heartbeats.begin(String(object.metadata["name"]));
    }
  }
  await api.tryCreate({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
  if (objects.some(({ kind }) => kind === "ResourceQuota")) {
    await waitFor("the quota to count", async () => {
      const [quota] = await api.list(`/api/v1/namespaces/${namespace}/resourcequotas`);
      return quota?.["status"]?.hard !== undefined;
    });
  }
  for (const claim of objects.filter(({ kind }) => kind === "ResourceClaim")) {
    await api.tryCreate(claim);
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

/** Ends the pods that were asked for, and waits until their claims are gone and no longer count. */
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
  await waitFor(
    "claims to go",
    async () => !(await api.list(`/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims`)).some(isAsked),
  );
  await waitFor("the quota to count what is left", async () => {
    const quotas = await api.list(`/api/v1/namespaces/${namespace}/resourcequotas`);
    const pods = (await api.list(`/api/v1/namespaces/${namespace}/pods`)).length;
    return quotas.every(({ status }) => status?.used?.pods === undefined || Number(status.used.pods) === pods);
  });
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
