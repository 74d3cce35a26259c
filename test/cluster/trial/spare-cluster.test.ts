/** A trial on a cluster of somebody else: it is left as it was, and one in use is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { useSpareCluster } from "../../../src/control-plane/spare-cluster";
import { judgeAndSimulate } from "../../../src/cluster/judgement/judge";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { testedRelease } from "../../support/tested-release";
import type { Rehearsed } from "../../../src/rehearsal/control-plane";
import { readManifest } from "../../../src/rehearsal/manifests";
import { nodesOf } from "../../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../../src/rehearsal/recorded/objects";
import { readStack } from "../../../src/rehearsal/stack-files";
import { openControlPlane } from "../../../src/trial/open";
import { tryOut } from "../../../src/trial/trial";
import { startControlPlane } from "../../harness/control-plane/start";
import { linkBinaries } from "../../support/go-binaries";
import { makeFolder } from "../../support/folder";
import { ROOT, runProgram } from "../../support/program";
import { inventoryOf } from "../inventory";
import { describeUnless, liveCluster } from "../skipped";

const CONTEXT = "shared-gpu";

const MANIFEST = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: keeps-volumes}
spec:
  replicas: 1
  serviceName: keeps-volumes
  selector: {matchLabels: {app: keeps}}
  template:
    metadata: {labels: {app: keeps}}
    spec:
      containers: [{name: main, image: registry.example.com/train:1.0, volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

describeUnless(liveCluster("which is none to be rehearsed on"), "a spare cluster", () => {
  let plane: ControlPlane;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "shared-gpu-spare-"));
    plane = await startControlPlane();
    process.env["KUBECONFIG"] = join(folder, "kubeconfig");
    writeFileSync(join(folder, "kubeconfig"), plane.kubeconfig, { mode: 0o600 });
    process.env["PATH"] = `${await linkBinaries(["kubectl"], folder)}:${process.env["PATH"] ?? ""}`;
  });
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each<[string, KubernetesObject, RegExp]>([
    [
      "has a node with GPUs",
      { apiVersion: "v1", kind: "Node", metadata: { name: "dgx", labels: { "nvidia.com/gpu.present": "true" } } },
      /context shared-gpu: the node dgx has GPUs\. Name a spare cluster, without GPUs/,
    ],
    [
      "has device classes",
      { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: "gpu.example.com" }, spec: {} },
      /the cluster has deviceclasses already/,
    ],
    [
      "has a team of this platform",
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "alpha", labels: { "shared-gpu/team": "alpha" } } },
      /the namespace alpha is one of this platform/,
    ],
  ])("one that %s is refused", async (_, object, message) => {
    await plane.api.create(object);
    try {
      await expect(useSpareCluster(CONTEXT, [], testedRelease())).rejects.toThrow(message);
    } finally {
      await plane.api.delete(object);
      await waitFor("its end", async () => (await plane.api.find(object)) === undefined);
    }
  });

  test("one of another Kubernetes version is refused", async () => {
    await expect(useSpareCluster(CONTEXT, [], { ...testedRelease(), kubernetesVersion: "1.33" })).rejects.toThrow(
      /runs Kubernetes 1\.34, and the stack is about 1\.33\. Name a cluster of that version/,
    );
  });

  test("a context that does not exist is refused in one line", async () => {
    await expect(useSpareCluster("nobodys", [], testedRelease())).rejects.toThrow(
      /^context nobodys: kubectl cannot read it \(.*nobodys.*\)/,
    );
  });

  // The last of them: an API server enforces admission policies for about a second after they are gone.
  test("answers as a control plane of our own, and is left as it was", async () => {
    let before: readonly string[] = [];
    await waitFor("a cluster in which nothing is made any more", async () => {
      const now = await inventoryOf(plane.api);
      const isSettled = now.join() === before.join();
      before = now;
      return isSettled;
    });
    const opened = await openControlPlane({ type: "context", name: CONTEXT }, testedRelease());
    expect(opened.answeredBy).toEqual([`the cluster of context ${CONTEXT}`, expect.stringMatching(/^Kubernetes v1\.34\./)]);
    try {
      const options = { answeredBy: [], signal: new AbortController().signal, onProgress: () => undefined };
      const { report } = await tryOut(opened.plane, await rehearsed(), options);
      expect(report).toMatchObject({ differences: [], bothRefuse: 0 });
    } finally {
      await opened.plane.stop();
    }
    expect(await inventoryOf(plane.api)).toEqual(before);
  });
});

async function rehearsed(): Promise<Rehearsed> {
  const recording = await runProgram();
  const release = testedRelease();
  const { nodes, shapes } = nodesOf(recording);
  const stackObjects = objectsOf(recording);
  const manifestObjects = readManifest(join(makeFolder({ "m.yaml": MANIFEST }), "m.yaml"), "default");
  const simulation = judgeAndSimulate(nodes, shapes, [...stackObjects, ...manifestObjects], release);
  const settings = readStack(ROOT, "dev");
  return { settings, recording, release, nodes, shapes, stackObjects, manifestObjects, denied: new Map(), simulation };
}
