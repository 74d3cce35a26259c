import { PRICE_SOURCE } from "../hardware/instance-types";
import type { InstanceType } from "../hardware/types";

/** Nodes of one kind. */
export interface Nodes {
  readonly instanceType: InstanceType;
  readonly count: number;
}

/**
 * What a stack lists at per hour. NAT, traffic, volumes and logs come on top; discounts, Spot and Capacity Blocks are not list prices.
 */
export interface HourlyCost {
  /** Nodes with a known price plus the control plane. */
  readonly usdPerHour: number;
  /** Instance types that have no on-demand list price: their nodes are not in `usdPerHour`. */
  readonly unpriced: readonly string[];
  /** Which list, of which region and date. */
  readonly source: string;
}

/**
 * An EKS control plane in standard support; extended support lists at 0.50 more.
 * Source: Amazon EKS pricing page, as generally known; not part of the price list the instance prices come from.
 */
export const CONTROL_PLANE_USD_PER_HOUR = 0.1;

/** The list price of a control plane and its nodes. */
export function hourlyCost(nodes: readonly Nodes[]): HourlyCost {
  const running = nodes.filter(({ count }) => count > 0);
  const usd = running.reduce((sum, { instanceType, count }) => sum + (instanceType.usdPerHour ?? 0) * count, CONTROL_PLANE_USD_PER_HOUR);
  return {
    usdPerHour: roundUsd(usd),
    unpriced: [
      ...new Set(running.filter(({ instanceType }) => instanceType.usdPerHour === undefined).map(({ instanceType }) => instanceType.name)),
    ],
    source: PRICE_SOURCE,
  };
}

/** To the ten-thousandth of a dollar, so that sums of prices do not show the noise of binary fractions. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 10_000) / 10_000;
}
