/** Prometheus' own tool evaluates every rule on made-up series: what fires, what stays silent, and what accounting adds up to. */
import { publishSlices } from "../../../src/dra/devices";
import { ALERTS } from "../../../src/monitoring/rules/alerts";
import type { MonitoredStack } from "../../../src/monitoring/stack";
import { usageQuery } from "../../../src/monitoring/usage";
import type { DcgmNames } from "../../../src/monitoring/sources/dcgm";
import { defaultRelease } from "../../../src/releases/find";
import { dcgmDevices, dcgmLabels, dcgmName, dcgmValue, seriesName } from "../../harness/monitoring/series";
import type { DcgmDevice, Labels } from "../../harness/monitoring/series";
import { gpuPool } from "../../kubernetes/fixtures";
import { checkRules, testRules } from "./promtool";
import type { PromtoolTest } from "./promtool";

/** One GPU, so that promtool has few series to evaluate: two small slices, a medium and a large one. */
const POOL = gpuPool({ instanceType: "p5.4xlarge" });
const STACK: MonitoredStack = { pools: [POOL], standardSupportEnds: "2026-12-02" };

const NODE = "ip-10-0-1-2";
const DEVICES = dcgmDevices(publishSlices(NODE, POOL.layout, defaultRelease()));
const TIERS: Readonly<Record<string, string>> = { "1g.10gb": "small", "2g.20gb": "medium", "3g.40gb": "large" };
const [SMALL, SIBLING] = [smallSlice(0), smallSlice(1)];

/** Values of a series, every 30 seconds, in promtool's notation. */
type Values = string;
/** Three hours. */
const SAMPLES = 360;
const always = (value: number): Values => `${String(value)}x${String(SAMPLES)}`;
/** One value until a time, then another. */
const until = (minutes: number, before: string, after: string): Values =>
  `${before}x${String(minutes * 2 - 1)} ${after}x${String(SAMPLES - minutes * 2)}`;
const GONE = "_";

/** Series by their names. */
type Series = Readonly<Record<string, Values>>;

const target = (job: string, pod = "a"): Labels => ({ job, instance: `10.0.0.1:80`, namespace: "monitoring", pod });

function deviceLabels({ gpuUuid, name, profile }: DcgmDevice): Labels {
  return {
    node: NODE,
    instance_type: "p5.4xlarge",
    gpu_uuid: gpuUuid,
    device: name,
    profile,
    product: "NVIDIA A100-SXM4-40GB",
    tier: TIERS[profile] ?? "",
  };
}

function published(device: DcgmDevice, values: Values = always(1)): Series {
  return { [seriesName("shared_gpu_slice_published", { ...deviceLabels(device), ...target("shared-gpu-slices") })]: values };
}

function allocated(team: string, device: DcgmDevice, values: Values = always(1), pod = "a"): Series {
  return { [seriesName("shared_gpu_slice_allocated", { team, ...deviceLabels(device), ...target("shared-gpu-slices", pod) })]: values };
}

function nodeInfo(state: string, values: Values = always(1)): Series {
  const labels = { node: NODE, instance_type: "p5.4xlarge", layout: "all-balanced", mig_state: state };
  return { [seriesName("shared_gpu_node_info", { ...labels, ...target("shared-gpu-slices") })]: values };
}

function dcgm(field: Parameters<typeof dcgmName>[0], device: DcgmDevice, names: DcgmNames, values: Values, extra: Labels = {}): Series {
  return { [seriesName(dcgmName(field, names), { ...dcgmLabels(device, names), ...target("nvidia-dcgm-exporter"), ...extra })]: values };
}

const merged = (parts: readonly Series[]): Series => Object.assign({}, ...parts) as Series;

