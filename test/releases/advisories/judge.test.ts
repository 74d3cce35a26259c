import { assess } from "../../../src/releases/advisories/assess";
import type { Installed } from "../../../src/releases/advisories/components";
import { judge } from "../../../src/releases/advisories/judge";
import { READ_ON } from "../../../src/releases/advisories/table";

type Chart = Extract<Installed, { type: "chart" }>;
type Image = Extract<Installed, { type: "image" }>;

const DIGEST_OF_0_4_1 = "sha256:eefe67396dedea4df74f68a94d5883f33204888b83979babd42b91501a2de1d8";

const draDriver = (version: unknown, values: unknown = {}): Chart => ({ type: "chart", name: "dra-driver", version, values });
const gpuOperator = (version: unknown, values: unknown = {}): Chart => ({
  ...{ type: "chart", name: "gpu-operator", version },
  // As the platform installs it.
  values: { toolkit: { enabled: false }, driver: { enabled: false }, ...(values as object) },
});
const gpuImage = (releaseVersion: unknown, amiType: unknown = "AL2023_x86_64_NVIDIA"): Image => ({
  ...{ type: "image", releaseVersion, amiType, hasGpus: true },
});
const systemImage = (releaseVersion: unknown): Image => ({ type: "image", releaseVersion, amiType: undefined, hasGpus: false });
const vpcCni = (version: unknown): Installed => ({ type: "addon", name: "vpc-cni", version });

const coredns = (version: unknown): Installed => ({ type: "addon", name: "coredns", version });
const monitoring = (version: unknown, values: unknown = {}): Chart => ({ type: "chart", name: "kube-prometheus-stack", version, values });

/** What no image mends that was read. */
const UNMENDED_20260903 = [
  "CVE-2026-95839: containerd 2.2.5 in EKS image 20260903",
  "CVE-2026-95837: containerd 2.2.5 in EKS image 20260903",
  "CVE-2026-41579: runc 1.3.5 in EKS image 20260903",
];

const ids = (installed: Installed) => judge(installed).map(({ id, subject }) => `${id}: ${subject}`);

