import type { DeviceClassArgs } from "@pulumi/kubernetes/resource/v1";
import type { GpuPool } from "../config/types";
import type { DeviceClass } from "../dra/device-classes";
import { TIERS, tierProfile } from "../dra/tiers";
import type { Tier } from "../dra/tiers";
import type { GpuModel } from "../hardware/types";

/** The GPU models of the pools, each once, in the order of the pools. */
export function poolModels(pools: readonly GpuPool[]): readonly GpuModel[] {
  return [...new Map(pools.map(({ layout: { model } }) => [model.name, model])).values()];
}

/** The tiers that some GPU of the pools has, smallest first. */
export function poolTiers(pools: readonly GpuPool[]): readonly Tier[] {
  const models = poolModels(pools);
  return TIERS.filter(({ name }) => models.some((model) => tierProfile(name, model) !== undefined));
}

/** The manifest of a DeviceClass of `resource.k8s.io/v1`. */
export function deviceClassManifest({ name, selectors }: DeviceClass): DeviceClassArgs {
  return { metadata: { name }, spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) } };
}
