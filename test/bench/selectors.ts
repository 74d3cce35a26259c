/** Selectors per second over distinct devices, and the reach of a claim over the whole catalogue of GPUs. */
import { performance } from "node:perf_hooks";
import type { ClaimSpec } from "../../src/dra/claims";
import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import { catalogueDevices, publishDevices } from "../../src/dra/devices";
import { reachOf } from "../../src/dra/reach";
import { compileSelector } from "../../src/dra/selector/selector";
import { catalogueTierClasses } from "../../src/dra/tiers";
import type { SelectorInput } from "../../src/dra/types";
import { findGpuModel } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import { findRelease } from "../../src/releases/find";
import { RULES } from "../support/rules";
import { DRIVER } from "../../src/well-known/attributes";

const A = `device.attributes["gpu.nvidia.com"]`;
const C = `device.capacity["gpu.nvidia.com"]`;

const SELECTORS: readonly (readonly [string, string])[] = [
  ["profile", `${A}.profile == "1g.5gb"`],
  ["tier class", catalogueTierClasses()[0]?.selectors[0] ?? "true"],
  ["quantity", `${C}.memory.compareTo(quantity("10Gi")) >= 0`],
  ["version", `${A}.driverVersion.compareTo(semver("550.0.0")) >= 0`],
  ["pattern", `${A}.productName.lowerAscii().matches("^.*a100.*$")`],
  ["guarded", `has(${A}.profile) && ${A}.profile.startsWith("1g.")`],
  ["optional", `${A}.?profile.orValue("none") in ["1g.5gb", "2g.10gb"]`],
  ["binding", `cel.bind(a, ${A}, a.type == "mig" && a.profile != "7g.40gb")`],
  ["all attributes", `${A}.exists(k, v, k == "profile" && v == "3g.20gb")`],
];

const NODES = 1_000;
const TARGET_PER_SECOND = 100_000;
const TARGET_REACH_MS = 1;

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const release = findRelease("1.34");
  if (release === undefined) {
    throw new Error("1.34 is a release");
  }
  const devices = devicesOf(NODES, release);
  const rates = SELECTORS.map(([name, expression]) => [name, evaluationsPerSecond(expression, devices)] as const);
  const reaches = reachMs(release);
  const slowest = Math.min(...rates.map(([, rate]) => rate));
  const longest = Math.max(...reaches.map(([, milliseconds]) => milliseconds));
  return Promise.resolve({
    name: "selectors",
    lines: [
      ...rates.map(
        ([name, rate]) =>
          `${name}: ${Math.round(rate).toLocaleString("en")} evaluations a second over ${devices.length.toLocaleString("en")} devices`,
      ),
      `target: ${TARGET_PER_SECOND.toLocaleString("en")} a second: ${slowest >= TARGET_PER_SECOND ? "met" : "MISSED"}`,
      ...reaches.map(
        ([name, milliseconds]) =>
          `reach over ${String(catalogueDevices(release).length)} shapes, ${name}: ${milliseconds.toFixed(3)} ms (median)`,
      ),
      `target: reach of one claim in under ${String(TARGET_REACH_MS)} ms: ${longest < TARGET_REACH_MS ? "met" : "MISSED"}`,
    ],
  });
}

type Release = NonNullable<ReturnType<typeof findRelease>>;

/** All MIG devices of so many p4d.24xlarge, all-balanced; no two are the same object or have the same UUID. */
function devicesOf(nodes: number, release: Release): readonly SelectorInput[] {
  const model = findGpuModel("A100-SXM4-40GB");
  const resolved = model && resolveLayout("all-balanced", model, 8);
  if (resolved?.type !== "legal") {
    throw new Error("all-balanced is legal on an A100");
  }
  return Array.from({ length: nodes }, (_, node) => publishDevices(resolved.layout, release, `node-${String(node)}`))
    .flat()
    .map(({ attributes, capacity }) => ({ driver: DRIVER, attributes, capacity }));
}

function evaluationsPerSecond(expression: string, devices: readonly SelectorInput[]): number {
  const selector = compileSelector(expression, RULES);
  if (selector.type === "invalid") {
    throw new Error(selector.message);
  }
  const rounds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (const device of devices) {
      selector.evaluate(device);
    }
    return devices.length / ((performance.now() - start) / 1000);
  });
  return Math.max(...rounds);
}

/** Time for a claim whose selectors are compiled but were never asked about these devices. Every claim is another one, so nothing is remembered. */
function reachMs(release: Release): readonly (readonly [string, number])[] {
  const classes = [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses()];
  const devices = catalogueDevices(release);
  const kinds: readonly (readonly [string, (unique: string) => string])[] = [
    ["a profile", (unique) => `${A}.profile == "${unique}"`],
    ["a UUID excluded", (unique) => `${A}.uuid != "${unique}"`],
    ["memory slices", (unique) => `has(${C}.memorySlice3) || ${A}.profile == "${unique}"`],
  ];
  return kinds.map(([name, selector]) => {
    const times = Array.from({ length: 200 }, (_, index) => {
      const expression = selector(`x${String(index)}`);
      compileSelector(expression, RULES);
      const start = performance.now();
      reachOf(claimFor(expression), classes, devices, RULES);
      return performance.now() - start;
    });
    return [name, times.sort((a, b) => a - b)[times.length / 2] ?? Infinity] as const;
  });
}

function claimFor(selector: string): ClaimSpec {
  return {
    requests: [
      {
        type: "exactly",
        name: "gpu",
        exactly: {
          deviceClassName: "mig.nvidia.com",
          selectors: [selector],
          allocationMode: { type: "ExactCount", count: 1 },
          adminAccess: false,
          tolerations: [],
          capacityRequests: {},
        },
      },
    ],
    constraints: [],
    config: [],
  };
}
