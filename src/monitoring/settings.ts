/** What the slice exporter is told. */
import { TIERS, tierProfile } from "../dra/tiers";
import { GPU_MODELS } from "../hardware/gpu-models";
import type { SliceMetricsSettings } from "./sources/slices";

/** The tiers of the whole catalogue, so that a change of the pools changes nothing in the exporter. */
export function sliceMetricsSettings(): SliceMetricsSettings {
  return {
    tiers: GPU_MODELS.flatMap((model) =>
      TIERS.flatMap(({ name }) => {
        const profile = tierProfile(name, model)?.name;
        return profile === undefined ? [] : [{ productName: model.productName, profile, tier: name }];
      }),
    ),
    classes: Object.fromEntries(TIERS.map(({ name, className }) => [className, name])),
  };
}
