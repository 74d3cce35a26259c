/** Pods that stop and are created again, as their controllers do, and where kube-scheduler puts them then. */
import { tryAgain } from "../../dra/allocator";
import { hasRulesAboutPods, waitsForOthers } from "../../dra/pods";
import type { Pod } from "../../dra/pods";
import { volumeClaimName } from "../../dra/pods/volumes";
import type { PlannedClaim, PlannedCluster } from "../state/cluster";
import { queueOf } from "../status/pending";

/** A pod that stopped, with the node that it ran on. */
export interface Stopped {
  readonly pod: Pod;
  readonly from: string;
}

/** A cluster in which some pods have stopped. Their claims are there and hold nothing. */
export interface Halt {
  readonly cluster: PlannedCluster;
  readonly stopped: readonly Stopped[];
}

/** Pods that a drain leaves alone: they are tied to their node by its name, as those of a DaemonSet are. */
function isTied({ nodeAffinity }: Pod): boolean {
  return nodeAffinity?.some(({ matchFields }) => matchFields.some(({ key }) => key === "metadata.name")) ?? false;
}

/** Ends the pods of nodes. @param which all that a drain ends, or those alone that hold devices. */
export function halt(cluster: PlannedCluster, nodes: readonly string[], which: "all" | "withClaims"): Halt {
  const halted = new Set(nodes);
  const ends = ({ pod, nodeName }: PlannedCluster["bound"][number]) =>
    halted.has(nodeName) && !isTied(pod) && (which === "all" || pod.claims.length > 0);
  const stopped = cluster.bound
    .filter(ends)
    .map(({ pod, nodeName }): Stopped => ({ pod: { ...pod, nodeName: undefined }, from: nodeName }));
  const names = new Set(stopped.map(({ pod }) => `${pod.namespace}/${pod.name}`));
  const used = new Set(
    stopped.flatMap(({ pod }) =>
      pod.claims.flatMap(({ source }) => (source.type === "claim" ? `${pod.namespace}/${source.claimName}` : [])),
    ),
  );
  const isLeft = ({ pod }: { readonly pod: Pod }) => !names.has(`${pod.namespace}/${pod.name}`);
  const bound = cluster.bound.filter(isLeft);
  const claims = cluster.claims.map((planned): PlannedClaim => {
    const { claim, users } = planned;
    const left = users.filter((user) => !names.has(`${claim.namespace ?? ""}/${user}`));
    const isFreed = used.has(`${claim.namespace ?? ""}/${claim.name}`) && left.length === 0;
    return isFreed
      ? { ...planned, users: [], claim: { ...claim, allocation: undefined, reservations: 0 } }
      : { ...planned, users: left, claim: { ...claim, reservations: claim.reservations - (users.length - left.length) } };
  });
  return { cluster: withoutVolumeClaims(withState(cluster, { bound, claims }), names), stopped };
}

/** The claims of ephemeral volumes end with their pods, and the pods that come after them get others. */
function withoutVolumeClaims(cluster: PlannedCluster, pods: ReadonlySet<string>): PlannedCluster {
  const { volumes } = cluster.state;
  if (volumes === undefined) {
    return cluster;
  }
  const claims = volumes.claims.filter(({ namespace, madeFor }) => madeFor === undefined || !pods.has(`${namespace}/${madeFor}`));
  return { ...cluster, state: { ...cluster.state, volumes: { ...volumes, claims } } };
}

/** Where a pod that stopped runs again. */
export interface Move extends Stopped {
  /** Undefined: it waits. */
  readonly to: string | undefined;
  /** Why it waits. */
  readonly reason: string | undefined;
  /** Paths of its rules that the model leaves out: it may run elsewhere, or not at all. */
  readonly unmodelled: readonly string[];
}

export interface Resumed {
  readonly cluster: PlannedCluster;
  readonly moves: readonly Move[];
  /** Pods that waited before, and have a place now. */
  readonly started: readonly string[];
}

