import { noKnownVulnerabilities } from "../../../policy-pack/advisories/no-known-vulnerabilities";
import { findRelease } from "../../../src/releases/find";
import { UNKNOWN, verdictOf, violations } from "../verdict";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const ADDON = "aws:eks/addon:Addon";

type Props = Readonly<Record<string, unknown>>;

const said = (type: string, props: Props, allow?: readonly object[]) =>
  violations(noKnownVulnerabilities, props, allow === undefined ? {} : { allow }, type).join("\n");

const GPUS = { amiType: "AL2023_x86_64_NVIDIA", instanceTypes: ["p4d.24xlarge"] };
const OPERATOR_VALUES = { driver: { enabled: false }, toolkit: { enabled: false } };
const driver = (version: unknown, more: Props = {}) => ({ chart: "nvidia-dra-driver-gpu", version, ...more });
const operator = (version: unknown, values: Props = {}) => ({ chart: "gpu-operator", version, values: { ...OPERATOR_VALUES, ...values } });
const image = (releaseVersion: unknown, more: Props = GPUS) => ({ releaseVersion, ...more });
const vpcCni = (addonVersion: unknown) => ({ addonName: "vpc-cni", addonVersion });

const release = findRelease("1.34");

/** A DaemonSet with one container of this image. */
const daemon = (reference: string) => ({
  ...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent", namespace: "gpu-operator" } },
  spec: { template: { spec: { containers: [{ name: "agent", image: reference }] } } },
});
const DIGEST_OF_0_4_1 = "sha256:eefe67396dedea4df74f68a94d5883f33204888b83979babd42b91501a2de1d8";
const DAEMON_SET = "kubernetes:apps/v1:DaemonSet";

test.each<[string, string, Props]>([
  ["a repaired exporter of the program's own", DAEMON_SET, daemon("nvcr.io/nvidia/k8s/dcgm-exporter:4.5.3-4.8.2-distroless")],
  ["a DRA driver by the digest of a release", DAEMON_SET, daemon(`x/dra-driver-nvidia-gpu:latest@${DIGEST_OF_0_4_1}`)],
  ["another image", DAEMON_SET, daemon("registry.example.com:5000/agent@sha256:0123")],
  [
    "a DRA driver from Kubernetes' registry",
    RELEASE,
    driver("0.4.1", { chart: "oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu" }),
  ],
  ["a DRA driver that v4.Chart renders", "kubernetes:helm.sh/v4:Chart", driver("0.4.1", { chart: "dra-driver-nvidia-gpu" })],
  ["a GPU Operator", RELEASE, operator("v26.3.3")],
  [
    "a GPU Operator with a newer exporter than its own",
    RELEASE,
    operator("v25.10.1", { dcgmExporter: { version: "4.6.0-4.8.3-distroless" } }),
  ],
  ["another chart", RELEASE, { chart: "ingress-nginx", version: "4.0.0" }],
  ["the image of GPU nodes that the release pins", NODE_GROUP, image(release?.gpuAmi.releaseVersion)],
  ["the image of system nodes", NODE_GROUP, image(release?.systemAmiReleaseVersion, { instanceTypes: ["m6i.large"] })],
  ["kube-prometheus-stack", RELEASE, { chart: "kube-prometheus-stack", version: release?.kubePrometheusStackVersion }],
  ["kube-prometheus-stack that was not read", RELEASE, { chart: "kube-prometheus-stack", version: "99.0.0" }],
  ["the name resolution", ADDON, { addonName: "coredns", addonVersion: release?.addons.coredns }],
  ["Bottlerocket on system nodes", NODE_GROUP, image("1.66.0-1a2b3c4d", { amiType: "BOTTLEROCKET_x86_64", instanceTypes: ["m6i.large"] })],
  ["a network add-on", ADDON, vpcCni("v1.22.4-eksbuild.3")],
  ["another add-on", ADDON, { addonName: "metrics-server" }],
  ["another add-on in an old version", ADDON, { addonName: "metrics-server", addonVersion: "v0.1.0-eksbuild.1" }],
  ["something else that has an unknown chart", "aws:s3/bucket:Bucket", { chart: UNKNOWN }],
])("Should pass if %s has no known vulnerability", (_, type, props) => {
  expect(said(type, props)).toBe("");
});

