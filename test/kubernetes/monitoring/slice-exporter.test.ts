/** The program as the ConfigMap holds it, in a process of its own, against an API server of this test. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishSlices } from "../../../src/dra/devices";
import { sliceExporterConfigMap, sliceExporterDeployment } from "../../../src/kubernetes/monitoring/slice-exporter/objects";
import { waitFor } from "../../../src/live/wait";
import { defaultRelease } from "../../../src/releases/find";
import { gpuPool } from "../fixtures";

const NODE = { metadata: { name: "node-1", labels: { "node.kubernetes.io/instance-type": "p4d.24xlarge" } } };
const folder = mkdtempSync(join(tmpdir(), "slice-exporter-"));

let answers: Readonly<Record<string, readonly object[]>> | number;
const requests: string[] = [];
let api: Server;
let exporter: ChildProcess;
let url: string;

beforeAll(async () => {
  for (const [name, content] of Object.entries(sliceExporterConfigMap().data as Readonly<Record<string, string>>)) {
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, "token"), "secret-token");
  api = createServer((request, response) => {
    requests.push(request.url ?? "");
    const { pathname } = new URL(request.url ?? "", "http://api");
    if (typeof answers === "number") {
      response.writeHead(answers).end(JSON.stringify({ message: "no" }));
      return;
    }
    response.end(JSON.stringify({ items: answers[pathname] ?? [] }));
  });
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  // A port that was free a moment ago.
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const [container] = (
    sliceExporterDeployment("c", "node") as unknown as { spec: { template: { spec: { containers: [{ command: string[] }] } } } }
  ).spec.template.spec.containers;
  const [, script = "", settings = ""] = container.command.map((word) => word.replace("/opt/slice-exporter", folder));
  exporter = spawn(process.execPath, [script, settings, String(port)], {
    env: { API_SERVER: `http://127.0.0.1:${String((api.address() as AddressInfo).port)}`, SERVICE_ACCOUNT_DIR: folder },
    stdio: "ignore",
  });
  url = `http://127.0.0.1:${String(port)}`;
  await waitFor("the exporter", () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
});
afterAll(async () => {
  exporter.kill("SIGTERM");
  await once(exporter, "close");
  api.close();
  api.closeAllConnections();
  rmSync(folder, { recursive: true });
});

test("serves what the API server has, and asks for GPU nodes and slices of the driver only", async () => {
  answers = {
    "/api/v1/nodes": [NODE],
    "/apis/resource.k8s.io/v1/resourceslices": [...publishSlices("node-1", gpuPool().layout, defaultRelease())],
  };
  requests.length = 0;
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(text.split("\n").filter((line) => line.startsWith("shared_gpu_slice_published{"))).toHaveLength(32);
  expect(requests.map((request) => decodeURIComponent(request)).sort()).toEqual([
    "/api/v1/nodes?labelSelector=node-role=gpu&limit=250",
    "/apis/resource.k8s.io/v1/resourceclaims?&limit=250",
    "/apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.driver=gpu.nvidia.com&limit=250",
  ]);
});

test("says that it does not know, rather than something old", async () => {
  answers = 403;
  const response = await fetch(`${url}/metrics`);
  expect([response.status, await response.text()]).toEqual([503, "no\n"]);
});

test("serves nothing else", async () => {
  expect((await fetch(`${url}/`)).status).toBe(404);
});
