import fc from "fast-check";
import { findGpuModel } from "../../src/hardware/gpu-models";
import { countProfiles, formatProfileCounts, maximalLayouts, nearestLayouts, placeProfiles } from "../../src/hardware/placement";
import type { GpuModel, Placement } from "../../src/hardware/types";
import { anyModel, anyWish } from "./arbitraries";
import { fitsByBruteForce } from "./brute-force";

const model = (name: string): GpuModel => {
  const found = findGpuModel(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const a30 = model("A30 24GB");
const a100 = model("A100-SXM4-40GB");
const rtx = model("RTX PRO 6000 96GB");

const at = (placements: readonly Placement[]): string[] => placements.map(({ profile, start }) => `${profile.name}@${String(start)}`);

/** Every wish up to one more than the maximum of each profile. */
function* allWishes(gpu: GpuModel): Generator<Record<string, number>> {
  const counts = gpu.profiles.map(() => 0);
  for (;;) {
    yield Object.fromEntries(gpu.profiles.map(({ name }, index) => [name, counts[index] ?? 0]));
    let index = 0;
    for (; index < counts.length; index++) {
      counts[index] = (counts[index] ?? 0) + 1;
      if ((counts[index] ?? 0) <= (gpu.profiles[index]?.maxInstances ?? 0) + 1) break;
      counts[index] = 0;
    }
    if (index === counts.length) return;
  }
}

describe("placeProfiles", () => {
  it.each([
    [a30.name, a30],
    [a100.name, a100],
  ])("agrees with brute force on every wish for an %s", (_, gpu) => {
    const disagreements: string[] = [];
    for (const counts of allWishes(gpu)) {
      if ((placeProfiles(gpu, counts).type === "placed") !== fitsByBruteForce(gpu, counts)) disagreements.push(formatProfileCounts(counts));
    }
    expect(disagreements).toEqual([]);
  });

  it("agrees with brute force on any wish for any GPU", () => {
    fc.assert(
      fc.property(anyWish, ({ model: gpu, counts }) => {
        expect(placeProfiles(gpu, counts).type === "placed").toBe(fitsByBruteForce(gpu, counts));
      }),
      { numRuns: 1000 },
    );
  });

  it("places what was asked for, at legal starts, without overlap, by ascending start", () => {
    fc.assert(
      fc.property(anyWish, ({ model: gpu, counts }) => {
        const result = placeProfiles(gpu, counts);
        fc.pre(result.type === "placed");
        const taken = new Set<number>();
        for (const { profile, start } of result.placements) {
          expect(gpu.profiles).toContain(profile);
          expect(profile.starts).toContain(start);
          for (let slice = start; slice < start + profile.memorySlices; slice++) {
            expect(slice).toBeLessThan(gpu.memorySlices);
            expect(taken).not.toContain(slice);
            taken.add(slice);
          }
        }
        expect(countProfiles(result.placements)).toEqual(counts);
        const starts = result.placements.map(({ start }) => start);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
      }),
    );
  });

  it("does not depend on the order or the container of the wish", () => {
    fc.assert(
      fc.property(anyWish, ({ model: gpu, counts }) => {
        const backwards = new Map(Object.entries(counts).reverse());
        expect(placeProfiles(gpu, backwards)).toEqual(placeProfiles(gpu, counts));
      }),
    );
  });

  it("places nothing on a GPU in MIG mode without instances", () => {
    expect(placeProfiles(a100, {})).toEqual({ type: "placed", placements: [] });
    expect(placeProfiles(a100, { "1g.5gb": 0 })).toEqual({ type: "placed", placements: [] });
  });

  // What NVIDIA's driver did, from published `nvidia-smi mig -lgi` listings (read 2026-11-23).
  it.each([
    ["A100-SXM4-80GB", { "3g.40gb": 1 }, ["3g.40gb@4"]],
    ["A100-SXM4-40GB", { "3g.20gb": 2 }, ["3g.20gb@0", "3g.20gb@4"]],
    ["A100-SXM4-80GB", { "3g.40gb": 1, "4g.40gb": 1 }, ["4g.40gb@0", "3g.40gb@4"]],
    ["A100-SXM4-40GB", { "1g.5gb": 1, "2g.10gb": 1, "4g.20gb": 1 }, ["4g.20gb@0", "2g.10gb@4", "1g.5gb@6"]],
    ["A30 24GB", { "1g.6gb": 1 }, ["1g.6gb@0"]],
    ["A30 24GB", { "1g.6gb": 2 }, ["1g.6gb@0", "1g.6gb@1"]],
    ["RTX PRO 6000 96GB", { "2g.48gb": 1, "1g.24gb": 2 }, ["2g.48gb@0", "1g.24gb@6", "1g.24gb@9"]],
    ["RTX PRO 6000 96GB", { "1g.24gb": 4 }, ["1g.24gb@0", "1g.24gb@3", "1g.24gb@6", "1g.24gb@9"]],
  ])("places as the driver did: %s, %o", (name, counts, expected) => {
    const result = placeProfiles(model(name), counts);
    expect(result.type === "placed" && at(result.placements)).toEqual(expected);
  });

  it("puts the 3g of all-balanced at 4, where it leaves room for the rest", () => {
    const result = placeProfiles(a100, { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 });
    expect(result.type === "placed" && at(result.placements)).toEqual(["2g.10gb@0", "1g.5gb@2", "1g.5gb@3", "3g.20gb@4"]);
  });

  it.each([
    [a100, { "3g.20gb": 2, "1g.5gb": 1 }, "3g.20gb x2 fills memory slices 0-7; no room for 1g.5gb"],
    [a100, { "1g.10gb": 4, "1g.5gb": 1 }, "1g.10gb x4 fills memory slices 0-7; no room for 1g.5gb"],
    [a100, { "1g.5gb": 8 }, "1g.5gb x8 is more than the 7 that A100-SXM4-40GB can hold"],
    [a100, { "1g.5gb+me": 2 }, "1g.5gb+me x2 is more than the 1 that A100-SXM4-40GB can hold"],
    [a100, { "7g.40gb": 1, "1g.5gb": 1 }, "7g.40gb x1, 1g.5gb x1 needs 8 compute slices; A100-SXM4-40GB has 7"],
    [a30, { "1g.6gb+me": 1, "2g.12gb+me": 1 }, "2g.12gb+me x1, 1g.6gb+me x1 needs 2 NVJPG; A30 24GB has 1"],
    [rtx, { "1g.24gb+me.all": 1, "1g.24gb": 1 }, "1g.24gb x1, 1g.24gb+me.all x1 needs 5 NVDEC; RTX PRO 6000 96GB has 4"],
    [model("B200 180GB"), { "2g.40gb": 1 }, '"2g.40gb" is not a profile of B200 180GB'],
    [a100, { "1g.5gb": 1.5 }, "1g.5gb x1.5: a count is an integer from 0"],
    [a100, { "1g.5gb": -1 }, "1g.5gb x-1: a count is an integer from 0"],
  ])("says why not: %#", (gpu, counts, reason) => {
    expect(placeProfiles(gpu, counts)).toEqual({ type: "impossible", reason });
  });

  it("lets an instance with all media engines stand beside instances without any", () => {
    expect(placeProfiles(rtx, { "1g.24gb+me.all": 1, "1g.24gb-me": 3 }).type).toBe("placed");
    expect(placeProfiles(rtx, { "2g.48gb+me.all": 1, "2g.48gb-me": 1 }).type).toBe("placed");
    expect(placeProfiles(rtx, { "2g.48gb+gfx": 1, "1g.24gb": 2 }).type).toBe("placed");
  });

  it("lets +me stand beside plain instances", () => {
    expect(placeProfiles(a100, { "1g.5gb+me": 1, "1g.5gb": 6 }).type).toBe("placed");
    expect(placeProfiles(a30, { "1g.6gb+me": 1, "2g.12gb": 1, "1g.6gb": 1 }).type).toBe("placed");
  });
});

describe("maximalLayouts", () => {
  it("are legal, and brute force can add nothing to them", () => {
    fc.assert(
      fc.property(
        anyModel.chain((gpu) => fc.tuple(fc.constant(gpu), fc.constantFrom(...maximalLayouts(gpu)), fc.constantFrom(...gpu.profiles))),
        ([gpu, { profiles, placements }, extra]) => {
          expect(countProfiles(placements)).toEqual(profiles);
          expect(fitsByBruteForce(gpu, profiles)).toBe(true);
          expect(fitsByBruteForce(gpu, { ...profiles, [extra.name]: (profiles[extra.name] ?? 0) + 1 })).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are all there are: every legal wish is part of one", () => {
    fc.assert(
      fc.property(anyWish, ({ model: gpu, counts }) => {
        fc.pre(fitsByBruteForce(gpu, counts));
        const part = maximalLayouts(gpu).some(({ profiles }) =>
          Object.entries(counts).every(([name, count]) => count <= (profiles[name] ?? 0)),
        );
        expect(part).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("are distinct", () => {
    fc.assert(
      fc.property(anyModel, (gpu) => {
        const names = maximalLayouts(gpu).map(({ profiles }) => formatProfileCounts(profiles));
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it("are eight on an A30", () => {
    expect(maximalLayouts(a30).map(({ profiles }) => formatProfileCounts(profiles))).toEqual([
      "4g.24gb x1",
      "2g.12gb x2",
      "2g.12gb x1, 2g.12gb+me x1",
      "2g.12gb x1, 1g.6gb x2",
      "2g.12gb x1, 1g.6gb x1, 1g.6gb+me x1",
      "2g.12gb+me x1, 1g.6gb x2",
      "1g.6gb x4",
      "1g.6gb x3, 1g.6gb+me x1",
    ]);
  });

  it("without media extensions and double-memory instances are twelve on an A100", () => {
    const plain: GpuModel = { ...a100, profiles: a100.profiles.filter(({ name }) => !["1g.5gb+me", "1g.10gb"].includes(name)) };
    expect(maximalLayouts(plain).map(({ profiles }) => formatProfileCounts(profiles))).toEqual([
      "7g.40gb x1",
      "4g.20gb x1, 3g.20gb x1",
      "4g.20gb x1, 2g.10gb x1, 1g.5gb x1",
      "4g.20gb x1, 1g.5gb x3",
      "3g.20gb x2",
      "3g.20gb x1, 2g.10gb x2",
      "3g.20gb x1, 2g.10gb x1, 1g.5gb x2",
      "3g.20gb x1, 1g.5gb x4",
      "2g.10gb x3, 1g.5gb x1",
      "2g.10gb x2, 1g.5gb x3",
      "2g.10gb x1, 1g.5gb x5",
      "1g.5gb x7",
    ]);
  });
});

describe("nearestLayouts", () => {
  const nearest = (gpu: GpuModel, counts: Record<string, number>): string[] =>
    nearestLayouts(gpu, counts).map(({ profiles }) => formatProfileCounts(profiles));

  it("keeps as much of the wish as fits", () => {
    expect(nearest(a100, { "3g.20gb": 2, "1g.5gb": 1 })[0]).toBe("3g.20gb x2");
    expect(nearest(a100, { "7g.40gb": 1, "1g.5gb": 1 })[0]).toBe("7g.40gb x1");
    expect(nearest(a100, { "4g.20gb": 2 })[0]).toBe("4g.20gb x1, 3g.20gb x1");
    expect(nearest(a100, { "1g.5gb": 8 })[0]).toBe("1g.5gb x7");
  });

  it("of a maximal layout is that layout", () => {
    fc.assert(
      fc.property(
        anyModel.chain((gpu) => fc.tuple(fc.constant(gpu), fc.constantFrom(...maximalLayouts(gpu)))),
        ([gpu, layout]) => {
          expect(nearestLayouts(gpu, layout.profiles)[0]).toBe(layout);
        },
      ),
    );
  });
});
