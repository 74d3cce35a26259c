/** What the values of charts may be, key by key: the table of known ones, and what the policies say of all others. */
import { chartContentsVisible } from "../../../policy-pack/helm/chart-contents-visible";
import { chartVersionsPinned } from "../../../policy-pack/helm/chart-versions-pinned";
import { join, relative } from "node:path";
import { addedByValues } from "../../../policy-pack/helm/added-by-values";
import { draDriverFeatures } from "../../../policy-pack/helm/dra-driver-features";
import { draPluginWaitsForMig } from "../../../policy-pack/helm/dra-plugin-waits-for-mig";
import { KNOWN_VALUES } from "../../../policy-pack/helm/known-values";
import { UNKNOWN as UNKNOWN_PART } from "../../../policy-pack/evaluation/snapshot";
import { ROOT } from "../../support/program";
import { CHART_FILE, Charts } from "../resources/local-charts/charts";
import { UNKNOWN, violations } from "../verdict";

const RELEASE = "kubernetes:helm.sh/v3:Release";

test("values that are known of the platform's charts", () => {
  const table = [...KNOWN_VALUES].map(([chart, known]) => [
    chart,
    known.map(({ path, values }) => `${path.join(".")}${values ? ` ${JSON.stringify(values)}` : ""}`),
  ]);
  expect(Object.fromEntries(table)).toMatchSnapshot();
});

test("a known value is known with all that is below it, and at its place only", () => {
  const known = [{ path: ["a", "*", "b"] }, { path: ["c"], values: ["x"] }, { path: ["d", "*"] }];
  const added = (values: unknown) => addedByValues(values, known).map((sentence) => sentence.split(" ")[0]);
  expect(added({ a: { one: { b: "x", c: "y" }, two: { b: { image: "x" } } } })).toEqual(['"values.a.one.c"']);
  expect(added({ a: "x", b: "x", x: { one: { b: "x" } } })).toEqual(['"values.a"', '"values.b"', '"values.x.one.b"']);
  expect(added({ c: "x" })).toEqual([]);
  expect(added({ c: "y" })).toEqual(['"values.c"']);
  expect(added({ c: ["x", "y"] })).toEqual(['"values.c[1]"']);
  expect(added({ d: "x" })).toEqual(['"values.d"']);
  expect(added({ d: { one: "x" } })).toEqual([]);
  expect(addedByValues("x", known)).toEqual([expect.stringContaining('"values" is not known')]);
});

test("what a value adds, by its key and its type", () => {
  const names = [
    ...["hostPID", "hostIPC", "hostNetwork", "myhostPID", "hostPIDs", "privileged", "unprivileged", "privilegedMode"],
    ...[
      "containers",
      "extraContainers",
      "initContainers",
      "CONTAINERS",
      "containersCount",
      "sidecars",
      "sidecarsEnabled",
      "hostPath",
      "myhostPath",
      "hostPaths",
    ],
    ...[
      "extraHostMounts",
      "extraHostPathMounts",
      "myextraHostMounts",
      "extraHostMountsX",
      "add",
      "address",
      "image",
      "images",
      "myimage",
      "repository",
    ],
    ...[
      "repositoryUrl",
      "subrepository",
      "registry",
      "registryUrl",
      "imageRegistry",
      "imageRegistrySecret",
      "type",
      "serviceType",
      "serviceTypes",
      "mytype",
    ],
    ...[
      "nameOverride",
      "nameOverrides",
      "namespaceOverride",
      "fullnameOverride",
      "override",
      "namespace",
      "namespaces",
      "Namespaces",
      "watchNamespace",
      "namespaced",
      "other",
    ],
    ...["extraManifests", "extraObjects", "extraDeploy", "extraResources", "extraManifestsX", "myextraObjects", "verbs"],
  ];
  const valuesOf = (name: string): readonly unknown[] => [
    ...[undefined, null, "", false, true, 0, "text", [], ["text"], [{}], {}, { a: "" }, { verbs: [] }, UNKNOWN_PART],
    ...(/type/i.test(name) ? ["LoadBalancer", "NodePort", "ExternalName", "ClusterIP"] : []),
    ...(/extra|other/i.test(name) ? ["{{ x }}", { verbs: "get" }] : []),
  ];
  const byAnswer: Record<string, string[]> = {};
  for (const name of names) {
    for (const value of valuesOf(name)) {
      const said = addedByValues({ [name]: value }, []);
      const answer = said.join("\n").replaceAll(`.${name}`, ".KEY");
      (byAnswer[answer] ??= []).push(`${name}: ${value === UNKNOWN_PART ? "unknown" : String(JSON.stringify(value))}`);
    }
  }
  expect(byAnswer).toMatchSnapshot();
});

