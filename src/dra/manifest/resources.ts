import type { Quantity } from "../../cel/values/quantity";
import { isObject, problem } from "./fields";
import { readQuantity } from "./quantity";

/** Amounts by resource name: `cpu` in thousandths of a core, everything else in whole units (bytes, pods, devices). */
export type ResourceAmounts = Readonly<Record<string, number>>;

/** The amount of a resource; 0 where there is none, whatever the resource is called. */
export function amountOf(amounts: ResourceAmounts, resource: string): number {
  return Object.hasOwn(amounts, resource) ? (amounts[resource] ?? 0) : 0;
}

/** Reads a list of resources (`limits`, `requests`, a node's `allocatable`); fractions are rounded up. */
export function resourceAmounts(list: unknown, path: string, problems: string[]): ResourceAmounts {
  if (list !== undefined && list !== null && !isObject(list)) {
    problems.push(problem(path, list, "must be an object of quantities"));
    return {};
  }
  const amounts: Record<string, number> = {};
  for (const [name, value] of Object.entries(list ?? {})) {
    const quantity = readQuantity(value);
    if (quantity !== undefined) {
      amounts[name] = roundUp(quantity, name === "cpu" ? 3 : 0);
    } else {
      problems.push(problem(`${path}.${name}`, value, "must be a quantity, such as 500m or 16Gi"));
    }
  }
  return amounts;
}

/** A quantity in units of 10^-decimals. */
function roundUp({ units, scale }: Quantity, decimals: number): number {
  const exponent = scale + decimals;
  if (exponent === 0) {
    return Number(units);
  }
  const divisor = 10n ** BigInt(Math.max(0, -exponent));
  return Number(exponent >= 0 ? units * 10n ** BigInt(exponent) : (units + divisor - 1n) / divisor);
}

/** An amount as its author would write it: `4`, `500m`, `16Gi`, `512Mi`. */
export function formatAmount(resource: string, amount: number): string {
  if (resource === "cpu") {
    return amount % 1000 === 0 ? String(amount / 1000) : `${String(amount)}m`;
  }
  const isBytes = ["memory", "ephemeral-storage", "storage"].includes(resource) || resource.startsWith("hugepages-");
  if (!isBytes) {
    return String(amount);
  }
  return amount % 2 ** 30 === 0 ? `${String(amount / 2 ** 30)}Gi` : `${String(Math.round(amount / 2 ** 20))}Mi`;
}
