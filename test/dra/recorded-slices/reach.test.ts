/**
 * What real drivers published, held against the reach of selectors: no selector that matches a published device may be said to reach nothing of its shape,
 * whichever version of the driver the reach is computed for.
 */
import { VENDOR_DEVICE_CLASSES } from "../../../src/dra/device-classes";
import { catalogueDevices } from "../../../src/dra/devices";
import { reachOfSelectors } from "../../../src/dra/reach";
import type { Reach } from "../../../src/dra/reach";
import { compileSelector } from "../../../src/dra/selector/selector";
import type { SelectorInput } from "../../../src/dra/types";
import { DRA_DRIVER_LINES } from "../../../src/releases/dra-driver-lines";
import { defaultRelease } from "../../../src/releases/find";
import { RULES } from "../../support/rules";
import { DRIVER } from "../../../src/well-known/attributes";
import { missedBy, selectorsAbout } from "./missed";
import { SIBLINGS } from "./siblings";
import { RECORDINGS, recordedNode } from "./recorded-slices";

/** The shapes that were recorded, as each line of the driver publishes them. */
const CATALOGUES = DRA_DRIVER_LINES.map((line) => {
  const catalogue = catalogueDevices({ ...defaultRelease(), draDriver: { version: line, line } });
  return [line, catalogue.filter(({ model }) => model.name.startsWith("A100"))] as const;
});

/** One of each kind from every recording. */
const PUBLISHED = RECORDINGS.flatMap((recording) => {
  const kinds = new Map(recordedNode(recording).devices.map((device) => [JSON.stringify(device.attributes["profile"]), device]));
  return [...kinds.values()].map(({ name, attributes, capacity }) => {
    const input: SelectorInput = { driver: DRIVER, attributes: attributes as SelectorInput["attributes"], capacity };
    return [`${recording} ${name}`, input] as const;
  });
});

/**
 * The same as other machines and settings have them: without what the operating system tells, without what NVML may not say of a whole GPU, and without what
 * MIG devices lack where the feature gate DynamicMIG is on (v25.12.0 and v0.4.1 published so).
 */
const ELSEWHERE = PUBLISHED.flatMap(([name, device]) => {
  const elsewhere = { ...device, attributes: without(device.attributes, "resource.kubernetes.io/pcieRoot", "resource.kubernetes.io/numaNode") };
  const slices = Object.keys(device.capacity).filter((capacity) => capacity.startsWith("memorySlice"));
  const dynamic = {
    ...device,
    attributes: without(device.attributes, "uuid", "resource.kubernetes.io/pcieRoot"),
    capacity: without(device.capacity, ...slices),
  };
  const silent = { ...device, capacity: without(device.capacity, "memory") };
  return [
    [`${name} without sysfs`, elsewhere] as const,
    ...(device.attributes["type"]?.string === "gpu"
      ? [[`${name} without memory`, silent] as const]
      : [[`${name} with DynamicMIG`, dynamic] as const]),
  ];
});

function without<T>(values: Readonly<Record<string, T>>, ...names: readonly string[]): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

const SELECTORS = [...new Set(PUBLISHED.flatMap(([, device]) => selectorsAbout(device)))];

describe.each(CATALOGUES)("for line %s of the driver", (_, catalogue) => {
  it.each(VENDOR_DEVICE_CLASSES.map((deviceClass) => [deviceClass.name, deviceClass] as const))(
    "class %s with any selector reaches the shape of every published device that it matches",
    (_name, deviceClass) => {
      expect(missedBy(deviceClass, SELECTORS, PUBLISHED, catalogue)).toEqual([]);
    },
  );

  it.each(VENDOR_DEVICE_CLASSES.map((deviceClass) => [deviceClass.name, deviceClass] as const))(
    "class %s with a selector that means a device by what it has, lacks or counts reaches what it matches",
    (_name, deviceClass) => {
      expect(missedBy(deviceClass, SIBLINGS, [...PUBLISHED, ...ELSEWHERE], catalogue)).toEqual([]);
    },
  );

  /** Each of these matched devices of some version of the driver while the policies said that it matches none. */
  it.each([
    `"pciBusID" in device.attributes["resource.kubernetes.io"]`,
    `has(device.attributes["gpu.nvidia.com"].addressingMode)`,
    `"numaNode" in device.attributes["resource.kubernetes.io"]`,
    `device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("40192Mi")) == 0`,
    `size(device.attributes["gpu.nvidia.com"]) == 12`,
  ])("%s may match every device of a class", (selector) => {
    for (const { selectors } of VENDOR_DEVICE_CLASSES) {
      const all = reachOfSelectors(selectors, catalogue, RULES);
      const narrowed = reachOfSelectors([...selectors, selector], catalogue, RULES);
      const shapesOf = (reach: Reach) => (reach.type === "determined" ? reach.devices.map(({ device }) => device) : []);
      expect(shapesOf(all).length).toBeGreaterThan(1);
      expect(shapesOf(narrowed)).toEqual(shapesOf(all));
    }
  });
});

it("every line was recorded, and the branch for the next", () => {
  for (const version of ["v25.8.1", "v25.12.0", "v0.4.1", "main"]) {
    expect(RECORDINGS.some((name) => name.includes(version))).toBe(true);
  }
  expect(SELECTORS.length).toBeGreaterThan(250);
});

it("every sibling is a selector, and matches some device", () => {
  const matching = SIBLINGS.filter((selector) => {
    const compiled = compileSelector(selector, RULES);
    expect([selector, compiled.type]).toEqual([selector, "selector"]);
    return compiled.type === "selector" && [...PUBLISHED, ...ELSEWHERE].some(([, device]) => compiled.evaluate(device).type === "match");
  });
  expect(SIBLINGS.filter((selector) => !matching.includes(selector))).toEqual([]);
});
