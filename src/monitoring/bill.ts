/** Who used what in a period, and what it costs at list price. */
import { PRICE_SOURCE } from "../hardware/instance-types";
import type { Usage } from "./usage";

/** A number of Prometheus with its labels. */
export interface UsageSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus answers for one period. */
export interface UsageAnswers {
  /** Seconds since 1970 at which the period ends. */
  readonly until: number;
  readonly periodSeconds: number;
  /** How long the slice exporter answered. */
  readonly observedSeconds: number;
  /** By team, tier and node. */
  readonly usage: Readonly<Record<Usage, readonly UsageSample[]>>;
}

/** Null is what no metric says: an instance type without a list price, or slices without DCGM Exporter. */
export interface Used {
  readonly sliceHours: number;
  readonly busySliceHours: number | null;
  readonly usd: number | null;
  readonly busyUsd: number | null;
}

export interface NodeUse extends Used {
  readonly team: string;
  /** Empty for slices that no tier means. */
  readonly tier: string;
  readonly node: string;
}

export interface TeamUse extends Used {
  readonly team: string;
  readonly tier: string;
}

export interface Bill {
  /** ISO times. */
  readonly from: string;
  readonly until: string;
  readonly hours: number;
  /** Hours that were counted. */
  readonly countedHours: number;
  readonly teams: readonly TeamUse[];
  readonly total: Used;
  readonly byNode: readonly NodeUse[];
  readonly notes: readonly string[];
}

const HOUR_SECONDS = 3600;
/** A period counts as whole if less than this is missing: a restart, and the steps at both ends. */
const WHOLE = 0.99;

/** The bill. Whoever held slices is in it, also without a price. */
export function billOf({ until, periodSeconds, observedSeconds, usage }: UsageAnswers): Bill {
  const [busySeconds, usd, busyUsd] = [byLabels(usage.busySliceSeconds), byLabels(usage.allocatedUsd), byLabels(usage.busyUsd)];
  const byNode = usage.allocatedSliceSeconds
    .map(({ labels: { team = "", tier = "", node = "" }, value }): NodeUse => {
      const key = keyOf({ team, tier, node });
      const busy = busySeconds.get(key);
      return {
        ...{ team, tier, node, sliceHours: value / HOUR_SECONDS },
        busySliceHours: busy === undefined ? null : busy / HOUR_SECONDS,
        usd: usd.get(key) ?? null,
        busyUsd: busyUsd.get(key) ?? null,
      };
    })
    .sort((a, b) => compare(a.team, b.team) || compare(a.tier, b.tier) || compare(a.node, b.node));
  return {
    from: iso(until - periodSeconds),
    until: iso(until),
    hours: periodSeconds / HOUR_SECONDS,
    countedHours: observedSeconds / HOUR_SECONDS,
    teams: byTeam(byNode),
    total: sumOf(byNode),
    byNode,
    notes: notesOf(byNode, observedSeconds, periodSeconds),
  };
}

/** @param uses in the order of teams and tiers. */
function byTeam(uses: readonly NodeUse[]): readonly TeamUse[] {
  const firsts = uses.filter(({ team, tier }, index) => uses[index - 1]?.team !== team || uses[index - 1]?.tier !== tier);
  return firsts.map(({ team, tier }) => ({ team, tier, ...sumOf(uses.filter((use) => use.team === team && use.tier === tier)) }));
}

function notesOf(uses: readonly NodeUse[], observedSeconds: number, periodSeconds: number): readonly string[] {
  const unpriced = [...new Set(uses.filter(({ usd }) => usd === null).map(({ node }) => node))];
  const unmeasured = [...new Set(uses.filter(({ busySliceHours }) => busySliceHours === null).map(({ node }) => node))];
  return [
    ...(observedSeconds === 0
      ? ["Prometheus has no samples of the slice exporter in this period: nothing was counted"]
      : observedSeconds < periodSeconds * WHOLE
        ? [
            "a part of the period was not counted: the platform was not there yet, the slice exporter did not answer, or Prometheus keeps less (monitoring.retentionDays)",
          ]
        : []),
    ...(unpriced.length === 0 ? [] : [`sums in dollars leave out slices without a list price, of: ${unpriced.join(", ")}`]),
    ...(unmeasured.length === 0 ? [] : [`busy hours leave out slices that DCGM Exporter says nothing of, of: ${unmeasured.join(", ")}`]),
    `dollars: ${PRICE_SOURCE}, by compute slices. A team is a namespace`,
  ];
}

function sumOf(uses: readonly Used[]): Used {
  const sum = (part: (use: Used) => number | null): number | null => {
    const known = uses.map(part).filter((value) => value !== null);
    return known.length === 0 && uses.length > 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  return {
    sliceHours: uses.reduce((total, { sliceHours }) => total + sliceHours, 0),
    busySliceHours: sum(({ busySliceHours }) => busySliceHours),
    usd: sum(({ usd }) => usd),
    busyUsd: sum(({ busyUsd }) => busyUsd),
  };
}

function byLabels(samples: readonly UsageSample[]): ReadonlyMap<string, number> {
  return new Map(samples.map(({ labels, value }) => [keyOf(labels), value]));
}

function keyOf({ team = "", tier = "", node = "" }: Readonly<Record<string, string>>): string {
  return JSON.stringify([team, tier, node]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
