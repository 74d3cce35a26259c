/** What containers request. Source: `ValidateContainerResourceRequirements` of Kubernetes, `pkg/apis/core/validation/validation.go`. */
import type { Quantity } from "../../../../cel/values/quantity";
import { readQuantity } from "../../../../dra/manifest/quantity";
import { problem } from "../../../../dra/manifest/fields";
import { labelKeyFault } from "../../../../dra/manifest/names";
import { asPart, isGiven } from "../rules";
import type { Part, Problems } from "../rules";

const STANDARD = ["cpu", "memory", "ephemeral-storage"];
const HUGE_PAGES = "hugepages-";

/** @param level of what requests them. Only containers may request devices. */
export function resourceProblems(resources: unknown, path: string, level: "container" | "pod" = "container"): Problems {
  const { limits, requests, claims } = asPart(resources);
  return [
    ...(level === "pod" && isGiven(claims) ? [problem(`${path}.claims`, undefined, "is allowed for containers only")] : []),
    ...listProblems(limits, `${path}.limits`, level),
    ...listProblems(requests, `${path}.requests`, level),
    ...Object.entries(asPart(requests)).flatMap(([name, request]) => overLimit(name, request, asPart(limits), path)),
    ...(level === "container" ? [...limitsOfExtended(asPart(limits), asPart(requests), path), ...hugePageProblems(resources, path)] : []),
  ];
}

function hugePageProblems(resources: unknown, path: string): Problems {
  const names = [...Object.keys(asPart(asPart(resources)["limits"])), ...Object.keys(asPart(asPart(resources)["requests"]))];
  return names.some((name) => name.startsWith(HUGE_PAGES)) && !names.includes("cpu") && !names.includes("memory")
    ? [problem(path, undefined, "huge pages require cpu or memory beside them")]
    : [];
}

function listProblems(list: unknown, path: string, level: "container" | "pod"): Problems {
  return Object.entries(asPart(list)).flatMap(([name, value]) => {
    const nameFault = resourceNameFault(name, level);
    if (nameFault !== undefined) {
      return [problem(`${path}[${name}]`, undefined, nameFault)];
    }
    return value === null ? [] : quantityProblems(value, `${path}.${name}`, isCounted(name));
  });
}

function resourceNameFault(name: string, level: "container" | "pod"): string | undefined {
  if (STANDARD.includes(name) || name.startsWith(HUGE_PAGES)) {
    return level === "pod" && name === "ephemeral-storage" ? "a pod as a whole can request cpu, memory and huge pages only" : undefined;
  }
  if (level === "pod") {
    return "a pod as a whole can request cpu, memory and huge pages only";
  }
  if (!name.includes("/")) {
    return `must be one of ${STANDARD.join(", ")}, huge pages, or an extended resource with its domain, such as example.com/device`;
  }
  if (name.startsWith("requests.")) {
    return "must not begin with requests.";
  }
  return labelKeyFault(name) ?? labelKeyFault(`requests.${name}`);
}

/** Extended resources are integers. Names in `kubernetes.io/` are Kubernetes' own. */
function isCounted(name: string): boolean {
  return name.includes("/") && !name.slice(0, name.indexOf("/")).endsWith("kubernetes.io");
}

/** @param whole whether fractions are refused. */
export function quantityProblems(value: unknown, path: string, whole = false): Problems {
  const quantity = readQuantity(value);
  if (quantity === undefined) {
    return [problem(path, value, "must be a quantity, such as 500m or 16Gi")];
  }
  if (quantity.units < 0n) {
    return [problem(path, value, "must be at least 0")];
  }
  return whole && !isWhole(quantity) ? [problem(path, value, "must be an integer")] : [];
}

function isWhole({ units, scale }: Quantity): boolean {
  return scale >= 0 || units % 10n ** BigInt(-scale) === 0n;
}

function overLimit(name: string, request: unknown, limits: Part, path: string): Problems {
  // A limit that is null is 0.
  const limit = limits[name] === null ? "0" : limits[name];
  const [requested, limited] = [readQuantity(request), readQuantity(limit)];
  if (!isGiven(limit) || requested === undefined || limited === undefined) {
    return [];
  }
  const compared = requested.compare(limited);
  if (isCounted(name) || name.startsWith(HUGE_PAGES)) {
    return compared === 0 ? [] : [problem(`${path}.requests.${name}`, request, `must be equal to the limit, ${String(limit)}`)];
  }
  return compared > 0 ? [problem(`${path}.requests.${name}`, request, `must be at most the limit, ${String(limit)}`)] : [];
}

/** Extended resources and huge pages cannot be overcommitted, so that they need a limit. */
function limitsOfExtended(limits: Part, requests: Part, path: string): Problems {
  return Object.keys(requests)
    .filter((name) => (isCounted(name) || name.startsWith(HUGE_PAGES)) && !Object.hasOwn(limits, name))
    .map((name) => problem(`${path}.limits.${name}`, undefined, "required, because this resource cannot be overcommitted"));
}
