/** A node of two GPUs, one of them divided, and another way to divide it. */
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import type { GpuModel, NodeLayout } from "../../src/hardware/types";

export const GPUS = 2;
export const [MODEL] = GPU_MODELS as readonly [GpuModel];
export const MIXED = layoutOf("mixed", { "1g.5gb": 4, "3g.20gb": 1 });
export const OTHER = layoutOf("other", { "3g.20gb": 2 });

function layoutOf(name: string, first: Readonly<Record<string, number>>): NodeLayout {
  const gpus = [
    { devices: [0], profiles: first },
    { devices: [1], profiles: "whole" as const },
  ];
  const resolved = resolveLayout({ name, gpus }, MODEL, GPUS);
  if (resolved.type === "invalid") {
    throw new Error(resolved.reason);
  }
  return resolved.layout;
}