describe("what is known", () => {
  it.each<[string, Installed, readonly string[]]>([
    ["a DRA driver with an old hook", draDriver("25.8.1"), ["CVE-2026-24260: NVIDIA Container Toolkit 1.18.0 in DRA driver 25.8.1"]],
    [
      "a DRA driver of which the values take an old image",
      draDriver("0.4.1", { image: { tag: "v0.4.0" } }),
      ["CVE-2026-24260: NVIDIA Container Toolkit 1.19.0 in DRA driver v0.4.0"],
    ],
    [
      "a DRA driver that takes the node's hook",
      draDriver("25.12.0", { nvidiaCDIHookPath: "/usr/bin/nvidia-cdi-hook" }),
      ["claims-do-not-survive-a-reboot: DRA driver 25.12.0"],
    ],
    [
      "a GPU Operator with an old exporter",
      gpuOperator("v25.10.1"),
      ["CVE-2026-47483: DCGM Exporter 4.4.2-4.7.0-distroless in GPU Operator v25.10.1"],
    ],
    [
      "a GPU Operator with an old exporter by its values",
      gpuOperator("v26.3.3", { dcgmExporter: { version: "4.5.1-4.8.0-distroless" } }),
      ["CVE-2026-47483: DCGM Exporter 4.5.1-4.8.0-distroless in GPU Operator v26.3.3"],
    ],
    [
      "a GPU Operator with its own toolkit",
      gpuOperator("v26.3.1", { toolkit: {}, dcgmExporter: { enabled: false } }),
      ["CVE-2026-24260: NVIDIA Container Toolkit v1.19.0 in GPU Operator v26.3.1"],
    ],
    [
      "an image with an old driver and an old runtime",
      gpuImage("1.34.9-20260714"),
      [
        "CVE-2026-47501: NVIDIA driver 580.159.03 in EKS image 20260714",
        "CVE-2026-95839: containerd 2.2.4-1.amzn2023.0.3 in EKS image 20260714",
        "CVE-2026-95837: containerd 2.2.4-1.amzn2023.0.3 in EKS image 20260714",
        "CVE-2026-53488: containerd 2.2.4-1.amzn2023.0.3 in EKS image 20260714",
        "CVE-2026-53492: containerd 2.2.4-1.amzn2023.0.3 in EKS image 20260714",
        "CVE-2026-41579: runc 1.3.5 in EKS image 20260714",
      ],
    ],
    [
      "a system image with an old kernel and an old runtime",
      systemImage("1.34.3-20260423"),
      [
        "CVE-2026-31431: EKS image 20260423",
        "CVE-2026-95839: containerd 2.2.1 in EKS image 20260423",
        "CVE-2026-95837: containerd 2.2.1 in EKS image 20260423",
        "CVE-2026-53488: containerd 2.2.1 in EKS image 20260423",
        "CVE-2026-53492: containerd 2.2.1 in EKS image 20260423",
        "CVE-2026-41579: runc 1.3.4 in EKS image 20260423",
      ],
    ],
    ["monitoring", monitoring("88.5.3"), ["CVE-2026-76154: Grafana 13.2.0 in kube-prometheus-stack 88.5.3"]],
    [
      "monitoring with an old Prometheus by its values",
      monitoring("88.5.3", { grafana: { enabled: false }, prometheus: { prometheusSpec: { image: { tag: "v3.10.0" } } } }),
      ["CVE-2026-42154: Prometheus v3.10.0 in kube-prometheus-stack 88.5.3"],
    ],
    ["an older build of CoreDNS", coredns("v1.13.2-eksbuild.7"), ["CVE-2026-26018: add-on coredns v1.13.2-eksbuild.7"]],
    [
      "an image with a toolkit that has a fault",
      gpuImage("1.34.10-20260903"),
      ["hook-fails-on-read-only-etc-nvidia: NVIDIA Container Toolkit 1.20.0 in EKS image 20260903", ...UNMENDED_20260903],
    ],
    ["an image of which the kernel panics", systemImage("1.35.7-20261003"), ["kernel-panic-in-memory-reclaim: EKS image 20261003"]],
    [
      "an image of a container",
      { type: "container", image: "nvcr.io/nvidia/cloud-native/k8s-mig-manager:v0.12.1-ubuntu20.04" },
      ["CVE-2025-23266: MIG Manager v0.12.1-ubuntu20.04"],
    ],
    [
      "an old driver that the operator builds on the nodes",
      gpuOperator("v26.3.3", { driver: { enabled: true, version: "580.105.08" } }),
      ["CVE-2026-47501", "CVE-2026-24187", "CVE-2025-33219"].map((id) => `${id}: NVIDIA driver 580.105.08 in GPU Operator v26.3.3`),
    ],
    [
      "an old driver in a container of the program's own",
      { type: "container", image: "mirror.example:5000/nvidia/driver:580.159.03-ubuntu22.04" },
      ["CVE-2026-47501: NVIDIA driver 580.159.03-ubuntu22.04"],
    ],
    ["an add-on", vpcCni("v1.22.3-eksbuild.2"), ["CVE-2026-86831: add-on vpc-cni v1.22.3-eksbuild.2"]],
  ])("%s", (_what, installed, expected) => {
    expect(ids(installed)).toEqual(expected);
  });
});

