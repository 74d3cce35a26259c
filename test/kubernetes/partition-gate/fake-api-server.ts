import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { ResourceSlice } from "../../../src/dra/types";
import type { Expectation } from "../../../src/kubernetes/partition-gate/expectation";
import { gateConfigMap } from "../../../src/kubernetes/partition-gate/job";
import { ENTRY } from "../../../src/kubernetes/partition-gate/script-files";
import { selfSigned } from "../../support/self-signed";

/** A GPU node as the gate sees it. */
export interface FakeNode {
  readonly name: string;
  /** `nvidia.com/mig.config.state`; undefined: not set. */
  readonly state: string | undefined;
  /** @default "all-balanced" */
  readonly layout?: string;
  /** @default true */
  readonly ready?: boolean;
}

/** What the API server answers in one round of the gate: a cluster, or an error for every request. */
export type FakeCluster =
  | { readonly nodes: readonly FakeNode[]; readonly slices: readonly ResourceSlice[] }
  | { readonly status: number; readonly message: string };

/** How a run of the gate ended. */
export interface GateRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** The termination message; empty when none was written. */
  readonly message: string;
  /** Paths and queries that were asked for. */
  readonly requests: readonly string[];
  readonly authorization: string | undefined;
}

export interface GateOptions {
  /** @default false */
  readonly tls?: boolean;
  /** Most items in one answer. @default what the request asks for */
  readonly pageSize?: number;
  /** The gate is stopped, as a kubelet does it, when this round begins. @default never */
  readonly stopInRound?: number;
}

/** Runs the gate's script against an API server that answers the rounds one after the other and repeats the last one. */
export async function runGate(expectation: Expectation, rounds: readonly FakeCluster[], options: GateOptions = {}): Promise<GateRun> {
  const directory = mkdtempSync(join(tmpdir(), "partition-gate-"));
  const file = (name: string) => join(directory, name);
  writeFileSync(file("token"), "secret-token\n");
  // The script, its imports and the expectation, as the ConfigMap holds them and with nothing beside.
  for (const [name, content] of Object.entries(gateConfigMap(expectation).data as Readonly<Record<string, string>>)) {
    writeFileSync(file(name), content);
  }
  const requests: string[] = [];
  let authorization: string | undefined;
  let round = -1;
  let child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  const server = listener(options, directory, (request, response) => {
    const url = request.url ?? "";
    requests.push(url);
    authorization = request.headers.authorization;
    // A round begins with the first page of nodes.
    round += url.startsWith("/api/v1/nodes") && !url.includes("continue=") ? 1 : 0;
    if (round === options.stopInRound) {
      child?.kill("SIGTERM");
      return;
    }
    const cluster = rounds[Math.min(round, rounds.length - 1)];
    if (cluster === undefined || "status" in cluster) {
      response.writeHead(cluster?.status ?? 500).end(JSON.stringify({ kind: "Status", message: cluster?.message }));
      return;
    }
    const all = url.startsWith("/api/v1/nodes") ? cluster.nodes.map(nodeObject) : cluster.slices;
    response.end(JSON.stringify(page(request, all, options.pageSize)));
  });
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    child = spawn(process.execPath, [file(ENTRY), file("expectation.json")], {
      env: {
        API_SERVER: `${options.tls === true ? "https" : "http"}://127.0.0.1:${String(port)}`,
        SERVICE_ACCOUNT_DIR: directory,
        TERMINATION_LOG: file("termination-log"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
    const [exitCode] = (await once(child, "close")) as [number | null];
    return { exitCode, output: chunks.join(""), message: readIfThere(file("termination-log")), requests, authorization };
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
  }
}

function listener(options: GateOptions, directory: string, handler: RequestListener): Server {
  if (options.tls !== true) {
    return createServer(handler);
  }
  const { key, certificate } = selfSigned();
  writeFileSync(join(directory, "ca.crt"), certificate);
  return createTlsServer({ key, cert: certificate }, handler);
}

function page(request: IncomingMessage, items: readonly unknown[], pageSize: number | undefined): object {
  const query = new URL(request.url ?? "", "http://localhost").searchParams;
  const start = Number(query.get("continue") ?? 0);
  const end = start + (pageSize ?? Number(query.get("limit")));
  return { metadata: end < items.length ? { continue: String(end) } : {}, items: items.slice(start, end) };
}

function nodeObject({ name, state, layout = "all-balanced", ready = true }: FakeNode): object {
  return {
    metadata: {
      name,
      labels: {
        "node-role": "gpu",
        "node.kubernetes.io/instance-type": "p4d.24xlarge",
        "nvidia.com/mig.config": layout,
        ...(state !== undefined && { "nvidia.com/mig.config.state": state }),
      },
    },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "Unknown" }] },
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
