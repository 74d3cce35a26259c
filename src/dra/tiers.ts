import { balancedProfiles } from "../hardware/balanced";
import { GPU_MODELS } from "../hardware/gpu-models";
import type { GpuModel, MigProfile } from "../hardware/types";
import { DRIVER } from "../well-known/attributes";
import type { DeviceClass } from "./device-classes";

/** The sizes in which teams ask for GPU, smallest first. */
export type TierName = "small" | "medium" | "large";

/** One size: the DeviceClass that administrators quota and the claim template that every team namespace gets. */
export interface Tier {
  readonly name: TierName;
  /** DeviceClass, also the quota key `<class>.deviceclass.resource.k8s.io/devices`. */
  readonly className: string;
  /** ResourceClaimTemplate in every team's namespace. */
  readonly templateName: string;
}

/** All tiers, smallest first. */
export const TIERS: readonly Tier[] = [
  { name: "small", className: "mig-small.nvidia.com", templateName: "mig-small-template" },
  { name: "medium", className: "mig-medium.nvidia.com", templateName: "mig-medium-template" },
  { name: "large", className: "mig-large.nvidia.com", templateName: "mig-large-template" },
];

/** What the one selector of every tier's class begins with: MIG devices of NVIDIA's driver. An admission policy holds changed classes to it. */
export const MIG_SELECTOR_START = `device.driver == '${DRIVER}' && ${isOneOf("type", ["mig"])} && `;

/**
 * The MIG profile that a tier means on a GPU model: the profiles of the layout `all-balanced` by size
 * (A100-SXM4-40GB: 1g.5gb, 2g.10gb, 3g.20gb). Undefined where that layout has fewer sizes (no `large` on A30 and RTX PRO 6000).
 */
export function tierProfile(tier: TierName, model: GpuModel): MigProfile | undefined {
  return balancedProfiles(model)[TIERS.findIndex(({ name }) => name === tier)];
}

/** The tiers that some of these GPU models has, smallest first. */
export function tiersOf(models: readonly GpuModel[]): readonly Tier[] {
  return TIERS.filter(({ name }) => models.some((model) => tierProfile(name, model) !== undefined));
}

/** Every profile that a tier is on some GPU of the catalogue, each once. */
export function tierProfiles(tier: TierName): readonly string[] {
  return [...new Set(GPU_MODELS.map((model) => tierProfile(tier, model)?.name))].filter((profile) => profile !== undefined);
}

/**
 * The DeviceClass of a tier on these GPU models. Its one selector tests the driver, then the type, then the profile: a whole GPU has no `profile`, and
 * the evaluation error would make kube-scheduler fail every claim that names the class.
 * A profile that is another size on another GPU of the catalogue (1g.10gb is `small` on an 80 GB A100, and a 1g with double memory on a 40 GB one) counts
 * only with the product names it is meant for. If none of the models has the tier, the class matches no device.
 */
export function tierDeviceClass(tier: TierName, models: readonly GpuModel[]): DeviceClass {
  const productNames = new Map<string, string[]>();
  for (const model of models) {
    const profile = tierProfile(tier, model)?.name;
    if (profile !== undefined) {
      productNames.set(profile, [...(productNames.get(profile) ?? []), model.productName]);
    }
  }
  const unambiguous = [...productNames.keys()].filter((profile) => !meansAnotherSize(profile, tier));
  const ambiguous = [...productNames].filter(([profile]) => meansAnotherSize(profile, tier));

  const alternatives = [
    ...(unambiguous.length > 0 || ambiguous.length === 0 ? [isOneOf("profile", unambiguous)] : []),
    ...ambiguous.map(([profile, products]) => `(${isOneOf("profile", [profile])} && ${isOneOf("productName", products)})`),
  ];
  const profileTest = alternatives.length === 1 ? alternatives[0] : `(${alternatives.join(" || ")})`;
  return {
    name: tierNamed(tier).className,
    selectors: [`${MIG_SELECTOR_START}${profileTest}`],
  };
}

/** The classes of all tiers over the whole catalogue of GPU models. */
export function catalogueTierClasses(): readonly DeviceClass[] {
  return TIERS.map(({ name }) => tierDeviceClass(name, GPU_MODELS));
}

/** The tier of a name. */
export function tierNamed(name: TierName): Tier {
  const tier = TIERS.find((candidate) => candidate.name === name);
  if (tier === undefined) {
    throw new Error(`"${name}" is not a tier`);
  }
  return tier;
}

/** Whether some catalogue GPU has a profile of this name that is not the tier's on that GPU. */
function meansAnotherSize(profileName: string, tier: TierName): boolean {
  return GPU_MODELS.some(
    (model) => model.profiles.some((profile) => profile.name === profileName) && tierProfile(tier, model)?.name !== profileName,
  );
}

function isOneOf(attribute: string, values: readonly string[]): string {
  const path = `device.attributes['${DRIVER}'].${attribute}`;
  return values.length === 1 ? `${path} == '${values[0]}'` : `${path} in [${values.map((value) => `'${value}'`).join(", ")}]`;
}
