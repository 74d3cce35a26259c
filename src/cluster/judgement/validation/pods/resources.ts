/** What containers request. Source: `ValidateContainerResourceRequirements` of Kubernetes, `pkg/apis/core/validation/validation.go`. */
import type { Quantity } from "../../../../cel/values/quantity";
import { readQuantity } from "../../../../dra/manifest/quantity";
import { problem, readLeniently } from "../../../../dra/manifest/fields";
import { labelKeyFault } from "../../../../dra/manifest/names";
import { amountOf, formatAmount, resourceAmounts } from "../../../../dra/manifest/resources";
import { containerSums } from "../../../../dra/pods/requests";
import { asPart, each, isGiven } from "../rules";
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

/** What a pod asks for as a whole, against its containers. Source: `validatePodResourceConsistency`. */
export function wholePodProblems(spec: Part, path: string): Problems {
  const whole = asPart(spec["resources"]);
  const [requests, limits] = [asPart(whole["requests"]), asPart(whole["limits"])];
  const fields = Object.keys(requests).length === 0 ? undefined : readLeniently(spec, path, []);
  const sums = fields === undefined ? {} : containerSums(fields);
  return [
    ...Object.entries(requests).flatMap(([name, request]) => {
      const sum = amountOf(sums, name);
      return isGiven(request) && amountOf(resourceAmounts({ [name]: request }, "", []), name) < sum
        ? [
            problem(
              `${path}.resources.requests.${name}`,
              request,
              `must be at least what the containers request together, ${formatAmount(name, sum)}`,
            ),
          ]
        : [];
    }),
    ...each(spec["containers"], `${path}.containers`, ({ resources }, at) =>
      Object.entries(asPart(asPart(resources)["limits"])).flatMap(([name, limit]) => {
        const [own, most] = [readQuantity(limit), readQuantity(limits[name])];
        return own !== undefined && most !== undefined && own.compare(most) > 0
          ? [problem(`${at}.resources.limits.${name}`, limit, `must be at most the limit of the pod, ${String(limits[name])}`)]
          : [];
      }),
    ),
  ];
}

/** Huge pages come whole. Source: `IsHugePageResourceValueDivisible`. */
function pageProblems(name: string, value: unknown, path: string): Problems {
  if (!name.startsWith(HUGE_PAGES)) {
    return [];
  }
  const size = name.slice(HUGE_PAGES.length);
  const bytesOf = (quantity: unknown) => amountOf(resourceAmounts({ memory: quantity }, "", []), "memory");
  const [amount, page] = [bytesOf(value), bytesOf(size)];
  return page > 0 && amount % page !== 0 ? [problem(path, value, `must be a multiple of ${size}`)] : [];
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
    return value === null
      ? []
      : [...quantityProblems(value, `${path}.${name}`, isCounted(name)), ...pageProblems(name, value, `${path}.${name}`)];
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
  // What is null is 0.
  const [own, limit] = [request, limits[name]].map((amount) => (amount === null ? "0" : amount));
  const [requested, limited] = [readQuantity(own), readQuantity(limit)];
  if (!isGiven(limit) || requested === undefined || limited === undefined) {
    return [];
  }
  const compared = requested.compare(limited);
  if (isCounted(name) || name.startsWith(HUGE_PAGES)) {
    return compared === 0 ? [] : [problem(`${path}.requests.${name}`, own, `must be equal to the limit, ${String(limit)}`)];
  }
  return compared > 0 ? [problem(`${path}.requests.${name}`, request, `must be at most the limit, ${String(limit)}`)] : [];
}

/** Extended resources and huge pages cannot be overcommitted, so that they need a limit. */
function limitsOfExtended(limits: Part, requests: Part, path: string): Problems {
  return Object.keys(requests)
    .filter((name) => (isCounted(name) || name.startsWith(HUGE_PAGES)) && !Object.hasOwn(limits, name))
    .map((name) => problem(`${path}.limits.${name}`, undefined, "required, because this resource cannot be overcommitted"));
}
