import type { KubernetesRules } from "../../releases/kubernetes";
import type { AllocatedDevice, ClaimSpec, ResourceClaim, ResourceClaimTemplate } from "../claims/types";
import { keptApartInPart } from "../claims/apart";
import { classOfResource } from "../device-classes";
import type { DeviceClass } from "../device-classes";
import type { Pod, PodClaim } from "../pods";
import type { ResourceSlice } from "../types";
import type { ResolvedClaim } from "./claim-registry";
import { ClaimRegistry } from "./claim-registry";
import { numberOf } from "./devices/groups";
import { diagnose } from "./refusals/diagnosis";
import { Inventory } from "./devices/inventory";
import { Neighbours } from "./nodes/neighbours";
import type { Node, NodeMismatch } from "./nodes/nodes";
import { NodeTable } from "./nodes/table";
import type { ClaimPlan } from "./devices/plan";
import { Planner } from "./devices/plan";
import { PodGroups } from "./nodes/pod-groups";
import { SpreadFilter } from "./nodes/spread";
import type { Namespaces } from "./nodes/pod-rules";
import { PodRules } from "./nodes/pod-rules";
import { groupRefusals } from "./refusals/groups";
import type { NodeRefusal, Refusal } from "./refusals/refusals";
import { formatRefusal } from "./refusals/refusals";
import type { ChosenDevice } from "./devices/assignment";
import type { Candidate, NodeChoice } from "./scores/scorer";
import { unreadablePreference } from "./scores/nodes";
import { Scorer } from "./scores/scorer";
import type { ServiceSelector } from "./scores/spread";
import { searchNode } from "./devices/search";
import type { VolumeState } from "../volumes/types";
import { Volumes } from "./nodes/volumes";
import { openLabelWarnings, placementWarnings } from "./refusals/warnings";

/** A cluster as it is: what it has and what is in use. */
export interface ClusterState {
  readonly nodes: readonly Node[];
  readonly slices: readonly ResourceSlice[];
  readonly deviceClasses: readonly DeviceClass[];
  /** Existing claims; those with an allocation hold their devices. */
  readonly claims: readonly ResourceClaim[];
  readonly templates: readonly ResourceClaimTemplate[];
  readonly namespaces: Namespaces;
  /** Those that select pods: kube-scheduler spreads the pods of each. */
  readonly services: readonly ServiceSelector[];
  /** Undefined: nothing is known of its volumes. */
  readonly volumes: VolumeState | undefined;
  /** Pods that run already: what they use, and whom they keep away or call for. Their claims are in `claims`. */
  readonly pods: readonly RunningPod[];
}

export interface RunningPod {
  readonly pod: Pod;
  readonly nodeName: string;
  /** It is being deleted: it still uses what it has, and where pods are spread it no longer counts. @default false */
  readonly isEnding?: boolean;
}

/** One of a placed pod's claims, with the devices it holds. */
export interface ClaimPlacement {
  readonly podClaim: PodClaim;
  /** The ResourceClaim; a generated one is called `<pod>-<entry>` here. */
  readonly claimName: string;
  readonly devices: readonly AllocatedDevice[];
}

/** A pod that has a place. */
export interface Placed {
  readonly type: "placed";
  readonly pod: Pod;
  readonly nodeName: string;
  readonly claims: readonly ClaimPlacement[];
  /** What will not be as its author means it, although the pod finds a place. */
  readonly warnings: readonly string[];
}

export type SchedulingResult =
  Placed | { readonly type: "refused"; readonly pod: Pod; readonly refusal: Refusal; readonly message: string };

/** Whether a pod has a place, without the reason where it has none. */
export type Attempt =
  | Placed
  | {
      readonly type: "refused";
      /** kube-scheduler ends its search with an error, or gives it up: another time it may find something. */
      readonly isCutOff: boolean;
    };

