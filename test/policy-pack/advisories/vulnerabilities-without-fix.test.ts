import { vulnerabilitiesWithoutFix } from "../../../policy-pack/advisories/vulnerabilities-without-fix";
import { findRelease } from "../../../src/releases/find";
import { violations } from "../verdict";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const GPUS = { amiType: "AL2023_x86_64_NVIDIA", instanceTypes: ["p4d.24xlarge"] };

const said = (type: string, props: Readonly<Record<string, unknown>>) => violations(vulnerabilitiesWithoutFix, props, {}, type);

test("Should fail if no image that was read mends a vulnerability", () => {
  const found = said(NODE_GROUP, { ...GPUS, releaseVersion: findRelease("1.34")?.gpuAmi.releaseVersion });
  expect(found).toHaveLength(2);
  expect(found[0]).toMatch(
    /^containerd 2\.2\.5 in EKS image 20260903 has CVE-2026-95839 \(high, CVSS 7\.1\): .* says containerd 2\.2\.10 or later\.$/,
  );
  expect(vulnerabilitiesWithoutFix.enforcementLevel).toBe("advisory");
});

test.each<[string, string, Readonly<Record<string, unknown>>]>([
  ["there is a release to use instead", "kubernetes:helm.sh/v3:Release", { chart: "nvidia-dra-driver-gpu", version: "25.8.1" }],
  ["nothing is known of the version", NODE_GROUP, { ...GPUS, releaseVersion: "1.34.12-20261119" }],
  ["what waits for a fix is of low severity", "kubernetes:helm.sh/v3:Release", { chart: "kube-prometheus-stack", version: "88.5.3" }],
  ["it is another resource", "aws:s3/bucket:Bucket", {}],
])("Should pass if %s", (_, type, props) => {
  expect(said(type, props)).toEqual([]);
});
