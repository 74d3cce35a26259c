/**
 * A real Prometheus scrapes the slice exporter and kube-state-metrics on a real control plane, and the text of a DCGM Exporter:
 * what the rules make of it is what the cluster has.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeconfig } from "../../../src/control-plane/kubeconfig";
import { installOperators } from "../../../src/fleet/operators/operators";
import { sliceExporterConfigMap } from "../../../src/kubernetes/monitoring/slice-exporter/objects";
import { claimTemplate } from "../../../src/kubernetes/tiers/claim-templates";
import { TIERS } from "../../../src/dra/tiers";
import { Prometheus } from "../../../src/live/prometheus";
import { readUsage } from "../../../src/live/usage";
import { waitFor } from "../../../src/live/wait";
import { billOf } from "../../../src/monitoring/bill";
import type { Bill } from "../../../src/monitoring/bill";
import { DASHBOARDS } from "../../../src/monitoring/dashboards/dashboards";
import { SLICES_JOB } from "../../../src/monitoring/jobs";
import { ALERTS } from "../../../src/monitoring/rules/alerts";
import { ruleFile, ruleGroups } from "../../../src/monitoring/rules/groups";
import { RECORDED_SERIES } from "../../../src/monitoring/series";
import { DCGM_FIELDS, DCGM_JOB } from "../../../src/monitoring/sources/dcgm";
import type { DcgmFieldName } from "../../../src/monitoring/sources/dcgm";
import { publishSlices } from "../../../src/dra/devices";
import { gpuNodes, held, podsNamed, startCluster, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { dcgmDevices, dcgmLabels, dcgmName, dcgmValue, seriesName } from "../../harness/monitoring/series";
import { expressionsOf, filledIn, labelsOf, panelsOf } from "../../monitoring/dashboards";
import { STACK } from "../../monitoring/stack";
import { ensureBinaries } from "../../support/go-binaries";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { testedRelease } from "../../support/tested-release";

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

const folder = mkdtempSync(join(tmpdir(), "shared-gpu-monitoring-"));
const processes: ChildProcess[] = [];
let cluster: Cluster;
let dcgm: Server;
let prometheus: string;

/** Values of the fields of every device, in the units of the newer exporter. */
const VALUES: Readonly<Record<DcgmFieldName, number>> = {
  activity: 0.25,
  tensorActivity: 0.125,
  memoryActivity: 0.5,
  memoryUsed: 2 ** 30,
  memoryFree: 2 ** 31,
  temperature: 40,
  power: 100,
  smClock: 1_410_000_000,
  xid: 0,
  uncorrectableRemappedRows: 0,
  rowRemapFailed: 0,
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  processes.push(spawn(program, args, { env, stdio: "ignore" }));
}

async function query(expr: string): Promise<readonly Sample[]> {
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const answer = (await response.json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data?: { readonly result: readonly Sample[] };
  };
  if (answer.data === undefined) {
    throw new Error(`${answer.error ?? answer.status}: ${expr}`);
  }
  return answer.data.result;
}

/** Values by one label. */
async function valuesBy(label: string, expr: string): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries((await query(expr)).map(({ metric, value }) => [metric[label] ?? "", Number(value[1])]));
}

