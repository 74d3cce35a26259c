import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assess } from "../../src/releases/advisories/assess";
import { JUDGED_ADDONS } from "../../src/releases/advisories/components";
import type { Installed } from "../../src/releases/advisories/components";
import { judge } from "../../src/releases/advisories/judge";
import { LOOKED_FOR } from "../../src/releases/advisories/looked-for";
import { READ_ON } from "../../src/releases/advisories/table";
import { isHighOrWorse } from "../../src/releases/advisories/types";
import { draDriverValues } from "../../src/releases/helm/dra-driver";
import type { Release } from "../../src/releases/types";
import { draDriverLine } from "../../src/releases/dra-driver-lines";
import { defaultRelease, findRelease, RELEASES } from "../../src/releases/find";

/** What a stack of the release installs, with the values that the platform sets. */
const installedBy = ({
  gpuOperatorVersion,
  kubePrometheusStackVersion,
  draDriver,
  gpuAmi,
  systemAmiReleaseVersion,
  addons,
}: Release): readonly Installed[] => [
  { type: "chart", name: "gpu-operator", version: gpuOperatorVersion, values: { toolkit: { enabled: false }, driver: { enabled: false } } },
  { type: "chart", name: "dra-driver", version: draDriver.version, values: draDriverValues({ extraValues: {} }) },
  { type: "image", releaseVersion: gpuAmi.releaseVersion, amiType: "AL2023_x86_64_NVIDIA", hasGpus: true },
  { type: "image", releaseVersion: systemAmiReleaseVersion, amiType: undefined, hasGpus: false },
  { type: "addon", name: "vpc-cni", version: addons.vpcCni },
  { type: "addon", name: "coredns", version: addons.coredns },
  { type: "chart", name: "kube-prometheus-stack", version: kubePrometheusStackVersion, values: {} },
];

/** Vulnerabilities of high severity that no image mends that was read. */
const UNMENDED = ["CVE-2026-95837", "CVE-2026-95839"];

it("every add-on has entries in the tables, or the day on which nothing was found for it", () => {
  const judged: readonly string[] = [
    ...JUDGED_ADDONS,
    ...LOOKED_FOR.flatMap(({ component }) => /^add-on (.*)$/.exec(component)?.[1] ?? []),
  ];
  const installed = [
    "vpc-cni",
    "kube-proxy",
    "eks-pod-identity-agent",
    "coredns",
    "metrics-server",
    "aws-ebs-csi-driver",
    "eks-node-monitoring-agent",
  ];
  expect(installed).toHaveLength(Object.keys(defaultRelease().addons).length);
  expect([...judged].sort()).toEqual([...installed].sort());
  expect(LOOKED_FOR.filter(({ read }) => Date.parse(read) > Date.parse(READ_ON))).toEqual([]);
});

it("the pair of December 2025 has the vulnerabilities that the configuration reference names", () => {
  const [release] = RELEASES;
  const { findings } = assess(
    { installed: installedBy({ ...release, ...release.otherGpuSoftware["25.10"] }), kubernetesVersion: "1.34" },
    new Date("2026-11-28"),
  );
  expect([...new Set(findings.filter(({ severity }) => isHighOrWorse(severity)).map(({ id }) => id))]).toEqual([
    "CVE-2026-53488",
    "CVE-2026-24260",
    "CVE-2026-53492",
    "CVE-2026-47483",
    "CVE-2026-47501",
    ...UNMENDED,
  ]);
});

describe("the table of releases", () => {
  it("has 1.34, which is the default, 1.35 and 1.36, and nothing that is not there yet", () => {
    expect(RELEASES.map(({ kubernetesVersion }) => kubernetesVersion)).toEqual(["1.34", "1.35", "1.36"]);
    expect(findRelease("1.35")).toBe(RELEASES[1]);
    expect(findRelease("1.37")).toBeUndefined();
    expect(defaultRelease().kubernetesVersion).toBe("1.34");
  });

  it.each([".ci/run", ".github/workflows/test.yml"])("has no version but the default that %s does not test", (file) => {
    const text = readFileSync(join(__dirname, "../..", file), "utf8");
    const others = RELEASES.filter((release) => release !== defaultRelease()).map(({ kubernetesVersion }) => kubernetesVersion);
    expect(others.filter((version) => !new RegExp(`(?:SHARED_GPU_KUBERNETES=|kubernetes: \\[.*")${version}\\b`).test(text))).toEqual([]);
  });

  describe.each(RELEASES.map((release) => [release.kubernetesVersion, release] as const))("entry %s", (version, release) => {
    it("has support dates in their order", () => {
      expect([release.standardSupportEnds, release.extendedSupportEnds]).toEqual([
        expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      ]);
      expect(Date.parse(release.standardSupportEnds)).toBeLessThan(Date.parse(release.extendedSupportEnds));
    });

    it("says what its own Kubernetes version does, which serves the stable claims", () => {
      expect(release.kubernetes.version).toBe(version);
      expect(release.kubernetes.claimApi.versions[0]).toBe("resource.k8s.io/v1");
    });

    it("has AMIs and a kube-proxy of its own Kubernetes version", () => {
      expect(release.gpuAmi.releaseVersion).toMatch(new RegExp(`^${version}\\.\\d+-\\d{8}$`));
      expect(release.systemAmiReleaseVersion).toMatch(new RegExp(`^${version}\\.\\d+-\\d{8}$`));
      expect(release.addons.kubeProxy).toMatch(new RegExp(`^v${version}\\.\\d+-eksbuild\\.\\d+$`));
    });

    it.each(Object.entries(release.addons))("pins add-on %s to one build", (_name, addon) => {
      expect(addon).toMatch(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/);
    });

    it("writes chart versions as their publishers do", () => {
      expect(release.gpuOperatorVersion).toMatch(/^v\d+\.\d+\.\d+$/);
      expect(release.draDriver.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(release.kubePrometheusStackVersion).toMatch(/^\d+\.\d+\.\d+$/);
    });

    it.each([["current", release] as const, ...Object.entries(release.otherGpuSoftware)])(
      "knows the line of the DRA driver of its GPU software %s, and has an image for it",
      (_name, { draDriver, gpuAmi }) => {
        expect(draDriverLine(draDriver.version)).toBe(draDriver.line);
        expect(gpuAmi.releaseVersion).toMatch(new RegExp(`^${version}\\.\\d+-\\d{8}$`));
      },
    );

    it("has no vulnerability of high severity that a release mends, nor a fault as severe", () => {
      const findings = installedBy(release).flatMap(judge);
      const severe = findings.filter(({ severity }) => isHighOrWorse(severity));
      expect(severe.filter(({ isMended }) => isMended)).toEqual([]);
      expect([...new Set(severe.map(({ id }) => id))].sort()).toEqual(UNMENDED);
    });
  });
});

it.each([
  ["25.8.0", "25.8"],
  ["25.8.1", "25.8"],
  ["v25.8.1", "25.8"],
  ["25.12.0", "25.12"],
  ["0.4.1", "0.4"],
  ["0.5.0", undefined],
  ["0.41.0", undefined],
  ["0x4.1", undefined],
  ["25.8", undefined],
  ["latest", undefined],
])("DRA driver %s belongs to line %s", (version, line) => {
  expect(draDriverLine(version)).toBe(line);
});
