/** Policies for what may be claimed. */
import type { PolicyConfigSchema, ResourceValidationPolicy } from "@pulumi/policy";
import { readClaim, requestedDevices } from "../src/dra/claims";
import type { ClaimSpec } from "../src/dra/claims";
import { TIERS } from "../src/dra/tiers";
import { GPU_MODELS } from "../src/hardware/gpu-models";
import { readDeviceClass } from "./device-class";
import { prefixed, undetermined } from "./findings";
import type { Finding } from "./findings";
import { judgedRelease } from "./judged-release";
import { kubernetesObjects } from "./objects";
import type { KubernetesObject } from "./objects";
import { onKubernetes } from "./on-types";
import type { Resource } from "./on-types";
import { claimExcesses, claimShare, classExcesses, reachRule } from "./reach-rule";
import type { ReachRule, ReachSettings } from "./reach-rule";
import { UNKNOWN, asRecord, unknownPath } from "./snapshot";

const KINDS = ["ResourceClaim", "ResourceClaimTemplate", "DeviceClass"];

/** Every object that says which devices somebody gets, in every API version. */
function claimingObjects(resource: Resource): readonly KubernetesObject[] {
  return kubernetesObjects(resource).filter(({ group, kind }) => group === "resource.k8s.io" && KINDS.includes(kind));
}

/** The claims among them that can be read; what cannot is denied by `enforce-balanced-mig-profiles`. */
function readableClaims(resource: Resource): readonly { readonly object: KubernetesObject; readonly spec: ClaimSpec }[] {
  return claimingObjects(resource).flatMap((object) => {
    if (object.kind === "DeviceClass" || object.isPatch) {
      return [];
    }
    const spec = object.read("spec");
    const reading =
      unknownPath(spec, "spec") === undefined ? readClaim(manifestOf(object, spec), judgedRelease().release.kubernetes) : undefined;
    return reading?.type === "claim" ? [{ object, spec: reading.claim.spec }] : [];
  });
}

const GPU_MODELS_SCHEMA: PolicyConfigSchema["properties"][string] = {
  type: "array",
  description: "The GPU models there are. Default: every model of the catalogue.",
  items: { type: "string", enum: GPU_MODELS.map(({ name }) => name) },
  minItems: 1,
  uniqueItems: true,
};

const PROFILES = [...new Set(GPU_MODELS.flatMap(({ profiles }) => profiles.map(({ name }) => name)))];

/**
 * Checks that claims, claim templates and device classes can reach nothing but allowed MIG slices. Selectors are evaluated on every
 * kind of device there can be, so that it does not matter how they are spelled. What cannot be evaluated is denied.
 */
export const enforceBalancedMigProfiles: ResourceValidationPolicy = {
  name: "enforce-balanced-mig-profiles",
  displayName: "Claims reach balanced MIG slices only",
  description:
    "Checks that a claim, claim template or device class can only be given MIG slices of the allowed profiles, and never a whole GPU.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "mig", "dra", "tenancy"],
  remediationSteps:
    "Name a device class of the platform (mig-small.nvidia.com, mig-medium.nvidia.com, mig-large.nvidia.com), or a claim template of the team's namespace (mig-small-template, ...).",
  configSchema: {
    properties: {
      gpuModels: GPU_MODELS_SCHEMA,
      profiles: {
        type: "array",
        description: "The allowed MIG profiles on these models. Default: those of the layout all-balanced on each.",
        items: { type: "string", enum: PROFILES },
        minItems: 1,
        uniqueItems: true,
      },
    },
  },
  validateResource: onKubernetes((resource) => claimingObjects(resource).flatMap((object) => reachFindings(object, resource))),
};

function reachFindings(object: KubernetesObject, { getConfig }: Resource): readonly Finding[] {
  const { kind, prefix } = object;
  const settings = reachRule(getConfig<ReachSettings>());
  if (settings.type === "refused") {
    return [refusal(settings.reason)];
  }
  if (object.isPatch) {
    return [`A ${kind}Patch is denied, because it does not say what the whole object asks for; write the whole ${kind}`];
  }
  const spec = object.read("spec");
  const unknown = unknownPath(spec, `${prefix}spec`);
  if (unknown !== undefined) {
    return [undetermined(unknown, `what the ${kind} can reach`)];
  }
  const { assumption } = settings.rule;
  const judgedBy = assumption === undefined ? "" : ` (${assumption})`;
  return excesses(object, spec, settings.rule).map((sentence) => `${kind}: ${sentence}${judgedBy}`);
}

function refusal(reason: string): string {
  return `The policy's own configuration is refused, and with it every claim: ${reason}`;
}

function excesses(object: KubernetesObject, spec: unknown, rule: ReachRule): readonly string[] {
  const manifest = manifestOf(object, spec);
  if (object.kind === "DeviceClass") {
    const reading = readDeviceClass(manifest, rule.kubernetes);
    return reading.type === "class" ? classExcesses(reading.deviceClass, rule) : reading.problems.map(denied);
  }
  const reading = readClaim(manifest, rule.kubernetes);
  return reading.type === "claim" ? claimExcesses(reading.claim.spec, rule) : reading.problems.map(denied);
}

