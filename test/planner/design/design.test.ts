/** What to buy, against trying everything and against the configuration of the stack. */
import fc from "fast-check";
import loadHighs from "highs";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import { INSTANCE_TYPES } from "../../../src/hardware/instance-types";
import type { GpuModel } from "../../../src/hardware/types";
import { ask } from "../../../src/planner/ask/ask";
import { parseDemand } from "../../../src/planner/ask/demand";
import type { DemandItem } from "../../../src/planner/ask/demand";
import { design } from "../../../src/planner/design/design";
import type { Design, Plan } from "../../../src/planner/design/design";
import { highsSolver } from "../../../src/planner/design/highs";
import type { Solver } from "../../../src/planner/design/integer-program";
import { offersOf } from "../../../src/planner/design/offers";
import type { Offer, Offers } from "../../../src/planner/design/offers";
import { cheapest } from "../../../src/planner/design/purchase";
import type { Purchase } from "../../../src/planner/design/purchase";
import { served } from "../../../src/planner/design/suppliers";
import { STACK, configOf } from "../../config/stacks";
import { clusterOf, gpuNode } from "../clusters";
import { cheapestByTrying } from "./brute-force";

const LIMITS = { seconds: 60, tidySeconds: 0 };

let solve: Solver;

beforeAll(async () => {
  solve = highsSolver(await loadHighs(), () => Promise.resolve());
});

function itemsOf(text: string): readonly DemandItem[] {
  const reading = parseDemand(text);
  if (reading.type === "invalid") throw new Error(reading.reason);
  return reading.items;
}

function market(names?: readonly string[], prices: Readonly<Record<string, number>> = {}, region = "us-east-1"): Offers {
  const result = offersOf(names, region, new Map(Object.entries(prices)));
  if (result.type === "invalid") throw new Error(result.reason);
  return result;
}

async function designed(
  text: string,
  { offers = market(), zones = [], spare = 0 }: { readonly offers?: Offers } & Partial<Pick<Purchase, "zones" | "spare">> = {},
): Promise<Design> {
  return design({ items: itemsOf(text), offers, zones, spare }, solve);
}

function model(name: string): GpuModel {
  const found = findGpuModel(name);
  if (found === undefined) throw new Error(`no GPU model ${name}`);
  return found;
}

const bestOf = ({ best }: Design): Plan => {
  if (best === null) throw new Error("nothing was found");
  return best;
};

const MODELS = ["A100-SXM4-40GB", "A100-SXM4-80GB", "H100 80GB", "RTX PRO 6000 96GB"].map(model);

const offer = fc
  .record({ model: fc.constantFrom(...MODELS), gpus: fc.constantFrom(1, 2, 3), cents: fc.integer({ min: 50, max: 900 }) })
  .map(({ model: of, gpus, cents }): Offer => ({ instanceType: "any", model: of, gpus, usdPerHour: cents / 100 }));

const purchase = fc
  .record({
    offers: fc.array(offer, { minLength: 1, maxLength: 3 }),
    demand: fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom("1g.5gb", "2g.10gb", "3g.20gb", "1g.10gb", "2g.20gb", "3g.40gb", "1g.24gb", "small", "medium", "large", "gpu"),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    match: fc.constantFrom("exact" as const, "asLarge" as const),
    spare: fc.constantFrom(0, 0, 1),
  })
  .map(({ demand, ...rest }): Purchase => ({
    ...rest,
    zones: [],
    items: itemsOf(demand.map(([count, name]) => `${String(count)}x${name}`).join()),
  }))
  .filter(
    ({ items, offers, match }) =>
      items.reduce((sum, { count }) => sum + count, 0) <= 5 &&
      items.every(({ wanted }) => offers.some(({ model: of }) => served(wanted, of, match).length > 0)),
  );