/** What equal pods share: how their claims are searched for, and the nodes that are already known not to do. */
interface PodKind {
  readonly mismatches: readonly (NodeMismatch | undefined)[];
  readonly plans: readonly ClaimPlan[];
  /** Some node may make kube-scheduler stop with an error, so all of them have to be looked at. */
  readonly mayFail: boolean;
  /**
   * Index of the first node that may still have room. Pods only take, so a node that had none never has any again. What other pods and volumes say of a node does
   * not count here: it can change either way.
   */
  firstNode: number;
  /** The search for devices was given up on some node. */
  hasGivenUp: boolean;
  /** Why no node fits, where neither other pods nor volumes have a part in it. */
  refusal: Refusal | undefined;
}

/** No node fits. The reason has to be asked for before a further pod gets a place. */
interface NoNode {
  readonly type: "noNode";
  readonly isCutOff: boolean;
  readonly explain: () => Refusal;
}

/** What keeps one pod from nodes, besides what all pods of its kind share. */
type Filter = (index: number) => NodeRefusal | undefined;

/**
 * Places pods one after the other, as kube-scheduler would: the same pods find a place, and a claim gets the devices that the first fit gives it.
 * Two things differ, both so that the answer is always the same. kube-scheduler draws among the nodes that fit best; this model takes one by its {@link NodeChoice}.
 * An error of kube-scheduler counts on every node and at every place of a list (see `searchNode`); a real one can find a place before it reaches the
 * error, and on 100 nodes or more it does not try all of them.
 *
 * Not modelled: preemption (a pod with claims gets no devices by it), host ports, quotas.
 */
export class Scheduler {
  private readonly inventory: Inventory;
  private readonly planner: Planner;
  private readonly classes: ReadonlyMap<string, DeviceClass>;
  private readonly registry: ClaimRegistry;
  private readonly nodes: NodeTable;
  private readonly podRules: PodRules;
  private readonly podGroups = new PodGroups();
  private readonly neighbours: Neighbours;
  private readonly spread: SpreadFilter;
  private readonly scorer: Scorer;
  private readonly volumes: Volumes;
  private readonly kinds = new Map<string, PodKind>();
  private readonly specNumbers = new Map<string, number>();
  private draws = 0;

  /** @param choice among the nodes that fit. */
  constructor(
    cluster: ClusterState,
    private readonly rules: KubernetesRules,
    private readonly choice: NodeChoice = "first",
  ) {
    this.inventory = new Inventory(cluster.slices, rules.scheduler);
    this.classes = new Map(cluster.deviceClasses.map((deviceClass) => [deviceClass.name, deviceClass]));
    this.planner = new Planner(this.inventory, this.classes, rules);
    this.registry = new ClaimRegistry(cluster.claims, cluster.templates, rules.claimApi.limits.reservations);
    this.inventory.takeAll(cluster.claims);
    this.nodes = new NodeTable(cluster.nodes);
    this.podRules = new PodRules(cluster.nodes, cluster.namespaces);
    this.neighbours = new Neighbours(this.podRules, this.podGroups);
    this.spread = new SpreadFilter(cluster.nodes, this.podRules, this.podGroups);
    this.scorer = new Scorer(cluster.nodes, this.nodes, this.podRules, this.podGroups, cluster.services, rules.scheduler);
    this.volumes = new Volumes(cluster.nodes, cluster.volumes, choice);
    for (const { pod, nodeName, isEnding } of cluster.pods) {
      const index = this.nodes.indexOf(nodeName);
      if (index !== undefined) {
        this.run(pod, index, isEnding);
      }
    }
  }

  /** Whether kube-scheduler would have drawn among several nodes for one of the pods, or a provisioner among zones for a volume. */
  get hasDrawn(): boolean {
    return this.draws > 0 || this.volumes.hasDrawn;
  }

  /** Paths of a pod's rules that kube-scheduler obeys and that the model leaves out in this cluster. */
  unmodelledRules(pod: Pod): readonly string[] {
    return [
      ...pod.unmodelled,
      ...this.unmodelledConstraints(pod),
      ...this.spread.unknownEntries(pod),
      ...this.neighbours.unknownTerms(pod),
      ...this.volumes.unknownVolumes(pod),
    ];
  }