beforeAll(async () => {
  cluster = await startCluster();
  const { api, fleet, recording, nodes } = cluster;
  await applyStack(
    api,
    registeredObjects(recording).map(({ object }) => object),
  );
  await installOperators(api);
  await fleet.join(nodes.nodes);
  await waitForDevices(api, 32);
  await waitForRunning(api, "mig-test", "mig-", 3);

  const devices = gpuNodes(nodes).flatMap((node) =>
    node.layout === undefined ? [] : dcgmDevices(publishSlices(node.name, node.layout, testedRelease())),
  );
  const text = (Object.keys(DCGM_FIELDS) as readonly DcgmFieldName[])
    .flatMap((field) =>
      devices.map(
        (device) => `${seriesName(dcgmName(field, "4.8"), dcgmLabels(device, "4.8"))} ${String(dcgmValue(field, VALUES[field], "4.8"))}\n`,
      ),
    )
    .join("");
  dcgm = createServer((_, response) => response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text));
  dcgm.listen(0, "127.0.0.1");
  await once(dcgm, "listening");

  const binaries = await ensureBinaries(["prometheus", "kube-state-metrics"]);
  const [slicesPort, statePort, telemetryPort, prometheusPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  for (const [name, content] of Object.entries(sliceExporterConfigMap().data as Readonly<Record<string, string>>)) {
    writeFileSync(join(folder, name), content);
  }
  const { server, ca, credentials } = api.access;
  if (credentials.type !== "token") {
    throw new Error("the control plane of the tests gives tokens");
  }
  writeFileSync(join(folder, "ca.crt"), ca);
  writeFileSync(join(folder, "token"), credentials.token);
  writeFileSync(join(folder, "kubeconfig"), kubeconfig(api.access));
  start(process.execPath, [join(folder, "slice-exporter.mjs"), join(folder, "settings.json"), String(slicesPort)], {
    API_SERVER: server,
    SERVICE_ACCOUNT_DIR: folder,
  });
  start(binaries["kube-state-metrics"], [
    ...["--kubeconfig", join(folder, "kubeconfig"), "--host", "127.0.0.1", "--port", String(statePort)],
    ...["--telemetry-host", "127.0.0.1", "--telemetry-port", String(telemetryPort), "--resources", "pods,resourcequotas"],
  ]);
  const job = (name: string, port: number, honorLabels: boolean) => ({
    job_name: name,
    honor_labels: honorLabels,
    static_configs: [{ targets: [`127.0.0.1:${String(port)}`], labels: { namespace: "n", pod: "p", service: name } }],
  });
  const scrape_configs = [
    job(SLICES_JOB, slicesPort, false),
    job("kube-state-metrics", statePort, true),
    job(DCGM_JOB, (dcgm.address() as AddressInfo).port, false),
  ];
  // Faster than in a cluster.
  const groups = ruleGroups({ ...STACK, standardSupportEnds: "2999-12-31" }).map((group) => ({ ...group, intervalSeconds: 1 }));
  writeFileSync(join(folder, "rules.yaml"), JSON.stringify(ruleFile(groups)));
  writeFileSync(
    join(folder, "prometheus.yaml"),
    JSON.stringify({ global: { scrape_interval: "1s", scrape_timeout: "1s" }, rule_files: [join(folder, "rules.yaml")], scrape_configs }),
  );
  start(binaries.prometheus, [
    `--config.file=${join(folder, "prometheus.yaml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${String(prometheusPort)}`,
  ]);
  prometheus = `http://127.0.0.1:${String(prometheusPort)}`;
  await waitFor("the rules' results", async () => {
    try {
      return (
        (await query("sum(shared_gpu:slices_busy:usd_per_hour)")).length > 0 && (await query("shared_gpu:quota_slices:count")).length > 0
      );
    } catch {
      return false;
    }
  });
});
afterAll(async () => {
  for (const child of processes) {
    child.kill("SIGTERM");
  }
  await Promise.all(processes.map((child) => child.exitCode ?? child.signalCode ?? once(child, "close")));
  dcgm.close();
  dcgm.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
  await cluster.stop();
});

/** What needs an hour. */
const NOT_YET = ["shared_gpu:slices_idle:count", "shared_gpu:slices_idle:usd_per_hour"];

test.each(Object.keys(RECORDED_SERIES))("the rules record %s, with labels of the table", async (record) => {
  if (!NOT_YET.includes(record)) {
    await waitFor(record, async () => (await query(record)).length > 0);
  }
  const samples = await query(record);
  const labels = new Set(samples.flatMap(({ metric }) => Object.keys(metric)));
  labels.delete("__name__");
  expect([...labels].filter((label) => !RECORDED_SERIES[record]?.includes(label))).toEqual([]);
});

test.each(ALERTS.map(({ alert, expr }) => [alert, expr]))(
  "%s can be evaluated, and tells nothing of a healthy cluster",
  async (_, expr) => {
    await waitFor("silence", async () => (await query(expr)).length === 0, { describe: async () => JSON.stringify(await query(expr)) });
  },
);

test("no slice has been idle for an hour", async () => {
  expect(await Promise.all(NOT_YET.map(query))).toEqual([[], []]);
});

