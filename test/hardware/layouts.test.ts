import fc from "fast-check";
import { balancedProfiles } from "../../src/hardware/balanced";
import { GPU_MODELS, findGpuModel } from "../../src/hardware/gpu-models";
import { isStockLayout, namedLayouts, resolveLayout } from "../../src/hardware/layouts";
import type { CustomGpus, LayoutResult, LayoutSpec } from "../../src/hardware/layouts";
import { countProfiles } from "../../src/hardware/placement";
import type { GpuLayout, GpuModel } from "../../src/hardware/types";
import { anyModel, anyWish } from "./arbitraries";
import { fitsByBruteForce } from "./brute-force";
import { MIG_PARTED_LAYOUTS } from "./mig-parted-facts";

const model = (name: string): GpuModel => {
  const found = findGpuModel(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const a100 = model("A100-SXM4-40GB");

/** One GPU as mig-parted's facts are written: `2x1g.5gb 1x2g.10gb`, in any order. */
const contents = (gpu: GpuLayout | undefined): readonly string[] | string =>
  gpu?.type === "mig"
    ? Object.entries(countProfiles(gpu.placements))
        .map(([name, count]) => `${String(count)}x${name}`)
        .sort()
    : "whole";

const legal = (result: LayoutResult): readonly GpuLayout[] => {
  if (result.type === "invalid") throw new Error(result.reason);
  return result.layout.gpus;
};

const custom = (gpus: readonly CustomGpus[], name = "mine"): LayoutSpec => ({ name, gpus });

describe("stock layouts", () => {
  it.each(Object.entries(MIG_PARTED_LAYOUTS))("of %s are exactly mig-parted's, all legal, with mig-parted's instances", (name, layouts) => {
    const gpu = model(name);
    expect([...namedLayouts(gpu)].sort()).toEqual(["all-disabled", "all-enabled", ...Object.keys(layouts)].sort());
    for (const [layout, instances] of Object.entries(layouts)) {
      expect(legal(resolveLayout(layout, gpu, 1)).map(contents)).toEqual([instances.split(" ").sort()]);
    }
  });

  it("cover every GPU of the catalogue", () => {
    expect(GPU_MODELS.map(({ name }) => name).sort()).toEqual(Object.keys(MIG_PARTED_LAYOUTS).sort());
  });

  it("divide every GPU of the node alike", () => {
    const gpus = legal(resolveLayout("all-balanced", a100, 8));
    expect(gpus.map(contents)).toEqual(Array.from({ length: 8 }, () => ["1x2g.10gb", "1x3g.20gb", "2x1g.5gb"]));
  });

  it("leave GPUs whole with all-disabled, and in MIG mode without instances with all-enabled", () => {
    expect(legal(resolveLayout("all-disabled", a100, 2))).toEqual([{ type: "whole" }, { type: "whole" }]);
    expect(legal(resolveLayout("all-enabled", a100, 2))).toEqual([
      { type: "mig", placements: [] },
      { type: "mig", placements: [] },
    ]);
  });

  it("resolve to a layout of their name, their model and the node's number of GPUs", () => {
    fc.assert(
      fc.property(
        anyModel.chain((gpu) => fc.tuple(fc.constant(gpu), fc.constantFrom(...namedLayouts(gpu)))),
        fc.integer({ min: 1, max: 16 }),
        ([gpu, name], gpuCount) => {
          const result = resolveLayout(name, gpu, gpuCount);
          expect(result).toMatchObject({ type: "legal", layout: { name, model: gpu } });
          expect(legal(result)).toHaveLength(gpuCount);
        },
      ),
    );
  });

  it.each([
    ["A100-SXM4-80GB", "all-1g.5gb", ["all-1g.10gb"]],
    ["A100-SXM4-40GB", "all-1g.10gb.me", ["all-1g.5gb.me"]],
    ["B200 180GB", "all-2g.35gb", ["all-2g.45gb"]],
    ["B200 180GB", "all-1g.35gb", ["all-1g.45gb"]],
  ])("of other GPUs are refused on %s: %s", (name, layout, nearest) => {
    expect(resolveLayout(layout, model(name), 8)).toEqual({
      type: "invalid",
      reason: expect.stringContaining(`"${layout}" is a layout for other GPUs`),
      nearest,
    });
  });

  it.each([
    ["A100-SXM4-40GB", "all-balance", '"all-balance" is not a layout that MIG Manager ships', ["all-balanced"]],
    ["A100-SXM4-40GB", "all_disabled", '"all_disabled" is not a layout that MIG Manager ships', ["all-disabled"]],
    ["A100-SXM4-40GB", "constructor", '"constructor" is not a layout that MIG Manager ships', undefined],
    ["B200 180GB", "2g.40gb", '"2g.40gb" is not a profile of B200 180GB', ["all-2g.45gb"]],
    ["B200 180GB", "all-2g.40gb", '"2g.40gb" is not a profile of B200 180GB', ["all-2g.45gb"]],
    ["A100-SXM4-40GB", "3g.20gb", '"3g.20gb" is a profile, not a layout', ["all-3g.20gb"]],
    ["A100-SXM4-40GB", "1g.5gb+me", '"1g.5gb+me" is a profile, not a layout', ["all-1g.5gb.me"]],
    ["H100 80GB", "all-1g.11gb.me", '"1g.11gb+me" is not a profile of H100 80GB', ["all-1g.10gb.me"]],
  ])("that do not exist are refused on %s: %s", (name, layout, reason, nearest) => {
    const result = resolveLayout(layout, model(name), 8);
    expect(result).toMatchObject({ type: "invalid", reason, ...(nearest === undefined ? {} : { nearest }) });
  });

  it("are suggested only where they are legal", () => {
    fc.assert(
      fc.property(anyModel, fc.oneof(fc.string(), fc.constantFrom(...GPU_MODELS.flatMap(namedLayouts))), (gpu, name) => {
        const result = resolveLayout(name, gpu, 1);
        fc.pre(result.type === "invalid");
        expect(result.nearest.length).toBeGreaterThan(0);
        for (const nearest of result.nearest) expect(resolveLayout(nearest, gpu, 1).type).toBe("legal");
      }),
    );
  });

  it("are known by name, whatever GPU they are for", () => {
    expect(isStockLayout("all-1g.36gb")).toBe(true);
    expect(isStockLayout("toString")).toBe(false);
    expect(isStockLayout("mine")).toBe(false);
  });
});

describe("custom layouts", () => {
  it("divide each GPU as its index says", () => {
    const spec = custom([
      { devices: [0, 1, 2, 3], profiles: { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 } },
      { devices: [4, 5], profiles: { "1g.5gb": 7 } },
      { devices: [7, 6], profiles: "whole" },
    ]);
    expect(legal(resolveLayout(spec, a100, 8)).map(contents)).toEqual([
      ...Array.from({ length: 4 }, () => ["1x2g.10gb", "1x3g.20gb", "2x1g.5gb"]),
      ["7x1g.5gb"],
      ["7x1g.5gb"],
      "whole",
      "whole",
    ]);
  });

  it("are legal exactly where brute force finds room", () => {
    fc.assert(
      fc.property(anyWish, fc.integer({ min: 1, max: 8 }), ({ model: gpu, counts }, gpuCount) => {
        const result = resolveLayout(custom([{ devices: "all", profiles: counts }]), gpu, gpuCount);
        expect(result.type === "legal").toBe(fitsByBruteForce(gpu, counts));
        if (result.type === "legal") expect(result.layout.gpus).toHaveLength(gpuCount);
      }),
    );
  });

  it("refuse two 3g and a 1g, with the reason and what would fit", () => {
    expect(resolveLayout(custom([{ devices: "all", profiles: { "3g.20gb": 2, "1g.5gb": 1 } }]), a100, 8)).toEqual({
      type: "invalid",
      reason: "3g.20gb x2 fills memory slices 0-7; no room for 1g.5gb",
      nearest: ["3g.20gb x2", "3g.20gb x1, 2g.10gb x1, 1g.5gb x2", "3g.20gb x1, 1g.10gb x1, 1g.5gb x2"],
    });
  });

  it.each([
    ["B200 180GB", "2g.40gb", ["2g.45gb"]],
    ["A100-SXM4-80GB", "3g.20gb", ["3g.40gb"]],
    ["A100-SXM4-80GB", "1g.5gb", ["1g.10gb"]],
    ["A100-SXM4-40GB", "1g.7gb", ["1g.5gb"]],
    ["RTX PRO 6000 96GB", "1g.20gb+gfx", ["1g.24gb+gfx"]],
    ["A100-SXM4-40GB", "6g.40gb", ["7g.40gb"]],
    ["A100-SXM4-40GB", "1g.5g", ["1g.5gb"]],
  ])("refuse profiles that %s does not have: %s", (name, profile, nearest) => {
    const result = resolveLayout(custom([{ devices: "all", profiles: { [profile]: 1 } }]), model(name), 8);
    expect(result).toEqual({ type: "invalid", reason: `"${profile}" is not a profile of ${name}`, nearest });
  });

  it("refuse a part of a GPU instance and name the whole", () => {
    expect(resolveLayout(custom([{ devices: "all", profiles: { "1c.3g.20gb": 1 } }]), a100, 8)).toEqual({
      type: "invalid",
      reason: '"1c.3g.20gb" is a compute instance within a GPU instance; layouts are made of whole GPU instances',
      nearest: ["3g.20gb"],
    });
  });

  it("say which entry is wrong where there are several", () => {
    const spec = custom([
      { devices: [0], profiles: "whole" },
      { devices: [1], profiles: { "1g.5gb": 8 } },
    ]);
    expect(resolveLayout(spec, a100, 2)).toMatchObject({ reason: "1g.5gb x8 is more than the 7 that A100-SXM4-40GB can hold (gpus[1])" });
  });

  it.each([
    [
      [{ devices: [0, 1], profiles: "whole" }],
      '"mine" does not say what happens to GPU 2, 3; use "whole" for a GPU that is not to be divided',
    ],
    [
      [
        { devices: "all", profiles: "whole" },
        { devices: [], profiles: {} },
      ],
      '"mine" has an entry for no GPU (gpus[1])',
    ],
    [[], '"mine" does not say what happens to GPU 0, 1, 2, 3; use "whole" for a GPU that is not to be divided'],
    [[{ devices: [0, 1, 2, 3, 4], profiles: "whole" }], "there is no GPU 4; a node has GPUs 0-3"],
    [[{ devices: [0, 1.5, 2, 3], profiles: "whole" }], "there is no GPU 1.5; a node has GPUs 0-3"],
    [[{ devices: [-1, 0, 1, 2, 3], profiles: "whole" }], "there is no GPU -1; a node has GPUs 0-3"],
    [[{ devices: [0, 1, 1, 2, 3], profiles: "whole" }], "GPU 1 is mentioned more than once"],
    [
      [
        { devices: "all", profiles: {} },
        { devices: [3], profiles: "whole" },
      ],
      "GPU 3 is mentioned more than once (gpus[1])",
    ],
  ] as const)("mention every GPU exactly once: %#", (gpus, reason) => {
    expect(resolveLayout(custom(gpus), a100, 4)).toEqual({ type: "invalid", reason, nearest: [] });
  });

  it.each(["Mixed_7.small-1", "a", "x".repeat(63)])("may be called %s", (name) => {
    expect(resolveLayout(custom([{ devices: "all", profiles: "whole" }], name), a100, 1).type).toBe("legal");
  });

  it.each([
    ["two words", ["two-words"]],
    ["-mine-", ["mine"]],
    ["", []],
    ["x".repeat(64), ["x".repeat(63)]],
    ["team/a", ["team-a"]],
  ])("may not be called %j, which is no label value", (name, nearest) => {
    expect(resolveLayout(custom([{ devices: "all", profiles: "whole" }], name), a100, 1)).toEqual({
      type: "invalid",
      reason: expect.stringContaining("is not a Kubernetes label value"),
      nearest,
    });
  });

  it("may carry a stock name only with the stock contents", () => {
    const same = custom([{ devices: "all", profiles: { "3g.20gb": 1, "1g.5gb": 2, "2g.10gb": 1 } }], "all-balanced");
    expect(resolveLayout(same, a100, 8)).toEqual(resolveLayout("all-balanced", a100, 8));
    const other = custom([{ devices: "all", profiles: { "1g.5gb": 7 } }], "all-balanced");
    expect(resolveLayout(other, a100, 8)).toEqual({
      type: "invalid",
      reason: '"all-balanced" is a layout that MIG Manager ships, with other contents',
      nearest: ["all-balanced-custom"],
    });
  });

  it("may not carry the stock name of a layout for other GPUs", () => {
    expect(resolveLayout(custom([{ devices: "all", profiles: { "1g.5gb": 7 } }], "all-1g.23gb"), a100, 8).type).toBe("invalid");
  });
});

describe("balancedProfiles", () => {
  it.each([
    ["A100-SXM4-40GB", ["1g.5gb", "2g.10gb", "3g.20gb"]],
    ["A100-SXM4-80GB", ["1g.10gb", "2g.20gb", "3g.40gb"]],
    ["H100 80GB", ["1g.10gb", "2g.20gb", "3g.40gb"]],
    ["H100 NVL 94GB", ["1g.12gb", "2g.24gb", "3g.47gb"]],
    ["H100 96GB", ["1g.12gb", "2g.24gb", "3g.48gb"]],
    ["H200 141GB", ["1g.18gb", "2g.35gb", "3g.71gb"]],
    ["B200 180GB", ["1g.23gb", "2g.45gb", "3g.90gb"]],
    ["GB200 186GB", ["1g.23gb", "2g.47gb", "3g.93gb"]],
    ["B300 269GB", ["1g.34gb", "2g.67gb", "3g.135gb"]],
    ["A30 24GB", ["1g.6gb", "2g.12gb"]],
    ["RTX PRO 6000 96GB", ["1g.24gb", "2g.48gb"]],
  ])("of %s, smallest first: %o", (name, profiles) => {
    expect(balancedProfiles(model(name)).map((profile) => profile.name)).toEqual(profiles);
  });
});
