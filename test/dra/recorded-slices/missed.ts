/** Selectors about published devices, and what the reach of selectors misses of them. */
import type { DeviceClass } from "../../../src/dra/device-classes";
import type { CatalogueDevice } from "../../../src/dra/devices";
import { reachOfSelectors } from "../../../src/dra/reach";
import { compileSelector } from "../../../src/dra/selector/selector";
import type { SelectorInput } from "../../../src/dra/types";
import { RULES } from "../../support/rules";

/** Devices as a driver published them, by a name for messages. */
export type PublishedDevices = readonly (readonly [name: string, device: SelectorInput])[];

function quoted(name: string): { readonly domain: string; readonly id: string } {
  const [domain = "", id] = name.includes("/") ? name.split("/") : ["gpu.nvidia.com", name];
  return { domain, id: id ?? "" };
}

/** Selectors about each name and value of a device, in the ways in which a person can ask. */
export function selectorsAbout({ attributes, capacity }: SelectorInput): readonly string[] {
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

function isShapeOf({ model, profile }: CatalogueDevice, { attributes }: SelectorInput): boolean {
  return model.productName === attributes["productName"]?.string && profile?.name === attributes["profile"]?.string;
}

function matches(selector: string, device: SelectorInput): boolean {
  const compiled = compileSelector(selector, RULES);
  return compiled.type === "selector" && compiled.evaluate(device).type === "match";
}

/**
 * Each device that a class and a selector match while the reach says that they match nothing of its shape. A claim that fails to be evaluated on some device is
 * denied, so it misses nothing.
 */
export function missedBy(
  deviceClass: DeviceClass,
  selectors: readonly string[],
  published: PublishedDevices,
  catalogue: readonly CatalogueDevice[],
): readonly string[] {
  return selectors.flatMap((selector) => {
    const all = [...deviceClass.selectors, selector];
    const matching = published.filter(([, device]) => all.every((each) => matches(each, device)));
    const reach = reachOfSelectors(all, catalogue, RULES);
    if (matching.length === 0 || reach.type === "undetermined") {
      return [];
    }
    const shapes = reach.devices.flatMap(({ device }) => (device.type === "catalogue" ? [device] : []));
    return matching
      .filter(([, device]) => !shapes.some((shape) => isShapeOf(shape, device)))
      .map(([name]) => `${selector} matches ${name}`);
  });
}
