/** Clusters behind a context of kubectl that cannot be read, or not whole: what is said, what is answered all the same, and how the command ends. */
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { delimiter } from "node:path";
import { codeOf } from "../../../src/cli/plan/answered";
import { readContext } from "../../../src/cli/sources";
import type { JsonObject } from "../../../src/cluster/objects";
import { readCluster as readLive } from "../../../src/live/snapshot";
import { answerTo } from "../../../src/planner/ask/ask";
import { KINDS } from "../../../src/planner/snapshot/kinds";
import { readCluster } from "../../../src/planner/state/read";
import { statusOf } from "../../../src/planner/status/status";
import { UserError } from "../../../src/rehearsal/files";
import { classes, gpuNode } from "../../planner/clusters";
import { runNode } from "../../support/child";
import { makeFolder } from "../../support/folder";
import { ROOT } from "../../support/program";
import { selfSigned } from "../../support/self-signed";

jest.setTimeout(60_000);

const { key, certificate } = selfSigned();
const PATH = process.env["PATH"];

/** What the API server answers under a path that begins so, instead of what it has. */
type Refusals = Readonly<Record<string, { readonly status: number; readonly message: string }>>;

const OBJECTS: readonly JsonObject[] = [...classes(), ...gpuNode("a", { instanceType: "p5.4xlarge" })];

let server: Server | undefined;

afterEach(() => {
  process.env["PATH"] = PATH;
  server?.close();
  server?.closeAllConnections();
  server = undefined;
});

/** An API server of 1.34 with a GPU node. */
async function start(refusals: Refusals): Promise<string> {
  server = createServer({ key, cert: certificate }, (request, response) => {
    const path = request.url ?? "";
    const refusal = Object.entries(refusals).find(([prefix]) => path.startsWith(prefix))?.[1];
    const body = refusal === undefined ? contentOf(path.split("?")[0] ?? "") : { kind: "Status", message: refusal.message };
    response.writeHead(refusal?.status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function contentOf(path: string): JsonObject {
  switch (path) {
    case "/version":
      return { major: "1", minor: "34" };
    case "/apis/resource.k8s.io":
      return { versions: [{ version: "v1" }] };
    default: {
      const items = OBJECTS.filter(({ kind }) => path.endsWith(`/${KINDS[kind as keyof typeof KINDS].resource}`));
      return { kind: "List", metadata: {}, items: items.map(({ metadata, spec, status }) => ({ metadata, spec, status })) };
    }
  }
}

/** A folder with a kubectl that prints this configuration, or fails. */
function kubectl(script: string): string {
  const folder = makeFolder({ kubectl: `#!/bin/sh\n${script}\n` });
  chmodSync(`${folder}/kubectl`, 0o755);
  return folder;
}

function configOf(address: string): string {
  const config = {
    clusters: [{ cluster: { server: address, "certificate-authority-data": Buffer.from(certificate).toString("base64") } }],
    users: [{ user: { token: "token" } }],
  };
  return kubectl(`cat <<'END'\n${JSON.stringify(config)}\nEND`);
}

/** The exit codes of --status, of a demand that fits and of one that does not; or why the cluster cannot be read. */
async function outcomeOf(folder: string) {
  process.env["PATH"] = `${folder}${delimiter}${PATH ?? ""}`;
  try {
    const cluster = readCluster(await readContext("prod", (api) => readLive(api, "prod", () => undefined)));
    const ask = (count: number) => {
      const demand = answerTo(cluster, {
        ...{ items: [{ count, wanted: { type: "tier", tier: "small" } }], namespace: "default", arrangement: "separate" },
      });
      return codeOf({ type: "ask", demand, cluster });
    };
    const status = statusOf(cluster);
    return { codes: [codeOf({ type: "status", status, cluster }), ask(1), ask(3)], said: [...status.missing, ...status.doubts].join("\n") };
  } catch (error) {
    if (error instanceof UserError) {
      return { codes: [2, 2, 2], said: error.message };
    }
    throw error;
  }
}

const forbidden = (resource: string) => ({
  status: 403,
  message: `${resource} is forbidden: User "alice" cannot list resource "${resource}"`,
});

test("a cluster that may be read is answered", async () => {
  expect(await outcomeOf(configOf(await start({})))).toEqual({ codes: [0, 0, 1], said: "" });
});

test.each<[string, Refusals, readonly number[], RegExp]>([
  ["everything", { "/": forbidden("everything") }, [2, 2, 2], /nodes: everything is forbidden[^]*the Kubernetes version is unknown/],
  ["nodes", { "/api/v1/nodes": forbidden("nodes") }, [2, 2, 2], /^nodes: .*User "alice" cannot list/],
  ["pods", { "/api/v1/pods": forbidden("pods") }, [2, 2, 1], /^pods: .*User "alice" cannot list resource "pods"/],
  ["claims", { "/apis/resource.k8s.io/v1/resourceclaims": forbidden("resourceclaims") }, [2, 2, 1], /^resourceclaims: /],
  ["namespaces", { "/api/v1/namespaces": forbidden("namespaces") }, [2, 0, 1], /^namespaces: /],
])("without the permission to read %s", async (_, refusals, codes, said) => {
  expect(await outcomeOf(configOf(await start(refusals)))).toEqual({ codes, said: expect.stringMatching(said) as string });
});

test("without Dynamic Resource Allocation", async () => {
  const absent = { "/apis/resource.k8s.io": { status: 404, message: "the server could not find the requested resource" } };
  const { codes, said } = await outcomeOf(configOf(await start(absent)));
  expect(codes).toEqual([2, 2, 2]);
  expect(said).toMatch(/^resourceslices: the API server does not serve resource\.k8s\.io/);
});

test.each<[string, () => Promise<string>, RegExp]>([
  [
    "does not exist",
    () => Promise.resolve(kubectl(`echo 'error: context "prod" does not exist' >&2; exit 1`)),
    /^context prod: kubectl cannot read it \(error: context "prod" does not exist\)\. kubectl config get-contexts lists/,
  ],
  [
    "does not log in",
    async () => configOf(await start({ "/": { status: 401, message: "Unauthorized" } })),
    /^context prod: .*\(.*Unauthorized/,
  ],
  [
    "is of a cluster that does not answer",
    () => Promise.resolve(configOf("https://127.0.0.1:1")),
    /^context prod: the cluster does not answer .*ECONNREFUSED/,
  ],
])("a context that %s", async (_, folder, said) => {
  expect(await outcomeOf(await folder())).toEqual({ codes: [2, 2, 2], said: expect.stringMatching(said) as string });
});

test("the command ends with 2 and says so as JSON, also without kubectl", async () => {
  const { code, stdout } = await runNode(["--require", "./transpile.js", "src/cli/plan.ts", "--context", "prod", "--status", "--json"], {
    cwd: ROOT,
    env: { PATH: makeFolder({}) },
  });
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    ...{ format: 1, verdict: "unknown" },
    errors: ["context prod: the program kubectl is not on your PATH. Install it"],
  });
});