it.each<[string, Installed]>([
  ["a DRA driver with a repaired hook", draDriver("0.4.1")],
  ["the same from a mirror", draDriver("0.4.1", { image: { repository: "mirror.example/dra-driver-nvidia-gpu" } })],
  ["a DRA driver with empty overrides", draDriver("0.4.1", { image: { tag: "", repository: null }, nvidiaCDIHookPath: "" })],
  ["a DRA driver by digest", draDriver("0.4.1", { image: { tag: `v0.4.1@${DIGEST_OF_0_4_1}` } })],
  ["a DRA driver by digest, whatever the tag says", draDriver("25.8.1", { image: { tag: `v25.8.1@${DIGEST_OF_0_4_1}` } })],
  ["a GPU Operator with a repaired exporter", gpuOperator("v26.3.3")],
  ["an older GPU Operator with a newer exporter", gpuOperator("v25.10.1", { dcgmExporter: { version: "4.5.3-4.8.2-distroless" } })],
  ["a GPU Operator without an exporter", gpuOperator("v25.10.1", { dcgmExporter: { enabled: false } })],
  ["a system node of an image that was not read", systemImage("1.34.10-20261119")],
  ["CoreDNS of a later version", coredns("v1.14.3-eksbuild.14")],
  ["the build of CoreDNS that is certainly mended", coredns("v1.13.2-eksbuild.11")],
  ["monitoring with a mended Grafana", monitoring("88.5.3", { grafana: { image: { tag: "13.2.2" } } })],
  ["a repaired driver that the operator builds", gpuOperator("v26.3.3", { driver: { version: "580.178.04" } })],
  ["a driver of something else", { type: "container", image: "mirror.example/csi/driver:1.0.0" }],
  [
    "monitoring from a mirror",
    monitoring("88.5.3", { grafana: { image: { registry: "mirror.example", repository: "a/grafana", tag: "13.2.2", sha: "" } } }),
  ],
  ["monitoring without its parts", monitoring("88.5.3", { grafana: { enabled: false }, prometheus: { enabled: false } })],
  ["a system node of another family", systemImage("1.66.0-1a2b3c4d")],
  ["another kernel of the same date", systemImage("1.36.4-20261003")],
  ["a repaired kernel", systemImage("1.35.7-20261012")],
  ["an add-on", vpcCni("v1.22.4-eksbuild.3")],
])("nothing is known of %s", (_what, installed) => {
  expect(ids(installed)).toEqual([]);
});

