import { findGpuModel } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import type { LayoutSpec } from "../../src/hardware/layouts";
import { migPartedConfig } from "../../src/hardware/mig-parted";
import type { NodeLayout } from "../../src/hardware/types";
import { MIG_PARTED_LAYOUTS } from "./mig-parted-facts";

const layout = (spec: LayoutSpec, modelName = "A100-SXM4-40GB", gpuCount = 8): NodeLayout => {
  const model = findGpuModel(modelName);
  const result = model && resolveLayout(spec, model, gpuCount);
  if (result?.type !== "legal") throw new Error(`${modelName}: ${result?.reason ?? "no such model"}`);
  return result.layout;
};

const sevenSmall: LayoutSpec = { name: "seven-small", gpus: [{ devices: "all", profiles: { "1g.5gb": 7 } }] };

describe("migPartedConfig", () => {
  it("writes one rule per kind of GPU", () => {
    const mixed = layout({
      name: "mixed",
      gpus: [
        { devices: [0, 1, 2, 3], profiles: { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 } },
        { devices: [6, 4], profiles: { "1g.5gb": 7 } },
        { devices: [5], profiles: {} },
        { devices: [7], profiles: "whole" },
      ],
    });
    expect(migPartedConfig([mixed])).toMatchObject({
      version: "v1",
      "mig-configs": {
        mixed: [
          { devices: [0, 1, 2, 3], "mig-enabled": true, "mig-devices": { "3g.20gb": 1, "2g.10gb": 1, "1g.5gb": 2 } },
          { devices: [4, 6], "mig-enabled": true, "mig-devices": { "1g.5gb": 7 } },
          { devices: [5], "mig-enabled": true, "mig-devices": {} },
          { devices: [7], "mig-enabled": false },
        ],
      },
    });
  });

  it("writes `devices: all` for a node whose GPUs are all alike", () => {
    expect(migPartedConfig([layout(sevenSmall)])["mig-configs"]["seven-small"]).toEqual([
      { devices: "all", "mig-enabled": true, "mig-devices": { "1g.5gb": 7 } },
    ]);
  });

  it("keeps every stock layout, filters included", () => {
    const configs = migPartedConfig([])["mig-configs"];
    const names = Object.values(MIG_PARTED_LAYOUTS).flatMap((layouts) => Object.keys(layouts));
    expect(Object.keys(configs)).toEqual(expect.arrayContaining(names));
    expect(configs["all-disabled"]).toEqual([{ devices: "all", "mig-enabled": false }]);
    expect(configs["all-enabled"]).toEqual([{ devices: "all", "mig-enabled": true, "mig-devices": {} }]);
    expect(configs["all-balanced"]).toContainEqual({
      "device-filter": ["0x20B010DE", "0x20B110DE", "0x20F110DE", "0x20F610DE"],
      devices: "all",
      "mig-enabled": true,
      "mig-devices": { "1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1 },
    });
  });

  it("does not repeat stock layouts that pools use", () => {
    expect(migPartedConfig([layout("all-balanced")])).toEqual(migPartedConfig([]));
  });

  it("filters by GPU where one name stands for layouts on several models", () => {
    const onH100 = layout({ name: "seven-small", gpus: [{ devices: "all", profiles: { "1g.10gb": 7 } }] }, "H100 80GB");
    expect(migPartedConfig([layout(sevenSmall), onH100])["mig-configs"]["seven-small"]).toEqual([
      { "device-filter": ["0x20B010DE"], devices: "all", "mig-enabled": true, "mig-devices": { "1g.5gb": 7 } },
      { "device-filter": ["0x233010DE"], devices: "all", "mig-enabled": true, "mig-devices": { "1g.10gb": 7 } },
    ]);
  });

  it("writes a layout once that two pools of one model share, whatever their number of GPUs", () => {
    const onEight = layout({ name: "whole", gpus: [{ devices: "all", profiles: {} }] }, "H100 80GB", 8);
    const onOne = layout({ name: "whole", gpus: [{ devices: [0], profiles: {} }] }, "H100 80GB", 1);
    expect(migPartedConfig([onEight, onOne])["mig-configs"].whole).toHaveLength(1);
  });

  it("refuses one name for two layouts of one model", () => {
    const other = layout({ name: "seven-small", gpus: [{ devices: "all", profiles: { "1g.5gb": 6 } }] });
    expect(() => migPartedConfig([layout(sevenSmall), other])).toThrow(
      'layout "seven-small" means two things on A100-SXM4-40GB; give one of them another name',
    );
  });
});
