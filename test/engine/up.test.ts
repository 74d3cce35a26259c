/** A stack from nothing to a cluster that runs the example workloads, and back to nothing: by the real engine, in the order that the design wants. */
import { waitForRunning } from "../harness/fleet/cluster";
import { Deployment } from "../harness/engine/deployment";
import { errorsOf } from "../harness/engine/workspace";
import type { Moment, Outcome } from "../harness/engine/workspace";

/** What there is before the first GPU node. */
const WITHOUT_NODE = [
  "Release monitoring",
  "Release gpu-operator",
  "Release dra-driver",
  "DeviceClass mig-small.nvidia.com",
  "Namespace mig-test",
];
/** A limit against hanging: if one of them does wait for the node, the node comes all the same, and the tests say which one it was. */
const NODE_COMES_MS = 240_000;

let deployment: Deployment;
let first: Outcome;
beforeAll(async () => {
  deployment = await Deployment.open();
  const nodeComes = deployment.workspace.standIns.controls.hold(/^create aws:eks\/nodeGroup:NodeGroup a100$/);
  const timer = setTimeout(nodeComes, NODE_COMES_MS);
  const missing = new Set(WITHOUT_NODE);
  first = await deployment.workspace.up({
    onEvent: ({ resOutputsEvent }) => {
      if (resOutputsEvent !== undefined && missing.delete(title(resOutputsEvent.metadata.urn)) && missing.size === 0) {
        nodeComes();
      }
    },
  });
  clearTimeout(timer);
});
afterAll(() => deployment.close());

/** Where in a run something began or ended. @param resource `Type name`. @throws Error when it is not there exactly once. */
function at({ timeline }: Outcome, phase: Moment["phase"], resource: string): number {
  const found = timeline.flatMap((moment, index) => (moment.phase === phase && title(moment.urn) === resource ? [index] : []));
  if (found.length !== 1) {
    throw new Error(`${resource} has ${phase} ${found.length} times`);
  }
  return found[0] ?? -1;
}

