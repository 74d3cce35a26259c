import { migLayoutsFit } from "../../../policy-pack/helm/mig-layouts-fit";
import { serviceMonitorHasMonitoring } from "../../../policy-pack/helm/service-monitor-has-monitoring";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import { resolveLayout } from "../../../src/hardware/layouts";
import { gpuOperatorValues } from "../../../src/releases/helm/gpu-operator";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const operator = (values: unknown): StackResource => ({
  type: "kubernetes:helm.sh/v3:Release",
  name: "operator",
  props: { chart: "gpu-operator", version: "v26.3.3", namespace: "gpu-operator", values },
});
const pool = (layout: unknown, props: object = { instanceTypes: ["p4d.24xlarge"] }): StackResource => ({
  type: "aws:eks/nodeGroup:NodeGroup",
  name: "pool",
  props: { labels: { "nvidia.com/mig.config": layout }, ...props },
  from: { launchTemplate: ["template"] },
});
const template = (instanceType?: string): StackResource => ({
  type: "aws:ec2/launchTemplate:LaunchTemplate",
  name: "template",
  props: { instanceType },
});

const file = (rules: unknown, name = "mine") => ({ "config.yaml": JSON.stringify({ version: "v1", "mig-configs": { [name]: rules } }) });
const made = (data: unknown) => ({ migManager: { config: { create: true, name: "layouts", data } } });
const layouts = (rules: unknown) => made(file(rules));
const CONFIG_MAP_OF_OWN = { ...{ mig: { strategy: "mixed" } }, migManager: { config: { create: false, name: "layouts" } } };
const configMap = (data: unknown, namespace = "gpu-operator"): StackResource => ({
  type: "kubernetes:core/v1:ConfigMap",
  name: "layouts-of-own",
  props: { metadata: { name: "layouts", namespace }, data },
});
const MIXED = { mig: { strategy: "mixed" } };
const UNIFORM = [{ devices: "all", "mig-enabled": true, "mig-devices": { "1g.5gb": 7 } }];

const judge = (...resources: readonly StackResource[]) => stackViolations(migLayoutsFit, resources);
const said = (...resources: readonly StackResource[]) =>
  judge(...resources)
    .map(({ about, message }) => `${about}: ${message}`)
    .join("\n");

describe("mig-layouts-fit: Should pass if", () => {
  test.each<[string, readonly StackResource[]]>([
    ["strategy and layout are those of the stack", [operator(MIXED), pool("all-balanced")]],
    ["the slices are all of one size", [operator({ mig: { strategy: "single" } }), pool("all-1g.5gb")]],
    ["nothing is divided", [operator({}), pool("all-disabled")]],
    ["a layout of one's own is configured", [operator({ ...MIXED, ...layouts(UNIFORM) }), pool("mine")]],
    [
      "its rule is for the pool's GPU",
      [operator({ ...MIXED, ...layouts([{ ...UNIFORM[0], "device-filter": ["0x20B010DE"] }]) }), pool("mine")],
    ],
    [
      "profiles stand in a list",
      [operator({ ...MIXED, ...layouts([{ ...UNIFORM[0], "mig-devices": ["3g.20gb", "3g.20gb"] }]) }), pool("mine")],
    ],
    ["the operator is another stack's", [pool("mine")]],
    ["the layout is in a ConfigMap of the program", [operator(CONFIG_MAP_OF_OWN), configMap(file(UNIFORM)), pool("mine")]],
    [
      "the program's own file has a stock layout as MIG Manager ships it",
      [
        operator({
          ...MIXED,
          ...made(file([{ ...UNIFORM[0], "mig-devices": { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 } }], "all-balanced")),
        }),
        pool("all-balanced"),
      ],
    ],
    [
      "MIG Manager has layouts for the GPU",
      [operator(MIXED), pool("all-balanced", { instanceTypes: ["p6-b300.48xlarge", "g7e.24xlarge"] })],
    ],
    ["a pool has no layout", [operator({}), pool(undefined)]],
    ["a pool's layout is unknown, which another policy says", [operator({}), pool(UNKNOWN)]],
    [
      "a stock layout is not legal on the type that the pool names, which another policy says",
      [operator(MIXED), pool("all-1g.5gb", { instanceTypes: ["p4de.24xlarge"] })],
    ],
    [
      "there are other charts, and objects with the same labels",
      [
        operator({}),
        { type: "kubernetes:helm.sh/v3:Release", name: "kps", props: { chart: "kube-prometheus-stack" } },
        { ...pool("all-balanced"), type: "aws:eks/other:Other" },
      ],
    ],
    ["another chart is there alone", [{ type: "kubernetes:helm.sh/v3:Release", name: "x", props: { chart: "x" } }, pool("all-balanced")]],
  ])("%s", (_, resources) => {
    expect(judge(...resources)).toEqual([]);
  });

  test("the values are those that the program makes for a layout of its own", () => {
    const model = findGpuModel("A100-SXM4-40GB");
    const result =
      model &&
      resolveLayout(
        {
          name: "mine",
          gpus: [
            { devices: [0, 1, 2, 3], profiles: { "3g.20gb": 2 } },
            { devices: [4, 5, 6, 7], profiles: "whole" },
          ],
        },
        model,
        8,
      );
    expect(result?.type).toBe("legal");
    const own = result?.type === "legal" ? [result.layout] : [];
    expect(judge(operator(gpuOperatorValues({ layouts: own, prometheusRelease: "kps", extraValues: {} })), pool("mine"))).toEqual([]);
  });
});

