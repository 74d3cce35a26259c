/** PodDisruptionBudgets that let no pod go, so that no node can be drained. Source: kube-controller-manager 1.34 `pkg/controller/disruption` (`getExpectedPodCount`). */
import { isObject } from "../../dra/manifest/fields";
import { selects } from "../judgement/validation/selectors";
import { objectAt } from "../objects";
import type { ClusterObject, JsonObject } from "../objects";
import { shareOf } from "./shares";
import { podsInWords } from "./types";
import type { Advise, Situation } from "./types";

export const adviseOnDisruption: Advise = ({ objects, groups }) =>
  objects
    .filter(({ kind, apiVersion }) => kind === "PodDisruptionBudget" && apiVersion === "policy/v1")
    .flatMap((object) => {
      const spec = objectAt(object.body, "spec");
      const expected = expectedPods(object, spec, groups);
      if (expected === 0 || allowed(spec, expected) > 0) {
        return [];
      }
      const { minAvailable, maxUnavailable } = spec;
      const rule = maxUnavailable === undefined ? `minAvailable ${String(minAvailable)}` : `maxUnavailable ${String(maxUnavailable)}`;
      return [
        {
          object,
          message: `it lets none of its ${podsInWords(expected)} go (${rule}): a node with one of them cannot be drained, and an update of the node group fails after its time. Write maxUnavailable: 1${expected === 1 ? "; with one pod that is a break of the service for as long as a pod takes to start" : ""}`,
        },
      ];
    });

function expectedPods({ namespace }: ClusterObject, { selector }: JsonObject, groups: Situation["groups"]): number {
  return groups
    .filter(
      ({ object, pods }) => object.namespace === namespace && isObject(pods.template.labels) && selects(selector, pods.template.labels),
    )
    .reduce((sum, { pods }) => sum + pods.count, 0);
}

/** How many pods may go. Shares of both fields are rounded up. */
function allowed({ minAvailable, maxUnavailable }: JsonObject, expected: number): number {
  return maxUnavailable === undefined || maxUnavailable === null
    ? expected - shareOf(minAvailable, "1", expected, "up")
    : shareOf(maxUnavailable, "0", expected, "up");
}