/** The name decides nothing here, and is often an output of another resource. */
function manifestOf({ apiVersion, kind }: KubernetesObject, spec: unknown) {
  return { apiVersion, kind, metadata: { name: "any" }, spec };
}

function denied(problem: string): string {
  return `is not understood, and is denied for that: ${problem}`;
}

/** The claim that puts a slice of each tier on one GPU has this share of its memory slices; one slice is left for others. */
const LARGEST_SHARE = 7 / 8;

interface ShareSettings extends Pick<ReachSettings, "gpuModels"> {
  readonly largestShare?: number;
}

/**
 * Checks that the slices of one claim do not add up to a whole GPU. Slices of several claims cannot be tied to one GPU, and the quota
 * is what bounds them.
 */
export const forbidGpuFromSlices: ResourceValidationPolicy = {
  name: "forbid-gpu-from-slices",
  displayName: "No claim puts a whole GPU together",
  description: "Checks that the slices that one claim asks for, added up, leave a part of a GPU to others.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "mig", "dra", "tenancy"],
  remediationSteps: "Ask for fewer slices in one claim. Several claims (a template per slice) are bounded by the team's quota alone.",
  configSchema: {
    properties: {
      gpuModels: GPU_MODELS_SCHEMA,
      largestShare: {
        type: "number",
        description:
          "The largest share of the compute slices or memory slices of one GPU that a claim may have, from 0 to 1. Default: 0.875, a slice of each tier.",
        exclusiveMinimum: 0,
        maximum: 1,
      },
    },
  },
  validateResource: onKubernetes((resource) => {
    const claims = readableClaims(resource);
    if (claims.length === 0) {
      return [];
    }
    const { largestShare = LARGEST_SHARE, gpuModels } = resource.getConfig<ShareSettings>();
    const settings = reachRule({ gpuModels });
    if (settings.type === "refused") {
      return [refusal(settings.reason)];
    }
    return claims.flatMap(({ object, spec }) => {
      const share = claimShare(spec, settings.rule);
      if (share === undefined || share.share <= largestShare) {
        return [];
      }
      const { model, computeSlices, memorySlices } = share;
      return [
        `${object.prefix}${object.kind}: the claim's requests together are ${String(computeSlices)} of ${String(model.computeSlices)} compute slices and ` +
          `${String(memorySlices)} of ${String(model.memorySlices)} memory slices of one ${model.name}, which is more than a claim may have; ask for fewer slices`,
      ];
    });
  }),
};

/** Checks that claims ask for nothing beside devices: privileges over other claims, over tainted devices and over the driver are the platform's. */
export const forbidClaimPrivileges: ResourceValidationPolicy = {
  name: "forbid-claim-privileges",
  displayName: "Claims ask for slices and nothing else",
  description:
    "Checks that a claim has no admin access, no allocationMode All, no device tolerations, no driver configuration, no capacity requests and no status of its own making, and that it requests something.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "mig", "dra", "tenancy"],
  remediationSteps: `Leave the field out. A request needs deviceClassName (${TIERS.map(({ className }) => className).join(", ")}) and, for more than one slice, count.`,
  validateResource: onKubernetes((resource) => [
    ...readableClaims(resource).flatMap(({ object: { prefix, kind }, spec }) =>
      privileges(spec).map((sentence) => `${prefix}${kind}: ${sentence}`),
    ),
    ...claimingObjects(resource).flatMap(({ kind, prefix, read }) =>
      kind === "ResourceClaim" ? statusFindings(read("status"), `${prefix}status`).map((one) => prefixed(`${prefix}${kind}: `, one)) : [],
    ),
  ]),
};

function statusFindings(status: unknown, path: string): readonly Finding[] {
  if (status === UNKNOWN) {
    return [undetermined(path, "whether it allocates devices")];
  }
  // An empty one is what an exported manifest has before anything is allocated.
  return Object.keys(asRecord(status)).length > 0 ? ["remove status: the scheduler sets it, and writing it would allocate devices"] : [];
}

function privileges(spec: ClaimSpec): readonly string[] {
  if (spec.requests.length === 0) {
    // Without devices the driver never sets NVIDIA_VISIBLE_DEVICES to `void`, so that the image's own value would count.
    return ["it requests nothing, and a pod that names it would pass for one with a slice; request a slice"];
  }
  const ofRequests = spec.requests.flatMap(requestedDevices).flatMap(({ reference, exact }) => {
    const found: readonly (readonly [boolean, string])[] = [
      [exact.adminAccess, "adminAccess uses devices that are somebody else's"],
      [exact.allocationMode.type === "All", "allocationMode All takes every slice of a node; request a count"],
      [
        exact.tolerations.length > 0,
        "tolerations of device taints reach slices that are taken out of use, where the cluster uses device taints (by default it does not); leave them out",
      ],
      [Object.keys(exact.capacityRequests).length > 0, "capacity requests divide devices in ways that quotas do not count"],
    ];
    return found.flatMap(([applies, sentence]) => (applies ? [`request "${reference}": ${sentence}`] : []));
  });
  return spec.config.length > 0
    ? [...ofRequests, "config goes to the driver unread (time-slicing, MPS, passthrough); it is the platform's"]
    : ofRequests;
}