const up = (values: Values): Series => ({ [seriesName("up", target("shared-gpu-slices"))]: values });
const quota = (type: string, value: number): Series => ({
  [seriesName("kube_resourcequota", {
    namespace: "team-a",
    resourcequota: "slices",
    resource: "mig-small.nvidia.com.deviceclass.resource.k8s.io/devices",
    type,
  })]: always(value),
});
const PLUGIN = { namespace: "nvidia-dra-driver", pod: "plugin-1" };
const pluginReady = (value: number): Series => ({
  [seriesName("kube_pod_status_ready", { ...PLUGIN, condition: "true" })]: always(value),
});

function smallSlice(index: number): DcgmDevice {
  const device = DEVICES.filter(({ profile }) => profile === "1g.10gb")[index];
  if (device === undefined) {
    throw new Error("the node has no two small slices");
  }
  return device;
}

/** One node that works, one slice that a team uses, and nothing to tell. */
function healthy(names: DcgmNames): Series {
  return merged([
    nodeInfo("success"),
    up(always(1)),
    ...DEVICES.map((device) => published(device)),
    ...DEVICES.flatMap((device) => [
      dcgm("activity", device, names, always(device === SMALL ? 0.5 : 0)),
      dcgm("xid", device, names, always(0)),
      dcgm("uncorrectableRemappedRows", device, names, always(0)),
      dcgm("rowRemapFailed", device, names, always(0)),
    ]),
    allocated("team-a", SMALL),
    quota("hard", 8),
    quota("used", 1),
    { [seriesName("kube_pod_info", { ...PLUGIN, node: NODE, created_by_kind: "DaemonSet", created_by_name: "plugin" })]: always(1) },
    pluginReady(1),
  ]);
}

const pending = (seconds: number, forPod: string): Series => ({
  [seriesName("shared_gpu_claim_pending_since_seconds", { team: "team-a", claim: "c", tier: "small", for_pod: forPod })]: until(
    30,
    GONE,
    String(1800 + seconds),
  ),
});

interface Case {
  readonly alert: string;
  /** What is other than in the healthy cluster. */
  readonly fires: (names: DcgmNames) => Series;
  /** Something near to it, at which the alert stays silent. */
  readonly silent: (names: DcgmNames) => Series;
  readonly labels: Labels;
}

const onGpu = { gpu_uuid: SMALL.gpuUuid, node: NODE };

/** At two hours. */
const CASES: readonly Case[] = [
  { alert: "SharedGpuTierFull", fires: () => allocated("team-b", SIBLING), silent: () => ({}), labels: { tier: "small" } },
  {
    alert: "SharedGpuClaimsPending",
    fires: () => pending(60, "true"),
    silent: () => pending(60, "false"),
    labels: { team: "team-a", tier: "small" },
  },
  {
    alert: "SharedGpuSlicesDifferFromLayout",
    fires: () => published(SIBLING, until(30, "1", GONE)),
    silent: () => published(SIBLING, until(115, "1", GONE)),
    labels: { node: NODE, profile: "1g.10gb" },
  },
  {
    alert: "SharedGpuNodesMissing",
    fires: () => nodeInfo("success", until(30, "1", GONE)),
    silent: () => nodeInfo("success", until(110, "1", GONE)),
    labels: { instance_type: "p5.4xlarge", layout: "all-balanced" },
  },
  {
    alert: "SharedGpuMigStuck",
    fires: () => merged([nodeInfo("success", GONE), nodeInfo("pending")]),
    silent: () => merged([nodeInfo("success", until(110, "1", GONE)), nodeInfo("pending", until(110, GONE, "1"))]),
    labels: { node: NODE, mig_state: "pending" },
  },
  {
    alert: "SharedGpuMigFailed",
    fires: () => merged([nodeInfo("success", GONE), nodeInfo("failed")]),
    silent: () => merged([nodeInfo("success", until(118, "1", GONE)), nodeInfo("failed", until(118, GONE, "1"))]),
    labels: { node: NODE },
  },
  {
    alert: "SharedGpuDriverPluginDown",
    fires: () => pluginReady(0),
    // MIG Manager is at work, so that the plugin must not run.
    silent: () => merged([pluginReady(0), nodeInfo("success", until(115, GONE, "1")), nodeInfo("rebooting", until(115, "1", GONE))]),
    labels: { node: NODE },
  },
  {
    alert: "SharedGpuMetricsMissing",
    fires: (names) => merged(DEVICES.map((device) => dcgm("activity", device, names, until(30, "0", GONE)))),
    silent: (names) => merged(DEVICES.slice(1).map((device) => dcgm("activity", device, names, until(30, "0", GONE)))),
    labels: { node: NODE },
  },
  {
    alert: "SharedGpuSliceExporterDown",
    fires: () => up(until(60, "1", "0")),
    silent: () => up(until(117, "1", "0")),
    labels: {},
  },
  {
    alert: "SharedGpuXidError",
    fires: (names) => dcgm("xid", SMALL, names, until(110, "0", "79")),
    silent: (names) => dcgm("xid", SMALL, names, until(110, "0", "31")),
    labels: onGpu,
  },
  {
    alert: "SharedGpuMemoryErrors",
    fires: (names) => dcgm("uncorrectableRemappedRows", SMALL, names, until(110, "0", "1")),
    silent: (names) => dcgm("uncorrectableRemappedRows", SMALL, names, always(3)),
    labels: onGpu,
  },
  {
    alert: "SharedGpuSlicesIdle",
    fires: (names) => dcgm("activity", SMALL, names, until(30, "0.5", "0")),
    silent: (names) => dcgm("activity", SMALL, names, until(90, "0.5", "0")),
    labels: { team: "team-a" },
  },
  {
    alert: "SharedGpuQuotaNearlyUsed",
    fires: () => quota("used", 8),
    silent: () => quota("used", 7),
    labels: { team: "team-a", namespace: "team-a", tier: "small" },
  },
];