/** Gives every pod a place that finds one: first those that were pending before, which kube-scheduler takes first. */
export function resume(cluster: PlannedCluster, stopped: readonly Stopped[]): Resumed {
  const { scheduler, pods: queue } = queueOf(cluster);
  const fitting = queue.filter(({ fits }) => fits);
  const placed = fitting.flatMap(({ waiting, placement }) => (placement === undefined ? [] : [{ ...placement, limits: waiting.limits }]));
  const kindOf = kindsOf(cluster);
  // Pods only take: after one that finds no place, no other one of its kind does, unless it waits for other pods.
  const full = new Map<string, string>();
  const moveOf = (each: Stopped): Move => {
    const unmodelled = scheduler.unmodelledRules(each.pod);
    const kind = waitsForOthers(each.pod) ? undefined : kindOf(each.pod);
    const known = kind && full.get(kind);
    if (known !== undefined) {
      return { ...each, to: undefined, reason: known, unmodelled };
    }
    const result = scheduler.schedule(each.pod);
    if (result.type === "refused") {
      if (kind !== undefined) {
        full.set(kind, result.message);
      }
      return { ...each, to: undefined, reason: result.message, unmodelled };
    }
    placed.push({ ...result, limits: {} });
    return { ...each, to: result.nodeName, reason: undefined, unmodelled };
  };
  const moves = stopped.map(moveOf);
  tryAgain([...stopped.keys()], (index) => {
    const move = moves[index];
    if (move === undefined || move.to !== undefined || !waitsForOthers(move.pod)) {
      return false;
    }
    const again = moveOf(move);
    moves[index] = again;
    return again.to !== undefined;
  });
  const names = new Set(fitting.map(({ waiting: { pod } }) => `${pod.namespace}/${pod.name}`));
  const claims = new Map(cluster.claims.map((planned) => [`${planned.claim.namespace ?? ""}/${planned.claim.name}`, planned]));
  for (const { pod, nodeName, claims: own } of placed) {
    for (const { podClaim, claimName, devices } of own) {
      const key = `${pod.namespace}/${claimName}`;
      const known = claims.get(key) ?? madeFor(cluster, pod, podClaim.source, claimName);
      if (known !== undefined) {
        const users = [...known.users, pod.name];
        claims.set(key, { ...known, users, claim: { ...known.claim, allocation: { devices, nodeName }, reservations: users.length } });
      }
    }
  }
  const bound = [...cluster.bound, ...placed.map(({ pod, limits, nodeName }) => ({ pod, limits, nodeName }))];
  const pending = cluster.pending.filter(({ pod }) => !names.has(`${pod.namespace}/${pod.name}`));
  return { cluster: { ...withState(cluster, { bound, claims: [...claims.values()] }), pending }, moves, started: [...names] };
}

/** A text for each pod: pods with the same one ask for the same. */
export function kindsOf({ claims, bound, pending }: PlannedCluster): (pod: Pod) => string {
  const hasRules = [...bound, ...pending].some(({ pod }) => hasRulesAboutPods(pod));
  const asked = new Map(claims.map(({ claim }) => [`${claim.namespace ?? ""}/${claim.name}`, claim]));
  const specs = new Map<unknown, number>();
  return (pod) => {
    const { namespace, labels, nodeSelector, nodeAffinity, podAffinity, podAntiAffinity, spread, tolerations, requests, schedulingGates } =
      pod;
    const own = pod.claims.map(({ name, source }) => {
      const claim = source.type === "claim" ? asked.get(`${namespace}/${source.claimName}`) : undefined;
      if (claim === undefined || claim.allocation !== undefined) {
        return [namespace, source];
      }
      specs.set(claim.spec, specs.get(claim.spec) ?? specs.size);
      return [name, specs.get(claim.spec)];
    });
    // Other pods' rules tell pods apart by their labels.
    const rules = hasRules ? [namespace, labels, podAffinity, podAntiAffinity, spread] : [];
    const volumes = pod.volumes.map((volume) => `${namespace}/${volumeClaimName(pod.name, volume)}`);
    return JSON.stringify([nodeSelector, nodeAffinity, tolerations, requests, schedulingGates, own, rules, volumes]);
  };
}

/** The claim that a template gives a pod. */
function madeFor({ state }: PlannedCluster, pod: Pod, source: Pod["claims"][number]["source"], name: string): PlannedClaim | undefined {
  const template =
    source.type === "template"
      ? state.templates.find((each) => each.namespace === pod.namespace && each.name === source.templateName)
      : undefined;
  return template === undefined
    ? undefined
    : {
        claim: {
          ...{ kind: "ResourceClaim", apiVersion: template.apiVersion, name, namespace: pod.namespace, spec: template.spec },
          ...{ allocation: undefined, reservations: 0 },
        },
        users: [],
        madeFor: pod.name,
      };
}

/** What the scheduler's model is given follows from pods and claims. */
export function withState(cluster: PlannedCluster, { bound, claims }: Pick<PlannedCluster, "bound" | "claims">): PlannedCluster {
  return { ...cluster, bound, claims, state: { ...cluster.state, pods: bound, claims: claims.map(({ claim }) => claim) } };
}