describe("the cheapest purchase", () => {
  it("costs what trying everything finds", async () => {
    await fc.assert(
      fc.asyncProperty(purchase, async (each) => {
        expect(await cheapest(each, solve, LIMITS)).toMatchObject({
          ...{ type: "bought", proven: true },
          usdPerHour: expect.closeTo(cheapestByTrying(each), 5) as number,
        });
      }),
      { numRuns: 60 },
    );
  });

  it("in two zones, of which either must serve alone, costs twice that of one", async () => {
    await fc.assert(
      fc.asyncProperty(
        purchase.filter(({ spare }) => spare === 0),
        async (each) => {
          expect(await cheapest({ ...each, zones: ["a", "b"] }, solve, LIMITS)).toMatchObject({
            usdPerHour: expect.closeTo(2 * cheapestByTrying(each), 5) as number,
          });
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("a design", () => {
  it("for one p4d.24xlarge says its layout, what is free and what other types would have to cost", async () => {
    const result = await designed("20x1g.5gb,4x2g.10gb,3x3g.20gb");
    expect(result).toMatchObject({
      verdict: "found",
      asLarge: null,
      best: { usdPerHour: 21.9576, proven: true, gapPercent: 0, nodes: [{ instanceType: "p4d.24xlarge", count: 1 }] },
    });
    expect(result.prices).toContainEqual({
      ...{ type: "below", instanceType: "p5.4xlarge", match: "asLarge", nodes: 6 },
      ...{ usdPerHour: 3.65, nowUsdPerHour: 6.88 },
    });
    expect(result.prices).toContainEqual(expect.objectContaining({ instanceType: "p5e.48xlarge", nowUsdPerHour: null, nodes: 1 }));
  });

  it("names a cheaper type whose slices are as large", async () => {
    const result = await designed("3x1g.5gb");
    expect(result.best).toMatchObject({ nodes: [{ instanceType: "p4d.24xlarge", count: 1 }] });
    expect(result.asLarge).toMatchObject({
      ...{ usdPerHour: 3.3631, nodes: [{ instanceType: "g7e.2xlarge", count: 1 }] },
      serves: [{ wants: "1g.5gb", profile: "1g.24gb", count: 3 }],
    });
  });

  it("takes a tier on whatever GPU is cheapest", async () => {
    expect(bestOf(await designed("3xsmall,1xmedium")).nodes).toEqual([{ instanceType: "g7e.2xlarge", count: 2 }]);
  });

  it("says at which price another type is as cheap, and at that price it is", async () => {
    const { prices } = await designed("30x1g.10gb");
    const [below] = prices.filter(({ type, instanceType }) => type === "below" && instanceType === "p5.48xlarge");
    if (below?.type !== "below") throw new Error("p5.48xlarge is in no price");
    const at = async (price: number) => bestOf(await designed("30x1g.10gb", { offers: market(undefined, { "p5.48xlarge": price }) }));
    expect((await at(below.usdPerHour)).nodes).toEqual([{ instanceType: "p5.48xlarge", count: below.nodes }]);
    expect((await at(below.usdPerHour + 0.02)).nodes).not.toEqual([{ instanceType: "p5.48xlarge", count: below.nodes }]);
  });

  it("says up to which price it stays the best, and beyond it is not", async () => {
    const result = await designed("8x1g.10gb");
    const [upTo] = result.prices.filter(({ type }) => type === "upTo");
    if (upTo?.type !== "upTo") throw new Error("no price");
    const at = async (price: number) =>
      bestOf(await designed("8x1g.10gb", { offers: market(undefined, { [upTo.instanceType]: price }) })).nodes;
    expect(await at(upTo.usdPerHour)).toEqual(bestOf(result).nodes);
    expect(await at(upTo.usdPerHour + 0.02)).not.toEqual(bestOf(result).nodes);
  });

  it("has spare nodes of each instance type", async () => {
    expect(bestOf(await designed("20x1g.5gb", { spare: 2 })).pools).toMatchObject([{ instanceType: "p4d.24xlarge", size: { desired: 3 } }]);
  });

  it("in three zones serves the demand whichever fails", async () => {
    const zones = ["us-east-1a", "us-east-1b", "us-east-1d"];
    const { pools, usdPerHour } = bestOf(await designed("7x1g.10gb", { zones, offers: market(["p5.4xlarge"]) }));
    // Two H100s serve seven slices; with three nodes, each two of them must.
    expect(usdPerHour).toBe(13.76);
    for (const failed of zones) {
      const left = pools.filter(({ availabilityZone }) => availabilityZone !== failed);
      expect(left.reduce((sum, { size }) => sum + size.desired, 0) * 7).toBeGreaterThanOrEqual(7);
    }
  });

  it.each<[string, Offers, Design["verdict"], RegExp]>([
    ["1x1g.5gb", market(["p5.4xlarge"]), "none", /no instance type that is compared has 1g\.5gb/],
    ["1x1g.47gb", market(), "unknown", /1g\.47gb is on p6e-gb200\.36xlarge only.*--price p6e-gb200\.36xlarge=DOLLARS/],
    ["1x1g.5gb", market(undefined, {}, "eu-west-1"), "unknown", /--price p4d\.24xlarge=DOLLARS/],
  ])("that does not exist is said: %s", async (text, offers, verdict, reason) => {
    const result = await designed(text, { offers });
    expect(result).toMatchObject({ verdict, best: null });
    expect(result.missing.join("\n")).toMatch(reason);
  });

  it("of which the time is over cannot be told", async () => {
    const result = await design({ items: itemsOf("1x1g.5gb"), offers: market(), zones: [], spare: 0 }, () =>
      Promise.resolve({ type: "unknown" }),
    );
    expect(result).toMatchObject({ verdict: "unknown", best: null, missing: [expect.stringContaining("in 10 seconds") as string] });
  });

  it("that is not proven says its bound and its gap", async () => {
    const halfway: Solver = async (program, seconds) => {
      const solution = await solve(program, seconds);
      return solution.type === "solved" ? { ...solution, proven: false, bound: solution.cost / 2 } : solution;
    };
    const { best } = await design({ items: itemsOf("7x1g.10gb"), offers: market(["p5.4xlarge"]), zones: [], spare: 0 }, halfway);
    expect(best).toMatchObject({ usdPerHour: 6.88, boundUsdPerHour: 3.44, gapPercent: 50, proven: false });
  });
});

describe("the pools of a design", () => {
  /** The stack of the design, and whether its nodes take the demand. */
  const accepted = (text: string, result: Design): void => {
    const { pools } = bestOf(result);
    const { gpuPools } = configOf({ ...STACK, gpuPools: pools, teams: [], fashionMnist: { type: "none" }, vpcCidr: "10.0.0.0/16" });
    expect(gpuPools).toHaveLength(pools.length);
    const nodes = pools.flatMap(({ name, instanceType, layout, size }) =>
      Array.from({ length: size.desired }, (_, index) => gpuNode(`${name}-${String(index)}`, { instanceType, layout, pool: name })).flat(),
    );
    expect(ask(clusterOf(nodes), { items: itemsOf(text), namespace: "default", arrangement: "separate" }).verdict).toBe("fits");
  };

  it.each([
    ...["20x1g.5gb,4x2g.10gb,3x3g.20gb", "3xsmall,1xmedium", "30x1g.10gb,9x3g.40gb", "2xgpu,5xsmall", "1x1g.5gb+me,6x1g.5gb"],
    ...["1x7g.40gb,2x4g.20gb,9x1g.10gb,11x2g.10gb,1xgpu", "5x1g.24gb,3x2g.48gb,1x4g.96gb"],
  ])("are legal, and the planner finds a place for everything: %s", async (text) => {
    accepted(text, await designed(text));
  });

  it.each(INSTANCE_TYPES.filter(({ gpus }) => gpus.type === "mig").map(({ name }) => name))("are legal on a %s", async (name) => {
    const text = "5xsmall,2xmedium,1xgpu";
    accepted(text, await designed(text, { offers: market([name], { [name]: 10 }) }));
  });

  it("have the zones that were asked for, and names of their own", async () => {
    const zones = ["us-east-1a", "us-east-1b", "us-east-1d"];
    const result = await designed("40x1g.5gb,10x2g.10gb", { zones });
    accepted("40x1g.5gb,10x2g.10gb", result);
    const { pools } = bestOf(result);
    expect(new Set(pools.map(({ name }) => name)).size).toBe(pools.length);
    expect(pools.every(({ availabilityZone }) => zones.includes(availabilityZone ?? ""))).toBe(true);
  });
});

describe("large demands", () => {
  it("for 64 GPUs are proven to be the cheapest", async () => {
    const best = bestOf(await designed("130x1g.5gb,60x2g.10gb,51x3g.20gb,5x4g.20gb"));
    expect(best).toMatchObject({ proven: true, gapPercent: 0, nodes: [{ instanceType: "p4d.24xlarge", count: 8 }] });
  });

  it.each(["3000x1g.5gb,1000x2g.10gb,790x3g.20gb,17x4g.20gb,33x1g.10gb", "3000xsmall,1000xmedium,790xlarge,17xgpu"])(
    "for 1,000 GPUs are within 2 %% of the bound in 5 seconds: %s",
    async (text) => {
      const bought = await cheapest({ items: itemsOf(text), offers: market().offers, match: "exact", zones: [], spare: 0 }, solve, {
        seconds: 5,
        tidySeconds: 0,
      });
      if (bought.type !== "bought") throw new Error(bought.type);
      expect(bought.nodes.reduce((sum, { offer: { gpus }, count }) => sum + gpus * count, 0)).toBeGreaterThan(1000);
      expect(bought.bound).toBeGreaterThanOrEqual(bought.usdPerHour * 0.98);
    },
  );
});