describe("what is unknown is named, not passed", () => {
  const unknown = Symbol("unknown");
  it.each<[string, Installed, string, RegExp]>([
    [
      "a digest of another release",
      draDriver("0.4.1", { image: { tag: `v0.4.1@sha256:${"0".repeat(64)}` } }),
      "unknown-dra-driver",
      /the digest .* is of no release that this project has read/,
    ],
    ["a version that comes later", draDriver(unknown), "unknown-dra-driver", /is not known/],
    ["values that come later", draDriver("0.4.1", unknown), "unknown-dra-driver", /another image/],
    ["a version of another form", draDriver("latest"), "unknown-dra-driver", /"latest" is no version/],
    ["another image", draDriver("0.4.1", { image: { repository: "example.org/patched" } }), "unknown-dra-driver", /image\.repository/],
    ["a digest as tag", draDriver("0.4.1", { image: { tag: "sha256:00" } }), "unknown-dra-driver", /"sha256:00" is no version/],
    ["a driver that was not read", draDriver("0.5.1"), "unknown-container-toolkit", /has not read/],
    [
      "a hook of somebody's own",
      draDriver("0.4.1", { nvidiaCDIHookPath: "/var/lib/kubelet/plugins/gpu.nvidia.com/nvidia-cdi-hook" }),
      "unknown-container-toolkit",
      /"nvidiaCDIHookPath".*does not know/,
    ],
    ["a hook that comes later", draDriver("0.4.1", { nvidiaCDIHookPath: unknown }), "unknown-container-toolkit", /"nvidiaCDIHookPath"/],
    ["an operator that was not read", gpuOperator("v27.1.0"), "unknown-dcgm-exporter", /has not read/],
    [
      "an exporter's version of another form",
      gpuOperator("v26.3.3", { dcgmExporter: { version: "latest" } }),
      "unknown-dcgm-exporter",
      /no version of it/,
    ],
    ["another exporter", gpuOperator("v26.3.3", { dcgmExporter: { image: "my-exporter" } }), "unknown-dcgm-exporter", /another image/],
    ["a part that comes later", gpuOperator("v26.3.3", { migManager: { version: unknown } }), "unknown-mig-manager", /no version of it/],
    ["an image that was not read", gpuImage("1.35.8-20261119"), "unknown-nvidia-driver", /has not read/],
    ["no release of an image", gpuImage(undefined), "unknown-eks-ami", /its release is not known/],
    ["a release of another family", gpuImage("1.66.0-1a2b3c4d"), "unknown-eks-ami", /is no release of the AL2023 image/],
    ["an image of another type", gpuImage("1.32.9-20251120", "AL2_x86_64_GPU"), "unknown-eks-ami", /images of type AL2_x86_64_GPU/],
    ["an image of one's own", gpuImage("1.34.10-20260903", "CUSTOM"), "unknown-eks-ami", /images of type CUSTOM/],
    ["a type that comes later", gpuImage("1.34.10-20260903", unknown), "unknown-eks-ami", /its type is not known/],
    ["a branch that gets no fixes", gpuImage("1.34.1-20251002"), "unknown-nvidia-driver", /says nothing about its branch 570/],
    ["an add-on", vpcCni(undefined), "unknown-vpc-cni", /is not known/],
    ["the runtime of an image that was not read", gpuImage("1.35.8-20261119"), "unknown-containerd", /has not read/],
    ["CoreDNS of another form", coredns("latest"), "unknown-coredns", /"latest" is no version/],
    ["monitoring that was not read", monitoring("91.0.0"), "unknown-grafana", /has not read/],
    ["monitoring of an unknown version", monitoring(unknown), "unknown-prometheus", /has not read/],
    [
      "an operator that builds a driver of its own choice",
      gpuOperator("v26.3.3", { driver: {} }),
      "unknown-nvidia-driver",
      /no exact version/,
    ],
    [
      "a driver by its branch",
      gpuOperator("v26.3.3", { driver: { usePrecompiled: true, version: "580" } }),
      "unknown-nvidia-driver",
      /no exact version/,
    ],
    [
      "drivers by objects",
      gpuOperator("v26.3.3", { driver: { version: "580.178.04", nvidiaDriverCRD: { enabled: true } } }),
      "unknown-nvidia-driver",
      /objects of kind NVIDIADriver/,
    ],
    ["CoreDNS without its build", coredns("v1.13.2"), "unknown-coredns", /no version of it/],
    [
      "another Prometheus",
      monitoring("88.5.3", { prometheus: { prometheusSpec: { image: { repository: "example.org/thanos" } } } }),
      "unknown-prometheus",
      /"prometheus\.prometheusSpec\.image\.repository".*another image/,
    ],
    [
      "a Grafana by its digest",
      monitoring("88.5.3", { grafana: { image: { tag: "13.2.2", sha: "0123" } } }),
      "unknown-grafana",
      /"grafana\.image\.sha".*whatever the tag says/,
    ],
    ["a tag of another form", monitoring("88.5.3", { grafana: { image: { tag: "main" } } }), "unknown-grafana", /"grafana.image.tag"/],
  ])("%s", (_what, installed, id, impact) => {
    const finding = judge(installed).find((each) => each.id === id);
    // No tenant reaches the monitoring.
    const severity = /grafana|prometheus/.test(id) ? "medium" : "high";
    expect(finding).toMatchObject({ type: "unknown", severity, impact: expect.stringMatching(impact) as string });
    expect(finding?.remedy).not.toBe("");
  });
});

