/**
 * An `up` that fails, at every stage that can: one after the other in one stack, so that each stage is also where the one before was mended. What is there by then
 * stays, and the next `up` goes on from it.
 */
import type { KubernetesObject } from "../cluster/api-server";
import type { Behaviour } from "../cluster/fleet/container";
import { GATE_NAME } from "../../src/kubernetes/partition-gate-job";
import { Deployment, STAND_IN_CHARTS } from "./deployment";
import type { Outcome } from "./workspace";

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

const errorsOf = ({ diagnostics }: Outcome) => diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);

/** Runs `up`, which has to fail with these words, and leave in its state everything that is there. */
async function failedUp(words: RegExp): Promise<Outcome> {
  const outcome = await deployment.workspace.up();
  expect(outcome.succeeded).toBe(false);
  expect(errorsOf(outcome).join("\n")).toMatch(words);
  const known = new Set(deployment.workspace.state().resources.map(({ id }) => id));
  expect(deployment.workspace.standIns.cloud.all.filter(({ id }) => !known.has(id))).toEqual([]);
  return outcome;
}

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

test("no capacity for the GPU pool: the operators are installed all the same, and the workloads are not", async () => {
  const mend = deployment.workspace.standIns.controls.failOn(/^create aws:eks\/nodeGroup:NodeGroup a100$/);
  const charts = { ...STAND_IN_CHARTS, draDriver: { chart: "/no/such/chart" } };
  await deployment.configure({ charts });
  await failedUp(/fails because the test says so/);
  mend();
  const { resources } = deployment.workspace.state();
  expect(resources.map(({ urn }) => urn.split("::").at(-1))).toEqual(expect.arrayContaining(["monitoring"]));
  expect(resources.filter(({ urn }) => urn.endsWith("Job::mig-large-training"))).toEqual([]);
});

test("a chart that cannot be found", async () => {
  await failedUp(/\/no\/such\/chart/);
  await deployment.configure({ charts: STAND_IN_CHARTS });
});

test("an API server that refuses an object", async () => {
  const name = "no-quotas";
  const policy: KubernetesObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["resourcequotas"] }],
      },
      validations: [{ expression: "false", message: "no quotas today" }],
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
  verdict = "The GPUs were not divided as configured.\nip-10-0-0-11.ec2.internal: mig.config.state=failed";
  try {
    const outcome = await failedUp(/no quotas today/);
    // The gate gives up in the same run: the words of both stand in what `pulumi up` prints.
    expect(errorsOf(outcome).join("\n")).toContain("mig.config.state=failed");
  } finally {
    await deployment.api.delete(binding);
    await deployment.api.delete(policy);
  }
});

test("a partition gate that gives up is run again by the next up, and says again what is wrong", async () => {
  verdict = "The GPUs were not divided as configured.\nip-10-0-0-11.ec2.internal: mig.config.state=pending";
  const outcome = await failedUp(/mig\.config\.state=pending/);
  expect(outcome.steps.map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? ""}`)).toContain(`replace ${GATE_NAME}`);
  expect(deployment.workspace.state().resources.filter(({ urn }) => urn.endsWith("Job::mig-large-training"))).toEqual([]);
  verdict = undefined;
});

test("then nothing stands in the way, and the next up completes what all of these began", async () => {
  const outcome = await deployment.workspace.up();
  expect(errorsOf(outcome)).toEqual([]);
  expect(outcome.succeeded).toBe(true);
  const again = await deployment.workspace.up();
  expect(again.steps).toEqual([]);
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
