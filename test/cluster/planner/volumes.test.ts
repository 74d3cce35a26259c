/**
 * The planner against kube-scheduler where pods have volumes: random pending pods with claims of every sort, on nodes in two zones. The nodes are cordoned while
 * the planner reads the cluster. It says which pods get a node once nobody cordons them, and how many more slices fit then; the cluster shows whether that is so.
 *
 *     SHARED_GPU_TEST_SEED=7 PLANNER_VOLUME_STATES=100 npm run test:cluster -- planner/volumes
 */
import fc from "fast-check";
import type { JsonObject } from "../../../src/cluster/objects";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { readCluster as readLive } from "../../../src/live/snapshot";
import { waitFor } from "../../../src/live/wait";
import { valueAt } from "../../../src/json/value-at";
import { afterAll as afterActions } from "../../../src/planner/ask/actions";
import { ask } from "../../../src/planner/ask/ask";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { readCluster } from "../../../src/planner/state/read";
import { queueOf } from "../../../src/planner/status/pending";
import { claim, gpuNode, inZone, pod, storageClass, team, using, volume, volumeClaim } from "../../planner/clusters";
import { SEED } from "../../support/seeds/seed";
import { World } from "./world";

const STATES = Number(process.env["PLANNER_VOLUME_STATES"] ?? 8);
const SMALL = "mig-small.nvidia.com";
/** Slices of both nodes. */
const SLICES = 14;

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world.stop());

/** Where the volume of a pod is. `shared`: all pods with it use one claim for one pod at a time. */
const SORTS = ["inA", "inB", "labelled", "late", "onlyB", "ephemeral", "shared", "lost", "absent", "nowhere", "classless"] as const;
type Sort = (typeof SORTS)[number];
const BOUND: readonly Sort[] = ["inA", "inB", "labelled"];

interface State {
  readonly pods: readonly { readonly sort: Sort; readonly node: "a" | "b" | undefined }[];
}

const states: fc.Arbitrary<State> = fc.record({
  pods: fc.array(fc.record({ sort: fc.constantFrom(...SORTS), node: fc.constantFrom("a" as const, "b" as const, undefined) }), {
    minLength: 4,
    maxLength: 6,
  }),
});

test(
  `${String(STATES)} states of seed ${String(SEED)}`,
  async () => {
    const tally = new Map<string, number>();
    const differences: string[] = [];
    for (let index = 0; index < STATES; index++) {
      const [state] = fc.sample(states, { seed: SEED * 100_003 + index, numRuns: 1 });
      if (state !== undefined) {
        differences.push(...(await compare(`volumes-${String(index)}`, state, tally)));
      }
    }
    process.stdout.write(`planner with volumes: ${JSON.stringify(Object.fromEntries([...tally].sort()))}\n`);
    expect(differences).toEqual([]);
    if (STATES >= 8) {
      const of = (what: string, sorts: readonly Sort[]) => sorts.reduce((sum, sort) => sum + (tally.get(`${sort} ${what}`) ?? 0), 0);
      expect(of("placed", BOUND)).toBeGreaterThan(0);
      expect(of("waits", BOUND)).toBeGreaterThan(0);
      expect(of("placed", ["late", "onlyB", "ephemeral", "shared"])).toBeGreaterThan(0);
      expect(of("waits", ["lost", "absent", "nowhere", "classless"])).toBeGreaterThan(0);
    }
  },
  300_000 + STATES * 60_000,
);

