import { chartNamed, chartOf, localChartOf } from "../../../policy-pack/resources/charts";
import { HELM_CHART, HELM_RELEASE } from "../../../src/well-known/resource-types";
import { CHART_FILE, Charts } from "./local-charts/charts";

const URN = "urn:pulumi:dev::team-a::kubernetes:helm.sh/v3:Release::x";
const OF_PLATFORM = "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:GpuOperator$kubernetes:helm.sh/v3:Release::x";

test.each([
  ["gpu-operator", "gpu-operator"],
  ["nvidia/gpu-operator", "gpu-operator"],
  ["./charts/gpu-operator//", "gpu-operator"],
  ["./gpu-operator?x=y", "gpu-operator"],
  ["./gpu-operator#main", "gpu-operator"],
  ["oci://registry:5000/gpu-operator@sha256:00", "gpu-operator"],
  ["oci://registry:5000/gpu-operator:v25.10.1", "gpu-operator"],
  ["oci://registry/gpu-operator:1:2", "gpu-operator:1"],
  ["gpu-operator.tgz", "gpu-operator"],
  ["gpu-operator.tar.gz", "gpu-operator"],
  ["gpu-operator-25.10.1.tgz", "gpu-operator"],
  ["gpu-operator-v25.10.12-rc.1.tgz", "gpu-operator"],
  ["gpu-operator-25.10.tgz", "gpu-operator-25.10"],
  ["gpu-operator.tgz.old", "gpu-operator.tgz.old"],
  [7, undefined],
])("the chart %s is called %s", (chart, name) => {
  expect(chartOf({ props: { chart } }).name).toBe(name);
});

test("what the provider writes where there is nothing is nothing", () => {
  const empty = { version: undefined, repository: undefined, postRenderer: undefined };
  for (const nothing of ["", null, undefined]) {
    expect(chartOf({ props: { chart: "x", version: nothing, repositoryOpts: { repo: nothing }, postrender: nothing } })).toMatchObject(
      empty,
    );
  }
});

test("each kind of chart calls some things its own way", () => {
  expect(chartOf({ props: { chart: "x", postRenderer: "a", dependencyUpdate: true } })).toMatchObject({
    ...{ postRenderer: "a", fetchesDependencies: true },
  });
  expect(chartOf({ props: { chart: "x", postrender: "b" } }).postRenderer).toBe("b");
});

test("only a chart is one", () => {
  const member = (type: string) => ({ type, name: "x", urn: URN, props: { chart: "gpu-operator" } });
  const isFound = (type: string) => chartNamed("gpu-operator", member(type) as never) !== undefined;
  expect([HELM_CHART, HELM_RELEASE, "kubernetes:helm.sh/v3:Chart", "acme:index:Site"].map(isFound)).toEqual([true, true, true, false]);
  expect(chartNamed("other", member(HELM_CHART) as never)).toBeUndefined();
});

test("a chart of the program's own is read, unless it is a platform's that its configuration takes from there", () => {
  const charts = new Charts();
  try {
    const [platforms, others] = ["gpu-operator", "app"].map(
      (name) => `${charts.write({ [`${name}/Chart.yaml`]: CHART_FILE["Chart.yaml"] })}/${name}`,
    );
    const read = (chart: unknown, urn: string, repository?: string) =>
      localChartOf(chartOf({ props: { chart, repositoryOpts: { repo: repository } } }), urn).type;
    expect(read(platforms, OF_PLATFORM)).toBe("remote");
    expect(read(platforms, URN)).toBe("objects");
    expect(read(others, OF_PLATFORM)).toBe("objects");
    expect(read(others, URN, "https://example.com")).toBe("remote");
    expect(read(7, URN)).toBe("remote");
  } finally {
    charts.close();
  }
});
