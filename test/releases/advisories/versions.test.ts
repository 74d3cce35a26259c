import * as fc from "fast-check";
import { driverBranch, isAffected, readVersion } from "../../../src/releases/advisories/versions";
import type { AffectedRange, ComponentName } from "../../../src/releases/advisories/types";

describe("versions as publishers write them", () => {
  it.each<[ComponentName, readonly string[]]>([
    ["dra-driver", ["v25.3.2", "25.8.1", "25.12.0", "0.4.0", "v0.4.1", "0.5.0"]],
    ["container-toolkit", ["1.17.8", "1.18.0-rc.2", "1.18.0", "v1.19.0", "1.19.1-1", "v1.20.0", "1.20.2"]],
    ["dcgm-exporter", ["4.4.2-4.7.0-distroless", "4.5.1-4.8.0-ubuntu22.04", "4.5.3-4.8.2", "4.6.0-4.8.3-distroless"]],
    ["mig-manager", ["v0.12.1-ubuntu20.04", "v0.12.2", "v0.14.0"]],
    ["nvidia-driver", ["570.211.01", "580.95.05", "580.126.09", "580.159.03", "580.178.04", "595.71.05"]],
    ["eks-ami", ["20260714", "20260930", "20261012"]],
    ["vpc-cni", ["v1.13.4-eksbuild.1", "v1.22.3-eksbuild.9", "v1.22.4-eksbuild.3"]],
    ["gpu-operator", ["v25.10.1", "26.3.0", "v26.3.1"]],
  ])("of %s are in the order of their publication", (component, texts) => {
    const versions = texts.map((text) => readVersion(component, text));
    expect(versions).not.toContain(undefined);
    for (const [index, version] of versions.slice(1).entries()) {
      expect(version?.compare(versions[index] ?? "")).toBe(1);
    }
  });

  it.each<[ComponentName, string]>([
    ["dra-driver", "latest"],
    ["dra-driver", "sha256:0123456789abcdef"],
    ["container-toolkit", "1.19"],
    ["dcgm-exporter", "4.8.2"],
    ["nvidia-driver", "580"],
    ["eks-ami", "v20260714"],
    ["eks-ami", "20260714-1"],
    ["vpc-cni", ""],
  ])("that nobody writes for %s are none: %s", (component, text) => {
    expect(readVersion(component, text)).toBeUndefined();
  });

  it("have a branch", () => {
    const version = readVersion("nvidia-driver", "580.159.03");
    expect(version && driverBranch(version)).toBe(580);
  });
});

describe("a range", () => {
  const number = fc.integer({ min: 0, max: 40 });
  const text = fc.tuple(number, number, number).map((parts) => parts.join("."));
  const ranges = fc.record({ from: text, fixedIn: text }).map((bounds): AffectedRange => ({ component: "container-toolkit", ...bounds }));
  const read = (version: string) => {
    const order = readVersion("container-toolkit", version);
    if (order === undefined) {
      throw new Error(version);
    }
    return order;
  };

  it("has its first version and not the one with the fix", () => {
    fc.assert(
      fc.property(ranges, ({ component, from = "", fixedIn }) => {
        fc.pre(read(from).compare(read(fixedIn)) < 0);
        expect(isAffected(read(from), { component, from, fixedIn })).toBe(true);
        expect(isAffected(read(fixedIn), { component, from, fixedIn })).toBe(false);
      }),
    );
  });

  it("has no gap: what is between two affected versions is affected", () => {
    fc.assert(
      fc.property(ranges, text, text, text, (range, ...versions) => {
        const [low, middle, high] = versions.map(read).sort((one, other) => one.compare(other));
        fc.pre(low !== undefined && middle !== undefined && high !== undefined && isAffected(low, range) && isAffected(high, range));
        expect(isAffected(middle, range)).toBe(true);
      }),
    );
  });

  it("without a first version has every version before the fix", () => {
    fc.assert(
      fc.property(text, text, (version, fixedIn) => {
        expect(isAffected(read(version), { component: "container-toolkit", fixedIn })).toBe(read(version).compare(read(fixedIn)) < 0);
      }),
    );
  });
});