function title(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split(":").at(-1) ?? ""} ${name}`;
}

describe("the first up", () => {
  test("makes everything", () => {
    expect(errorsOf(first)).toEqual([]);
    expect(first.succeeded).toBe(true);
    expect(first.steps.filter(({ op }) => op !== "create")).toEqual([]);
  });

  test("is judged by the policy pack, and no policy gives up", () => {
    expect(first.violations.filter(({ enforcementLevel, isDowngraded }) => enforcementLevel === "mandatory" || isDowngraded)).toEqual([]);
    expect(first.violations.map(({ policy }) => policy)).toContain("kubernetes-version-supported");
  });

  test("leaves the workloads running on slices of one node", async () => {
    // Pulumi does not wait for these pods.
    await waitForRunning(deployment.api, "mig-test", "mig-", 3);
    const pods = await deployment.api.list("/api/v1/namespaces/mig-test/pods");
    const claims = await deployment.api.list("/apis/resource.k8s.io/v1/namespaces/mig-test/resourceclaims");
    expect(claims.map(({ status }) => (status?.allocation?.devices?.results as readonly unknown[]).length)).toEqual(pods.map(() => 1));
    expect(pods).toHaveLength(3);
  });
});

describe("in the first up", () => {
  test.each([
    ["the network's add-ons", "NodeGroup system", "Addon networking-addons-vpc-cni"],
    ["the network's add-ons", "NodeGroup a100", "Addon networking-addons-vpc-cni"],
    ["the system pool", "Addon cluster-addons-coredns", "NodeGroup system"],
    ["the storage class", "Release monitoring", "StorageClass gp3"],
    ["monitoring, which owns the ServiceMonitor CRD", "Release gpu-operator", "Release monitoring"],
    ["the GPU Operator", "Release dra-driver", "Release gpu-operator"],
    ["the DRA driver", "Job partition-gate", "Release dra-driver"],
    ["the GPU nodes", "Job partition-gate", "NodeGroup a100"],
    ["the gate", "Job mig-large-training", "Job partition-gate"],
    ["the gate", "Deployment mig-small-inference", "Job partition-gate"],
    ["the team's quota", "Job mig-large-training", "ResourceQuota mig-test"],
    ["the guardrails", "Namespace mig-test", "ValidatingAdmissionPolicyBinding shared-gpu-claims"],
  ])("%s: %s waits for %s", (_, later, earlier) => {
    expect(at(first, "begun", later)).toBeGreaterThan(at(first, "finished", earlier));
  });

  test.each(WITHOUT_NODE)("%s does not wait for the GPU node", (resource) => {
    expect(at(first, "finished", resource)).toBeLessThan(at(first, "finished", "NodeGroup a100"));
  });
});

describe("the state", () => {
  test("holds no secret in plain text: neither Grafana's password nor a credential of the cluster", async () => {
    const secret = await deployment.api.get("/api/v1/namespaces/monitoring/secrets/grafana-admin");
    const encoded = String(secret.data["admin-password"]);
    const password = Buffer.from(encoded, "base64").toString("utf8");
    expect(password).toHaveLength(32);
    const { credentials } = deployment.api.access;
    const { text } = deployment.workspace.state();
    for (const plain of [password, encoded, credentials.type === "token" ? credentials.token : ""]) {
      expect(plain).not.toBe("");
      expect(text).not.toContain(plain);
    }
  });

  test("has the kubeconfig as a secret output, which names the cluster and calls the AWS CLI for a credential", async () => {
    const { kubeconfig } = await deployment.workspace.outputs();
    expect(kubeconfig?.secret).toBe(true);
    expect(JSON.stringify(kubeconfig?.value)).toContain('"get-token"');
    expect(JSON.stringify(kubeconfig?.value)).toContain(deployment.api.access.server);
  });
});

test("a second up changes nothing", async () => {
  const second = await deployment.workspace.up();
  expect(errorsOf(second)).toEqual([]);
  expect(second.steps).toEqual([]);
  expect(second.same.length).toBeGreaterThanOrEqual(first.steps.length);
});

test("`pulumi up --refresh` creates the claim templates again that a team has deleted", async () => {
  const name = "mig-small-template";
  const path = `/apis/resource.k8s.io/v1/namespaces/mig-test/resourceclaimtemplates/${name}`;
  await deployment.api.request("DELETE", path);
  expect(errorsOf(await deployment.workspace.refresh())).toEqual([]);
  const again = await deployment.workspace.up();
  expect(errorsOf(again)).toEqual([]);
  expect(again.steps.map(({ op, urn }) => `${op} ${title(urn)}`)).toEqual([`create ResourceClaimTemplate mig-test-${name}`]);
  expect((await deployment.api.get(path)).metadata["name"]).toBe(name);
});

test("a refresh finds nothing that was changed behind the engine's back", async () => {
  const refreshed = await deployment.workspace.refresh();
  expect(errorsOf(refreshed)).toEqual([]);
  expect(refreshed.steps.filter(({ op }) => op === "delete")).toEqual([]);
  const after = await deployment.workspace.preview();
  expect(after.steps).toEqual([]);
});

describe("destroy", () => {
  let gone: Outcome;
  beforeAll(async () => {
    gone = await deployment.workspace.destroy();
  });

  test("leaves nothing: not in the state, not in the cloud, and of the platform nothing in the cluster", async () => {
    expect(errorsOf(gone)).toEqual([]);
    expect(deployment.workspace.state().resources).toEqual([]);
    expect(deployment.workspace.standIns.cloud.all).toEqual([]);
    const left = await Promise.all(
      ["/apis/resource.k8s.io/v1/resourceclaims", "/apis/resource.k8s.io/v1/deviceclasses", "/api/v1/nodes"].map((path) =>
        deployment.api.list(path),
      ),
    );
    expect(left.flat().map(({ metadata }) => String(metadata["name"]))).toEqual([]);
  });

  test.each([
    ["the workloads", "Namespace mig-test", "Job mig-large-training"],
    ["the workloads, whose slices it releases", "Release dra-driver", "Job mig-large-training"],
    ["teams' pods, whose slices it releases", "Release dra-driver", "Namespace mig-test"],
    ["charts that depend on it", "Release monitoring", "Release gpu-operator"],
    ["whatever has volumes", "StorageClass gp3", "Release monitoring"],
    ["everything in the cluster", "NodeGroup system", "Release monitoring"],
    ["everything in the cluster", "Cluster control-plane-eksCluster", "StorageClass gp3"],
    ["the nodes", "Cluster control-plane-eksCluster", "NodeGroup a100"],
    ["the cluster, which writes to it", "LogGroup control-plane-logs", "Cluster control-plane-eksCluster"],
    ["the cluster in it", "Subnet network-private-1", "Cluster control-plane-eksCluster"],
  ])("goes after %s: %s after %s", (_, later, earlier) => {
    expect(at(gone, "begun", later)).toBeGreaterThan(at(gone, "finished", earlier));
  });
});
