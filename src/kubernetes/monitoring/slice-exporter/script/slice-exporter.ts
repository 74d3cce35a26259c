/**
 * Serves slices, claims and GPU nodes of the cluster as metrics. Runs as a Deployment inside the cluster (objects.ts): plain Node.js, nothing to install.
 *
 *   node slice-exporter.mjs SETTINGS.json PORT
 *
 * `/metrics` reads the API server for each answer, and answers with status 503 and the reason where that fails: old numbers would look like new ones.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { renderSliceMetrics } from "../../../../monitoring/sources/slices";
import type { ClaimObject, KnownDevices, NodeObject, SliceMetricsSettings, SliceObject } from "../../../../monitoring/sources/slices";
import { DRIVER } from "../../../../well-known/attributes";
import { NODE_ROLE_LABEL } from "../../../../well-known/labels";
import { list } from "../../../partition-gate/script/api-server";

const [, , settingsFile = "", port = ""] = process.argv;
const settings = JSON.parse(readFileSync(settingsFile, "utf8")) as SliceMetricsSettings;
let known: KnownDevices = new Map();

async function metrics(): Promise<string> {
  const [slices, claims, nodes] = await Promise.all([
    list<SliceObject>("/apis/resource.k8s.io/v1/resourceslices", `fieldSelector=${encodeURIComponent(`spec.driver=${DRIVER}`)}`),
    list<ClaimObject>("/apis/resource.k8s.io/v1/resourceclaims", ""),
    list<NodeObject>("/api/v1/nodes", `labelSelector=${encodeURIComponent(`${NODE_ROLE_LABEL}=gpu`)}`),
  ]);
  const rendered = renderSliceMetrics({ slices, claims, nodes }, settings, known);
  known = rendered.known;
  return rendered.text;
}

const server = createServer((request, response) => {
  if (request.url === "/healthz") {
    response.end("ok\n");
    return;
  }
  if (request.url !== "/metrics") {
    response.writeHead(404).end();
    return;
  }
  metrics().then(
    (text) => {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text);
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      process.stdout.write(`${new Date().toISOString()} ${reason}\n`);
      response.writeHead(503).end(`${reason}\n`);
    },
  );
});
server.listen(Number(port));
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
