/** Admission policies for what a team claims. */
import { TIERS, tierProfile } from "../../dra/tiers";
import { GPU_MODELS } from "../../hardware/gpu-models";
import type { GpuModel } from "../../hardware/types";
import { SHARED_ATTRIBUTES } from "../../well-known/attributes";
import { celList, admissionPolicy } from "./policy";
import type { Check, AdmissionPolicy } from "./policy";
import { selectorChecks } from "./selectors";

/** A kind that says which devices a pod gets. One policy each, so that the API server can type-check every expression against the one schema it is for. */
interface ClaimSubject {
  readonly name: string;
  /** Plural of the resource in `resource.k8s.io`. */
  readonly resource: "resourceclaims" | "resourceclaimtemplates";
  /** CEL path of the claim's spec. */
  readonly spec: string;
}

export const CLAIM_SUBJECTS: readonly ClaimSubject[] = [
  { name: "shared-gpu-claims", resource: "resourceclaims", spec: "object.spec" },
  { name: "shared-gpu-claim-templates", resource: "resourceclaimtemplates", spec: "object.spec.spec" },
];

/** What to write instead of a forbidden claim. */
export const TIER_LIST = TIERS.map(({ className, templateName }) => `${className} (claim template ${templateName})`).join(", ");

/**
 * Rejects claims for more than slices of the tiers: other device classes, admin access, all devices at once, device taint tolerations, shares of a device,
 * driver configuration, and as many slices as a whole GPU. It also rejects a request with neither `exactly` nor `firstAvailable`, a form it does not know.
 * What selectors match makes no difference: a device must match those of its class too, so they can only narrow a tier. How they are written does, because
 * kube-scheduler evaluates them: see `selectors.ts`.
 *
 * Why tolerations, which do nothing today, are rejected: docs/decisions/0008-device-taints-stay-off.md.
 *
 * At creation only: the specs of claims and templates are immutable, and a claim that is older than the policy must still lose its finalizers.
 */
export function claimPolicy({ name, resource, spec }: ClaimSubject): AdmissionPolicy {
  return admissionPolicy({
    name,
    rules: [{ apiGroups: ["resource.k8s.io"], apiVersions: ["v1"], operations: ["CREATE"], resources: [resource] }],
    checks: claimChecks(spec),
    scope: "teams",
  });
}

function claimChecks(spec: string): readonly Check[] {
  // Not a variable of the policy: those have no type, so only the first claim would find a misspelt field. The API server shows a list of requests
  // that was left out as null, which it has no type for.
  const written = `has(${spec}.devices) && has(${spec}.devices.requests) && dyn(${spec}.devices.requests) != null`;
  const requests = `(${written} ? ${spec}.devices.requests : [])`;
  const constrained = `has(${spec}.devices) && has(${spec}.devices.constraints)`;
  return [
    {
      expression: `size(${requests}) > 0`,
      message: `This claim requests nothing. Request one of ${TIER_LIST}`,
    },
    {
      expression: `${requests}.all(r, has(r.exactly) || has(r.firstAvailable))`,
      message: "A request needs `exactly` or `firstAvailable`",
    },
    {
      expression: everyAlternative(requests, (path) => `${path}.deviceClassName in ${celList(TIERS.map(({ className }) => className))}`),
      message: `A claim can request these device classes only: ${TIER_LIST}`,
    },
    {
      expression: `${requests}.all(r, !has(r.exactly) || !has(r.exactly.adminAccess) || !r.exactly.adminAccess)`,
      message: "Remove adminAccess. Only the platform can use it",
    },
    {
      expression: everyAlternative(requests, (path) => `(!has(${path}.allocationMode) || ${path}.allocationMode == 'ExactCount')`),
      message: "allocationMode All takes every slice of a node. Request a count",
    },
    {
      expression: everyAlternative(requests, (path) => `(!has(${path}.tolerations) || size(${path}.tolerations) == 0)`),
      message:
        "Remove tolerations. They reach slices that a device taint takes out of use, if the cluster uses device taints (off by default)",
    },
    {
      expression: everyAlternative(requests, (path) => `!has(${path}.capacity)`),
      message: `Remove capacity. A claim gets whole slices. Request the tier that is large enough: ${TIER_LIST}`,
    },
    {
      expression: `!has(${spec}.devices) || !has(${spec}.devices.config) || size(${spec}.devices.config) == 0`,
      message: "Remove config. Only the platform configures the driver",
    },
    ...selectorChecks(requests),
    {
      // What need not be on one GPU is held to the GPUs that have every tier, of which it is the smaller share.
      expression:
        `${lessThan(requests, COMMON_GPUS)} && (!(${constrained} && ${spec}.devices.constraints.exists(k, !has(k.matchAttribute) || ` +
        `!(k.matchAttribute in ${celList(SHARED_ATTRIBUTES)}))) || ${lessThan(requests, OTHER_GPUS)})`,
      message:
        "The slices of this claim can add up to a whole GPU. Request at most one slice of each tier. Use several claims, or smaller tiers",
    },
  ];
}

/** CEL that holds when a test does for `exactly` and for each alternative of `firstAvailable`, of every request. */
function everyAlternative(requests: string, test: (path: string) => string): string {
  return (
    `${requests}.all(r, (!has(r.exactly) || ${test("r.exactly")}) && ` +
    `(!has(r.firstAvailable) || r.firstAvailable.all(alternative, ${test("alternative")})))`
  );
}

/** How many of a GPU's slices the tiers take, and how many there are. */
interface PartOfGpu {
  readonly weights: readonly { readonly className: string; readonly slices: number }[];
  readonly total: number;
}

/** In compute slices and in memory slices, for each kind of GPU, each once. */
function partsOf(models: readonly GpuModel[]): readonly PartOfGpu[] {
  const parts = models.flatMap((model) =>
    (["computeSlices", "memorySlices"] as const).map((kind) => ({
      weights: TIERS.map(({ name, className }) => ({ className, slices: tierProfile(name, model)?.[kind] ?? 0 })),
      total: model[kind],
    })),
  );
  return [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
}

const hasEveryTier = (model: GpuModel): boolean => TIERS.every(({ name }) => tierProfile(name, model) !== undefined);
const COMMON_GPUS = partsOf(GPU_MODELS.filter(hasEveryTier));
// Stryker disable next-line MethodExpression: with the first ones in the list too, the expression only grows, because they are compared before it
const OTHER_GPUS = partsOf(GPU_MODELS.filter((model) => !hasEveryTier(model)));

/** CEL that holds when all slices of a claim, added up as if they were on one GPU, leave something of it. */
function lessThan(requests: string, parts: readonly PartOfGpu[]): string {
  return `(${parts.map(({ weights, total }) => `${weightOf(requests, weights)} < ${total}`).join(" && ")})`;
}

/** CEL for the slices that all requests of a claim take together, of the alternatives of a request the most. */
function weightOf(requests: string, weights: PartOfGpu["weights"]): string {
  const weight = (path: string) =>
    `(has(${path}.count) ? ${path}.count : 1) * (${weights.map(({ className, slices }) => `${path}.deviceClassName == '${className}' ? ${slices} : `).join("")}0)`;
  return (
    `${requests}.map(r, has(r.exactly) ? ${weight("r.exactly")} : ` +
    `(has(r.firstAvailable) && size(r.firstAvailable) > 0 ? r.firstAvailable.map(alternative, ${weight("alternative")}).max() : 0)).sum()`
  );
}