const SUPPORT = "SharedGpuKubernetesSupportEnds";
const RESERVATION = "SharedGpuReservationEnds";

function testOf(name: string, series: Series, expectations: Pick<PromtoolTest, "alert_rule_test" | "promql_expr_test">): PromtoolTest {
  return {
    name,
    interval: "30s",
    input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
    ...expectations,
  };
}

/** Which alerts fire at two hours. Annotations are compared only where there are labels, and then by Prometheus' own ALERTS series. */
function firing(
  alerts: readonly { readonly alert: string; readonly labels: Labels }[],
  among: readonly string[],
): Pick<PromtoolTest, "promql_expr_test"> {
  const severity = (alert: string) => ALERTS.find((each) => each.alert === alert)?.severity ?? "";
  return {
    promql_expr_test: among.map((alert) => ({
      expr: `ALERTS{alertname="${alert}", alertstate="firing"}`,
      eval_time: "2h",
      exp_samples: alerts
        .filter((each) => each.alert === alert)
        .map(({ labels }) => ({
          labels: seriesName("ALERTS", { alertname: alert, alertstate: "firing", severity: severity(alert), ...labels }),
          value: 1,
        })),
    })),
  };
}

const EVERY_ALERT = ALERTS.map(({ alert }) => alert);

test("promtool finds nothing wrong with the rules", async () => {
  expect(await checkRules(STACK)).toMatchObject({ status: 0 });
});

test("every alert has a case", () => {
  expect([...CASES.map(({ alert }) => alert), RESERVATION, SUPPORT].sort()).toEqual([...EVERY_ALERT].sort());
});

