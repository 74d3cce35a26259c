import fc from "fast-check";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import type { GpuModel } from "../../src/hardware/types";

/** Any GPU of the catalogue. */
export const anyModel: fc.Arbitrary<GpuModel> = fc.constantFrom(...GPU_MODELS);

/** A wish for one GPU: up to nine instances of its profiles, so that legal and illegal ones are both common. */
export function anyCounts(model: GpuModel): fc.Arbitrary<Record<string, number>> {
  const name = fc.constantFrom(...model.profiles.map((profile) => profile.name));
  return fc.array(name, { maxLength: 9 }).map((names) => {
    const counts: Record<string, number> = {};
    for (const each of names) counts[each] = (counts[each] ?? 0) + 1;
    return counts;
  });
}

/** A GPU and a wish for it. */
export const anyWish: fc.Arbitrary<{ model: GpuModel; counts: Record<string, number> }> = anyModel.chain((model) =>
  anyCounts(model).map((counts) => ({ model, counts })),
);