describe("the remedy", () => {
  it.each<[string, Installed, string, string]>([
    [
      "is the first driver with a repaired hook, and where it is",
      draDriver("25.8.1"),
      "CVE-2026-24260",
      "Use DRA driver 0.4.1 or later, from the chart oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu",
    ],
    [
      "is the first operator with a repaired exporter, or its value",
      gpuOperator("v25.10.1"),
      "CVE-2026-47483",
      "Use GPU Operator v26.3.2 or later, or set dcgmExporter.version of its values to 4.5.3-4.8.2-distroless or later",
    ],
    [
      "is the next image with a repaired driver",
      gpuImage("1.34.9-20260714"),
      "CVE-2026-47501",
      "Use a release of the image of 20260818 or later",
    ],
    [
      "is the next image with a repaired runtime, not an older one with another branch of it",
      gpuImage("1.34.9-20260714"),
      "CVE-2026-53488",
      "Use a release of the image of 20260818 or later",
    ],
    [
      "is the next image of a branch of the driver that gets fixes",
      gpuImage("1.34.1-20251016"),
      "CVE-2025-33219",
      "Use a release of the image of 20260120 or later",
    ],
    [
      "is a value of the chart, in the branch that is installed",
      monitoring("88.5.3"),
      "CVE-2026-76154",
      "Set grafana.image.tag of the values of kube-prometheus-stack to 13.2.2 or later",
    ],
    ["is the version itself", vpcCni("v1.20.0-eksbuild.1"), "CVE-2026-86831", "Use add-on vpc-cni v1.22.4 or later"],
    ["is a date", systemImage("1.34.10-20260930"), "kernel-panic-in-memory-reclaim", "Use a release of the image of 20261012 or later"],
  ])("%s", (_what, installed, id, remedy) => {
    expect(judge(installed).find((finding) => finding.id === id)?.remedy).toBe(remedy);
  });

  it("is what to look for while no image that was read is mended", () => {
    const open = judge(gpuImage("1.34.10-20260903")).filter(({ isMended }) => !isMended);
    expect(open.map(({ id, severity }) => [id, severity])).toEqual([
      ["hook-fails-on-read-only-etc-nvidia", "medium"],
      ["CVE-2026-95839", "high"],
      ["CVE-2026-95837", "high"],
      ["CVE-2026-41579", "low"],
    ]);
    expect(open[1]?.remedy).toBe(
      "No image that this project has read mends it: look for one whose row in the CHANGELOG of awslabs/amazon-eks-ami says containerd 2.2.10 or later",
    );
  });

  it("does what it says", () => {
    expect(ids(draDriver("0.4.1"))).toEqual([]);
    expect(ids(gpuOperator("v26.3.2"))).toEqual([]);
    expect(judge(gpuImage("1.34.9-20260818")).filter(({ type, isMended }) => type === "vulnerability" && isMended)).toEqual([]);
  });
});

describe("a stack", () => {
  const DATE = new Date("2026-11-28T12:00:00Z");
  const installed = [systemImage("1.34.10-20261003"), systemImage("1.34.10-20261003"), draDriver("25.8.1"), gpuImage("1.34.9-20260714")];

  it("is told each thing once, worst first", () => {
    const { findings } = assess({ installed, kubernetesVersion: "1.34" }, DATE);
    expect(findings.map(({ id }) => id)).toEqual([
      "CVE-2026-53488",
      "CVE-2026-24260",
      "CVE-2026-53492",
      "CVE-2026-47501",
      "CVE-2026-95837",
      "CVE-2026-95839",
      "kernel-panic-in-memory-reclaim",
      "CVE-2026-41579",
    ]);
  });

  it.each([
    ["1.34", "2026-11-28", { type: "standard", ends: "2026-12-02", days: 4 }],
    ["1.34", "2026-12-02", { type: "extended", standardEnded: "2026-12-02", ends: "2027-12-02", days: 365 }],
    ["1.34", "2027-12-02", { type: "ended", ended: "2027-12-02" }],
    ["1.36", "2026-11-28", { type: "standard", ends: "2027-08-02", days: 247 }],
    ["1.99", "2026-11-28", undefined],
  ])("of Kubernetes %s on %s is in this phase of its support", (kubernetesVersion, date, support) => {
    expect(assess({ installed: [], kubernetesVersion }, new Date(date)).support).toEqual(support);
  });

  it.each([
    [0, false],
    [30, false],
    [31, true],
  ])("is told of tables of %s days: old %s", (days, isOld) => {
    const date = new Date(Date.parse(READ_ON) + days * 24 * 60 * 60 * 1000);
    expect(assess({ installed: [], kubernetesVersion: "1.34" }, date).tables).toEqual({ readOn: READ_ON, days, isOld });
  });
});
