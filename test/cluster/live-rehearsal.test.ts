/**
 * `npm run test:cluster -- --context NAME`, rehearsed: the live cluster is a control plane of our own with upstream's defaults, the node lifecycle controller
 * among them, and with a node and a daemon set of its own. Tests pass there, and leave it as it was.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testedRelease } from "../support/tested-release";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { runNode } from "../support/child";
import { runProgram } from "../support/program";
import type { KubernetesObject } from "../../src/live/api/api-server";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { useSpareCluster } from "../../src/control-plane/spare-cluster";
import { startControlPlane } from "../harness/control-plane/start";
import { Fleet } from "../../src/fleet/fleet";
import { deployment, namespace, pod } from "../harness/fleet/manifests";
import { driverObjects, operatorObjects } from "../../src/fleet/operators/operators";
import { waitForDevices, waitForRunning } from "../harness/fleet/cluster";
import { Heartbeats } from "../../src/fleet/nodes/heartbeats";
import { inventoryOf } from "./inventory";
import { OPERATOR, makeOperator } from "./operator";
import { describeUnless, liveCluster } from "./skipped";
import { waitFor } from "../../src/live/wait";

const ROOT = join(__dirname, "../..");
const FILES = ["objects", "placement", "templates", "partition-gate"];
/** Of objects one configuration of many, of the gate the test in which a node passes every state; everything of the others. */
const TESTS = "^(the dev stack|beyond what there is|what can never be placed|a claim template|a tier's device class|it opens)";
const CONTEXT = "shared-gpu";

const OWN_NODE: KubernetesObject = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "own", labels: { "kubernetes.io/os": "linux" } },
  status: { allocatable: { cpu: "64", memory: "256Gi", pods: "110" } },
};
/** As kube-proxy: it follows the tests' nodes. */
const OWN_DAEMONS: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "own", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: { app: "own" } },
    template: {
      metadata: { labels: { app: "own" } },
      spec: {
        nodeSelector: { "kubernetes.io/os": "linux" },
        tolerations: [{ operator: "Exists" }],
        containers: [{ name: "main", image: "stand-in" }],
      },
    },
  },
};

const withoutKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0 ? undefined : "needs kubectl";

describeUnless(withoutKubectl ?? liveCluster("which is none to be rehearsed on"), "a live cluster", () => {
  let plane: ControlPlane;
  let heartbeats: Heartbeats;
  let before: readonly string[];
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "shared-gpu-live-"));
    plane = await startControlPlane({ settings: "upstream" });
    heartbeats = new Heartbeats(plane.api);
    // Of this file only: jest gives every test file an environment of its own.
    process.env["KUBECONFIG"] = join(folder, "kubeconfig");
    writeFileSync(join(folder, "kubeconfig"), plane.kubeconfig, { mode: 0o600 });
    await plane.api.create(OWN_NODE);
    await heartbeats.begin("own");
    await plane.api.create(OWN_DAEMONS);
    await waitFor("a cluster in which nothing is made any more", async () => {
      const now = await inventoryOf(plane.api);
      const isSettled = now.some((item) => item.includes("kube-system/own-")) && now.join() === before?.join();
      before = now;
      return isSettled;
    });
  });
  afterEach(async () => {
    expect(await inventoryOf(plane.api)).toEqual(before);
    expect((await plane.api.find(OWN_NODE))?.["spec"].unschedulable).toBeUndefined();
  });
  afterAll(async () => {
    heartbeats.stop();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("is one for tests: they pass, each file with some", async () => {
    const results = join(folder, "results.json");
    const run = ["--require", "./transpile.js", join(__dirname, "run.ts"), "--context", CONTEXT];
    const jest = [`--testPathPatterns=/(${FILES.join("|")}).test`, `--testNamePattern=${TESTS}`, "--json", `--outputFile=${results}`];
    const { code, stderr } = await runNode([...run, ...jest], { cwd: ROOT });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const { testResults } = JSON.parse(readFileSync(results, "utf8")) as {
      readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly status: string }[] }[];
    };
    const passed = testResults.filter(({ assertionResults }) => assertionResults.some(({ status }) => status === "passed"));
    expect(passed).toHaveLength(FILES.length);
  });

  test("gets rid of what a test leaves that ends half-way: nodes with running pods, slices in use, objects of other users", async () => {
    const live = await useSpareCluster(CONTEXT, [{ name: OPERATOR, groups: [] }], testedRelease());
    const fleet = new Fleet(live.api);
    try {
      await fleet.start();
      const spaces = ["half", "gpu-operator", "nvidia-dra-driver"].map(namespace);
      for (const object of [...spaces, ...operatorObjects(), ...driverObjects()]) {
        await live.api.apply(object);
      }
      await makeOperator(live.api);
      await fleet.join(nodesOf(await runProgram({})).nodes);
      await waitForDevices(live.api, 32);
      const operator = live.as(OPERATOR);
      await operator.create({
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceClaim",
        metadata: { name: "shared", namespace: "half" },
        spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName: "mig.nvidia.com" } }] } },
      });
      const claims = [{ resourceClaimName: "shared" }];
      await operator.create(pod({ name: "user", namespace: "half", claims }));
      await operator.create(deployment(2, { name: "users", namespace: "half", claims }));
      // Where the cluster's own node would have room: it takes nothing while tests are there.
      await operator.create(pod({ name: "user-without", namespace: "default", claims: [] }));
      await waitForRunning(live.api, "half", "user", 3);
      await waitForRunning(live.api, "default", "user-without", 1);
    } finally {
      await fleet.stop();
      await live.stop();
    }
  });

  test("is left alone where it has what the tests would make", async () => {
    const live = await useSpareCluster(CONTEXT, [], testedRelease());
    try {
      await expect(live.api.apply(OWN_DAEMONS)).rejects.toThrow("daemonsets/own already");
    } finally {
      await live.stop();
    }
  });
});
