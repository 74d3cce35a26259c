import { selectorProblem } from "../../../src/dra/selector/language/check";
import { PUBLISHED } from "../../dra/selector/language/published";
import { REFUSED } from "../../dra/selector/language/refused";

/** A claim's spec that reaches the API server from a team's namespace, and what the admission policies say to it. */
export interface ClaimCase {
  readonly name: string;
  readonly spec: object;
  /** Part of the refusal; undefined: admitted. */
  readonly refusal: string | undefined;
}

const slice = { deviceClassName: "mig-small.nvidia.com", allocationMode: "ExactCount", count: 1 };

function exactly(request: object): object {
  return { devices: { requests: [{ name: "gpu", exactly: { ...slice, ...request } }] } };
}

function firstAvailable(...alternatives: readonly object[]): object {
  const named = alternatives.map((alternative, index) => ({ name: `choice-${String(index)}`, ...slice, ...alternative }));
  return { devices: { requests: [{ name: "gpu", firstAvailable: named }] } };
}

function selectors(...expressions: readonly string[]): readonly object[] {
  return expressions.map((expression) => ({ cel: { expression } }));
}

/** A selector of 1,024 bytes. */
const LONGEST = `device.driver in [${Array.from({ length: 71 }, (_, index) => `"${String(index).padStart(10, "0")}"`).join(", ")}]`.padEnd(
  1_024,
);

const MATCHING = Array.from({ length: 5 }, (_, index) => `device.driver.matches("a${String(index)}")`);

/** Requests by name, tied to one GPU. */
function onOneGpu(requests: Readonly<Record<string, object>>): object {
  const named = Object.entries(requests).map(([name, request]) => ({ name, exactly: { ...slice, ...request } }));
  return { devices: { requests: named, constraints: [{ requests: Object.keys(requests), matchAttribute: "gpu.nvidia.com/parentUUID" }] } };
}

const WHOLE = "can add up to a whole GPU";
const WORDS = "A selector of this claim uses what selectors of claims cannot use";
const CLASSES = "A claim can request these device classes only";

