/** Nodes that can be bought, with their price. */
import { INSTANCE_TYPES, findInstanceType } from "../../hardware/instance-types";
import { nearestNames } from "../../hardware/nearest";
import type { GpuModel, InstanceType } from "../../hardware/types";

/** A node of GPUs that can be divided. */
export interface Offer {
  readonly instanceType: string;
  readonly model: GpuModel;
  /** GPUs of the node. */
  readonly gpus: number;
  readonly usdPerHour: number;
}

export interface Offers {
  readonly type: "offers";
  readonly offers: readonly Offer[];
  /** Nodes whose price is unknown: they are not compared. */
  readonly unpriced: readonly Omit<Offer, "usdPerHour">[];
}

export type OffersResult = Offers | { readonly type: "invalid"; readonly reason: string; readonly nearest: readonly string[] };

/** The region of the catalogue's prices. */
export const PRICED_REGION = "us-east-1";

/**
 * What can be bought.
 * @param names only these instance types; undefined: all of the catalogue
 * @param prices dollars an hour by instance type. They go before the list price, which exists for one region only
 */
export function offersOf(names: readonly string[] | undefined, region: string, prices: ReadonlyMap<string, number>): OffersResult {
  for (const name of [...(names ?? []), ...prices.keys()]) {
    const reason = unusable(name);
    if (reason !== undefined) {
      return { type: "invalid", reason, nearest: nearestNames(name, MIG_TYPE_NAMES) };
    }
  }
  const other = names && [...prices.keys()].find((name) => !names.includes(name));
  if (other !== undefined) {
    return { type: "invalid", reason: `"${other}" has a price and is not one of the instance types to compare`, nearest: names ?? [] };
  }
  const offers: Offer[] = [];
  const unpriced: Offers["unpriced"][number][] = [];
  for (const { name, gpus, usdPerHour } of INSTANCE_TYPES) {
    if (gpus.type !== "mig" || names?.includes(name) === false) {
      continue;
    }
    const node = { instanceType: name, model: gpus.model, gpus: gpus.count };
    const price = prices.get(name) ?? (region === PRICED_REGION ? usdPerHour : undefined);
    if (price === undefined) {
      unpriced.push(node);
    } else {
      offers.push({ ...node, usdPerHour: price });
    }
  }
  return { type: "offers", offers, unpriced };
}

const hasMig = ({ gpus }: InstanceType): boolean => gpus.type === "mig";

const MIG_TYPE_NAMES = INSTANCE_TYPES.filter(hasMig).map(({ name }) => name);

function unusable(name: string): string | undefined {
  const type = findInstanceType(name);
  if (type === undefined) {
    return `"${name}" is no instance type of the catalogue`;
  }
  switch (type.gpus.type) {
    case "mig":
      return undefined;
    case "none":
      return `"${name}" has no GPU`;
    case "noMig":
      return `the GPUs of "${name}" cannot be divided: ${type.gpus.reason}`;
  }
}
