import type { DeviceClass } from "../../src/dra/device-classes";
import type { KubernetesRules } from "../../src/releases/kubernetes";
import { isRecord } from "../evaluation/snapshot";

export type DeviceClassReading =
  { readonly type: "class"; readonly deviceClass: DeviceClass } | { readonly type: "invalid"; readonly problems: readonly string[] };

/**
 * Reads what a DeviceClass selects. It may have selectors only: `config` and `extendedResourceName` allocate devices in ways that
 * its selectors do not show.
 */
export function readDeviceClass(
  manifest: {
    readonly apiVersion: string;
    readonly metadata: { readonly name: string };
    readonly spec: unknown;
  },
  { claimApi: { versions } }: KubernetesRules,
): DeviceClassReading {
  const problems: string[] = [];
  if (!versions.some((version) => version === manifest.apiVersion)) {
    problems.push(`apiVersion: ${manifest.apiVersion}: must be one of ${versions.join(", ")}`);
  }
  const spec: Readonly<Record<string, unknown>> = isRecord(manifest.spec) ? manifest.spec : {};
  problems.push(...unexpected("spec", spec, "selectors"));
  const selectors = (Array.isArray(spec.selectors) ? spec.selectors : []).flatMap((selector: unknown, index) => {
    const path = `spec.selectors[${index}]`;
    const cel = isRecord(selector) ? selector.cel : undefined;
    if (!isRecord(selector) || !isRecord(cel) || typeof cel.expression !== "string") {
      problems.push(`${path}.cel.expression: required`);
      // Stryker disable next-line ArrayDeclaration: a class with a problem is not read
      return [];
    }
    problems.push(...unexpected(path, selector, "cel"), ...unexpected(`${path}.cel`, cel, "expression"));
    return [cel.expression];
  });
  return problems.length > 0 ? { type: "invalid", problems } : { type: "class", deviceClass: { name: manifest.metadata.name, selectors } };
}

function unexpected(path: string, object: Readonly<Record<string, unknown>>, legal: string): readonly string[] {
  return Object.keys(object)
    .filter((key) => key !== legal)
    .map((key) => `${path}.${key}: not allowed. Only ${legal} is`);
}
