/** Pods and claims that wait, each with the reason. */
import { claimCounts, describeExcess } from "../../cluster/quota";
import { Scheduler, tryAgain } from "../../dra/allocator";
import type { Attempt, Placed, SchedulingResult } from "../../dra/allocator";
import { waitsForOthers } from "../../dra/pods";
import type { Pod } from "../../dra/pods";
import { podTitle } from "../../cluster/objects";
import type { PlannedClaim, PlannedCluster, WaitingPod } from "../state/cluster";
import { excesses } from "../state/quotas";

export interface Pending {
  /** `Pod team-a/train`, `ResourceClaim team-a/big`, or what could not create its pods. */
  readonly subject: string;
  readonly namespace: string;
  readonly reason: string;
  /** kube-scheduler's own words, where it has written any. */
  readonly message: string | undefined;
}

/** A scheduler of the cluster to which the pending pods have been put, in their order, and what came of it. */
export interface Queue<T extends Attempt | SchedulingResult = Attempt> {
  readonly scheduler: Scheduler;
  readonly pods: readonly Queued<T>[];
}

interface Queued<T> {
  readonly waiting: WaitingPod;
  /** What the scheduler says. Not asked is it about a pod whose claim does not exist. */
  readonly result: T | { readonly type: "withoutClaim"; readonly reason: string };
  readonly fits: boolean;
  /** Where it fits. */
  readonly placement: Placed | undefined;
  /** Paths of its rules that the model leaves out. */
  readonly unmodelled: readonly string[];
}

/** Puts the pending pods to the scheduler. Those that fit take their places: kube-scheduler binds them before it sees any later pod. */
export function queueOf(cluster: PlannedCluster): Queue {
  return queueBy((scheduler, pod) => scheduler.attempt(pod), cluster);
}

/** The same with a reason for every pod that finds no place. */
export function explainedQueueOf(cluster: PlannedCluster): Queue<SchedulingResult> {
  return queueBy((scheduler, pod) => scheduler.schedule(pod), cluster);
}

function queueBy<T extends Attempt | SchedulingResult>(put: (scheduler: Scheduler, pod: Pod) => T, cluster: PlannedCluster): Queue<T> {
  const scheduler = new Scheduler(cluster.state, cluster.release.kubernetes);
  const queued = (waiting: WaitingPod): Queued<T> => {
    const unmodelled = scheduler.unmodelledRules(waiting.pod);
    const obstacle = claimObstacle(cluster, waiting);
    if (obstacle !== undefined) {
      return { waiting, result: { type: "withoutClaim", reason: obstacle }, fits: false, placement: undefined, unmodelled };
    }
    const result = put(scheduler, waiting.pod);
    const placement = placementOf(result);
    return { waiting, result, fits: placement !== undefined, placement, unmodelled };
  };
  const pods = cluster.pending.map(queued);
  // Those that wait for others are taken up again once these have places.
  tryAgain([...pods.keys()], (index) => {
    const before = pods[index];
    if (before === undefined || before.fits || !waitsForOthers(before.waiting.pod)) {
      return false;
    }
    const again = queued(before.waiting);
    pods[index] = again;
    return again.fits;
  });
  return { scheduler, pods };
}

function placementOf(result: Attempt | SchedulingResult): Placed | undefined {
  return result.type === "placed" ? result : undefined;
}

/** What is uncertain about pods for which the model finds a place, and which have rules that it leaves out: they may take it, another one, or none. */
export function uncertainPlaces({ pods }: Queue): readonly string[] {
  return pods
    .filter(({ fits, unmodelled }) => fits && unmodelled.length > 0)
    .map(({ waiting: { pod }, unmodelled }) => `pending Pod ${podTitle(pod)} has rules that are not modelled (${unmodelled.join(", ")})`);
}

/** Why a claim that is made from a template for a pod does not exist. The pod itself says nothing of it. */
function claimObstacle(cluster: PlannedCluster, { pod }: WaitingPod): string | undefined {
  const { state, failures } = cluster;
  for (const { name, source } of pod.claims) {
    const template =
      source.type === "template"
        ? state.templates.find((each) => each.namespace === pod.namespace && each.name === source.templateName)
        : undefined;
    if (template !== undefined) {
      const event = failures.find(({ namespace, subject }) => namespace === pod.namespace && subject === `Pod ${pod.name}`);
      const [excess] = excesses(cluster, pod.namespace, claimCounts(template.spec));
      if (excess !== undefined) {
        return `its claim ${name} does not exist: ${describeExcess(excess)}`;
      }
      if (event !== undefined) {
        return `its claim ${name} does not exist yet. The last attempt failed: ${event.message}`;
      }
    }
  }
  return undefined;
}

/** @param queue of the same cluster */
export function pendingOf(cluster: PlannedCluster, { pods }: Queue<SchedulingResult>): readonly Pending[] {
  const reasons = new Map(pods.map((queued) => [podTitle(queued.waiting.pod), reasonOf(queued)]));
  const ofPods = pods.map((queued): Pending => {
    const { waiting, unmodelled } = queued;
    const leftOut = unmodelled.length === 0 ? "" : ` (not modelled: ${unmodelled.join(", ")})`;
    return { ...located("Pod", waiting.pod), reason: `${reasonOf(queued)}${leftOut}`, message: waiting.condition?.message };
  });
  return [...ofPods, ...cluster.claims.filter(({ claim }) => claim.allocation === undefined).map(ofClaim), ...refusedByQuota(cluster)];

  function ofClaim(planned: PlannedClaim): Pending {
    const { namespace = "", name } = planned.claim;
    const user =
      planned.madeFor ??
      cluster.pending.find(
        ({ pod }) => pod.namespace === namespace && pod.claims.some(({ source }) => source.type === "claim" && source.claimName === name),
      )?.pod.name;
    const reason =
      user === undefined
        ? "no pending pod names it, and a claim gets devices only with a pod"
        : `waits for pod ${user}: ${reasons.get(`${namespace}/${user}`) ?? "which is not there"}`;
    return { ...located("ResourceClaim", planned.claim), reason, message: undefined };
  }
}

function reasonOf({ result }: Queued<SchedulingResult>): string {
  switch (result.type) {
    case "placed":
      return `fits on node ${result.nodeName}: kube-scheduler has not bound it yet`;
    case "refused":
      return result.message;
    case "withoutClaim":
      return result.reason;
  }
}

function located(kind: string, { namespace = "", name }: { readonly namespace?: string | undefined; readonly name: string }) {
  return { subject: `${kind} ${namespace}/${name}`, namespace };
}

/** Pods that controllers could not create: nothing but an event says so. */
function refusedByQuota({ failures }: PlannedCluster): readonly Pending[] {
  const events = failures.filter(({ reason, message }) => reason === "FailedCreate" && message.includes("exceeded quota"));
  const latest = new Map(events.map((failure) => [`${failure.namespace} ${failure.subject}`, failure]));
  return [...latest.values()].map(({ namespace, subject, message }) => ({
    subject: subject.replace(" ", ` ${namespace}/`),
    namespace,
    reason: `cannot create its pods: ${message}`,
    message: undefined,
  }));
}
