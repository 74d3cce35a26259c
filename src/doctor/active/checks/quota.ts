/** Quotas count: a claim over the quota is not made, and the quota of every team refuses what is beyond it. */
import type { ClusterObject } from "../../../cluster/objects";
import { titleOf } from "../../../cluster/objects";
import { HOSTNAME_LABEL } from "../../../well-known/labels";
import type { Examined } from "../../check";
import { unchecked } from "../attempt";
import type { Attempt, Judgement, Outcome } from "../attempt";
import { probe } from "../pods";
import { OVER_QUOTA_TEMPLATE, QUOTA_NAME } from "../places";
import type { ActiveNames } from "../places";
import type { ActiveCheck, Situation } from "../situation";

export const checkQuota: ActiveCheck = (situation) => ({
  attempts: [
    claimOverQuota(situation),
    ...situation.examined.declaration.objects
      .filter(({ kind }) => kind === "ResourceQuota")
      .map((quota) => podOverQuota(quota, situation.names, situation.examined)),
  ],
  unchecked: [],
});

/** By the way that pods take: a controller makes the claim, and only an event says that it could not. */
function claimOverQuota({ names, examined }: Situation): Attempt {
  const pod = probe({
    ...{ names, place: "team", prefix: "over-quota", image: "over-quota", template: OVER_QUOTA_TEMPLATE },
    // Should the claim be made, then no node fits the pod, and the claim gets no slice.
    nodeSelector: { [HOSTNAME_LABEL]: "none" },
  });
  return {
    id: "quota-not-counted",
    what: "a pod whose claim is beyond the quota of its namespace",
    action: { type: "claim", pod },
    judge: (outcome) => {
      if (outcome.type === "claimed") {
        return {
          type: "broken",
          details: {
            subject: `ResourceQuota ${names.namespaces.team}/${QUOTA_NAME}`,
            seen: "a claim was made that asks for more slices than the quota of its namespace has",
            commands: [examined.command.up()],
          },
        };
      }
      return outcome.type === "unclaimed" && /exceeded quota/.test(outcome.message)
        ? { type: "holds", seen: `the claim was not made, and an event says why: ${outcome.message}` }
        : unchecked(outcome);
    },
  };
}

/** More than any quota has. */
const MANY_CPUS = "1000000";

/** Admission refuses a claim of a team long before it is beyond the quota, so that a pod must do. It is a dry run. */
function podOverQuota(quota: ClusterObject, names: ActiveNames, { command }: Examined): Attempt {
  const { name, namespace } = quota;
  const title = titleOf(quota);
  return {
    id: "quota-not-counted",
    what: `a pod that is beyond ${title}`,
    action: { type: "dryRun", object: largePod(names, namespace) },
    judge: (outcome: Outcome): Judgement => {
      if (outcome.type === "accepted") {
        return {
          type: "broken",
          details: {
            ...{ subject: title, seen: `the API server accepts a pod that asks for ${MANY_CPUS} CPUs in namespace ${namespace}` },
            commands: [command.kubectlWith(quota.body, "apply", "--server-side", "--force-conflicts")],
          },
        };
      }
      return outcome.type === "refused" && outcome.message.includes(`exceeded quota: ${name},`)
        ? { type: "holds", seen: `the quota refuses the pod: ${outcome.message}` }
        : unchecked(outcome);
    },
  };
}

/** One that every admission policy and Pod Security level accepts. */
function largePod(names: ActiveNames, namespace: string): ReturnType<typeof probe> {
  const pod = probe({ names, place: "team", prefix: "over-quota", image: "over-quota" });
  const spec = pod["spec"] as { readonly containers: readonly { readonly resources: object }[] };
  const containers = spec.containers.map((container) => ({
    ...container,
    resources: { requests: { cpu: MANY_CPUS, memory: "32Mi" }, limits: { memory: "256Mi" } },
  }));
  // Without the toleration, because a pod without a claim must not have it.
  return { ...pod, metadata: { generateName: "over-quota-", namespace }, spec: { ...spec, tolerations: [], containers } };
}