  private unmodelledConstraints(pod: Pod): readonly string[] {
    if (!this.rules.scheduler.distinctValues) {
      return [];
    }
    return pod.claims.flatMap((podClaim, index) => {
      const resolved = this.registry.resolve(pod, podClaim);
      return "type" in resolved || resolved.allocation !== undefined
        ? []
        : keptApartInPart(resolved.spec).map(
            (attribute) => `spec.resourceClaims[${String(index)}] (distinctAttribute ${attribute} for several devices of one request)`,
          );
    });
  }

  /** Finds a place for a pod and, if there is one, takes it. */
  schedule(pod: Pod): SchedulingResult {
    const result = this.find(pod);
    return result.type === "noNode" ? refuse(pod, result.explain()) : result;
  }

  /** The same where nobody asks why a pod has no place: to say so, every node is looked at again. */
  attempt(pod: Pod): Attempt {
    const result = this.find(pod);
    switch (result.type) {
      case "placed":
        return result;
      case "refused":
        return { type: "refused", isCutOff: result.refusal.type === "schedulerError" };
      case "noNode":
        return { type: "refused", isCutOff: result.isCutOff };
    }
  }

  private find(pod: Pod): SchedulingResult | NoNode {
    if (pod.schedulingGates.length > 0) {
      return refuse(pod, { type: "schedulingGates", gates: pod.schedulingGates });
    }
    const implicit = this.implicitRequest(pod);
    if (implicit !== undefined) {
      return refuse(pod, implicit);
    }
    const claims: ResolvedClaim[] = [];
    for (const podClaim of pod.claims) {
      const resolved = this.registry.resolve(pod, podClaim);
      if ("type" in resolved) {
        return refuse(pod, resolved);
      }
      claims.push(resolved);
    }
    const obstacle = this.volumes.obstacle(pod);
    if (obstacle !== undefined) {
      return refuse(pod, { type: "volume", ...obstacle });
    }
    const open = unallocated(claims);
    for (const { podClaim, spec } of open) {
      const [missing] = this.planner.unknownClasses(spec);
      if (missing !== undefined) {
        const { reference: request, deviceClassName } = missing;
        return refuse(pod, { type: "missingClass", claim: podClaim.name, request, deviceClassName, known: [...this.classes.keys()] });
      }
    }
    return this.place(pod, claims, this.kindOf(pod, claims, open));
  }

  /** A resource of the pod for which Kubernetes makes a claim itself. */
  private implicitRequest({ requests }: Pod): Extract<Refusal, { readonly type: "extendedResource" }> | undefined {
    if (!this.rules.featureGates.DRAExtendedResource) {
      return undefined;
    }
    for (const resource of Object.keys(requests).filter((name) => name.includes("/"))) {
      const deviceClass = classOfResource(resource, this.classes.values());
      if (deviceClass !== undefined) {
        return { type: "extendedResource", resource, deviceClassName: deviceClass.name };
      }
    }
    return undefined;
  }

  private place(pod: Pod, claims: readonly ResolvedClaim[], kind: PodKind): SchedulingResult | NoNode {
    const filter = this.filterOf(pod);
    const candidates: Candidate[] = [];
    const unreadable = unreadablePreference(pod);
    let firstPossible: number | undefined;
    for (let index = kind.firstNode; index < this.nodes.names.length; index++) {
      const name = this.nodes.names[index] ?? "";
      const refusal = this.nodeRefusal(pod, claims, kind, index);
      // kube-scheduler looks for devices before it minds that other claims of the pod are elsewhere, and stops if that ends in an error.
      if (refusal !== undefined && (refusal.type !== "claimElsewhere" || kind.plans.length === 0)) {
        continue;
      }
      if (filter?.(index) !== undefined) {
        firstPossible ??= index;
        continue;
      }
      const outcome = searchNode(this.inventory, this.planner, this.inventory.onNode(name), kind.plans);
      if (outcome.type === "error") {
        return refuse(pod, { type: "schedulerError", nodeName: name, message: outcome.message });
      }
      kind.hasGivenUp ||= outcome.type === "gaveUp";
      if (outcome.type === "found" && refusal === undefined) {
        firstPossible ??= index;
        candidates.push({ index, devices: outcome.claims });
        if (!kind.mayFail && this.choice === "first" && unreadable === undefined) {
          break;
        }
      }
    }
    if (!kind.mayFail) {
      kind.firstNode = firstPossible ?? this.nodes.names.length;
    }
    if (unreadable !== undefined && candidates.length > 1) {
      return refuse(pod, { type: "schedulerError", nodeName: undefined, message: unreadable });
    }
    const found = this.chosen(pod, kind, candidates);
    if (found === undefined) {
      return {
        type: "noNode",
        isCutOff: kind.hasGivenUp,
        explain: () => {
          const refusal = kind.refusal ?? this.explain(pod, claims, kind, filter);
          if (filter === undefined) {
            kind.refusal = refusal;
          }
          return refusal;
        },
      };
    }
    const twice = claims.find(({ claimName }, index) => claims.findIndex((other) => other.claimName === claimName) < index);
    if (twice !== undefined) {
      return refuse(pod, { type: "schedulerError", nodeName: this.nodes.names[found.index] ?? "", message: namedTwice(twice.claimName) });
    }
    return this.commit(pod, claims, found.index, found.devices);
  }