/** Admitted and refused specs, side by side for each rule. */
export const CLAIM_CASES: readonly ClaimCase[] = [
  { name: "a slice of a tier", spec: exactly({}), refusal: undefined },
  { name: "several slices of a tier, which the quota counts", spec: exactly({ count: 3 }), refusal: undefined },
  { name: "a slice narrowed by a selector", spec: exactly({ selectors: [{ cel: { expression: "true" } }] }), refusal: undefined },
  { name: "published selectors", spec: exactly({ selectors: selectors(...PUBLISHED.slice(0, 16)) }), refusal: undefined },
  { name: "more published selectors", spec: exactly({ selectors: selectors(...PUBLISHED.slice(16)) }), refusal: undefined },
  {
    name: "as many bytes as the selectors of a claim can have",
    spec: exactly({ selectors: selectors(...Array.from({ length: 2 }, () => LONGEST)) }),
    refusal: undefined,
  },
  {
    name: "as many patterns as the selectors of a claim can have",
    spec: exactly({ selectors: selectors(...MATCHING.slice(0, 4)) }),
    refusal: undefined,
  },
  { name: "more patterns than that", spec: exactly({ selectors: selectors(...MATCHING) }), refusal: "at most 4 regular expressions" },
  {
    name: "more patterns than that in one selector of the second choice",
    spec: firstAvailable({}, { selectors: selectors(MATCHING.join("||")) }),
    refusal: "at most 4 regular expressions",
  },
  {
    name: "more bytes than that",
    spec: exactly({ selectors: selectors(...Array.from({ length: 2 }, () => LONGEST), "true") }),
    refusal: "at most 2048 together",
  },
  {
    name: "a selector in the second choice that stops the scheduler",
    spec: firstAvailable({}, { selectors: selectors(`quantity("1e999999999").isGreaterThan(quantity("1"))`) }),
    refusal: WORDS,
  },
  {
    name: "more selectors than a claim can have, over its choices",
    spec: firstAvailable(
      { selectors: selectors(...Array.from({ length: 9 }, () => "true")) },
      { selectors: selectors(...Array.from({ length: 8 }, () => "true")) },
    ),
    refusal: "at most 16 selectors",
  },
  { name: "a selector that is too long", spec: exactly({ selectors: selectors(`${LONGEST} `) }), refusal: "at most 1024 bytes" },
  { name: "a selector of a form that nobody knows", spec: exactly({ selectors: [{}] }), refusal: "at most 1024 bytes" },
  ...REFUSED.filter(([, expression]) => selectorProblem(expression)?.about === "words" && expression.length <= 1_024).map(
    ([what, expression]) => ({
      name: `a selector with ${what}`,
      spec: exactly({ selectors: selectors("true", expression) }),
      refusal: WORDS,
    }),
  ),
  { name: "the first free of two tiers", spec: firstAvailable({}, { deviceClassName: "mig-medium.nvidia.com" }), refusal: undefined },
  {
    name: "one slice of each tier on one GPU",
    spec: onOneGpu({ small: {}, medium: { deviceClassName: "mig-medium.nvidia.com" }, large: { deviceClassName: "mig-large.nvidia.com" } }),
    refusal: undefined,
  },
  { name: "two slices of a tier on one GPU", spec: onOneGpu({ a: {}, b: {} }), refusal: undefined },
  {
    name: "a GPU put together from all its slices",
    spec: onOneGpu({
      small: { count: 2 },
      medium: { deviceClassName: "mig-medium.nvidia.com" },
      large: { deviceClassName: "mig-large.nvidia.com" },
    }),
    refusal: WHOLE,
  },
  {
    name: "a GPU put together from its halves",
    spec: onOneGpu({ a: { deviceClassName: "mig-large.nvidia.com" }, b: { deviceClassName: "mig-large.nvidia.com" } }),
    refusal: WHOLE,
  },
  { name: "the halves of a GPU by count", spec: exactly({ deviceClassName: "mig-large.nvidia.com", count: 2 }), refusal: WHOLE },
  { name: "four small slices, a part of the GPUs that have every tier", spec: exactly({ count: 4 }), refusal: undefined },
  { name: "four small slices of one GPU, which may be a small one", spec: onOneGpu({ a: { count: 4 } }), refusal: WHOLE },
  { name: "so many small slices that a GPU has no more", spec: exactly({ count: 7 }), refusal: WHOLE },
  {
    name: "the halves of a GPU, one of them as an alternative",
    spec: {
      devices: {
        requests: [
          { name: "a", exactly: { ...slice, deviceClassName: "mig-large.nvidia.com", count: undefined } },
          {
            name: "b",
            firstAvailable: [
              { name: "c", ...slice, deviceClassName: "mig-large.nvidia.com" },
              { name: "d", ...slice },
            ],
          },
        ],
        constraints: [{ matchAttribute: "gpu.nvidia.com/parentUUID" }],
      },
    },
    refusal: WHOLE,
  },
  { name: "a share of a slice", spec: exactly({ capacity: { requests: { memory: "1Gi" } } }), refusal: "Remove capacity" },
  {
    name: "a share of a slice as the second choice",
    spec: firstAvailable({}, { capacity: { requests: { memory: "40Gi" } } }),
    refusal: "Remove capacity",
  },
  { name: "no request at all", spec: { devices: {} }, refusal: "This claim requests nothing" },
  {
    name: "no request, as an API server shows it",
    spec: { devices: { requests: null } },
    refusal: "This claim requests nothing",
  },
  { name: "no devices at all", spec: {}, refusal: "This claim requests nothing" },
  { name: "a whole GPU", spec: exactly({ deviceClassName: "gpu.nvidia.com" }), refusal: CLASSES },
  { name: "the vendor's class for any MIG device", spec: exactly({ deviceClassName: "mig.nvidia.com" }), refusal: CLASSES },
  { name: "a class that someone made", spec: exactly({ deviceClassName: "my-gpu" }), refusal: CLASSES },
  { name: "a tier's name with another end", spec: exactly({ deviceClassName: "mig-small.nvidia.com.example.com" }), refusal: CLASSES },
  { name: "a whole GPU as the second choice", spec: firstAvailable({}, { deviceClassName: "gpu.nvidia.com" }), refusal: CLASSES },
  {
    name: "a whole GPU as the second request",
    spec: {
      devices: {
        requests: [
          { name: "a", exactly: slice },
          { name: "b", exactly: { ...slice, deviceClassName: "gpu.nvidia.com" } },
        ],
      },
    },
    refusal: CLASSES,
  },
  {
    name: "configuration by an empty list",
    spec: { devices: { requests: [{ name: "gpu", exactly: slice }], config: [] } },
    refusal: undefined,
  },
  {
    name: "a request of an unknown form",
    spec: { devices: { requests: [{ name: "gpu" }] } },
    refusal: "A request needs `exactly` or `firstAvailable`",
  },
  { name: "admin access that is declined", spec: exactly({ adminAccess: false }), refusal: undefined },
  { name: "admin access", spec: exactly({ adminAccess: true }), refusal: "Remove adminAccess" },
  { name: "all slices", spec: exactly({ allocationMode: "All", count: undefined }), refusal: "allocationMode All" },
  {
    name: "all slices as the second choice",
    spec: firstAvailable({}, { allocationMode: "All", count: undefined }),
    refusal: "allocationMode All",
  },
  { name: "no allocation mode, which means a count", spec: exactly({ allocationMode: undefined }), refusal: undefined },
  { name: "no tolerations", spec: exactly({ tolerations: [] }), refusal: undefined },
  { name: "a toleration of device taints", spec: exactly({ tolerations: [{ operator: "Exists" }] }), refusal: "Remove tolerations" },
  {
    name: "a toleration of device taints in a choice",
    spec: firstAvailable({ tolerations: [{ key: "a", operator: "Exists" }] }),
    refusal: "Remove tolerations",
  },
  {
    name: "configuration for the driver",
    spec: {
      devices: {
        requests: [{ name: "gpu", exactly: slice }],
        config: [{ opaque: { driver: "gpu.nvidia.com", parameters: { kind: "GpuConfig" } } }],
      },
    },
    refusal: "Remove config",
  },
];

/** The spec as a ResourceClaim and as a ResourceClaimTemplate, as the API server decodes them (absent fields are absent). */
export function claimObjects({ spec }: ClaimCase): { readonly claim: object; readonly template: object } {
  const plain: unknown = JSON.parse(JSON.stringify(spec));
  const metadata = { name: "case", namespace: "mig-test" };
  return {
    claim: { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata, spec: plain },
    template: { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", metadata, spec: { spec: plain } },
  };
}
