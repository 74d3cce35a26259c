/** One team's selectors and another team's pods: what a claim may have costs kube-scheduler nothing that others notice, and what would is refused. */
import { publishSlices } from "../../../src/dra/devices";
import { selectorProblem } from "../../../src/dra/selector/language/check";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import { resolveLayout } from "../../../src/hardware/layouts";
import { newestRelease } from "../../../src/releases/find";
import { PUBLISHED } from "../../dra/selector/language/published";
import { REFUSED } from "../../dra/selector/language/refused";
import type { ApiServer, KubernetesObject } from "../../harness/api/api-server";
import type { ControlPlane } from "../../harness/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { Heartbeats } from "../../harness/fleet/nodes/heartbeats";
import { pod } from "../../harness/fleet/manifests";
import { admissionPoliciesInForce, podsPossible, quotaInForce } from "../../harness/fleet/settled";
import { waitFor } from "../../harness/wait";
import { applyStack, stackObjects } from "../../support/stack-objects";
import { PodWatch } from "../differential/pod-watch";
import { verdictOf } from "../refuser";
import { WORST_SELECTORS } from "./worst-selectors";

const ATTACKER = "team-a";
const VICTIM = "team-b";
const NODES = 4;
/** Pods of the victim whose scheduling is timed, before and during the attack. */
const TIMED = 10;
/** Claims of the attacker that are waiting meanwhile. */
const ATTACKS = 12;

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
  const allocatable = { cpu: "96", memory: "1Ti", pods: "100" };
  await cluster.api.create({ apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable, capacity: allocatable } });
  for (const slice of publishSlices(name, resolved.layout, newestRelease())) {
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
    const user = pod({ name, namespace: VICTIM, claims: [{ resourceClaimName: name }] });
    await api.create(own);
    await before(index);
    const started = performance.now();
    await api.create(user);
    await watch.until(user.metadata, ({ spec }) => (spec["nodeName"] === undefined ? undefined : true));
    times.push(performance.now() - started);
    await api.delete(user);
    await api.delete(own);
  }
  return times.sort((a, b) => a - b);
}

function median(times: readonly number[]): number {
  return times[Math.floor(times.length / 2)] ?? Infinity;
}

test("another team's pods are placed as fast as before while a team does its worst", async () => {
  const calm = await latencies("calm", () => Promise.resolve());
  for (let index = 0; index < ATTACKS; index++) {
    await attack(`worst-${String(index)}`);
  }
  const waiting = async () =>
    (await cluster.api.list(`/api/v1/namespaces/${ATTACKER}/pods`)).filter(({ status }) =>
      JSON.stringify(status).includes("Unschedulable"),
    );
  await waitFor("the attacker's pods to be tried", async () => (await waiting()).length === ATTACKS);
  // A new one right before each of the victim's: the scheduler has to be done with it first.
  const attacked = await latencies("attacked", (index) => replace(`worst-${String(index % ATTACKS)}`));
  process.stdout.write(
    `another team's pod is placed after ${median(calm).toFixed(0)} ms (at most ${(calm.at(-1) ?? 0).toFixed(0)}), ` +
      `and after ${median(attacked).toFixed(0)} ms (at most ${(attacked.at(-1) ?? 0).toFixed(0)}) while a team has ${String(ATTACKS)} of its worst claims\n`,
  );
  // A bomb took 30 s. What is left is noise of the machine.
  expect(median(attacked)).toBeLessThan(median(calm) + 100);
});

async function attack(name: string): Promise<void> {
  await attacker.create(claim(ATTACKER, name, WORST_SELECTORS));
  await attacker.create(pod({ name, namespace: ATTACKER, claims: [{ resourceClaimName: name }] }));
}

async function replace(name: string): Promise<void> {
  const user = pod({ name, namespace: ATTACKER, claims: [{ resourceClaimName: name }] });
  await attacker.delete(user);
  await attacker.create(user);
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
