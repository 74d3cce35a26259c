import { chartName, installedVersion } from "../../src/releases/chart-reference";

test.each([
  ["gpu-operator", "gpu-operator"],
  ["nvidia/gpu-operator", "gpu-operator"],
  ["./charts/gpu-operator/", "gpu-operator"],
  ["oci://registry.example:5000/charts/gpu-operator", "gpu-operator"],
  ["oci://registry.example/charts/gpu-operator:v26.3.3", "gpu-operator"],
  ["oci://registry.example/charts/gpu-operator@sha256:0123", "gpu-operator"],
  ["./gpu-operator-v25.10.1.tgz", "gpu-operator"],
  ["https://example.org/gpu-operator-v26.3.3-rc.1.tar.gz?a=b", "gpu-operator"],
  ["./gpu-operator.tgz", "gpu-operator"],
  ["dra-driver-nvidia-gpu-0.4.1.tgz", "dra-driver-nvidia-gpu"],
])("the name of %s is %s", (reference, name) => {
  expect(chartName(reference)).toBe(name);
});

test.each<[string, unknown, string, unknown]>([
  ["gpu-operator", "v26.3.3", "is what is asked for", "v26.3.3"],
  ["./charts/gpu-operator", "v26.3.3", "is what is asked for", "v26.3.3"],
  ["./gpu-operator-v25.10.1.tgz", "v26.3.3", "is that of the archive", "v25.10.1"],
  ["https://example.org/dra-driver-nvidia-gpu-0.4.0.tgz", "0.4.1", "is that of the archive", "0.4.0"],
  ["./gpu-operator.tgz", "v26.3.3", "is not said", undefined],
  ["gpu-operator", undefined, "is not said", undefined],
])("the version of %s, asked for %s, %s", (reference, asked, _, version) => {
  expect(installedVersion(reference, asked)).toBe(version);
});
