/** What makes kube-scheduler prefer some of the nodes that fit: rules of pods, and Services. All of it stays within its scenario. */
import fc from "fast-check";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../../../src/well-known/labels";
import { NAME } from "../scenario";
import { TERMS } from "./neighbours";

const PREFERENCES = [
  { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] },
  { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] },
  { matchExpressions: [{ key: "gpus", operator: "Gt", values: ["4"] }] },
  { matchFields: [{ key: "metadata.name", operator: "In", values: [`${NAME}-node-1`] }] },
  {
    matchExpressions: [
      { key: "rack", operator: "DoesNotExist" },
      { key: "gpus", operator: "In", values: ["1", "many"] },
    ],
  },
];

const weight = fc.constantFrom(1, 1, 3, 40, 100);

const weighted = <T>(key: string, terms: readonly T[]) =>
  fc.array(
    fc.record({ weight, term: fc.constantFrom(...terms) }).map(({ weight: weighs, term }) => ({ weight: weighs, [key]: term })),
    { minLength: 1, maxLength: 3 },
  );

const some = <T>(arbitrary: fc.Arbitrary<T>, likely: number) =>
  fc.oneof({ weight: 6 - likely, arbitrary: fc.constant(undefined) }, { weight: likely, arbitrary });

/** Preferred affinity of a pod by kind, each in so many of six pods. */
export function preferred(likely: number) {
  const between = some(weighted("podAffinityTerm", TERMS), likely);
  return fc.record({ nodeAffinity: some(weighted("preference", PREFERENCES), likely), podAffinity: between, podAntiAffinity: between });
}

const web = { matchLabels: { app: "web" } };
const SELECTORS = [
  { labelSelector: web },
  { labelSelector: web, matchLabelKeys: ["tier"] },
  { labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
  { labelSelector: {} },
  {},
];

/**
 * `topologySpreadConstraints` in so many of six pods, each of which only weighs or is required. Required ones count no nodes of other scenarios: a pod's selector
 * rules these out.
 */
export function spread(likely: number) {
  const constraint = fc
    .record({
      maxSkew: fc.constantFrom(1, 1, 2, 5),
      topologyKey: fc.constantFrom(HOSTNAME_LABEL, HOSTNAME_LABEL, ZONE_LABEL, ZONE_LABEL, "rack"),
      selecting: fc.constantFrom(...SELECTORS),
      policies: fc.constantFrom({}, {}, { nodeTaintsPolicy: "Honor" }, { nodeAffinityPolicy: "Ignore" }),
      required: fc.constantFrom(undefined, undefined, {}, { minDomains: 2 }, { minDomains: 3 }),
    })
    .map(({ selecting, policies, required, ...rest }) => ({
      ...{ ...rest, ...selecting },
      ...(required === undefined
        ? { ...policies, whenUnsatisfiable: "ScheduleAnyway" }
        : { ...policies, nodeAffinityPolicy: "Honor", ...required, whenUnsatisfiable: "DoNotSchedule" }),
    }));
  return some(fc.uniqueArray(constraint, { minLength: 1, maxLength: 2, selector: ({ topologyKey }) => topologyKey }), likely);
}

const SERVICES = [{ app: "web" }, { app: "web", tier: "front" }, { app: "db" }];

/** Services by which kube-scheduler spreads pods that do not say otherwise. */
export const services = fc.subarray(SERVICES).map((selectors) =>
  selectors.map((selector, index): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `service-${String(index)}`, namespace: NAME },
    spec: { clusterIP: "None", selector },
  })),
);