test("values as deep as any chart has them are read, and no deeper", () => {
  const nested = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => ({ a: inner }), "");
  expect(addedByValues(nested(100), [])).toEqual([]);
  expect(addedByValues(nested(101), [])).toEqual([expect.stringContaining("nested too deeply")]);
  const lists = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], "");
  expect(addedByValues(lists(100), [])).toEqual([]);
  expect(addedByValues(lists(101), [])).toEqual([expect.stringContaining("nested too deeply")]);
});

test("which versions and references are exact", () => {
  const DIGEST = "0123456789abcdef".repeat(4);
  const versions = [
    ...[
      "1.2.3",
      "v1.2.3",
      "10.20.30",
      "1.2",
      "1",
      "1.2.3.4",
      "vv1.2.3",
      "x1.2.3",
      "1.2.3x",
      "1.2.3-rc.1",
      "1.2.3-",
      "1.2.3-rc_1",
      "1.2.3+b.1",
      "1.2.3+",
    ],
    ...["1.2.3+b_1", "1.2.3-rc.1+b", "1.2.3 || 2", "~1.2.3", "1.2.x", "latest", "", 7, null],
  ];
  const references = [
    ...[
      "nginx",
      "./charts/x",
      "../charts/x",
      "/charts/x",
      ".../x",
      "charts/x",
      "a./x",
      "https://example.com/nginx-1.2.3.tgz",
      "https://example.com/nginx-v10.20.30.tgz",
    ],
    ...[
      "https://example.com/nginx-1.2.3.tar.gz",
      "https://example.com/nginx-1.2.3-rc.1.tgz",
      "https://example.com/nginx-1.2.3.tgz/x",
      "https://example.com/nginx-1.2.tgz",
    ],
    ...[
      "https://example.com/x-1.2.3/nginx.tgz",
      "https://example.com/nginx-1.2.3.zip",
      "https://example.com/nginx.tgz",
      "oci://registry.example/nginx:1.2.3",
      "oci://registry.example/nginx:v10.20.30-rc.1",
    ],
    ...[
      "oci://registry.example/nginx:1.2",
      "oci://registry.example/nginx:latest",
      "oci://registry.example:1.2.3/nginx",
      "oci://registry.example/nginx:1.2.3:x",
      "xoci://registry.example/nginx:1.2.3",
    ],
    ...[
      `oci://registry.example/nginx@sha256:${DIGEST}`,
      `oci://registry.example/nginx@sha256:${DIGEST}0`,
      `oci://registry.example/nginx@sha256:${DIGEST.slice(1)}`,
      `oci://registry.example/nginx@sha256:${DIGEST.replace("a", "g")}`,
      `oci://registry.example/nginx@sha512:${DIGEST}`,
    ],
  ];
  const judged = (props: object) =>
    violations(chartVersionsPinned, props as Record<string, unknown>, {}, RELEASE).length === 0 ? "exact" : "refused";
  expect({
    versions: Object.fromEntries(versions.map((version) => [String(JSON.stringify(version)), judged({ chart: "nginx", version })])),
    references: Object.fromEntries(references.map((chart) => [chart, judged({ chart })])),
    both: judged({ chart: "oci://registry.example/nginx:1.2.3", version: "1.x" }),
    unknown: judged({ chart: UNKNOWN }),
  }).toMatchSnapshot();
});

test("files of values and post-renderers, by kind of chart", () => {
  const cases = ["gpu-operator", "nvidia-device-plugin", "dra-driver-nvidia-gpu", "nginx", UNKNOWN].flatMap((chart) =>
    [RELEASE, "kubernetes:helm.sh/v4:Chart"].flatMap((type) =>
      [
        { valueYamlFiles: "x" },
        { valueYamlFiles: [] },
        { valueYamlFiles: [{}] },
        { postrender: "" },
        { postrender: "./x" },
        { values: { image: "x" } },
      ].map((props) => {
        const said = violations(chartContentsVisible, { chart, ...props }, {}, type);
        return [`${chart === UNKNOWN ? "unknown" : chart} ${type.slice(-9)} ${JSON.stringify(props)}`, said] as const;
      }),
    ),
  );
  expect(Object.fromEntries(cases)).toMatchSnapshot();
});

