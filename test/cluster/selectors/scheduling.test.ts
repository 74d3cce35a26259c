/** One team's selectors and another team's pods: what a claim may have costs kube-scheduler nothing that others notice, and what would is refused. */
import { publishSlices } from "../../../src/dra/devices";
import { selectorProblem } from "../../../src/dra/selector/language/check";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import { resolveLayout } from "../../../src/hardware/layouts";
import { testedRelease } from "../../support/tested-release";
import { PUBLISHED } from "../../dra/selector/language/published";
import { REFUSED } from "../../dra/selector/language/refused";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import { pod } from "../../harness/fleet/manifests";
import { admissionPoliciesInForce, podsPossible, quotaInForce } from "../../../src/fleet/settled";
import { waitFor } from "../../../src/live/wait";
import { applyStack, stackObjects } from "../../support/stack-objects";
import { PodWatch } from "../differential/pod-watch";
import { verdictOf } from "../refuser";
import { WORST_SELECTORS } from "./worst-selectors";

const ATTACKER = "team-a";
const VICTIM = "team-b";
const NODES = 4;
/** Pods of the victim whose scheduling is timed, before and during the attack. */
const TIMED = 12;
/** Claims of the attacker that are waiting meanwhile. */
const ATTACKS = 12;
/** What a busy machine adds to a median. */
const NOISE_MS = 50;

let cluster: ControlPlane;
let attacker: ApiServer;
let watch: PodWatch;
let heartbeats: Heartbeats;

beforeAll(async () => {
  cluster = await startControlPlane({ users: [{ name: ATTACKER, groups: [`${ATTACKER}-members`] }] });
  const { api } = cluster;
  const teams = [ATTACKER, VICTIM].map((name) => ({ name, group: `${name}-members`, slices: { small: 16, medium: 0, large: 0 } }));
  await applyStack(api, await stackObjects({ fashionMnist: { type: "none" }, teams }));
  heartbeats = new Heartbeats(api);
  watch = new PodWatch(api);
  for (let node = 0; node < NODES; node++) {
    await join(`node-${String(node)}`);
  }
  await admissionPoliciesInForce(api);
  for (const namespace of [ATTACKER, VICTIM]) {
    await podsPossible(api, namespace);
    await quotaInForce(api, namespace);
  }
  attacker = cluster.as(ATTACKER);
});
afterAll(async () => {
  watch.stop();
  heartbeats.stop();
  await cluster.stop();
});

/** A p4d.24xlarge, partitioned all-balanced. */
async function join(name: string): Promise<void> {
  const model = findGpuModel("A100-SXM4-40GB");
  const resolved = model && resolveLayout("all-balanced", model, 8);
  if (resolved?.type !== "legal") {
    throw new Error("all-balanced is legal on an A100");
  }
  const allocatable = { cpu: "96", memory: "1Ti", pods: "100", "ephemeral-storage": "1Ti" };
  await cluster.api.create({ apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable, capacity: allocatable } });
  for (const slice of publishSlices(name, resolved.layout, testedRelease())) {
    await cluster.api.create(slice);
  }
  await heartbeats.begin(name);
}

function claim(namespace: string, name: string, selectors: readonly string[]): KubernetesObject {
  const exactly = { deviceClassName: "mig-small.nvidia.com", selectors: selectors.map((expression) => ({ cel: { expression } })) };
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    metadata: { name, namespace },
    spec: { devices: { requests: [{ name: "slice", exactly }] } },
  };
}

/** Milliseconds from the creation of a pod of the victim until it has a node, one pod after the other. */
async function latencies(prefix: string, before: (index: number) => Promise<void>): Promise<readonly number[]> {
  const { api } = cluster;
  const times: number[] = [];
  for (let index = 0; index < TIMED; index++) {
    const name = `${prefix}-${String(index)}`;
    const own = claim(VICTIM, name, []);
    const placed = pod({ name, namespace: VICTIM, claims: [{ resourceClaimName: name }] });
    await api.create(own);
    await before(index);
    const started = performance.now();
    await api.create(placed);
    await watch.until(placed.metadata, ({ spec }) => (spec["nodeName"] === undefined ? undefined : true));
    times.push(performance.now() - started);
    await api.delete(placed);
    await api.delete(own);
  }
  return times.sort((a, b) => a - b);
}

function median(times: readonly number[]): number {
  return times[Math.floor(times.length / 2)] ?? Infinity;
}

/** What the attacker's pods wait for. */
type Waiting = { readonly type: "node" } | { readonly type: "claim"; readonly selectors: readonly string[] };