  /** The one of the nodes that fit which the pod gets. */
  private chosen(pod: Pod, { plans }: PodKind, candidates: readonly Candidate[]): Candidate | undefined {
    if (this.choice === "first" || candidates.length === 0) {
      return candidates[0];
    }
    const best = this.scorer.best(pod, plans, candidates);
    this.draws += best.length > 1 ? 1 : 0;
    return this.choice === "lastOfBest" ? best.at(-1) : best[0];
  }

  /** Why a node is out, without a look at devices. */
  private nodeRefusal(pod: Pod, claims: readonly ResolvedClaim[], kind: PodKind, index: number): NodeRefusal | undefined {
    const mismatch = kind.mismatches[index];
    if (mismatch !== undefined) {
      return mismatch;
    }
    const shortage = this.nodes.shortage(pod, index);
    if (shortage !== undefined) {
      return { type: "resources", ...shortage };
    }
    for (const { podClaim, allocation } of claims) {
      const nodeName = allocation?.nodeName;
      if (nodeName !== undefined && nodeName !== this.nodes.names[index]) {
        return { type: "claimElsewhere", claim: podClaim.name, nodeName };
      }
    }
    return undefined;
  }

  /** Undefined: nothing. In kube-scheduler's order: volumes, how evenly pods are spread, other pods. */
  private filterOf(pod: Pod): Filter | undefined {
    const filters = [this.volumes.filter(pod), this.spread.filter(pod), this.neighbours.filter(pod)].filter(
      (filter) => filter !== undefined,
    );
    return filters.length === 0
      ? undefined
      : (index) => {
          for (const filter of filters) {
            const refusal = filter(index);
            if (refusal !== undefined) {
              return refusal;
            }
          }
          return undefined;
        };
  }

  private explain(pod: Pod, claims: readonly ResolvedClaim[], kind: PodKind, filter: Filter | undefined): Refusal {
    const refusals = this.nodes.names.map((nodeName, index) => ({
      nodeName,
      refusal:
        this.nodeRefusal(pod, claims, kind, index) ??
        filter?.(index) ??
        diagnose(this.inventory, this.planner, this.classes, this.inventory.onNode(nodeName), kind.plans),
    }));
    return { type: "noNodeFits", groups: groupRefusals(refusals) };
  }

  private commit(
    pod: Pod,
    claims: readonly ResolvedClaim[],
    index: number,
    chosen: readonly (readonly ChosenDevice[])[],
  ): SchedulingResult {
    const nodeName = this.nodes.names[index] ?? "";
    this.run(pod, index);
    const newDevices = new Map(unallocated(claims).map(({ claimName }, position) => [claimName, this.name(chosen[position] ?? [])]));
    this.inventory.take([...newDevices.values()].flat());
    const placements = claims.map((claim): ClaimPlacement => {
      const { podClaim, claimName } = claim;
      const allocation = claim.allocation ?? { devices: newDevices.get(claimName) ?? [], nodeName };
      this.registry.reserve(pod.namespace, claim, allocation);
      return { podClaim, claimName, devices: allocation.devices };
    });
    const { rules, nodes } = this;
    return {
      ...{ type: "placed", pod, nodeName, claims: placements },
      // Of most pods nobody asks for them.
      get warnings() {
        const specOf = new Map(claims.map(({ podClaim, spec }) => [podClaim.name, spec]));
        return [...placementWarnings(pod, specOf, rules), ...openLabelWarnings(nodes.openLabels(pod, index))];
      },
    };
  }