test("the numbers are those of the cluster", async () => {
  expect(await valuesBy("tier", "sum by (tier) (shared_gpu:slices_published:count)")).toEqual({ small: 16, medium: 8, large: 8 });
  const claims = await cluster.api.list("/apis/resource.k8s.io/v1/resourceclaims");
  expect(claims.flatMap((claim) => held({ ...claim, apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim" }))).toHaveLength(3);
  expect(await valuesBy("team", "sum by (team) (shared_gpu:slices_allocated:count)")).toEqual({ "mig-test": 3 });
  expect(await valuesBy("tier", "shared_gpu:slices_free:count")).toEqual({ small: 15, medium: 7, large: 7 });
  expect(await valuesBy("tier", 'shared_gpu:quota_slices:count{team="mig-test"}')).toEqual({ small: 8, medium: 4, large: 4 });
  expect(await valuesBy("tier", 'shared_gpu:quota_slices_used:count{team="mig-test"}')).toEqual({ small: 1, medium: 1, large: 1 });
  // One of two small slices of its GPU has the activity of both, because nothing says whose it is. The others are alone.
  expect(await valuesBy("tier", "sum by (tier) (shared_gpu:slices_busy:count)")).toEqual({ small: 0.5, medium: 0.25, large: 0.25 });
  const [price] = await query("sum(shared_gpu:slices_allocated:usd_per_hour)");
  // 1 + 2 + 3 of 7 compute slices, of one of 8 GPUs.
  expect(Number(price?.value[1])).toBeCloseTo((((STACK.pools[0]?.instanceType.usdPerHour ?? 0) / 8) * 6) / 7, 4);
});

test("the bill has each tier of the team, at the price of its part of a GPU", async () => {
  const usdPerHour = (STACK.pools[0]?.instanceType.usdPerHour ?? 0) / 8 / 7;
  const slices = { small: 1, medium: 2, large: 3 };
  let bill: Bill | undefined;
  // A sample counts where the clock is at half a minute.
  await waitFor(
    "a bill",
    async () => {
      bill = billOf(await readUsage(new Prometheus(prometheus), 3600));
      return bill.teams.length === 3 && bill.teams.every(({ usd, busyUsd }) => usd !== null && busyUsd !== null);
    },
    { timeoutMs: 120_000 },
  );
  expect(bill?.teams.map(({ team, tier }) => [team, tier])).toEqual(["large", "medium", "small"].map((tier) => ["mig-test", tier]));
  for (const { tier, sliceHours, usd } of bill?.teams ?? []) {
    expect((sliceHours * 3600) % 30).toBeCloseTo(0, 6);
    expect(usd).toBeCloseTo(sliceHours * usdPerHour * slices[tier as keyof typeof slices], 5);
  }
  expect(bill?.countedHours).toBeGreaterThan(0);
});

describe("every dashboard", () => {
  const CHOSEN = { team: "mig-test", range: "1h" };

  /** A claim that waits, which no healthy cluster has for long: no pod uses it, and its owner lives. */
  beforeAll(async () => {
    const [pod] = await podsNamed(cluster.api, "mig-test", "mig-");
    const [tier] = TIERS;
    if (pod?.metadata.uid === undefined || tier === undefined) {
      throw new Error("the team has no pod");
    }
    const { spec } = claimTemplate(tier, "mig-test").spec as { readonly spec: object };
    const owner = { apiVersion: "v1", kind: "Pod", name: pod.metadata.name, uid: pod.metadata.uid };
    await cluster.apply([
      {
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceClaim",
        metadata: { name: "waits", namespace: "mig-test", ownerReferences: [owner] },
        spec,
      },
    ]);
  });

  test.each(DASHBOARDS.flatMap((dashboard) => expressionsOf(dashboard, CHOSEN)))("%s has data", async (name, expr) => {
    await waitFor(name, async () => (await query(expr)).length > 0, { timeoutMs: 120_000 });
  });

  test.each(
    DASHBOARDS.flatMap((dashboard) => panelsOf(dashboard).map((panel) => [`${dashboard.uid}: ${panel.title ?? ""}`, panel] as const)),
  )("%s: its result has the labels that the panel names", async (_, panel) => {
    for (const { expr } of panel.targets) {
      const samples = await query(filledIn(expr, CHOSEN));
      const present = new Set(samples.flatMap(({ metric }) => Object.keys(metric)));
      expect(labelsOf(panel).filter((label) => !present.has(label))).toEqual([]);
    }
  });

  test("shows the numbers of the cluster", async () => {
    const valueOf = async (title: string) => {
      const [, expr] = DASHBOARDS.flatMap((dashboard) => expressionsOf(dashboard, CHOSEN)).find(([name]) => name === title) ?? [];
      const samples = await query(expr ?? "");
      return samples.map(({ value }) => Number(value[1]));
    };
    expect(await valueOf("shared-gpu-platform: Slices A")).toEqual([32]);
    expect(await valueOf("shared-gpu-platform: Allocated A")).toEqual([3]);
    expect(await valueOf("shared-gpu-platform: Waiting claims A")).toEqual([1]);
    expect(await valueOf("shared-gpu-team: Slices A")).toEqual([3]);
    // One for each slice of the node, and one for each physical GPU.
    expect(await valueOf("shared-gpu-gpus: Slices and who has them A")).toHaveLength(32);
    const power = await valueOf("shared-gpu-gpus: Power A");
    expect(power).toEqual(Array.from({ length: 8 }, () => VALUES.power));
  });
});
