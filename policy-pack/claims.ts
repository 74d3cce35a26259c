/** Policies for what may be claimed. */
import type { PolicyConfigSchema, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { readClaim, requestedDevices } from "../src/dra/claims";
import type { ClaimSpec } from "../src/dra/claims";
import { TIERS } from "../src/dra/tiers";
import { GPU_MODELS } from "../src/hardware/gpu-models";
import { readDeviceClass } from "./device-class";
import { UNKNOWN, asRecord, unknownPath } from "./snapshot";
import { kubernetesObjects } from "./objects";
import type { KubernetesObject } from "./objects";
import { claimExcesses, claimShare, classExcesses, reachRule } from "./reach-rule";
import type { ReachRule, ReachSettings } from "./reach-rule";

const KINDS = ["ResourceClaim", "ResourceClaimTemplate", "DeviceClass"];

/** Every object that says which devices somebody gets, in every API version. */
function claimingObjects(args: ResourceValidationArgs): readonly KubernetesObject[] {
  return args.type.startsWith("kubernetes:")
    ? kubernetesObjects(args).filter(({ group, kind }) => group === "resource.k8s.io" && KINDS.includes(kind))
    : [];
}

/** The claims among them that can be read; what cannot is denied by `enforce-balanced-mig-profiles`. */
function readableClaims(args: ResourceValidationArgs): readonly { readonly object: KubernetesObject; readonly spec: ClaimSpec }[] {
  return claimingObjects(args).flatMap((object) => {
    if (object.kind === "DeviceClass" || object.isPatch) {
      return [];
    }
    const spec = object.read("spec");
    const reading = unknownPath(spec, "spec") === undefined ? readClaim(manifestOf(object, spec)) : undefined;
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
        items: { type: "string" },
        minItems: 1,
        uniqueItems: true,
      },
    },
  },
  validateResource: (args, reportViolation) => {
    for (const object of claimingObjects(args)) {
      validateReach(object, args, reportViolation);
    }
  },
};

function validateReach(object: KubernetesObject, args: ResourceValidationArgs, reportViolation: ReportViolation): void {
  const { kind, prefix } = object;
  const settings = reachRule(args.getConfig<ReachSettings>());
  if (settings.type === "refused") {
    reportViolation(`The policy's own configuration is refused, and with it every claim: ${settings.reason}.`);
    return;
  }
  if (object.isPatch) {
    reportViolation(`A ${kind}Patch is denied: it does not say what the whole object asks for. Write the whole ${kind}.`);
    return;
  }
  const spec = object.read("spec");
  const unknown = unknownPath(spec, `${prefix}spec`);
  if (unknown !== undefined) {
    reportViolation(
      `"${unknown}" is not known before \`pulumi up\`, so that nobody can tell what the ${kind} reaches. Give it a value that is.`,
    );
    return;
  }
  excesses(object, spec, settings.rule).forEach((sentence) => {
    reportViolation(`${kind}: ${sentence}.`);
  });
}

function excesses(object: KubernetesObject, spec: unknown, rule: ReachRule): readonly string[] {
  const manifest = manifestOf(object, spec);
  if (object.kind === "DeviceClass") {
    const reading = readDeviceClass(manifest);
    return reading.type === "class" ? classExcesses(reading.deviceClass, rule) : reading.problems.map(denied);
  }
  const reading = readClaim(manifest);
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
  validateResource: (args, reportViolation) => {
    const claims = readableClaims(args);
    if (claims.length === 0) {
      return;
    }
    const { largestShare = LARGEST_SHARE, gpuModels } = args.getConfig<ShareSettings>();
    const settings = reachRule({ gpuModels });
    if (settings.type === "refused") {
      reportViolation(`The policy's own configuration is refused, and with it every claim: ${settings.reason}.`);
      return;
    }
    for (const { object, spec } of claims) {
      const share = claimShare(spec, settings.rule);
      if (share !== undefined && !(share.share <= largestShare)) {
        const { model, computeSlices, memorySlices } = share;
        reportViolation(
          `${object.prefix}${object.kind}: the claim's requests together are ${String(computeSlices)} of ${String(model.computeSlices)} compute slices and ` +
            `${String(memorySlices)} of ${String(model.memorySlices)} memory slices of one ${model.name}, which is more than a claim may have; ask for fewer slices.`,
        );
      }
    }
  },
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
  validateResource: (args, reportViolation) => {
    for (const { object, spec } of readableClaims(args)) {
      privileges(spec).forEach((sentence) => {
        reportViolation(`${object.prefix}${object.kind}: ${sentence}.`);
      });
    }
    for (const { kind, prefix, read } of claimingObjects(args)) {
      const status = kind === "ResourceClaim" ? read("status") : undefined;
      // An empty one is what an exported manifest has before anything is allocated.
      if (status === UNKNOWN || Object.keys(asRecord(status)).length > 0) {
        reportViolation(`${prefix}${kind}: status is the scheduler's: who writes it allocates devices; leave it out.`);
      }
    }
  },
};

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
        "tolerations of device taints reach slices that are taken out of use, where the cluster heeds device taints (Kubernetes 1.34 does not by default); leave them out",
      ],
      [Object.keys(exact.capacityRequests).length > 0, "capacity requests divide devices in ways that quotas do not count"],
    ];
    return found.flatMap(([applies, sentence]) => (applies ? [`request "${reference}": ${sentence}`] : []));
  });
  return spec.config.length > 0
    ? [...ofRequests, "config goes to the driver unread (time-slicing, MPS, passthrough); it is the platform's"]
    : ofRequests;
}
