/**
 * What real drivers published, held against the reach of selectors: no selector that matches a published device may be said to reach nothing of its shape,
 * whichever version of the driver the reach is computed for.
 */
import { VENDOR_DEVICE_CLASSES } from "../../../src/dra/device-classes";
import { catalogueDevices } from "../../../src/dra/devices";
import type { CatalogueDevice } from "../../../src/dra/devices";
import { reachOfSelectors } from "../../../src/dra/reach";
import { compileSelector } from "../../../src/dra/selector/selector";
import type { SelectorInput } from "../../../src/dra/types";
import { DRA_DRIVER_LINES } from "../../../src/releases/dra-driver-lines";
import { defaultRelease } from "../../../src/releases/find";
import { RULES } from "../../support/rules";
import { DRIVER } from "../../../src/well-known/attributes";
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

function quoted(name: string): { readonly domain: string; readonly id: string } {
  const [domain = "", id] = name.includes("/") ? name.split("/") : ["gpu.nvidia.com", name];
  return { domain, id: id ?? "" };
}

/** Selectors about one name and value, each in the ways in which a person can ask. */
function selectorsAbout({ attributes, capacity }: SelectorInput): readonly string[] {
  return [
    ...Object.entries(attributes).flatMap(([name, { string, version, int }]) => {
      const { domain, id } = quoted(name);
      const map = `device.attributes["${domain}"]`;
      const value = string === undefined ? (version === undefined ? String(int) : `semver("${version}")`) : `"${string}"`;
      return [
        `"${id}" in ${map}`,
        `has(${map}.${id})`,
        `!has(${map}.${id})`,
        `has(${map}.${id}) && ${map}.${id} == ${value}`,
        `!(has(${map}.${id}) && ${map}.${id} == ${value})`,
        `${map}.exists(k, k == "${id}")`,
        `"${domain}" in device.attributes`,
        `size(${map}) == ${String(Object.keys(attributes).filter((other) => quoted(other).domain === domain).length)}`,
      ];
    }),
    ...Object.entries(capacity).flatMap(([name, { value }]) => {
      const map = `device.capacity["gpu.nvidia.com"]`;
      return [
        `"${name}" in ${map}`,
        `!("${name}" in ${map})`,
        `has(${map}.${name}) && ${map}.${name}.compareTo(quantity("${value}")) == 0`,
        `has(${map}.${name}) && ${map}.${name}.compareTo(quantity("${value}")) != 0`,
        `size(${map}) == ${String(Object.keys(capacity).length)}`,
      ];
    }),
  ];
}

const SELECTORS = [...new Set(PUBLISHED.flatMap(([, device]) => selectorsAbout(device)))];

function isShapeOf({ model, profile }: CatalogueDevice, { attributes }: SelectorInput): boolean {
  return model.productName === attributes["productName"]?.string && profile?.name === attributes["profile"]?.string;
}

function matches(selector: string, device: SelectorInput): boolean {
  const compiled = compileSelector(selector, RULES);
  return compiled.type === "selector" && compiled.evaluate(device).type === "match";
}

describe.each(CATALOGUES)("for line %s of the driver", (_, catalogue) => {
  it.each(VENDOR_DEVICE_CLASSES.map(({ name, selectors }) => [name, selectors] as const))(
    "class %s with any selector reaches the shape of every published device that it matches",
    (_name, classSelectors) => {
      const missed: string[] = [];
      for (const selector of SELECTORS) {
        const reach = reachOfSelectors([...classSelectors, selector], catalogue, RULES);
        const reached = reach.type === "determined" ? reach.devices.map(({ device }) => device) : catalogue;
        for (const [name, device] of PUBLISHED) {
          const isMatch = [...classSelectors, selector].every((each) => matches(each, device));
          if (isMatch && !reached.some((shape) => shape.type === "catalogue" && isShapeOf(shape, device))) {
            missed.push(`${selector} matches ${name}`);
          }
        }
      }
      expect(missed).toEqual([]);
    },
  );
});

it("every line was recorded, and the branch for the next", () => {
  for (const version of ["v25.8.1", "v25.12.0", "v0.4.1", "main"]) {
    expect(RECORDINGS.some((name) => name.includes(version))).toBe(true);
  }
  expect(SELECTORS.length).toBeGreaterThan(250);
});