describe.each(["4.8", "4.9"] as const)("with the names of exporter %s", (names) => {
  test("nothing fires in a healthy cluster, and each alert does for its fault, and not for what is near to it", async () => {
    const tests = [
      testOf("healthy", healthy(names), firing([], EVERY_ALERT)),
      // What no exporter's name has a part in is the same under both.
      ...CASES.filter(({ fires }) => names === "4.8" || Object.keys(fires(names)).some((each) => each.startsWith("DCGM_"))).flatMap(
        ({ alert, labels, fires, silent }) => [
          testOf(`${alert} fires`, { ...healthy(names), ...fires(names) }, firing([{ alert, labels }], [alert])),
          testOf(`${alert} stays silent`, { ...healthy(names), ...silent(names) }, firing([], [alert])),
        ],
      ),
    ];
    const { status, output } = await testRules(STACK, tests);
    expect(`${output.slice(0, 8000)}\n${String(status)}`).toMatch(/\n0$/);
  });

  test("values have one unit", async () => {
    const device = SMALL;
    const value = (record: string, labels: Labels, expected: number) => ({
      expr: record,
      eval_time: "10m",
      exp_samples: [{ labels: seriesName(record, labels), value: expected }],
    });
    const instance = { gpu_uuid: device.gpuUuid, profile: device.profile, gpu_instance: String(device.instance) };
    const series = merged([
      dcgm("memoryUsed", device, names, always(dcgmValue("memoryUsed", 2 ** 30, names))),
      dcgm("smClock", device, names, always(dcgmValue("smClock", 1_410_000_000, names))),
      dcgm("power", device, names, always(250)),
    ]);
    const { status, output } = await testRules(STACK, [
      testOf("units", series, {
        promql_expr_test: [
          value("shared_gpu:slice_memory_used:bytes", instance, 2 ** 30),
          value("shared_gpu:gpu_sm_clock:hertz", { gpu_uuid: device.gpuUuid }, 1_410_000_000),
          value("shared_gpu:gpu_power:watts", { gpu_uuid: device.gpuUuid }, 250),
        ],
      }),
    ]);
    expect(`${output}\n${String(status)}`).toMatch(/\n0$/);
  });
});

test("the end of support is told 30 days before", async () => {
  const at = (day: string) => ({ ...STACK, standardSupportEnds: day });
  const fires = firing([{ alert: SUPPORT, labels: {} }], [SUPPORT]);
  expect(await testRules(at("1970-01-29"), [testOf("near", healthy("4.8"), fires)])).toMatchObject({ status: 0 });
  expect(await testRules(at("1970-02-15"), [testOf("far", healthy("4.8"), firing([], [SUPPORT]))])).toMatchObject({ status: 0 });
});

test("the end of a reservation is told three days before, and no other pool's", async () => {
  const until = (name: string, endDate: string | undefined) => ({
    ...gpuPool({ instanceType: "p5.4xlarge", name }),
    capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate } as const,
  });
  const pools = [POOL, until("soon", "1970-01-03T11:30:00Z"), until("later", "1970-02-15T11:30:00Z"), until("silent", undefined)];
  const ofPool = (name: string, pool: MonitoredStack["pools"][number], expected: object) =>
    testRules({ ...STACK, pools: [pool] }, [testOf(name, healthy("4.8"), expected)]);
  const all = await testRules({ ...STACK, pools }, [
    testOf("pools", healthy("4.8"), firing([{ alert: RESERVATION, labels: { pool: "soon" } }], [RESERVATION])),
  ]);
  expect(all).toMatchObject({ status: 0 });
  for (const [endDate, words] of [
    ["1970-01-01T03:00:00Z", "ends in 1h 0m 0s"],
    ["1970-01-01T00:30:00Z", "has ended"],
  ] as const) {
    const rule = ALERTS.find((each) => each.alert === RESERVATION);
    const annotations = {
      summary: `The reservation of pool block ${words}.`,
      impact: rule?.impact ?? "",
      runbook: "docs/operations.md#a-reservation-ends",
    };
    const expected = {
      alert_rule_test: [
        {
          eval_time: "2h",
          alertname: RESERVATION,
          exp_alerts: [{ exp_labels: { pool: "block", severity: "warning" }, exp_annotations: annotations }],
        },
      ],
    };
    expect(await ofPool(words, until("block", endDate), expected)).toMatchObject({ status: 0 });
  }
});