test.each<[string, string, Props, RegExp]>([
  [
    "the runtime of system nodes",
    NODE_GROUP,
    image("1.34.9-20260714", { instanceTypes: ["m6i.large"] }),
    /containerd .* has CVE-2026-53488 \(critical, CVSS 9.4\).*Use a release of the image of 20260818 or later/,
  ],
  [
    "the kernel of system nodes",
    NODE_GROUP,
    image("1.34.3-20260423", { instanceTypes: ["m6i.large"] }),
    /CVE-2026-31431.*20260610 or later/,
  ],
  [
    "an old build of CoreDNS",
    ADDON,
    { addonName: "coredns", addonVersion: "v1.13.2-eksbuild.7" },
    /CVE-2026-26018 .*Use add-on coredns v1\.13\.2-eksbuild\.11 or later/,
  ],
  ["CoreDNS without a version", ADDON, { addonName: "coredns" }, /its version is not known/],
  [
    "a DRA driver",
    RELEASE,
    driver("25.8.1"),
    /CVE-2026-24260 \(high, CVSS 8.5\).*Use DRA driver 0.4.1 or later, from the chart oci:\/\/registry.k8s.io/,
  ],
  ["a DRA driver from a mirror", RELEASE, driver("v0.4.0", { chart: "oci://mirror.example/dra-driver-nvidia-gpu" }), /CVE-2026-24260/],
  ["a DRA driver that v4.Chart renders", "kubernetes:helm.sh/v4:Chart", driver("25.12.0"), /CVE-2026-24260/],
  [
    "an archive that is older than what is asked for",
    RELEASE,
    driver("0.4.1", { chart: "./dra-driver-nvidia-gpu-0.4.0.tgz" }),
    /NVIDIA Container Toolkit 1\.19\.0 in DRA driver 0\.4\.0 has CVE-2026-24260/,
  ],
  [
    "a driver that the operator builds",
    RELEASE,
    operator("v26.3.3", { driver: { version: "580.159.03" } }),
    /CVE-2026-47501.*Set driver\.enabled/,
  ],
  ["an old image in a new chart", RELEASE, driver("0.4.1", { values: { image: { tag: "v25.8.1" } } }), /CVE-2026-24260/],
  ["an exporter", RELEASE, operator("v25.10.1"), /CVE-2026-47483.*Use GPU Operator v26.3.2 or later/],
  [
    "an old exporter in a new operator",
    RELEASE,
    operator("v26.3.3", { dcgmExporter: { version: "4.4.2-4.7.0-ubuntu22.04" } }),
    /CVE-2026-47483/,
  ],
  ["the operator's own toolkit", RELEASE, operator("v26.3.1", { toolkit: { enabled: true } }), /CVE-2026-24260/],
  [
    "an image's driver",
    NODE_GROUP,
    image("1.34.9-20260714"),
    /CVE-2026-47501 \(high, CVSS 7.8\).*Use a release of the image of 20260818 or later/,
  ],
  [
    "a kernel",
    NODE_GROUP,
    image("1.34.10-20261003", { instanceTypes: ["m6i.large"] }),
    /the fault kernel-panic-in-memory-reclaim \(high\)/,
  ],
  ["an exporter of the program's own", DAEMON_SET, daemon("nvcr.io/nvidia/k8s/dcgm-exporter:4.4.2-4.7.0-distroless"), /CVE-2026-47483/],
  [
    "a driver of the program's own, from a mirror",
    DAEMON_SET,
    daemon("mirror.example:5000/k8s-dra-driver-gpu:v25.8.1@sha256:0123"),
    /CVE-2026-24260/,
  ],
  ["a toolkit of the program's own", DAEMON_SET, daemon("nvcr.io/nvidia/k8s/container-toolkit:v1.18.1"), /CVE-2026-24260/],
  ["a network add-on", ADDON, vpcCni("v1.22.3-eksbuild.2"), /CVE-2026-86831.*Use add-on vpc-cni v1.22.4 or later/],
])("Should fail if %s has one", (_, type, props, message) => {
  expect(said(type, props)).toMatch(message);
});

