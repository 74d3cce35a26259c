/**
 * An `up` that fails, at every stage that can: one after the other in one stack, so that each stage is also where the one before was mended. What is there by then
 * stays, and the next `up` goes on from it.
 */
import type { KubernetesObject } from "../../src/live/api/api-server";
import { waitForRunning } from "../harness/fleet/cluster";
import type { Behaviour } from "../../src/fleet/pods/container";
import { GATE_NAME } from "../../src/kubernetes/partition-gate/job";
import { Deployment, STAND_IN_CHARTS } from "../harness/engine/deployment";
import { errorsOf } from "../harness/engine/workspace";
import type { Outcome } from "../harness/engine/workspace";

/** What the gate's pod says in its termination message when it gives up, for as long as it shall. */
let verdict: string | undefined;
const gateBehaviour = ({ metadata }: KubernetesObject): Behaviour | undefined =>
  verdict !== undefined && metadata["labels"]?.["app.kubernetes.io/name"] === GATE_NAME
    ? { type: "completes", afterMs: 100, exitCode: 1, message: verdict }
    : undefined;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open({ fleet: { behaviourOf: gateBehaviour } });
});
afterAll(() => deployment.close());

/** Runs `up`, which has to fail with these words, and leave in its state everything that is there. */
async function failedUp(words: RegExp): Promise<Outcome> {
  const outcome = await deployment.workspace.up();
  expect(outcome.succeeded).toBe(false);
  expect(errorsOf(outcome).join("\n")).toMatch(words);
  expect(deployment.workspace.unrecorded()).toEqual([]);
  return outcome;
}

/** Whether the state has the resource of this type and name, `Job::partition-gate`. */
const isThere = (title: string) => deployment.workspace.state().resources.some(({ urn }) => urn.endsWith(title));

test.each([
  ["the network", "create aws:ec2/natGateway:NatGateway network-1"],
  ["the control plane", "create aws:eks/cluster:Cluster control-plane-eksCluster"],
  ["the network's add-ons", "create aws:eks/addon:Addon networking-addons-vpc-cni"],
  ["the system pool", "create aws:eks/nodeGroup:NodeGroup system"],
  ["the cluster's add-ons", "create aws:eks/addon:Addon cluster-addons-coredns"],
])("%s", async (_, attempt) => {
  const { controls } = deployment.workspace.standIns;
  const mend = controls.failOn(new RegExp(`^${attempt}$`));
  const outcome = await failedUp(/fails because the test says so/);
  mend();
  expect(outcome.steps.filter(({ op }) => op !== "create")).toEqual([]);
});

test("a chart that cannot be found", async () => {
  await deployment.configure({ charts: { ...STAND_IN_CHARTS, draDriver: { chart: "/no/such/chart" } } });
  await failedUp(/\/no\/such\/chart/);
  await deployment.configure({ charts: STAND_IN_CHARTS });
});

// What the gate's Job needs: with an object beside it, the gate might run to its end in this `up`, and the next test would have none to wait for.
test("an API server that refuses an object", async () => {
  const name = "no-service-account";
  const policy: KubernetesObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["serviceaccounts"] }],
      },
      validations: [{ expression: `object.metadata.name != "${GATE_NAME}"`, message: "no service account today" }],
    },
  };
  const binding: KubernetesObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  };
  await deployment.api.create(policy);
  await deployment.api.create(binding);
  try {
    await failedUp(/no service account today/);
    expect(isThere(`Job::${GATE_NAME}`)).toBe(false);
  } finally {
    await deployment.api.delete(binding);
    await deployment.api.delete(policy);
  }
});

test("a partition gate that gives up: its verdict is printed, no workload starts, and the next up runs it again", async () => {
  verdict = "The GPUs were not divided as configured.\nip-10-0-0-11.ec2.internal: mig.config.state=failed";
  await failedUp(/ip-10-0-0-11\.ec2\.internal: mig\.config\.state=failed/);
  expect(isThere("Job::partition-gate")).toBe(true);
  expect(isThere("Job::mig-large-training")).toBe(false);

  verdict = verdict.replace("failed", "pending");
  const again = await failedUp(/mig\.config\.state=pending/);
  expect(again.steps.map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? ""}`)).toContain(`replace ${GATE_NAME}`);
  expect(isThere("Job::mig-large-training")).toBe(false);
  verdict = undefined;
});

test("then nothing stands in the way, and the next up completes what all of these began", async () => {
  const outcome = await deployment.workspace.up();
  expect(errorsOf(outcome)).toEqual([]);
  expect(outcome.succeeded).toBe(true);
  const again = await deployment.workspace.up();
  expect(again.steps).toEqual([]);
});

test("one more pool, for which EC2 has no capacity: what runs goes on, and once there is capacity the next up adds it", async () => {
  const running = async () =>
    (await deployment.api.list("/api/v1/namespaces/mig-test/pods"))
      .map(({ metadata, status }) => `${String(metadata["uid"])} ${String(status?.phase)}`)
      .sort();
  // Pulumi does not wait for these pods.
  await waitForRunning(deployment.api, "mig-test", "mig-", 3);
  const before = await running();
  const pool = { instanceType: "p4d.24xlarge", layout: "all-balanced", size: { desired: 1 } };
  await deployment.configure({
    gpuPools: [
      { ...pool, name: "a100", size: { desired: 1, min: 1, max: 2 } },
      { ...pool, name: "more" },
    ],
  });
  const mend = deployment.workspace.standIns.controls.failOn(/^create aws:eks\/nodeGroup:NodeGroup more$/);
  await failedUp(/fails because the test says so/);
  mend();
  expect(await running()).toEqual(before);

  expect(errorsOf(await deployment.workspace.up())).toEqual([]);
  const slices = await deployment.api.list("/apis/resource.k8s.io/v1/resourceslices");
  expect(slices.map(({ spec }) => (spec.devices as readonly unknown[]).length)).toEqual([32, 32]);
  expect(await running()).toEqual(before);
});

test("a destroy that fails half-way is completed by the next one", async () => {
  const mend = deployment.workspace.standIns.controls.failOn(/^delete aws:eks\/cluster:Cluster control-plane-eksCluster$/);
  const failed = await deployment.workspace.destroy();
  mend();
  expect(failed.succeeded).toBe(false);
  const left = deployment.workspace.state().resources.map(({ urn }) => urn.split("::").at(-1));
  expect(left).toContain("control-plane-eksCluster");
  const done = await deployment.workspace.destroy();
  expect(errorsOf(done)).toEqual([]);
  expect(deployment.workspace.state().resources).toEqual([]);
  expect(deployment.workspace.standIns.cloud.all).toEqual([]);
});