test("tolerations of the driver's plugin", () => {
  const tolerations: readonly unknown[] = [
    ...[
      undefined,
      [],
      "x",
      [7],
      [{}],
      [{ operator: "Exists" }],
      [{ key: "nvidia.com/gpu" }],
      [{ key: "nvidia.com/gpu", operator: "Exists" }],
      [{ key: "x", operator: "Exists" }],
    ],
    ...["true", "", "x", undefined, "present"].flatMap((value) =>
      ["Equal", undefined].map((operator) => [{ key: "nvidia.com/gpu", operator, value }]),
    ),
    ...["NoSchedule", "", "NoExecute", "PreferNoSchedule"].flatMap((effect) => [
      [{ operator: "Exists", effect }],
      [{ key: "nvidia.com/gpu", operator: "Exists", effect }],
    ]),
    ...[
      [{ operator: "Exists", value: "x" }],
      [{ operator: "Equal" }],
      [{ key: "x", operator: "Equal", value: "true" }],
      [{ key: "x", value: "true" }, { operator: "Exists" }],
    ],
    ...[
      [{ key: UNKNOWN }],
      [{ key: "nvidia.com/gpu", operator: UNKNOWN }],
      [{ key: "nvidia.com/gpu", value: UNKNOWN }],
      [{ operator: "Exists", effect: UNKNOWN }],
      UNKNOWN,
    ],
  ];
  const said = (value: unknown) =>
    violations(
      draPluginWaitsForMig,
      {
        chart: "nvidia-dra-driver-gpu",
        version: "25.8.1",
        values: {
          gpuResourcesEnabledOverride: true,
          kubeletPlugin: { nodeSelector: { "nvidia.com/mig.config.state": "success" }, tolerations: value },
        },
      },
      {},
      RELEASE,
    );
  expect(
    violations(
      draPluginWaitsForMig,
      { chart: "dra-driver-nvidia-gpu", version: "0.4.1", values: { kubeletPlugin: { tolerations: [] } } },
      {},
      RELEASE,
    ).join(),
  ).toContain("does not tolerate");
  expect(Object.fromEntries(tolerations.map((value) => [String(JSON.stringify(value)), said(value)]))).toMatchSnapshot();
});

test("feature gates and variables of the driver", () => {
  const gates = [
    "IMEXDaemonsWithDNSNames",
    "ComputeDomainCliques",
    "CrashOnNVLinkFabricErrors",
    "NVMLDeviceHealthCheck",
    "ContextualLogging",
    "LoggingAlphaOptions",
    "LoggingBetaOptions",
    "DynamicMIG",
  ];
  const parts = [
    "controller.computeDomain",
    "kubeletPlugin.init",
    "kubeletPlugin.computeDomains",
    "kubeletPlugin.gpus",
    "webhook.webhook",
    "other.gpus",
  ];
  const said = (values: unknown) =>
    violations(draDriverFeatures, { chart: "nvidia-dra-driver-gpu", version: "25.8.1", values }, {}, RELEASE);
  const container = (path: string, env: unknown) => {
    const [part = "", name = ""] = path.split(".");
    return { [part]: { containers: { [name]: { env } } } };
  };
  expect({
    gates: Object.fromEntries(gates.map((gate) => [gate, said({ featureGates: { [gate]: true } })])),
    variables: Object.fromEntries(parts.map((part) => [part, said(container(part, [{ name: "FEATURE_GATES", value: "x" }]))])),
    unknown: said(container("kubeletPlugin.gpus", [{ name: UNKNOWN }])),
    others: said(container("kubeletPlugin.gpus", [{ name: "OTHER" }, {}, 7])),
  }).toMatchSnapshot();
});

test("a chart in a folder that the pack can read is as exact as the program, whatever its path looks like", () => {
  const charts = new Charts();
  try {
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" });
    const urn = "urn:pulumi:dev::shared-gpu::kubernetes:helm.sh/v3:Release::x";
    const judged = (path: string) =>
      violations(chartVersionsPinned, { chart: `test/${relative(join(ROOT, "test"), path)}` }, {}, RELEASE, { urn });
    expect(judged(chart)).toEqual([]);
    expect(judged(`${chart}-that-is-not-there`)).toEqual([expect.stringContaining('"version" is not set')]);
  } finally {
    charts.close();
  }
});
