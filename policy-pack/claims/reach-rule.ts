/** What a claim or a device class may reach, and the messages about what it must not reach. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { ClaimSpec } from "../../src/dra/claims";
import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import type { DeviceClass } from "../../src/dra/device-classes";
import { catalogueDevices } from "../../src/dra/devices";
import { reachOf, reachOfSelectors } from "../../src/dra/reach";
import type { Reach } from "../../src/dra/reach";
import { UNLISTED_DEVICES } from "../../src/dra/reach/possible-devices";
import type { PossibleDevice } from "../../src/dra/reach/possible-devices";
import { selectorProblem } from "../../src/dra/selector/language/check";
import { TIERS, catalogueTierClasses } from "../../src/dra/tiers";
import { balancedProfiles } from "../../src/hardware/balanced";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import type { GpuModel } from "../../src/hardware/types";
import type { KubernetesRules } from "../../src/releases/kubernetes";
import type { Release } from "../../src/releases/types";
import { largestGpuShare } from "./gpu-share";
import type { GpuShare } from "./gpu-share";
import { selectorViolations } from "./selector-rule";
import { judgedRelease } from "../evaluation/judged-release";

/** Which devices there are, and which of them a claim may be given. */
export interface ReachRule {
  /** Of the Kubernetes version that evaluates the selectors. */
  readonly kubernetes: KubernetesRules;
  /** Why that version is a guess; undefined where it is not. */
  readonly assumption: string | undefined;
  readonly devices: readonly PossibleDevice[];
  /** Names of the allowed MIG profiles of a GPU model; a whole GPU is never allowed. */
  readonly allowed: (model: GpuModel) => readonly string[];
}

/** The settings of the policies about claims, as `--policy-pack-config` gives them. */
export interface ReachSettings {
  readonly gpuModels?: readonly string[];
  readonly profiles?: readonly string[];
}

/** The schema of the setting `gpuModels`. */
export const GPU_MODELS_SCHEMA: PolicyConfigSchema["properties"][string] = {
  type: "array",
  description: "The GPU models that nodes can have. Default: every model of the catalogue.",
  items: { type: "string", enum: GPU_MODELS.map(({ name }) => name) },
  minItems: 1,
  uniqueItems: true,
};

/** What a policy reports instead of checking a claim, if its settings are invalid. */
export function invalidSettings(reason: string): string {
  return `Invalid settings of this policy, so it denies every claim: ${reason}`;
}

/** The classes with selectors that are known here: the vendor's and the platform's. */
const KNOWN_CLASSES: readonly DeviceClass[] = [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses()];

/** The devices of each release: what is known about their selectors is kept with them. */
const catalogues = new Map<Release, readonly PossibleDevice[]>();

/** Of the catalogue; and where nothing says which GPUs nodes can have, of any other product. */
function devicesOf(release: Release, gpuModels: readonly string[] | undefined): readonly PossibleDevice[] {
  const devices = catalogues.get(release) ?? [...catalogueDevices(release), ...UNLISTED_DEVICES];
  catalogues.set(release, devices);
  return gpuModels === undefined
    ? devices
    : devices.filter((device) => device.type === "catalogue" && gpuModels.includes(device.model.name));
}

/**
 * The rule of some settings, for the Kubernetes version of the stack. Without settings: the balanced profiles of every GPU of the catalogue.
 * @returns the rule, or what is wrong with the settings: an unknown name must not silently allow more.
 */
export function reachRule({
  gpuModels,
  profiles,
}: ReachSettings): { readonly type: "rule"; readonly rule: ReachRule } | { readonly type: "invalid"; readonly reason: string } {
  const unknown = (gpuModels ?? []).filter((name) => !GPU_MODELS.some((model) => model.name === name));
  if (gpuModels?.length === 0 || unknown.length > 0) {
    const names = GPU_MODELS.map(({ name }) => name).join(", ");
    return { type: "invalid", reason: `gpuModels: ${JSON.stringify(gpuModels)}: must name one or more of ${names}` };
  }
  const { release, assumption } = judgedRelease();
  return {
    type: "rule",
    rule: {
      kubernetes: release.kubernetes,
      assumption,
      devices: devicesOf(release, gpuModels),
      allowed: (model) => profiles ?? balancedProfiles(model).map(({ name }) => name),
    },
  };
}