test("another team's pods are placed as fast as beside any pods that wait while a team does its worst", async () => {
  const alone = await latencies("alone", () => Promise.resolve());
  const node = await latenciesBeside("node", { type: "node" });
  const plain = await latenciesBeside("plain", { type: "claim", selectors: [`device.attributes["gpu.nvidia.com"].profile == "none"`] });
  const worst = await latenciesBeside("worst", { type: "claim", selectors: WORST_SELECTORS });
  const oneWorst = await latenciesBeside("one-worst", { type: "claim", selectors: WORST_SELECTORS }, 1);
  const shown = (times: readonly number[]) => `${median(times).toFixed(0)} ms (at most ${(times.at(-1) ?? 0).toFixed(0)})`;
  process.stdout.write(
    [
      `another team's pod is placed after ${shown(alone)}; beside ${String(ATTACKS)} pods that wait`,
      `- for a node, without any claim: after ${shown(node)}`,
      `- for a plain claim: after ${shown(plain)}`,
      `- for the worst claims that are allowed: after ${shown(worst)}; beside one such pod: after ${shown(oneWorst)}`,
      `A waiting pod costs ${((median(plain) - median(alone)) / ATTACKS).toFixed(1)} ms, with the worst claim ${((median(worst) - median(alone)) / ATTACKS).toFixed(1)} ms`,
      "",
    ].join("\n"),
  );
  // A bomb took 30 s. The scheduler places one pod at a time, and a claim that comes or goes makes it try all pods again that wait for one. So every waiting pod costs
  // the next pod of another team an attempt, one without a claim costs nothing, and the quota of pods bounds the sum. How long an attempt takes depends on the machine, so both limits are ratios.
  expect(median(worst)).toBeLessThan(2 * median(plain) + NOISE_MS);
  expect(median(worst)).toBeLessThan(3 * median(alone) + NOISE_MS);
});

/** The same while pods of another team wait, one of them new right before each of the victim's: the scheduler tries it first. */
async function latenciesBeside(prefix: string, waitsFor: Waiting, attacks = ATTACKS): Promise<readonly number[]> {
  const names = Array.from({ length: attacks }, (_, index) => `${prefix}-${String(index)}`);
  await waitFor("what is gone to leave the quotas", async () => {
    const quotas = await Promise.all([ATTACKER, VICTIM].map((team) => cluster.api.list(`/api/v1/namespaces/${team}/resourcequotas`)));
    return quotas
      .flat()
      .every(({ status }) => !/"(?:pods|count\/resourceclaims\.resource\.k8s\.io)":"[1-9]/.test(JSON.stringify(status?.["used"])));
  });
  for (const name of names) {
    if (waitsFor.type === "claim") {
      await attacker.create(claim(ATTACKER, name, waitsFor.selectors));
    }
    await attacker.create(waitingPod(name, waitsFor));
  }
  const waiting = async () =>
    (await cluster.api.list(`/api/v1/namespaces/${ATTACKER}/pods`)).filter(({ status }) =>
      JSON.stringify(status).includes("Unschedulable"),
    );
  await waitFor("the attacker's pods to be tried", async () => (await waiting()).length === attacks);
  const times = await latencies(`beside-${prefix}`, async (index) => {
    const again = waitingPod(names[index % attacks] ?? "", waitsFor);
    await attacker.delete(again);
    await attacker.create(again);
  });
  for (const name of names) {
    await attacker.delete(waitingPod(name, waitsFor));
    if (waitsFor.type === "claim") {
      await attacker.delete(claim(ATTACKER, name, waitsFor.selectors));
    }
  }
  return times;
}

function waitingPod(name: string, waitsFor: Waiting): KubernetesObject {
  if (waitsFor.type === "claim") {
    return pod({ name, namespace: ATTACKER, claims: [{ resourceClaimName: name }] });
  }
  return pod({ name, namespace: ATTACKER, claims: [], isTolerant: false, nodeSelector: { "example.com/none": "true" } });
}

test.each(REFUSED.filter(([, expression]) => selectorProblem(expression)?.about === "words"))(
  "the API server refuses %s, by the policy for claims",
  async (_, expression) => {
    const verdict = verdictOf(await attacker.tryCreate(claim(ATTACKER, "refused", [expression]), { dryRun: true }));
    // What does not compile the API server refuses before it asks a policy.
    expect(verdict).toMatchObject({ by: expect.stringMatching(/^(policy shared-gpu-claims|validation)$/) as unknown });
  },
);

test.each([
  ["a bomb", `quantity("1e999999999").isGreaterThan(quantity("1"))`],
  ["a smaller bomb", `quantity("1e10000000").isLessThan(quantity("1"))`],
  ["a bomb beside a device", `device.capacity["gpu.nvidia.com"].memory.add(quantity("1e100000000")).isGreaterThan(quantity("1"))`],
  ["tables of Unicode", String.raw`!"\u1c89".matches("\\p{L}")`],
  ["a loop", `device.attributes["gpu.nvidia.com"].all(k, k != "x")`],
])("the policy for claims refuses %s", async (_, expression) => {
  const verdict = verdictOf(await attacker.tryCreate(claim(ATTACKER, "refused", [expression]), { dryRun: true }));
  expect(verdict).toMatchObject({ by: "policy shared-gpu-claims" });
});

test.each(PUBLISHED)("the policy for claims takes %s", async (expression) => {
  expect(verdictOf(await attacker.tryCreate(claim(ATTACKER, "taken", [expression]), { dryRun: true }))).toMatchObject({ type: "admitted" });
});