test.each<[string, string, Props, string]>([
  ["a driver later than the tables", RELEASE, driver("0.6.0"), "unknown-container-toolkit"],
  ["an operator later than the tables", RELEASE, operator("v27.1.0"), "unknown-dcgm-exporter"],
  [
    "another image of the driver",
    RELEASE,
    driver("0.4.1", { values: { image: { repository: "example.com/mine" } } }),
    "unknown-dra-driver",
  ],
  [
    "a driver by a digest alone that the tables do not have",
    DAEMON_SET,
    daemon("x/dra-driver-nvidia-gpu@sha256:0123"),
    "unknown-dra-driver",
  ],
  ["a driver by a digest named like a property", DAEMON_SET, daemon("x/dra-driver-nvidia-gpu@constructor"), "unknown-dra-driver"],
  ["an exporter by its digest alone", DAEMON_SET, daemon("x/dcgm-exporter@sha256:0123"), "unknown-dcgm-exporter"],
  ["no version", RELEASE, driver(undefined), "unknown-dra-driver"],
  ["an archive that does not say its version", RELEASE, driver("0.4.1", { chart: "./dra-driver-nvidia-gpu.tgz" }), "unknown-dra-driver"],
  ["a driver that the operator chooses", RELEASE, operator("v26.3.3", { driver: { enabled: true } }), "unknown-nvidia-driver"],
  ["a GPU image later than the tables", NODE_GROUP, image("1.37.1-20261119"), "unknown-nvidia-driver"],
  ["a GPU image of another family", NODE_GROUP, image("1.66.0-1a2b3c4d"), "unknown-eks-ami"],
  ["an image of one's own", NODE_GROUP, image(undefined, { ...GPUS, amiType: "CUSTOM" }), "unknown-eks-ami"],
  ["Bottlerocket", NODE_GROUP, image("1.34.10-20260903", { ...GPUS, amiType: "BOTTLEROCKET_x86_64_NVIDIA" }), "unknown-eks-ami"],
  ["a GPU image without release", NODE_GROUP, image(undefined), "unknown-eks-ami"],
  ["nodes that may have GPUs", NODE_GROUP, { releaseVersion: "1.37.1-20261119", launchTemplate: {} }, "unknown-nvidia-driver"],
  ["an image without a tag", DAEMON_SET, daemon("nvcr.io/nvidia/k8s/dcgm-exporter@sha256:0123"), "unknown-dcgm-exporter"],
  ["no version of the add-on", ADDON, vpcCni(undefined), "unknown-vpc-cni"],
])("Should fail if nothing is known of %s", (_, type, props, id) => {
  expect(said(type, props)).toContain(`{"id":"${id}","reason":"...","until":"YYYY-MM-DD"}`);
  expect(said(type, props)).toMatchSnapshot();
  expect(said(type, props, [{ id, reason: "read by hand", until: "2999-12-31" }])).not.toContain(`"${id}"`);
});

test.each<[string, string, Props]>([
  ["the version of a chart", RELEASE, driver(UNKNOWN)],
  ["the values of a chart", RELEASE, driver("0.4.1", { values: UNKNOWN })],
  ["the name of a chart", RELEASE, driver("0.4.1", { chart: UNKNOWN })],
  ["the release of an image", NODE_GROUP, image(UNKNOWN)],
  ["the version of an add-on", ADDON, vpcCni(UNKNOWN)],
])("Should fail if %s is unknown in a preview", (_, type, props) => {
  const { refused } = verdictOf(noKnownVulnerabilities, { type, props }, { isPreview: true });
  expect(refused).not.toEqual([]);
  expect(refused).toMatchSnapshot();
});

describe("an exception", () => {
  const CVE = "CVE-2026-24260";
  const term = (id: string, until: string, reason = "waits for a maintenance window") => ({ id, reason, until });

  test("Should pass if it names the vulnerability, a reason and a day to come", () => {
    expect(said(RELEASE, driver("25.8.1"), [term(CVE, "2999-12-31")])).toBe("");
  });

  test.each<[string, readonly object[], RegExp]>([
    ["it names another vulnerability", [term("CVE-2026-47501", "2999-12-31")], /To accept it for some time, .* for this policy\.$/],
    [
      "its id is mistyped",
      [term("CVE-2026-2426", "2999-12-31")],
      /for this policy\. The exception for CVE-2026-2426 is for nothing that this pack knows\. The nearest id is CVE-2026-24260\.$/,
    ],
    [
      "its id is that of a fault, mistyped",
      [term("kernel-panic-in-memory", "2999-12-31")],
      /The nearest id is kernel-panic-in-memory-reclaim\.$/,
    ],
    ["its id is that of a component, mistyped", [term("unknown-dra-drive", "2999-12-31")], /The nearest id is unknown-dra-driver\.$/],
    [
      "two of its ids are mistyped",
      [term("CVE-2026-2426", "2999-12-31"), term("unknown-vpccni", "2999-12-31")],
      /CVE-2026-24260\. The exception for unknown-vpccni is .* The nearest id is unknown-vpc-cni\.$/,
    ],
    ["it has ended", [term(CVE, "2026-01-31")], /The exception for CVE-2026-24260 ended on 2026-01-31\. Use DRA driver 0.4.1 .*, or renew/],
    ["it ends on no day", [term(CVE, "2027-02-31")], /does not count: its until is "2027-02-31"/],
    ["it has no reason", [term(CVE, "2999-12-31", " ")], /does not count: its reason is empty/],
  ])("Should fail if %s", (_, allow, message) => {
    expect(said(RELEASE, driver("25.8.1"), allow)).toMatch(message);
  });
});
