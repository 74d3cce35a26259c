import type { ResourceValidationPolicy } from "@pulumi/policy";
import { readClaim } from "../../src/dra/claims";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import { unknownPath } from "../evaluation/snapshot";
import { claimingObjects, manifestOf } from "../resources/claims";
import { readDeviceClass } from "../resources/device-class";
import type { KubernetesObject } from "../resources/objects";
import { GPU_MODELS_SCHEMA, claimViolations, classViolations, invalidSettings, reachRule } from "./reach-rule";
import type { ReachRule, ReachSettings } from "./reach-rule";

const PROFILES = [...new Set(GPU_MODELS.flatMap(({ profiles }) => profiles.map(({ name }) => name)))];

/**
 * Checks that claims, claim templates and device classes can reach only allowed MIG slices. It evaluates selectors on every kind of device that can
 * exist, so their spelling makes no difference. It denies what it cannot evaluate.
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
  if (settings.type === "invalid") {
    return [invalidSettings(settings.reason)];
  }
  if (object.isPatch) {
    return [`A ${kind}Patch is denied, because it has only a part of what the object requests. Write the whole ${kind}`];
  }
  const spec = object.read("spec");
  const unknown = unknownPath(spec, `${prefix}spec`);
  if (unknown !== undefined) {
    return [undetermined(unknown, `what the ${kind} can reach`)];
  }
  const { assumption } = settings.rule;
  const judgedBy = assumption === undefined ? "" : ` (${assumption})`;
  return violations(object, spec, settings.rule).map((sentence) => `${kind}: ${sentence}${judgedBy}`);
}

function violations(object: KubernetesObject, spec: unknown, rule: ReachRule): readonly string[] {
  const manifest = manifestOf(object, spec);
  if (object.kind === "DeviceClass") {
    const reading = readDeviceClass(manifest, rule.kubernetes);
    return reading.type === "class" ? classViolations(reading.deviceClass, rule) : reading.problems.map(denied);
  }
  const reading = readClaim(manifest, rule.kubernetes);
  return reading.type === "claim" ? claimViolations(reading.claim.spec, rule) : reading.problems.map(denied);
}

function denied(problem: string): string {
  return `this policy cannot read it, and denies it: ${problem}`;
}