/** What a claim requests beyond the rule: one sentence for each request or alternative. */
export function claimViolations(spec: ClaimSpec, rule: ReachRule): readonly string[] {
  const unsafe = selectorViolations(spec);
  if (unsafe.length > 0) {
    return unsafe;
  }
  return reachOf(spec, KNOWN_CLASSES, rule.devices, rule.kubernetes).flatMap(({ reference, reach }) =>
    [...violation(reach, rule), ...(reachesNothing(reach) ? [NOTHING] : [])].map((sentence) => `request "${reference}" ${sentence}`),
  );
}

function reachesNothing(reach: Reach): boolean {
  return reach.type === "determined" && reach.devices.length === 0;
}

/** The share of one GPU that a claim adds up to; undefined if it requests nothing that is known. */
export function claimShare(spec: ClaimSpec, rule: ReachRule): GpuShare | undefined {
  return largestGpuShare(spec, reachOf(spec, KNOWN_CLASSES, rule.devices, rule.kubernetes), rule.kubernetes);
}

/** What a device class names beyond the rule. */
export function classViolations(deviceClass: DeviceClass, rule: ReachRule): readonly string[] {
  const reach = reachOfSelectors(deviceClass.selectors, rule.devices, rule.kubernetes);
  return [
    ...violation(reach, rule),
    // A class of another driver. Only a selector that is proven to be evaluated as Kubernetes does can say so.
    ...(reachesNothing(reach) && deviceClass.selectors.some((selector) => selectorProblem(selector) !== undefined) ? [NOTHING] : []),
  ];
}

const NOTHING =
  "matches no device that this policy knows, so this policy does not understand its selectors and denies it. Remove the selector that excludes every slice of the device class";

const INSTEAD = `Use one of the classes ${TIERS.map(({ className }) => className).join(", ")}`;

function violation(reach: Reach, rule: ReachRule): readonly string[] {
  if (reach.type === "undetermined") {
    // One obstacle is enough to act on; the same expression fails on dozens of devices.
    const [{ device, message }] = reach.obstacles;
    const where = device === undefined ? "" : ` on ${describe(device)}`;
    return [`cannot be evaluated${where}, so this policy denies it: ${message}. ${INSTEAD}`];
  }
  const forbidden = reach.devices.map(({ device }) => device).filter((device) => !isAllowed(device, rule));
  if (forbidden.length === 0) {
    return [];
  }
  const [first, ...others] = [...new Set(forbidden.flatMap((device) => (device.type === "catalogue" ? [device.model] : [])))];
  const permitted =
    first === undefined
      ? "slices of the models in the catalogue that name their profile"
      : `${rule.allowed(first).join(", ")} on ${first.name}`;
  const elsewhere = others.length > 0 ? ", and the corresponding profiles on the other models" : "";
  return [`could be given ${list(forbidden.map(describe))}; allowed: ${permitted}${elsewhere}. ${INSTEAD}`];
}

function isAllowed(device: PossibleDevice, rule: ReachRule): boolean {
  return device.type === "catalogue" && rule.allowed(device.model).some((name) => name === device.profile?.name);
}

function describe(device: PossibleDevice): string {
  if (device.type === "unlisted") {
    return `a ${device.form} of a product that is not in the catalogue`;
  }
  const { model, profile } = device;
  return profile === undefined ? `a whole ${model.name}` : `${profile.name} of ${model.name}`;
}

/** The first few of a list that can have dozens of entries. */
function list(entries: readonly string[]): string {
  const shown = entries.slice(0, 4).join(", ");
  return entries.length > 4 ? `${shown} and ${entries.length - 4} more` : shown;
}