async function compare(namespace: string, state: State, tally: Map<string, number>): Promise<readonly string[]> {
  const names = { a: `${namespace}-a`, b: `${namespace}-b` };
  const made = objectsOf(namespace, names, state);
  const sortOf = new Map(state.pods.map(({ sort }, index) => [`pod-${String(index)}`, sort]));
  await world.create({ ...made, items: [], namespace, arrangement: "separate" });
  try {
    await waitFor(`the claims of ${namespace} to be bound`, async () => {
      const claims = await world.api.list(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`);
      const wanted = state.pods.filter(({ sort }) => BOUND.includes(sort)).length;
      return claims.filter(({ status }) => status?.["phase"] === "Bound").length === wanted;
    });
    await world.settle(true);
    const cluster = readCluster(await readLive(world.api, "test", () => undefined));
    const open = afterActions(
      cluster,
      Object.values(names).map((node) => ({ type: "uncordon" as const, node })),
    );
    const queue = queueOf(open);
    const unknown = queue.pods.filter(({ unmodelled }) => unmodelled.length > 0).map(({ waiting }) => waiting.pod.name);
    const expected = queue.pods.filter(({ fits }) => fits).map(({ waiting }) => waiting.pod.name);
    const left = SLICES - expected.length;
    const verdicts = [left, left + 1].map((count) => verdictOf(open, count));
    for (const node of Object.values(names)) {
      await world.api.merge({ apiVersion: "v1", kind: "Node", metadata: { name: node } }, { spec: { unschedulable: null } });
    }
    const placed = () => placedIn(namespace);
    await waitFor(`${String(expected.length)} pods of ${namespace} to get nodes`, async () => (await placed()).size >= expected.length, {
      timeoutMs: 60_000,
      describe: async () => JSON.stringify({ expected, placed: [...(await placed())], sorts: [...sortOf] }),
    });
    await world.settle(true);
    const seen = await placed();
    for (const [name, sort] of sortOf) {
      const key = `${sort} ${seen.has(name) ? "placed" : "waits"}`;
      tally.set(key, (tally.get(key) ?? 0) + 1);
    }
    // Of those that share a claim for one pod, any can be the one.
    const alike = (all: Iterable<string>) => [...all].map((name) => (sortOf.get(name) === "shared" ? "shared" : name)).sort();
    return [
      ...unknown.map((name) => `${namespace}: the planner does not know where ${name} (${String(sortOf.get(name))}) can run`),
      ...(JSON.stringify(alike(seen)) === JSON.stringify(alike(expected))
        ? []
        : [
            `${namespace}: ${JSON.stringify(state.pods)}: the planner gives nodes to ${alike(expected).join()}, kube-scheduler to ${alike(seen).join()}`,
          ]),
      ...(verdicts.join() === "fits,doesNotFit"
        ? []
        : [`${namespace}: with ${String(left)} slices left the planner answers ${verdicts.join()}`]),
    ];
  } finally {
    await world.remove(namespace);
    for (const path of [
      `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
      "/api/v1/persistentvolumes",
      "/apis/storage.k8s.io/v1/storageclasses",
    ]) {
      await world.api.deleteAll(path);
    }
  }
}

function verdictOf(cluster: PlannedCluster, count: number): string {
  const items = [{ count, wanted: { type: "tier" as const, tier: "small" as const } }];
  return ask(cluster, { items, namespace: "default", arrangement: "separate" }).verdict;
}

async function placedIn(namespace: string): Promise<ReadonlySet<string>> {
  const pods = await world.api.list(`/api/v1/namespaces/${namespace}/pods`);
  return new Set(pods.filter(({ spec }) => spec["nodeName"] !== undefined).map(({ metadata }) => String(metadata["name"])));
}

function objectsOf(namespace: string, names: Readonly<Record<"a" | "b", string>>, { pods }: State) {
  const node = (name: "a" | "b") =>
    inZone(
      gpuNode(names[name], { instanceType: "p5.4xlarge", layout: "all-1g.10gb", pool: names[name], spec: { unschedulable: true } }),
      `zone-${name}`,
    );
  const allowedTopologies = [{ matchLabelExpressions: [{ key: "topology.kubernetes.io/zone", values: ["zone-b"] }] }];
  const used = pods.map(({ sort, node: wanted }, index) => {
    const name = `pod-${String(index)}`;
    return {
      objects: [claim(namespace, name, SMALL), ...volumeObjects(namespace, name, sort)],
      pod: pod(namespace, name, {
        ...using({ resourceClaimName: name }),
        containers: [{ name: "main", image: "none", resources: { claims: [{ name: "slice" }] } }],
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
        volumes: [volumeOf(namespace, name, sort)],
        ...(wanted === undefined ? {} : { nodeSelector: { "kubernetes.io/hostname": names[wanted] } }),
      }),
    };
  });
  const shared = bodyOf(volumeClaim(namespace, "shared", { storageClassName: `${namespace}-late`, accessModes: ["ReadWriteOncePod"] }));
  return {
    objects: [
      ...node("a"),
      ...node("b"),
      ...team(namespace, {}).filter(({ kind }) => kind === "Namespace"),
      storageClass(`${namespace}-late`),
      storageClass(`${namespace}-only-b`, { allowedTopologies }),
      shared,
      ...used.flatMap(({ objects }) => objects),
    ] as unknown as readonly KubernetesObject[],
    pods: used.map((each) => each.pod) as unknown as readonly KubernetesObject[],
  };
}

function volumeOf(namespace: string, name: string, sort: Sort): JsonObject {
  const storage = { resources: { requests: { storage: "1Gi" } } };
  return sort === "ephemeral"
    ? {
        name: "data",
        ephemeral: {
          volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], storageClassName: `${namespace}-late`, ...storage } },
        },
      }
    : { name: "data", persistentVolumeClaim: { claimName: sort === "shared" ? "shared" : `${name}-data` } };
}

/** The claim of a pod and its volume. */
function volumeObjects(namespace: string, pod: string, sort: Sort): readonly JsonObject[] {
  const name = `${pod}-data`;
  const pv = `${namespace}-${name}`;
  const bound = bodyOf(volumeClaim(namespace, name, { volumeName: pv, storageClassName: "by-hand" }));
  // The controller binds the two once both are there.
  const toBind = { ...bound, metadata: { name, namespace } };
  switch (sort) {
    case "inA":
      return [withSource(volume(pv, "zone-a", `${namespace}/${name}`)), toBind];
    case "inB":
      return [withSource(volume(pv, "zone-b", `${namespace}/${name}`)), toBind];
    case "labelled": {
      const metadata = { name: pv, labels: { "topology.kubernetes.io/zone": "zone-b__zone-c" } };
      const spec = { storageClassName: "by-hand", claimRef: { namespace, name } };
      return [withSource({ apiVersion: "v1", kind: "PersistentVolume", metadata, spec }), toBind];
    }
    case "late":
      return [bodyOf(volumeClaim(namespace, name, { storageClassName: `${namespace}-late` }))];
    case "onlyB":
      return [bodyOf(volumeClaim(namespace, name, { storageClassName: `${namespace}-only-b` }))];
    case "lost":
      return [bound];
    case "nowhere":
      return [bodyOf(volumeClaim(namespace, name, { storageClassName: `${namespace}-missing` }))];
    case "classless":
      return [bodyOf(volumeClaim(namespace, name, { storageClassName: "" }))];
    case "ephemeral":
    case "shared":
    case "absent":
      return [];
  }
}

/** As somebody writes a claim: its status is the controller's. */
function bodyOf({ apiVersion, kind, metadata, spec }: JsonObject): JsonObject {
  return { apiVersion, kind, metadata, spec: { resources: { requests: { storage: "1Gi" } }, ...(spec as JsonObject) } };
}

function withSource(object: JsonObject): JsonObject {
  const id = String(valueAt(object, "metadata", "name"));
  return {
    ...object,
    spec: {
      ...(object["spec"] as JsonObject),
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      csi: { driver: "ebs.csi.aws.com", volumeHandle: id },
    },
  };
}
