/**
 * What a pod and the nodes themselves say: preferred node affinity, and taints that keep pods off where there are other nodes.
 * Sources: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/{nodeaffinity,tainttoleration}` (the same in v1.35.4 and v1.36.3), and
 * `PreferredSchedulingTerms` of `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`.
 */
import { labelValueFault } from "../../manifest/names";
import type { Pod } from "../../pods";
import { tolerates } from "../../tolerations";
import type { Node } from "../nodes/nodes";
import { hasOpenLabels, isInteger, matchesTerm } from "../nodes/nodes";

/**
 * What of a pod's preferences kube-scheduler cannot read, though the API server takes it; undefined: nothing. As soon as there are two nodes to choose from, it stops
 * with an error (`NewPreferredSchedulingTerms`). A required term like this matches no node.
 */
export function unreadablePreference({ scoring: { nodeAffinity } }: Pod): string | undefined {
  for (const { key, operator, values } of nodeAffinity.flatMap(({ term: { matchExpressions } }) => matchExpressions)) {
    const compared = operator === "Gt" || operator === "Lt" ? values.find((value) => !isInteger(value)) : undefined;
    if (compared !== undefined) {
      return `the preferred node affinity compares ${key} by ${operator} with "${compared}". Write an integer`;
    }
    const illegal = values.find((value) => labelValueFault(value) !== undefined);
    if (illegal !== undefined) {
      return `the preferred node affinity compares ${key} with "${illegal}". Write a value that a label can have`;
    }
  }
  return undefined;
}

/** The weights of the terms that a node matches; undefined: it may have a label that decides it. */
export function affinityWeight({ scoring: { nodeAffinity } }: Pod, node: Node): number | undefined {
  return nodeAffinity.some(({ term }) => hasOpenLabels(term, node))
    ? undefined
    : nodeAffinity.reduce((sum, { weight, term }) => sum + (matchesTerm(term, node) ? weight : 0), 0);
}

/** How many taints of effect PreferNoSchedule a pod does not tolerate. */
export function avoidedTaints({ tolerations }: Pod, { spec }: Node): number {
  const taints = (spec?.taints ?? []).filter(({ effect }) => effect === "PreferNoSchedule");
  return taints.filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint))).length;
}