describe("accounting", () => {
  const base = () => merged([nodeInfo("success"), up(always(1)), ...DEVICES.map((device) => published(device))]);

  const asks = (expr: string, at: string, samples: readonly (readonly [Labels, number])[]) => ({
    expr,
    eval_time: at,
    exp_samples: samples.map(([labels, value]) => ({ labels: seriesName("", labels), value })),
  });
  const seconds = (period: string) => usageQuery("allocatedSliceSeconds", ["team", "tier"], period);

  async function expectTests(...tests: readonly PromtoolTest[]): Promise<void> {
    const { status, output } = await testRules(STACK, tests);
    expect(`${output.slice(0, 8000)}\n${String(status)}`).toMatch(/\n0$/);
  }

  test("an hour of a slice is 3,600 slice-seconds, and its part of the list price", async () => {
    const price = (STACK.pools[0]?.instanceType.usdPerHour ?? 0) / 7;
    await expectTests(
      testOf("an hour", merged([base(), allocated("team-a", SMALL)]), {
        promql_expr_test: [
          asks(seconds("1h"), "2h", [[{ team: "team-a", tier: "small" }, 3600]]),
          asks(usageQuery("allocatedUsd", ["team"], "1h"), "2h", [[{ team: "team-a" }, Number(price.toFixed(6))]]),
        ],
      }),
    );
  });

  test("the exporter's pod moves, and is there twice for a while: nothing counts twice", async () => {
    await expectTests(
      testOf(
        "moves",
        merged([base(), allocated("team-a", SMALL, until(70, "1", GONE), "a"), allocated("team-a", SMALL, until(65, GONE, "1"), "b")]),
        {
          promql_expr_test: [asks(seconds("1h"), "2h", [[{ team: "team-a", tier: "small" }, 3600]])],
        },
      ),
    );
  });

  test("the exporter does not answer for four minutes: what it said last counts", async () => {
    const gap = `1x139 ${"stale "} _x7 1x211`;
    await expectTests(
      testOf("gap", merged([base(), up(`1x139 0x8 1x211`), allocated("team-a", SMALL, gap)]), {
        promql_expr_test: [asks(seconds("1h"), "2h", [[{ team: "team-a", tier: "small" }, 3600]])],
      }),
    );
  });

  test("a slice that is given back counts no longer", async () => {
    await expectTests(
      testOf("given back", merged([base(), allocated("team-a", SMALL, `1x179 stale _x170`)]), {
        promql_expr_test: [asks(seconds("1h"), "2h", [[{ team: "team-a", tier: "small" }, 1770]])],
      }),
    );
  });

  test("equal slices of one GPU share their activity, and the sum is what there is", async () => {
    const busy = (rows: readonly (readonly [string, number])[]) =>
      asks(
        "sum by (team) (shared_gpu:slices_busy:count)",
        "30m",
        rows.map(([team, value]) => [{ team }, value] as const),
      );
    const activity = merged([dcgm("activity", SMALL, "4.8", always(0.8)), dcgm("activity", SIBLING, "4.8", always(0))]);
    const attributed = (team: string): Labels => ({ exported_namespace: team, exported_pod: "p", exported_container: "c" });
    await expectTests(
      testOf("one of two is allocated", merged([base(), activity, allocated("team-a", SIBLING)]), {
        promql_expr_test: [busy([["team-a", 0.8]])],
      }),
      testOf("two teams", merged([base(), activity, allocated("team-a", SMALL), allocated("team-b", SIBLING)]), {
        promql_expr_test: [
          busy([
            ["team-a", 0.4],
            ["team-b", 0.4],
          ]),
        ],
      }),
      testOf(
        "an exporter that says whose it is",
        merged([
          base(),
          allocated("team-a", SMALL),
          allocated("team-b", SIBLING),
          dcgm("activity", SMALL, "4.9", always(0.8), attributed("team-a")),
          dcgm("activity", SIBLING, "4.9", always(0), attributed("team-b")),
        ]),
        {
          promql_expr_test: [
            busy([
              ["team-a", 0.8],
              ["team-b", 0],
            ]),
          ],
        },
      ),
    );
  });
});
