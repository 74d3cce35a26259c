import fc from "fast-check";
import { LABEL, NAME } from "../scenario";
import { labels, neighbours } from "./neighbours";
import { EXTENDED_RESOURCE, TAINTS } from "./nodes";
import { preferred, spread } from "./preferences";
import { volumes } from "./volumes";

/** An entry of a pod's `resourceClaims`, without its name. */
export type ClaimSource = { readonly resourceClaimName: string } | { readonly resourceClaimTemplateName: string };

const AFFINITIES = [
  { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] },
  { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] },
  { matchExpressions: [{ key: "gpus", operator: "Gt", values: ["4"] }] },
  {
    matchExpressions: [
      { key: "gpus", operator: "Exists" },
      { key: "rack", operator: "DoesNotExist" },
    ],
  },
  { matchFields: [{ key: "metadata.name", operator: "In", values: [`${NAME}-node-1`] }] },
  {},
];

const TOLERATIONS = [
  { key: TAINTS[0].key, operator: "Exists", effect: "NoSchedule" },
  { key: TAINTS[0].key, operator: "Equal", value: "false" },
  { operator: "Exists" },
  { key: TAINTS[2].key, operator: "Exists", effect: "PreferNoSchedule" },
  { key: TAINTS[1].key, operator: "Equal", value: "" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists" },
];

const REQUESTS = [
  {},
  {},
  {},
  {},
  { cpu: "500m" },
  { cpu: "1", memory: "1Gi" },
  { cpu: "2500m" },
  { memory: "2.5Gi" },
  { [EXTENDED_RESOURCE]: "1" },
];

/** A pod without a name. */
export interface DrawnPod {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** How often pods have rules of a kind. */
export interface Likelihoods {
  /** Preferences: in so many of six pods. */
  readonly preferences: number;
  /** Requirements about other pods and nodes: in one of so many pods. */
  readonly requirements: number;
  /** Volumes: in one of so many pods. */
  readonly volumes: number;
}

/** @param sources what the pod's claims may be */
export function pod(sources: readonly ClaimSource[], likely: Likelihoods): fc.Arbitrary<DrawnPod> {
  return fc
    .record({
      claims: claimsOf(sources),
      requests: fc.constantFrom(...REQUESTS),
      overhead: fc.constantFrom(
        {},
        {},
        {},
        { initContainers: [{ name: "init", image: "none", resources: { requests: { cpu: "800m" } } }] },
      ),
      zone: fc.constantFrom(...Array<object>(likely.requirements - 1).fill({}), { zone: "b" }, { rack: "x" }),
      terms: fc.oneof(
        { weight: likely.requirements - 1, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.subarray(AFFINITIES, { minLength: 1, maxLength: 2 }) },
      ),
      tolerations: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 2, arbitrary: fc.subarray(TOLERATIONS, { minLength: 1 }) },
      ),
      gates: fc.constantFrom(...Array<readonly unknown[]>(15).fill([]), [{ name: "example.com/wait" }]),
      labels,
      neighbours: neighbours(likely.requirements),
      volumes: volumes(likely.volumes),
      preferred: preferred(likely.preferences),
      spread: spread(likely.preferences),
    })
    .map(({ claims, requests, overhead, zone, terms, tolerations, gates, ...others }) => ({
      labels: others.labels,
      spec: {
        ...overhead,
        containers: [
          { name: "main", image: "none", resources: { requests, ...(EXTENDED_RESOURCE in requests ? { limits: requests } : {}) } },
        ],
        nodeSelector: { [LABEL]: NAME, ...zone },
        affinity: {
          nodeAffinity: rules(terms && { nodeSelectorTerms: terms }, others.preferred.nodeAffinity),
          podAffinity: rules(nonEmpty(others.neighbours.near), others.preferred.podAffinity),
          podAntiAffinity: rules(nonEmpty(others.neighbours.far), others.preferred.podAntiAffinity),
        },
        ...(others.spread === undefined ? {} : { topologySpreadConstraints: others.spread }),
        ...(others.volumes.length > 0 ? { volumes: others.volumes } : {}),
        ...(tolerations.length > 0 ? { tolerations } : {}),
        ...(gates.length > 0 ? { schedulingGates: gates } : {}),
        ...(claims.length > 0 ? { resourceClaims: claims.map((source, index) => ({ name: `entry-${String(index)}`, ...source })) } : {}),
      },
    }));
}

function claimsOf(sources: readonly ClaimSource[]): fc.Arbitrary<readonly ClaimSource[]> {
  return sources.length === 0
    ? fc.constant([])
    : fc
        .constantFrom(1, 1, 1, 1, 1, 1, 2, 2, 0)
        .chain((count) => fc.uniqueArray(fc.constantFrom(...sources), { minLength: count, maxLength: count, selector: claimIn }));
}

/** Rules of one kind of affinity. */
function rules(required: unknown, preferredOnes: unknown) {
  return {
    ...(required === undefined ? {} : { requiredDuringSchedulingIgnoredDuringExecution: required }),
    ...(preferredOnes === undefined ? {} : { preferredDuringSchedulingIgnoredDuringExecution: preferredOnes }),
  };
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/**
 * A pod cannot name one claim twice here: kube-scheduler allocates the claim, fails to reserve it, and starts again, so that what it leaves behind
 * depends on when one looks. There are known cases of that.
 */
function claimIn(source: ClaimSource): unknown {
  return "resourceClaimName" in source ? source.resourceClaimName : Symbol("a claim of the pod's own");
}
