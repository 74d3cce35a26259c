/**
 * The planner against kube-scheduler: random clusters with quotas, shared claims, constraints and alternatives. What the planner says fits is created and gets
 * nodes, what it says does not fit stays pending for the reason given, and a way out is carried out and then it fits: of several ways the sort that came up least.
 *
 *     SHARED_GPU_TEST_SEED=7 PLANNER_STATES=1000 npm run test:cluster -- planner
 */
import fc from "fast-check";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { describeAction } from "../../../src/planner/ask/actions";
import type { Action } from "../../../src/planner/ask/actions";
import { ask } from "../../../src/planner/ask/ask";
import type { Answer } from "../../../src/planner/ask/ask";
import { askedPods } from "../../../src/planner/ask/pods";
import type { BlockKind } from "../../../src/planner/ask/trial";
import { tryOut } from "../../../src/planner/ask/trial";
import { waysOut } from "../../../src/planner/ask/ways";
import type { Way } from "../../../src/planner/ask/ways";
import { SEED } from "../../support/seeds/seed";
import { carryOut } from "./carry-out";
import { states } from "./states";
import type { State } from "./states";
import { World } from "./world";
import type { Seen } from "./world";

/** Three with each obstacle. */
const STATES = Number(process.env["PLANNER_STATES"] ?? 54);
/** Of the first state: a range of states can be looked at alone. */
const FIRST = Number(process.env["PLANNER_FIRST"] ?? 0);

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world.stop());

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
  await world.create(state);
  try {
    const cluster = await world.settledCluster(namespace);
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
    await carryOut(world.api, world.heartbeats, cluster, way.actions);
    await world.settledCluster(namespace);
    const after = await put(asked.manifests, namespace, false);
    return after.placed === wanted ? wrong : [...wrong, `${way.actions.map(describeAction).join(", ")}: ${counts(after, wanted)}`];
  } finally {
    await world.remove(namespace);
  }
}

function counts({ placed, words }: Seen, wanted: number): string {
  return `${String(placed)} of ${String(wanted)} pods have a node: ${words.join("; ")}`;
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

/** Creates what an answer says to create, and waits for what comes of each pod. */
async function put(manifests: readonly object[], namespace: string, inOrder: boolean): Promise<Seen> {
  const refused: string[] = [];
  const created = new Set<string>();
  for (const manifest of manifests as readonly KubernetesObject[]) {
    const { status, body } = await world.api.tryCreate(manifest);
    if (status >= 300) {
      refused.push(String(body.message));
    } else if (manifest.kind === "Pod") {
      created.add(String(manifest.metadata["name"]));
      if (inOrder) {
        await world.verdicts(namespace, created);
      }
    }
  }
  const seen = await world.verdicts(namespace, created);
  return { placed: seen.placed, words: [...refused, ...seen.words] };
}

/** Ends the pods that were asked for, and waits until nothing is left of them. */
async function takeBack(namespace: string): Promise<void> {
  const isAsked = ({ metadata }: KubernetesObject) => String(metadata["name"]).startsWith("ask");
  for (const [path, kind, apiVersion] of [
    ["api/v1", "Pod", "v1"],
    ["apis/resource.k8s.io/v1", "ResourceClaimTemplate", "resource.k8s.io/v1"],
  ] as const) {
    for (const { metadata } of (await world.api.list(`/${path}/namespaces/${namespace}/${kind.toLowerCase()}s`)).filter(isAsked)) {
      await world.api.delete({ apiVersion, kind, metadata });
    }
  }
  await world.settledCluster(namespace);
}
