import { TIERS, tierProfile } from "../dra/tiers";
import type { TierName } from "../dra/tiers";
import { devicesPerNode } from "../hardware/node-devices";
import type { Report } from "./reading/problem";
import type { GpuPool, Overcommitment, Team } from "./types";

/**
 * Compares what the teams are promised with what there is. More than the pools have at their full size is refused unless the stack says `overcommit`: then whoever
 * claims first has it. More than they have at present is not refused, since another node is one edit away, but told.
 */
export function resolveOvercommitments(
  teams: readonly Team[],
  pools: readonly GpuPool[],
  overcommit: boolean,
  report: Report,
): readonly Overcommitment[] {
  const overcommitments = TIERS.map(({ name: tier }) => ({
    tier,
    promised: teams.reduce((sum, { slices }) => sum + slices[tier], 0),
    present: capacityOf(pools, tier, "desired"),
    most: capacityOf(pools, tier, "max"),
  })).filter(({ promised, present }) => promised > present);
  if (!overcommit) {
    for (const { tier, promised, most } of overcommitments) {
      checkTier(teams, { tier, promised, most }, report);
    }
  }
  return overcommitments;
}

/** One sentence for people. */
export function describeOvercommitment({ tier, promised, present, most }: Overcommitment): string {
  const nodes = most > present ? ` (${most} with all nodes that the pools can have)` : "";
  return `The quotas of all teams promise ${promised} ${tier} slices, ${promised - present} more than the ${present} there are${nodes}. The teams that claim first get them.`;
}

/** Reports each team whose quota does not fit into what the teams before it leave, with what would. */
function checkTier(
  teams: readonly Team[],
  { tier, promised, most }: Pick<Overcommitment, "tier" | "promised" | "most">,
  report: Report,
): void {
  let left = most;
  teams.forEach(({ slices }, index) => {
    const wanted = slices[tier];
    // A tier that no pool has at all is reported where teams are read.
    if (wanted > left && most > 0) {
      const reason =
        `the quotas of all teams promise ${promised} ${tier} slices, ${promised - most} more than the ${most} that the pools have at their full size. ` +
        'Lower the quotas, let the pools grow, or set "overcommit" to true';
      report({ key: `teams[${index}].slices.${tier}`, value: wanted, reason, nearest: [String(left)] });
    }
    left = Math.max(0, left - wanted);
  });
}

function capacityOf(pools: readonly GpuPool[], tier: TierName, nodes: "desired" | "max"): number {
  return pools.reduce((sum, pool) => sum + pool.size[nodes] * perNode(pool, tier), 0);
}

function perNode({ layout }: GpuPool, tier: TierName): number {
  const profile = tierProfile(tier, layout.model)?.name;
  return profile === undefined ? 0 : (devicesPerNode(layout)[profile] ?? 0);
}
