import type { Chart } from "../../../src/config/types";
import { chartRelease } from "../../../src/kubernetes/operators/chart-release";

describe("chartRelease", () => {
  const chart: Chart = { chart: "gpu-operator", repository: "https://charts.example.com", version: "v1.2.3", values: {} };
  const args = { name: "gpu-operator", namespace: "gpu-operator", values: { a: 1 }, timeoutMinutes: 15 };

  test("pins name, version and values, and lets Helm wait", () => {
    expect(chartRelease({ chart, ...args })).toStrictEqual({
      chart: "gpu-operator",
      version: "v1.2.3",
      repositoryOpts: { repo: "https://charts.example.com" },
      name: "gpu-operator",
      namespace: "gpu-operator",
      values: { a: 1 },
      skipAwait: false,
      timeout: 900,
    });
  });

  test.each(["oci://registry.example.com/charts/gpu-operator", "./charts/gpu-operator"])("names no repository for %s", (location) => {
    const release = chartRelease({ chart: { ...chart, chart: location, repository: undefined }, ...args });
    expect(release).not.toHaveProperty("repositoryOpts");
    expect(release.chart).toBe(location);
  });
});
