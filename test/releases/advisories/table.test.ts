import { CONTENTS_OF_EKS_AMI } from "../../../src/releases/advisories/carries/eks-ami";
import { PARTS_OF_GPU_OPERATOR } from "../../../src/releases/advisories/carries/gpu-operator";
import { TOOLKIT_OF_DRA_DRIVER } from "../../../src/releases/advisories/carries/dra-driver";
import { FAULTS } from "../../../src/releases/advisories/faults";
import { ADVISORIES, JUDGED_DRIVER_BRANCHES, READ_ON } from "../../../src/releases/advisories/table";
import { severityOf } from "../../../src/releases/advisories/types";
import type { ComponentName } from "../../../src/releases/advisories/types";
import { driverBranch, isAffected, readVersion } from "../../../src/releases/advisories/versions";

const ENTRIES = [...ADVISORIES, ...FAULTS];
const RANGES = ENTRIES.flatMap(({ id, affected }) => affected.map((range) => [id, range.component, range] as const));

describe("an entry", () => {
  it.each(ENTRIES.map((entry) => [entry.id, entry] as const))(
    "%s says what happens, where that is published, and when it was read",
    (_id, entry) => {
      expect(entry.affected.length).toBeGreaterThan(0);
      expect(entry.impact).not.toMatch(/\.$/);
      expect(entry.source).toMatch(/^https:\/\//);
      expect(Date.parse(entry.read)).toBeLessThanOrEqual(Date.parse(READ_ON));
    },
  );

  it("has an id of its own", () => {
    expect(new Set(ENTRIES.map(({ id }) => id)).size).toBe(ENTRIES.length);
  });
});

it.each(RANGES)("%s: the range of %s ends at its fix", (_id, component, range) => {
  const fixed = readVersion(component, range.fixedIn);
  const from = range.from === undefined ? undefined : readVersion(component, range.from);
  expect(fixed && isAffected(fixed, range)).toBe(false);
  if (range.from !== undefined) {
    expect(from && isAffected(from, range)).toBe(true);
  }
});

it("one range of an entry covers a branch of the driver once, and stays in it", () => {
  for (const { affected } of ADVISORIES) {
    const branches = affected
      .filter(({ component }) => component === "nvidia-driver")
      .map(({ from = "", fixedIn }) => [from, fixedIn].map(branchOf));
    expect(branches.filter(([first, last]) => first !== last)).toEqual([]);
    expect(new Set(branches.map(([first]) => first)).size).toBe(branches.length);
  }
});

function branchOf(text: string): number | undefined {
  const version = readVersion("nvidia-driver", text);
  return version && driverBranch(version);
}

/** The last version that has it, and the first that does not, as they were published. */
it.each<[string, ComponentName, string, string]>([
  ["CVE-2026-95839", "containerd", "2.2.9", "2.2.10"],
  ["CVE-2026-95839", "containerd", "2.3.6", "2.1.9"],
  ["CVE-2026-95839", "containerd", "2.4.1", "2.4.2"],
  ["CVE-2026-95837", "containerd", "2.2.9-1.amzn2023.0.1", "2.2.10-1.amzn2023.0.1"],
  ["CVE-2026-76154", "grafana", "13.2.1", "13.2.2"],
  ["CVE-2026-76154", "grafana", "12.4.10", "12.4.11"],
  ["CVE-2026-53488", "containerd", "2.2.4-1.amzn2023.0.3", "2.2.5"],
  ["CVE-2026-53492", "containerd", "2.1.8", "2.1.9"],
  ["CVE-2026-41579", "runc", "1.3.5-1.amzn2023.0.2", "1.3.6"],
  ["CVE-2026-41579", "runc", "1.4.2", "1.4.3"],
  ["CVE-2026-42154", "prometheus", "v3.11.2", "v3.14.0-distroless"],
  ["CVE-2026-31431", "eks-ami", "20260423", "20260610"],
  ["CVE-2026-26018", "coredns", "v1.13.2-eksbuild.7", "v1.13.2-eksbuild.21"],
  ["CVE-2026-47501", "nvidia-driver", "580.159.03", "580.178.04"],
  ["CVE-2026-47501", "nvidia-driver", "595.71.05", "595.91.07"],
  ["CVE-2026-86831", "vpc-cni", "v1.22.3-eksbuild.1", "v1.22.4-eksbuild.1"],
  ["CVE-2026-86831", "vpc-cni", "v1.14.0-eksbuild.3", "v1.13.4-eksbuild.1"],
  ["CVE-2026-47483", "dcgm-exporter", "4.4.2-4.7.0-distroless", "4.5.3-4.8.2-distroless"],
  ["CVE-2026-24260", "container-toolkit", "1.19.0", "1.19.1"],
  ["CVE-2026-24187", "nvidia-driver", "580.126.09", "580.159.03"],
  ["CVE-2025-33219", "nvidia-driver", "580.105.08", "580.126.09"],
  ["CVE-2025-23280", "nvidia-driver", "570.172.08", "570.195.03"],
  ["CVE-2025-23266", "container-toolkit", "1.17.7", "1.17.8"],
  ["CVE-2025-23266", "mig-manager", "v0.12.1-ubuntu20.04", "v0.12.2-ubuntu20.04"],
  ["CVE-2025-23359", "container-toolkit", "1.17.3", "1.17.4"],
  ["kernel-panic-in-memory-reclaim", "eks-ami", "20261003", "20261012"],
  ["kernel-panic-in-memory-reclaim", "eks-ami", "20260930", "20260925"],
  ["hook-fails-on-read-only-etc-nvidia", "container-toolkit", "1.20.0", "1.20.2"],
  ["hook-fails-on-read-only-etc-nvidia", "container-toolkit", "1.20.1", "1.19.1"],
  ["claims-do-not-survive-a-reboot", "dra-driver", "25.12.0", "0.4.0"],
  ["claims-do-not-survive-a-reboot", "dra-driver", "25.12.0", "25.8.1"],
])("%s is in %s %s, not in %s", (id, component, affected, other) => {
  const ranges = ENTRIES.find((entry) => entry.id === id)?.affected.filter((range) => range.component === component) ?? [];
  const isIn = (text: string) => {
    const version = readVersion(component, text);
    return version !== undefined && ranges.some((range) => isAffected(version, range));
  };
  expect([isIn(affected), isIn(other)]).toEqual([true, false]);
});

it.each([
  [0.1, "low"],
  [3.9, "low"],
  [4, "medium"],
  [6.9, "medium"],
  [7, "high"],
  [8.9, "high"],
  [9, "critical"],
  [10, "critical"],
] as const)("a score of %s is %s", (score, severity) => {
  expect(severityOf(score)).toBe(severity);
});

describe("what carries what", () => {
  it("is written as the components' versions are", () => {
    const versions: readonly (readonly [ComponentName, string])[] = [
      ...Object.entries(TOOLKIT_OF_DRA_DRIVER).flatMap(
        ([driver, toolkit]) =>
          [
            ["dra-driver", driver],
            ["container-toolkit", toolkit],
          ] as const,
      ),
      ...Object.entries(PARTS_OF_GPU_OPERATOR).flatMap(([operator, parts]) => [
        ["gpu-operator", operator] as const,
        ...(Object.entries(parts) as readonly [ComponentName, string][]),
      ]),
      ...CONTENTS_OF_EKS_AMI.flatMap(({ releases, driver, toolkit }) => [
        ...releases.map((release) => ["eks-ami", release] as const),
        ["nvidia-driver", driver] as const,
        ["container-toolkit", toolkit] as const,
      ]),
    ];
    expect(versions.filter(([component, version]) => readVersion(component, version) === undefined)).toEqual([]);
  });

  it("has each release of the image once, newest first, with a driver of a branch that is judged or was", () => {
    const releases = CONTENTS_OF_EKS_AMI.flatMap((contents) => contents.releases);
    expect(releases).toEqual([...new Set(releases)].sort().reverse());
    expect(JUDGED_DRIVER_BRANCHES).toContain(branchOf(CONTENTS_OF_EKS_AMI[0]?.driver ?? ""));
  });
});
