/** NVIDIA's mig-parted, the program inside MIG Manager, partitions simulated GPUs by the configuration that the stack gives it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { namedLayouts, resolveLayout } from "../../src/hardware/layouts";
import type { LayoutSpec } from "../../src/hardware/layouts";
import { migPartedConfig } from "../../src/hardware/mig-parted";
import type { MigPartedConfig } from "../../src/hardware/mig-parted";
import { countProfiles } from "../../src/hardware/placement";
import { unorderedProfiles } from "../../src/hardware/solver";
import type { GpuLayout, GpuModel, NodeLayout, Placement } from "../../src/hardware/types";
import { makeFolder } from "../support/folder";
import { testedRelease } from "../support/tested-release";
import { migPartedBinary } from "../harness/gpu-node/binaries";
import { simulatedNode } from "../harness/gpu-node/nvml/figures";
import { versionOf } from "../harness/gpu-node/kubelet-plugin";
import { NodeFiles } from "../harness/gpu-node/node-files";

const MIG_PARTED = migPartedBinary();
const GPUS = 2;
const TITLE =
  MIG_PARTED === undefined ? "mig-parted (skipped: MIG_PARTED_BINARY names no nvidia-mig-parted)" : `mig-parted ${versionOf(MIG_PARTED)}`;

function layoutOf(spec: LayoutSpec, model: GpuModel): NodeLayout {
  const resolved = resolveLayout(spec, model, GPUS);
  if (resolved.type === "invalid") {
    throw new Error(resolved.reason);
  }
  return resolved.layout;
}

(MIG_PARTED === undefined ? describe.skip : describe)(TITLE, () => {
  describe.each(GPU_MODELS.map((model) => [model.name, model] as const))("%s", (_, model) => {
    let files: NodeFiles;
    beforeAll(() => {
      files = new NodeFiles(join(makeFolder({}), "node"), simulatedNode(model, GPUS, testedRelease()));
      files.divide(layoutOf("all-disabled", model));
    });

    const run = (verb: string, ...args: readonly string[]): string =>
      files.run(MIG_PARTED ?? "", [verb, ...args], { LD_LIBRARY_PATH: files.libraries });

    function configOf(layout: NodeLayout, custom: readonly NodeLayout[]): readonly string[] {
      const config = join(files.folder, "config.yaml");
      writeFileSync(config, stringify(migPartedConfig(custom)));
      return ["--config-file", config, "--selected-config", layout.name];
    }

    /** Applies a layout and asserts it, as MIG Manager does. */
    function apply(layout: NodeLayout, custom: readonly NodeLayout[] = []): void {
      run("apply", ...configOf(layout, custom));
      run("assert", ...configOf(layout, custom));
    }

    /** Counts of profiles, GPU by GPU, as it exports them; undefined: MIG is off. */
    function exported(): readonly (Readonly<Record<string, number>> | undefined)[] {
      const rules = Object.values((parse(run("export")) as MigPartedConfig)["mig-configs"]).flat();
      return Array.from({ length: GPUS }, (_, gpu) => {
        const rule = rules.find(({ devices }) => devices === "all" || devices.includes(gpu));
        return rule?.["mig-enabled"] === true ? (rule["mig-devices"] ?? {}) : undefined;
      });
    }

    it.each(namedLayouts(model))("makes, asserts and exports layout %s as the solver places it", (name) => {
      const layout = layoutOf(name, model);
      apply(layout);
      expect(placementsOf(files.gpus())).toEqual(placementsOf(layout.gpus));
      expect(exported()).toEqual(layout.gpus.map((gpu) => (gpu.type === "whole" ? undefined : countProfiles(gpu.placements))));
    });

    it("fails where a process has an instance open, leaves off there, and makes the layout once nobody has", () => {
      const before = layoutOf("all-balanced", model);
      const after = layoutOf(namedLayouts(model).at(-1) ?? "", model);
      apply(before);
      const [used] = placementsIn(before.gpus[0]);
      files.use([[used?.start ?? 0], []]);
      expect(() => apply(after)).toThrow("apply");
      expect(() => run("assert", ...configOf(after, []))).toThrow("assert");
      const [first, second] = placementsOf(files.gpus());
      expect(first).toContain(placementsOf(before.gpus)[0]?.[0]);
      expect(second).toEqual(placementsOf(before.gpus)[1]);
      files.use([[], []]);
      apply(after);
      expect(placementsOf(files.gpus())).toEqual(placementsOf(after.gpus));
    });

    it("makes and asserts a layout of the user's own", () => {
      const bySize = [...model.profiles].sort((a, b) => a.memorySlices - b.memorySlices);
      const profiles = { [bySize[0]?.name ?? ""]: 1 };
      const layout = layoutOf(
        {
          name: "mine",
          gpus: [
            { devices: [0], profiles },
            { devices: [1], profiles: "whole" },
          ],
        },
        model,
      );
      apply(layout, [layout]);
      expect(placementsOf(files.gpus())).toEqual(placementsOf(layout.gpus));
    });
  });

  it("creates profiles of equal compute slices in random order, of which the solver shows one", () => {
    const [model] = GPU_MODELS as readonly [GpuModel];
    const layout = layoutOf({ name: "two-sizes", gpus: [{ devices: "all", profiles: { "1g.10gb": 2, "1g.5gb": 3 } }] }, model);
    const [gpu] = layout.gpus;
    expect(gpu?.type === "mig" && unorderedProfiles(gpu.placements.map(({ profile }) => profile))).toEqual([["1g.10gb", "1g.5gb"]]);
    const seen = new Set<string>();
    for (let run = 0; run < 12; run++) {
      const files = new NodeFiles(join(makeFolder({}), "node"), simulatedNode(model, GPUS, testedRelease()));
      files.divide(layoutOf("all-disabled", model));
      const config = join(files.folder, "config.yaml");
      writeFileSync(config, stringify(migPartedConfig([layout])));
      files.run(MIG_PARTED ?? "", ["apply", "--config-file", config, "--selected-config", layout.name], {
        LD_LIBRARY_PATH: files.libraries,
      });
      placementsOf(files.gpus()).forEach((placements) => seen.add(JSON.stringify(placements)));
    }
    expect([...seen]).toContain(JSON.stringify(placementsOf(layout.gpus)[0]));
  });
});

/** GPU by GPU: `ID at START`, in the order of starts; `whole` without MIG. */
function placementsOf(gpus: readonly GpuLayout[]): readonly (readonly string[])[] {
  return gpus.map((gpu) =>
    gpu.type === "whole"
      ? ["whole"]
      : placementsIn(gpu).map(({ profile, start }) => `${String(profile.gpuInstanceProfileId)} at ${String(start)}`),
  );
}

/** In the order of starts. */
function placementsIn(gpu: GpuLayout | undefined): readonly Placement[] {
  return gpu?.type === "mig" ? [...gpu.placements].sort((a, b) => a.start - b.start) : [];
}
