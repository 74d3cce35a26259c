/** Pods and claims that wait, each with the reason. */
import { claimCounts, describeExcess } from "../../cluster/quota";
import { Scheduler, tryAgain } from "../../dra/allocator";
import type { SchedulingResult } from "../../dra/allocator";
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
export interface Queue {
  readonly scheduler: Scheduler;
  readonly pods: readonly {
    readonly waiting: WaitingPod;
    readonly reason: string;
    readonly fits: boolean;
    /** Where it fits. */
    readonly placement: Extract<SchedulingResult, { type: "placed" }> | undefined;
    /** Paths of its rules that the model leaves out. */
    readonly unmodelled: readonly string[];
  }[];
}

/** Puts the pending pods to the scheduler. Those that fit take their places: kube-scheduler binds them before it sees any later pod. */
export function queueOf(cluster: PlannedCluster): Queue {
  const scheduler = new Scheduler(cluster.state, cluster.release.kubernetes);
  const pods = cluster.pending.map((waiting) => queued(cluster, scheduler, waiting));
  // Those that want to be near others are taken up again once these have places.
  tryAgain([...pods.keys()], (index) => {
    const before = pods[index];
    if (before === undefined || before.fits || before.waiting.pod.podAffinity.length === 0) {
      return false;
    }
    const again = queued(cluster, scheduler, before.waiting);
    pods[index] = again;
    return again.fits;
  });
  return { scheduler, pods };
}

function queued(cluster: PlannedCluster, scheduler: Scheduler, waiting: WaitingPod): Queue["pods"][number] {
  const unmodelled = scheduler.unmodelledRules(waiting.pod);
  const obstacle = claimObstacle(cluster, waiting);
  if (obstacle !== undefined) {
    return { waiting, reason: obstacle, fits: false, placement: undefined, unmodelled };
  }
  const result = scheduler.schedule(waiting.pod);
  return result.type === "placed"
    ? {
        ...{ waiting, fits: true, placement: result, unmodelled },
        reason: `fits on node ${result.nodeName}: kube-scheduler has not bound it yet`,
      }
    : { waiting, reason: result.message, fits: false, placement: undefined, unmodelled };
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
export function pendingOf(cluster: PlannedCluster, { pods }: Queue): readonly Pending[] {
  const ofPods = pods.map(({ waiting: { pod, condition }, reason, unmodelled }): Pending => {
    const leftOut = unmodelled.length === 0 ? "" : ` (not modelled: ${unmodelled.join(", ")})`;
    return { ...located("Pod", pod), reason: `${reason}${leftOut}`, message: condition?.message };
  });
  const reasons = new Map(pods.map(({ waiting: { pod }, reason }) => [`${pod.namespace}/${pod.name}`, reason]));
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