  private run(pod: Pod, index: number, isEnding = false): void {
    this.nodes.use(index, pod);
    this.podRules.add(pod);
    this.podGroups.add(pod, index, isEnding);
    this.neighbours.add(pod, index);
    this.scorer.add(pod, index);
    this.volumes.use(pod, index);
  }

  private name(devices: readonly ChosenDevice[]): readonly AllocatedDevice[] {
    return devices.map(({ alternative, device }) => {
      const { driver, pool, device: published } = this.inventory.at(device);
      return { request: alternative.reference, driver, pool, device: published.name, adminAccess: alternative.exact.adminAccess };
    });
  }

  private kindOf(pod: Pod, claims: readonly ResolvedClaim[], open: readonly ResolvedClaim[]): PodKind {
    const held = claims.map(({ allocation }) => allocation?.nodeName);
    const kindKey = [
      rulesOf(pod),
      JSON.stringify(held),
      ...open.map(({ podClaim, spec }) => `${podClaim.name} ${String(this.specNumber(spec))}`),
    ].join("\n");
    let kind = this.kinds.get(kindKey);
    if (kind === undefined) {
      const plans = open.map(({ podClaim, spec }) => this.planner.plan(podClaim.name, spec));
      const alternatives = plans.flatMap(({ requests }) => requests.flat(2));
      const mayFail =
        this.inventory.hasFailingPools ||
        alternatives.some(({ matcher, exact }) => matcher.hasErrors || exact.allocationMode.type === "All");
      kind = { mismatches: this.nodes.mismatchesOf(pod), plans, mayFail, firstNode: 0, hasGivenUp: false, refusal: undefined };
      this.kinds.set(kindKey, kind);
    }
    return kind;
  }

  /** A number for what a claim asks for; the same for claims that ask for the same. */
  private specNumber(spec: ClaimSpec): number {
    return numberOf(this.specNumbers, contentOf(spec));
  }
}

/** Claims are put to many schedulers, and those of one template share what they ask for. */
const CONTENTS = new WeakMap<ClaimSpec, string>();

/** What a claim asks for, as a text that is the same for claims that ask for the same. */
function contentOf(spec: ClaimSpec): string {
  const content = CONTENTS.get(spec) ?? JSON.stringify([spec.requests, spec.constraints]);
  CONTENTS.set(spec, content);
  return content;
}

/** Pods are put to many schedulers. */
const RULES = new WeakMap<Pod, string>();

/** What decides about nodes for a pod besides its claims, volumes and other pods: a text that no pod with other rules has. */
function rulesOf(pod: Pod): string {
  const rules = RULES.get(pod) ?? JSON.stringify([pod.nodeName, pod.nodeSelector, pod.nodeAffinity, pod.tolerations, pod.requests]);
  RULES.set(pod, rules);
  return rules;
}

/** Places pods in the given order. */
export function schedulePods(cluster: ClusterState, pods: readonly Pod[], rules: KubernetesRules): readonly SchedulingResult[] {
  const scheduler = new Scheduler(cluster, rules);
  return pods.map((pod) => scheduler.schedule(pod));
}

function refuse(pod: Pod, refusal: Refusal): SchedulingResult {
  return { type: "refused", pod, refusal, message: formatRefusal(refusal) };
}

/** The claims that still need devices. Where the pod names one twice, kube-scheduler looks for devices for each mention. */
function unallocated(claims: readonly ResolvedClaim[]): readonly ResolvedClaim[] {
  return claims.filter(({ allocation }) => allocation === undefined);
}

function namedTwice(claimName: string): string {
  return `the pod names claim ${claimName} twice, and no claim can be reserved twice for one pod`;
}
