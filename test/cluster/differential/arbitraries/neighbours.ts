/** Labels of pods, and rules about pods that have them. All of it stays within its scenario: zones and hosts bear its name. */
import fc from "fast-check";
import { HOSTNAME_LABEL, NAMESPACE_NAME_LABEL, ZONE_LABEL } from "../../../../src/well-known/labels";
import { LABEL, NAME } from "../scenario";

export const labels = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  {},
  { app: "web" },
  { app: "web", tier: "front" },
  { app: "db" },
);

const namespaceNamed = (operator: string) => ({ matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator, values: [NAME] }] });
const web = { matchLabels: { app: "web" } };
/** Of this scenario, whatever the namespaces: whether a pod is the first of its group depends on pods of all of them. */
const ownWeb = { matchLabels: { app: "web", [LABEL]: NAME } };

/** What rules can be about. */
export const TERMS = [
  { topologyKey: HOSTNAME_LABEL, labelSelector: web },
  { topologyKey: ZONE_LABEL, labelSelector: web },
  { topologyKey: ZONE_LABEL, labelSelector: { matchLabels: { app: "db" } }, namespaces: [NAME] },
  { topologyKey: HOSTNAME_LABEL, labelSelector: web, namespaces: ["elsewhere"] },
  { topologyKey: ZONE_LABEL, labelSelector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } },
  { topologyKey: HOSTNAME_LABEL, labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] }, mismatchLabelKeys: ["tier"] },
  {
    topologyKey: ZONE_LABEL,
    labelSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["web", "db"] }] },
    matchLabelKeys: ["tier", "revision"],
  },
  { topologyKey: HOSTNAME_LABEL, labelSelector: {} },
  { topologyKey: ZONE_LABEL, labelSelector: ownWeb, namespaceSelector: {} },
  { topologyKey: HOSTNAME_LABEL, labelSelector: ownWeb, namespaceSelector: namespaceNamed("In") },
  // All namespaces but its own, and for a pod that is to be placed its own too.
  { topologyKey: HOSTNAME_LABEL, labelSelector: ownWeb, namespaceSelector: namespaceNamed("NotIn") },
  // About no pod.
  { topologyKey: HOSTNAME_LABEL },
  // On no node.
  { topologyKey: "rack", labelSelector: web },
];

/** Required affinity and anti-affinity of a pod, each in one of so many. */
export function neighbours(of: number) {
  const terms = fc.oneof(
    { weight: of - 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(TERMS, { minLength: 1, maxLength: 2 }) },
  );
  return fc.record({ near: terms, far: terms });
}
