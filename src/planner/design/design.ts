/** What to buy for a demand: the cheapest nodes and what their GPUs are divided into. */
import { findInstanceType } from "../../hardware/instance-types";
import { resolveLayout } from "../../hardware/layouts";
import { devicesPerNode } from "../../hardware/node-devices";
import { roundUsd } from "../cost";
import { nameOf } from "../ask/demand";
import type { Solver } from "./integer-program";
import type { Offer, Offers } from "./offers";
import { poolsOf } from "./pools";
import type { Pool } from "./pools";
import { cheapest } from "./purchase";
import type { Bought, Limits, Purchase } from "./purchase";
import { served } from "./suppliers";
import type { Match } from "./suppliers";

export interface DesignQuestion extends Pick<Purchase, "items" | "zones" | "spare"> {
  readonly offers: Offers;
}

export interface Design {
  readonly verdict: "found" | "none" | "unknown";
  readonly asked: string;
  /** With the profiles that are asked for. */
  readonly best: Plan | null;
  /** The cheapest with profiles that are as large or larger, where that costs less or the other does not exist. */
  readonly asLarge: Plan | null;
  /** Other ways, cheapest first. With `--instance-types` you get the pools of one. */
  readonly alternatives: readonly Alternative[];
  /** What other prices would have to be for another answer. */
  readonly prices: readonly PriceChange[];
  /** What keeps the demand from being served. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

/** A purchase that serves the demand. */
export interface Plan {
  readonly usdPerHour: number;
  /** No purchase of these instance types costs less. */
  readonly boundUsdPerHour: number;
  readonly gapPercent: number;
  readonly proven: boolean;
  readonly match: Match;
  /** With spare ones. */
  readonly nodes: readonly { readonly instanceType: string; readonly count: number }[];
  readonly serves: readonly { readonly wants: string; readonly gpuModel: string; readonly profile: string; readonly count: number }[];
  readonly pools: readonly Pool[];
  readonly free: readonly { readonly gpuModel: string; readonly profile: string; readonly free: number }[];
}

export type Alternative = Omit<Plan, "serves" | "pools" | "free">;

export type PriceChange =
  /** At this price or less, this many nodes of the type alone cost no more than the best plan: with slices that are as large, than the cheapest one. */
  | {
      readonly type: "below";
      readonly instanceType: string;
      readonly usdPerHour: number;
      readonly nowUsdPerHour: number | null;
      readonly nodes: number;
      readonly match: Match;
    }
  /** Up to this price, the best plan costs no more than the best one without the type. */
  | { readonly type: "upTo"; readonly instanceType: string; readonly usdPerHour: number; readonly nowUsdPerHour: number };

const ANSWER: Limits = { seconds: 10, tidySeconds: 1 };
const AS_LARGE: Limits = { seconds: 3, tidySeconds: 0.5 };
const OTHER: Limits = { seconds: 1, tidySeconds: 0 };

/** Asks for everything that belongs to one answer: about a solution for each instance type. */
export async function design(question: DesignQuestion, solve: Solver): Promise<Design> {
  const { items, offers: market } = question;
  const buy = async (offers: readonly Offer[], match: Match, limits: Limits): Promise<Planned> => {
    const purchase = { ...question, offers, match };
    return planned(purchase, isServed(purchase) ? await cheapest(purchase, solve, limits) : { type: "impossible" });
  };

  const answer = await buy(market.offers, "exact", ANSWER);
  const best = planOf(answer);
  const namesProfiles = items.some(({ wanted }) => wanted.type === "profile");
  const larger = namesProfiles ? planOf(await buy(market.offers, "asLarge", AS_LARGE)) : null;
  const asLarge = larger !== null && (best === null || larger.usdPerHour < best.usdPerHour) ? larger : null;

  const used = market.offers.filter(({ instanceType }) => countOf(best, instanceType) > 0);
  const without: Without[] = [];
  for (const offer of used) {
    const others = market.offers.filter((other) => other !== offer);
    without.push({ offer, plan: planOf(await buy(others, "exact", OTHER)) });
  }
  const alone: Alone[] = [];
  // The number of nodes of one type alone does not depend on its price.
  const unpriced = market.unpriced.map((node): Offer => ({ ...node, usdPerHour: 1 }));
  for (const offer of [...market.offers, ...unpriced]) {
    const plan = planOf(await buy([offer], "exact", OTHER)) ?? planOf(await buy([offer], "asLarge", OTHER));
    if (plan !== null) {
      alone.push({ offer, plan, isPriced: !unpriced.includes(offer) });
    }
  }

  return {
    verdict: best !== null ? "found" : answer.type === "unknown" || pricesMissing(question) ? "unknown" : "none",
    asked: items.map(({ count, wanted }) => `${String(count)} x ${nameOf(wanted)}`).join(", "),
    best,
    asLarge,
    alternatives: distinct([
      ...without.flatMap(({ plan }) => plan ?? []),
      ...alone.filter(({ isPriced }) => isPriced).map(({ plan }) => plan),
    ]).filter((plan) => ![best, asLarge].some((shown) => shown !== null && nodesText(shown) === nodesText(plan))),
    prices: best === null ? [] : priceChanges(best, asLarge, without, alone),
    missing: missingOf(question, answer),
    notes: notesOf(question, used, [best, asLarge]),
  };
}

/** The best plan that leaves a type of the best one out. */
interface Without {
  readonly offer: Offer;
  readonly plan: Plan | null;
}

/** The best plan of one type. */
interface Alone {
  readonly offer: Offer;
  readonly plan: Plan;
  readonly isPriced: boolean;
}

type Planned = { readonly type: "plan"; readonly plan: Plan } | Exclude<Bought, { readonly type: "bought" }>;

function planOf(planned: Planned): Plan | null {
  return planned.type === "plan" ? planned.plan : null;
}

function planned({ spare, match }: Purchase, bought: Bought): Planned {
  if (bought.type !== "bought") {
    return bought;
  }
  const { usdPerHour, bound, proven, nodes, gpus, services } = bought;
  const pools = poolsOf(nodes, gpus, spare);
  const counts = new Map<string, number>();
  for (const { instanceType, size } of pools) {
    counts.set(instanceType, (counts.get(instanceType) ?? 0) + size.desired);
  }
  return {
    type: "plan",
    plan: {
      usdPerHour: roundUsd(usdPerHour),
      boundUsdPerHour: roundUsd(bound),
      gapPercent: usdPerHour === 0 ? 0 : Math.round(((usdPerHour - bound) / usdPerHour) * 10_000) / 100,
      proven,
      match,
      nodes: [...counts].map(([instanceType, count]) => ({ instanceType, count })),
      serves: services.map(({ wants, model, device, count }) => ({ wants, gpuModel: model.name, profile: device, count })),
      pools,
      free: freeOf(
        pools,
        services.map(({ model, device, count }) => ({ gpuModel: model.name, profile: device, free: -count })),
      ),
    },
  };
}

function freeOf(pools: readonly Pool[], taken: Plan["free"]): Plan["free"] {
  const counts = new Map<string, Plan["free"][number]>();
  const add = ({ gpuModel, profile, free }: Plan["free"][number]): void => {
    const key = JSON.stringify([gpuModel, profile]);
    counts.set(key, { gpuModel, profile, free: (counts.get(key)?.free ?? 0) + free });
  };
  for (const { instanceType, layout, size } of pools) {
    const gpus = findInstanceType(instanceType)?.gpus;
    const resolved = gpus?.type === "mig" ? resolveLayout(layout, gpus.model, gpus.count) : undefined;
    if (resolved?.type !== "legal") {
      throw new Error(`the layout ${JSON.stringify(layout)} of ${instanceType} is not legal`);
    }
    for (const [profile, count] of Object.entries(devicesPerNode(resolved.layout))) {
      add({ gpuModel: resolved.layout.model.name, profile, free: count * size.desired });
    }
  }
  taken.forEach(add);
  return [...counts.values()].filter(({ free }) => free > 0);
}

/** Whether each thing is served by some node at all: how many there are is a matter of money. */
function isServed({ items, offers, match }: Pick<Purchase, "items" | "match"> & { readonly offers: readonly Pick<Offer, "model">[] }) {
  return items.every(({ wanted }) => offers.some(({ model }) => served(wanted, model, match).length > 0));
}

function pricesMissing({ items, offers: { offers, unpriced } }: DesignQuestion): boolean {
  return isServed({ items, offers: [...offers, ...unpriced], match: "exact" });
}

function missingOf(question: DesignQuestion, answer: Planned): readonly string[] {
  const { offers, unpriced } = question.offers;
  if (answer.type === "unknown") {
    return [`no purchase was found in ${String(ANSWER.seconds)} seconds: allow fewer instance types with --instance-types, or fewer zones`];
  }
  return question.items.flatMap((item) => {
    const serving = (nodes: readonly Pick<Offer, "model" | "instanceType">[]) =>
      nodes.filter(({ model }) => isServed({ items: [item], offers: [{ model }], match: "exact" })).map(({ instanceType }) => instanceType);
    if (serving(offers).length > 0) {
      return [];
    }
    const name = nameOf(item.wanted);
    const without = serving(unpriced);
    const [first] = without;
    return [
      first === undefined
        ? `no instance type that is compared has ${name}`
        : `${name} is on ${without.join(", ")} only, and no price of these is known. Write one: --price ${first}=DOLLARS`,
    ];
  });
}

function notesOf({ offers: { unpriced }, spare, zones }: DesignQuestion, used: readonly Offer[], plans: readonly (Plan | null)[]) {
  const names = unpriced.map(({ instanceType }) => instanceType);
  return [
    ...(names.length === 0 ? [] : [`not compared, because their price is unknown: ${names.join(", ")}. --price TYPE=DOLLARS adds one`]),
    ...(plans.some((plan) => plan?.match === "asLarge")
      ? [
          "as large means: at least as many compute slices and as much memory by name. A compute slice of another GPU model has another speed",
        ]
      : []),
    ...(spare > 0 && used.length > 0
      ? [`spare nodes of each instance type: ${String(spare)}. If a node fails, give a spare one its layout`]
      : []),
    ...(zones.length > 1 ? ["the demand is served whichever one of the zones fails"] : []),
    "the answer counts GPU slices. It does not count CPU, memory and pods of the nodes, the system pool or the control plane",
  ];
}

function countOf(plan: Pick<Plan, "nodes"> | null, instanceType: string): number {
  return plan?.nodes.find((node) => node.instanceType === instanceType)?.count ?? 0;
}

function priceChanges(best: Plan, asLarge: Plan | null, without: readonly Without[], alone: readonly Alone[]): readonly PriceChange[] {
  const upTo = without.flatMap(({ offer: { instanceType, usdPerHour }, plan }): readonly PriceChange[] =>
    plan === null
      ? []
      : [
          {
            ...{ type: "upTo", instanceType, nowUsdPerHour: usdPerHour },
            usdPerHour: cents(usdPerHour + (plan.boundUsdPerHour - best.usdPerHour) / countOf(best, instanceType)),
          },
        ],
  );
  const cheapestPlan = asLarge ?? best;
  const below = alone.flatMap(({ offer: { instanceType, usdPerHour }, plan: { nodes, match }, isPriced }): readonly PriceChange[] => {
    const rival = match === "exact" && countOf(best, instanceType) === 0 ? best : cheapestPlan;
    const count = countOf({ nodes }, instanceType);
    return countOf(rival, instanceType) > 0
      ? []
      : [
          {
            ...{ type: "below", instanceType, match, nodes: count },
            ...{ usdPerHour: cents(rival.usdPerHour / count), nowUsdPerHour: isPriced ? usdPerHour : null },
          },
        ];
  });
  return [...upTo, ...below];
}

/** Downwards, so that the price that is named is low enough. */
function cents(usd: number): number {
  return Math.floor(roundUsd(usd) * 100) / 100;
}

function distinct(plans: readonly Plan[]): readonly Alternative[] {
  const byNodes = new Map(
    [...plans]
      .reverse()
      .map(({ usdPerHour, boundUsdPerHour, gapPercent, proven, match, nodes }) => [
        nodesText({ nodes }),
        { usdPerHour, boundUsdPerHour, gapPercent, proven, match, nodes },
      ]),
  );
  return [...byNodes.values()].sort((a, b) => a.usdPerHour - b.usdPerHour);
}

/** `1 x p4d.24xlarge, 2 x g7e.2xlarge`. */
export function nodesText({ nodes }: Pick<Plan, "nodes">): string {
  return nodes.map(({ instanceType, count }) => `${String(count)} x ${instanceType}`).join(", ");
}
