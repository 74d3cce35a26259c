/** Pods: those that have a node, and those that wait for one. */
import { podLimits } from "../../cluster/limits";
import { hasEnded, listAt } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { readPod } from "../../dra/pods";
import type { Pod, PodClaim } from "../../dra/pods";
import { valueAt } from "../../json/value-at";
import type { BoundPod, Doubt, WaitingPod } from "./cluster";

export interface PodsReading {
  readonly bound: readonly BoundPod[];
  readonly pending: readonly WaitingPod[];
}

export function readPods(bodies: readonly JsonObject[], doubts: Doubt[]): PodsReading {
  const bound: BoundPod[] = [];
  const pending: { waiting: WaitingPod; created: string }[] = [];
  for (const body of bodies.filter((each) => !hasEnded(each))) {
    const reading = readPod(body);
    if (reading.type === "invalid") {
      const { namespace, name } = body["metadata"] as { readonly namespace?: string; readonly name?: string };
      doubts.push({
        kind: "Pod",
        could: "take",
        message: `the planner cannot read Pod ${namespace ?? "default"}/${name ?? ""}: ${reading.problems.join("; ")}`,
      });
      continue;
    }
    const { pod } = reading;
    const nodeName = valueAt(body, "spec", "nodeName");
    const isEnding = valueAt(body, "metadata", "deletionTimestamp") !== undefined;
    if (typeof nodeName === "string" && nodeName !== "") {
      bound.push({
        ...{ pod: withMadeClaims(pod, body), nodeName },
        ...(isEnding ? { isEnding } : {}),
        // Of most pods no quota asks for them.
        get limits() {
          return podLimits(body["spec"]);
        },
      });
    } else if (!isEnding) {
      // kube-scheduler passes over pods that are being deleted.
      const waiting = { pod: withMadeClaims(pod, body), limits: podLimits(body["spec"]), condition: conditionOf(body) };
      pending.push({ waiting, created: String(valueAt(body, "metadata", "creationTimestamp") ?? "") });
    }
  }
  const inOrder = pending.sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0));
  return { bound, pending: inOrder.map(({ waiting }) => waiting) };
}

/** A claim that was made from a template exists, so that the pod needs that one and no other. */
function withMadeClaims(pod: Pod, body: JsonObject): Pod {
  const made = new Map(
    listAt(body, "status", "resourceClaimStatuses").map((status) => [valueAt(status, "name"), valueAt(status, "resourceClaimName")]),
  );
  const claims = pod.claims.map((claim): PodClaim => {
    const claimName = made.get(claim.name);
    return claim.source.type === "template" && typeof claimName === "string" ? { ...claim, source: { type: "claim", claimName } } : claim;
  });
  return { ...pod, claims };
}

function conditionOf(body: JsonObject): WaitingPod["condition"] {
  const condition = listAt(body, "status", "conditions").find((each) => valueAt(each, "type") === "PodScheduled");
  return valueAt(condition, "status") === "False"
    ? { reason: String(valueAt(condition, "reason") ?? ""), message: String(valueAt(condition, "message") ?? "") }
    : undefined;
}