describe("mig-layouts-fit: Should fail if", () => {
  test.each<[string, readonly StackResource[], RegExp]>([
    [
      "the strategy is the chart's default",
      [operator({}), pool("all-balanced")],
      /operator: "values\.mig\.strategy" is not set, which means "single", and the layout "all-balanced" of pool/,
    ],
    [
      "one of several types has slices of several sizes",
      [operator({}), pool("all-balanced", { instanceTypes: ["m6i.large", "p4d.24xlarge"] })],
      /"all-balanced" of pool/,
    ],
    ["the strategy is single", [operator({ mig: { strategy: "single" } }), pool("all-balanced")], /is "single"/],
    [
      "some GPUs stay whole",
      [
        operator(
          layouts([
            { ...UNIFORM[0], devices: [0] },
            { devices: [1, 2, 3, 4, 5, 6, 7], "mig-enabled": false },
          ]),
        ),
        pool("mine"),
      ],
      /"mine" of pool/,
    ],
    ["the strategy is unknown", [operator({ mig: UNKNOWN }), pool("all-balanced")], /mig\.strategy" is unknown until/],
    [
      "the type stands in the launch template",
      [operator({}), pool("all-balanced", {}), template("p4d.24xlarge")],
      /"all-balanced" of pool/,
    ],
    [
      "nobody knows the layout",
      [operator(MIXED), pool("mine")],
      /pool: pool: its layout is "mine", which MIG Manager does not ship, and which is not in values\.migManager/,
    ],
    ["the layout is another's", [operator({ ...MIXED, ...layouts(UNIFORM) }), pool("yours")], /"yours"/],
    [
      "the layout does not fit the GPU",
      [operator({ ...MIXED, ...layouts([{ ...UNIFORM[0], "mig-devices": { "3g.20gb": 3 } }]) }), pool("mine")],
      /"mine", which is not legal on a p4d\.24xlarge/,
    ],
    [
      "its rules leave GPUs out",
      [operator({ ...MIXED, ...layouts([{ ...UNIFORM[0], devices: [0] }]) }), pool("mine")],
      /does not say what happens to GPU 1/,
    ],
    [
      "its rules are for another GPU",
      [operator({ ...MIXED, ...layouts([{ ...UNIFORM[0], "device-filter": ["0x233010DE"] }]) }), pool("mine")],
      /does not say what happens to/,
    ],
    [
      "a stock layout is not legal on the template's type",
      [operator(MIXED), pool("all-1g.5gb", {}), template("p4de.24xlarge")],
      /not legal on a p4de\.24xlarge/,
    ],
    ["the configuration is not YAML", [operator({ ...MIXED, ...made({ "config.yaml": "{" }) }), pool("mine")], /is not YAML/],
    ["the configuration is something else", [operator({ ...MIXED, ...made({ "config.yaml": "a: b" }) }), pool("mine")], /no mig-configs/],
    ["the configuration is unknown", [operator({ ...MIXED, migManager: UNKNOWN }), pool("mine")], /unknown until/],
    ["its name is unknown", [operator({ ...MIXED, migManager: { config: { name: UNKNOWN } } }), pool("all-balanced")], /unknown until/],
    ["its data are unknown", [operator({ ...MIXED, ...made(UNKNOWN) }), pool("mine")], /unknown until/],
    ["the ConfigMap is not in the program", [operator(CONFIG_MAP_OF_OWN), pool("all-balanced")], /ConfigMap "layouts", which this program/],
    [
      "the ConfigMap is in another namespace",
      [operator(CONFIG_MAP_OF_OWN), configMap(file(UNIFORM), "elsewhere"), pool("mine")],
      /which this program does not register/,
    ],
    [
      "the ConfigMap has no file",
      [operator(CONFIG_MAP_OF_OWN), configMap({}), pool("mine")],
      /the ConfigMap layouts-of-own: .*no mig-configs/,
    ],
    [
      "the file replaces the stock layouts, and has none of the name",
      [operator(CONFIG_MAP_OF_OWN), configMap(file(UNIFORM)), pool("all-balanced")],
      /"all-balanced", which is not in the ConfigMap layouts-of-own/,
    ],
    [
      "the file says something illegal by a stock name",
      [operator({ ...MIXED, ...made(file([{ ...UNIFORM[0], "mig-devices": { "3g.20gb": 3 } }], "all-balanced")) }), pool("all-balanced")],
      /"all-balanced", which is not legal on a p4d/,
    ],
    [
      "the file gives a stock name other contents",
      [operator({ ...MIXED, ...made(file(UNIFORM, "all-balanced")) }), pool("all-balanced")],
      /a layout that MIG Manager ships, with other contents/,
    ],
    [
      "the layouts are written and not made",
      [operator({ ...MIXED, migManager: { config: { data: file(UNIFORM) } } }), pool("mine")],
      /"mine", which MIG Manager does not ship/,
    ],
    [
      "an older MIG Manager has no layouts for the GPU",
      [
        { ...operator(MIXED), props: { ...operator(MIXED).props, version: "v25.3.0" } },
        pool("all-balanced", { instanceTypes: ["p6-b300.48xlarge"] }),
      ],
      /MIG Manager v0\.12\.1-ubuntu20\.04 of GPU Operator v25\.3\.0 has none of this name for the B300/,
    ],
    [
      "it has none for the GPU of the launch template",
      [{ ...operator(MIXED), props: { ...operator(MIXED).props, version: "v25.3.0" } }, pool("all-balanced", {}), template("g7e.24xlarge")],
      /RTX PRO 6000/,
    ],
  ])("%s", (_, resources, words) => {
    expect(said(...resources)).toMatch(words);
    expect(said(...resources)).toMatchSnapshot();
  });
});

describe("service-monitor-has-monitoring", () => {
  const WANTS = operator({ dcgmExporter: { serviceMonitor: { enabled: true } } });
  const STACK: StackResource = { type: "kubernetes:helm.sh/v3:Release", name: "kps", props: { chart: "kube-prometheus-stack" } };

  test("Should pass if kube-prometheus-stack is there, or no ServiceMonitor is wanted", () => {
    expect(stackViolations(serviceMonitorHasMonitoring, [WANTS, STACK])).toEqual([]);
    expect(stackViolations(serviceMonitorHasMonitoring, [operator({})])).toEqual([]);
    expect(stackViolations(serviceMonitorHasMonitoring, [{ ...WANTS, props: { ...WANTS.props, chart: "x" } }])).toEqual([]);
  });

  test("Should fail if a ServiceMonitor is wanted and nothing brings it", () => {
    expect(stackViolations(serviceMonitorHasMonitoring, [WANTS])).toEqual([
      { about: "operator", message: expect.stringMatching(/never reports ready/) as string },
    ]);
  });
});
