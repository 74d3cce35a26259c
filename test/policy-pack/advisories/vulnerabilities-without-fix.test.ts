import { vulnerabilitiesWithoutFix } from "../../../policy-pack/advisories/vulnerabilities-without-fix";
import { findRelease } from "../../../src/releases/find";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";

const release = findRelease("1.34");
const group = (name: string, instanceType: string, releaseVersion = release?.gpuAmi.releaseVersion): StackResource => ({
  ...{ type: "aws:eks/nodeGroup:NodeGroup", name },
  props: { amiType: "AL2023_x86_64_NVIDIA", instanceTypes: [instanceType], releaseVersion },
});
const chart = (name: string, version: string | undefined): StackResource => ({
  ...{ type: "kubernetes:helm.sh/v3:Release", name },
  props: { chart: name, version },
});

test("Should fail, once for the stack, if no image that was read mends a vulnerability", () => {
  const found = stackViolations(vulnerabilitiesWithoutFix, [group("a100", "p4d.24xlarge"), group("h100", "p5.48xlarge")]);
  expect(found.map(({ about }) => about)).toEqual(["", ""]);
  expect(found[0]?.message).toMatch(
    /^containerd 2\.2\.5 in EKS image 20260903 has CVE-2026-95839 \(high, CVSS 7\.1\): .* says containerd 2\.2\.10 or later\.$/,
  );
  expect(vulnerabilitiesWithoutFix.enforcementLevel).toBe("advisory");
});

test.each<[string, StackResource]>([
  ["there is a release to use instead", chart("nvidia-dra-driver-gpu", "25.8.1")],
  ["nothing is known of the version", group("a100", "p4d.24xlarge", "1.34.12-20261119")],
  ["what it has is of lower severity", chart("kube-prometheus-stack", release?.kubePrometheusStackVersion)],
  ["it is another resource", { type: "aws:s3/bucket:Bucket", name: "bucket", props: {} }],
])("Should pass if %s", (_, resource) => {
  expect(stackViolations(vulnerabilitiesWithoutFix, [resource])).toEqual([]);
});
