/**
 * Simulates a cluster from its objects to placed pods: MIG Manager has divided the GPUs, the driver has published them, the objects are
 * created in order, the scheduler allocates.
 */
import { Scheduler, tryAgain } from "../dra/allocator";
import type { ClusterState, NodeChoice, SchedulingResult } from "../dra/allocator";
import type { ClaimSpec, ResourceClaimTemplate } from "../dra/claims";
import { publishSlices } from "../dra/devices";
import { barePod, hasRulesAboutPods, waitsForOthers } from "../dra/pods";
import type { Pod, PodClaim } from "../dra/pods";
import { describeMissingRequest, missingRequests } from "../dra/pods/request-names";
import type { ResourceSlice } from "../dra/types";
import type { Release } from "../releases/types";
import { servedApi } from "../releases/api/find";
import { duplicateProblems, namespaceProblems } from "./judgement/checks";
import type { ObjectProblem } from "./judgement/checks";
import { LimitRanges } from "./limits";
import { toKubernetesNode } from "./nodes";
import type { Node } from "./nodes";
import { toObject } from "./objects";
import type { ClusterObject } from "./objects";
import { defaultStorageClassOf, objectCounts, volumeClaimCounts } from "./object-counts";
import type { Counts } from "./object-counts";
import { Quotas, claimCounts, describeExcess, podCounts } from "./quota";
import type { Excess } from "./quota";
import { podSecurityLevels, podSecurityProblems } from "./judgement/pod-security";
import type { PodSecurityLevel } from "./judgement/pod-security";
import { References } from "./judgement/references";
import { readState } from "./state";
import { adviceOn } from "./advice/advise";
import type { PodGroup, Situation, Trial } from "./advice/types";
import { Autoscalers } from "./autoscalers";
import { madeNameProblems } from "./made-names";
import { finderOf, makesOf, placementAsWritten } from "./custom-resources/placement";
import type { Context, Placement } from "./custom-resources/pods/types";
import type { PodOutcome } from "./pod-outcomes";
import { podSpecProblems } from "./judgement/validation/pods/spec";
import { phasesOf } from "./phases";
import { ofNextTemplate, podsOf } from "./workloads";
import type { PlannedPod, PlannedPods } from "./workloads";
import { schedulerAfter } from "./what-if";

export interface Simulation {
  readonly slices: readonly ResourceSlice[];
  readonly problems: readonly ObjectProblem[];
  /** What is accepted, and may not do what its author means. */
  readonly warnings: readonly ObjectProblem[];
  /** Pods that an object makes and that cannot be placed here, because they follow from what is not known before it runs. */
  readonly unplaced: readonly ObjectProblem[];
  readonly pods: readonly PodOutcome[];
}

/**
 * @param shapes one node per GPU pool, whether or not the pool has nodes now: what claims could ever get.
 * @param all the objects in the order of their creation. Each is one that the API server accepts as such; {@link judgeAndSimulate} sees to it.
 * @param release decides how the driver names devices, and what the API server and the scheduler do.
 */
export function simulateCluster(
  nodes: readonly Node[],
  shapes: readonly Node[],
  all: readonly ClusterObject[],
  release: Release,
): Simulation {
  const { hasDrawn, ...simulation } = simulateWith("firstOfBest", nodes, shapes, all, release);
  if (!hasDrawn) {
    return simulation;
  }
  const other = simulateWith("lastOfBest", nodes, shapes, all, release);
  return { ...simulation, unplaced: [...simulation.unplaced, ...drawn(simulation.pods, other.pods)] };
}

/** Objects whose pods have places or not, as kube-scheduler draws among nodes with the same score. */
function drawn(pods: readonly PodOutcome[], otherwise: readonly PodOutcome[]): readonly ObjectProblem[] {
  const [here, there] = [pendingOf(pods), pendingOf(otherwise)];
  return [...new Set([...here.keys(), ...there.keys()])].flatMap((object) => {
    const counts = [here.get(object) ?? 0, there.get(object) ?? 0].sort((a, b) => a - b);
    const [least = 0, most = 0] = counts;
    return least === most
      ? []
      : [
          {
            object,
            message: `${String(least)} to ${String(most)} of its pods have no place, depending on which of several equal nodes kube-scheduler draws for the pods before them, or in which zone a volume is made. Leave more room, name the nodes with nodeSelector, or use a StorageClass with volumeBindingMode WaitForFirstConsumer`,
          },
        ];
  });
}

function pendingOf(pods: readonly PodOutcome[]): ReadonlyMap<ClusterObject, number> {
  const counts = new Map<ClusterObject, number>();
  for (const outcome of pods) {
    if (outcome.type === "pending") {
      const { owner } = outcome.planned;
      counts.set(owner, (counts.get(owner) ?? 0) + outcome.count);
    }
  }
  return counts;
}

function simulateWith(
  choice: NodeChoice,
  nodes: readonly Node[],
  shapes: readonly Node[],
  all: readonly ClusterObject[],
  release: Release,
): Simulation & { readonly hasDrawn: boolean } {
  const problems: ObjectProblem[] = [...namespaceProblems(all, servedApi(release)), ...duplicateProblems(all)];
  const warnings: ObjectProblem[] = [];
  const atFault = new Set(problems.map(({ object }) => object));
  const named = all.filter((object) => !atFault.has(object));
  const refused = (object: ClusterObject, messages: readonly string[]) => {
    problems.push(...messages.map((message) => ({ object, message })));
  };
  const slices = publish(nodes, release);
  const quotas = Quotas.of(named);
  const ranges = LimitRanges.of(named);
  const storageClass = defaultStorageClassOf(named);
  for (const { name } of named.filter(({ kind, apiVersion }) => kind === "Namespace" && apiVersion === "v1")) {
    quotas.addTimes(name, EVERY_NAMESPACE_HAS, 1);
  }
  const objects = named.filter((object) => {
    const found = admissionProblems(object, ranges, quotas, storageClass);
    refused(object, found);
    return found.length === 0;
  });
  const finder = finderOf(named);
  const {
    state,
    claims,
    templates,
    problems: unreadable,
  } = readState([...objects, ...madeTemplates(objects, finder)], { nodes: nodes.map(toKubernetesNode), slices }, release);
  problems.push(...unreadable);
  const created = claims.filter(({ object, claim }) => {
    const excess = quotas.add(object.namespace, claimCounts(claim.spec));
    if (excess !== undefined) {
      refused(object, [describeExcess(excess)]);
    }
    return excess === undefined;
  });
  const cluster: ClusterState = { ...state, claims: created.map(({ claim }) => claim) };
  const references = References.of(named);
  const autoscalers = Autoscalers.of(named);
  const running = { cluster, objects, ranges, quotas, storageClass, references, levels: podSecurityLevels(named), autoscalers, finder };
  const unplaced: ObjectProblem[] = [];
  const scheduler = new Scheduler(cluster, release.kubernetes, choice);
  const pods = schedule(running, release, { scheduler, choice }, { problems, refused, warnings, unplaced });
  const specs = [
    ...created.map(({ object, claim }) => ({ object, spec: claim.spec })),
    ...templates.map(({ object, template }) => ({ object, spec: template.spec })),
  ];
  const empty = { ...cluster, nodes: shapes.map(toKubernetesNode), slices: publish(shapes, release), claims: [] };
  for (const unusable of unsatisfiableClaims(empty, specs, release)) {
    if (unusable.object.origin.type === "stack") {
      // Every team has the templates of all tiers, whatever the layouts of today have.
      warnings.push({ object: unusable.object, message: "no pool has a slice for it now: pods that name it stay pending" });
    } else {
      problems.push(unusable);
    }
  }
  return { slices, problems, warnings, unplaced, pods, hasDrawn: scheduler.hasDrawn };
}

/** The claim templates that controllers of custom resources create for their pods. */
function madeTemplates(objects: readonly ClusterObject[], finder: Running["finder"]): readonly ClusterObject[] {
  return objects.flatMap((object) => {
    const templates = placementAsWritten(object, finder)?.templates ?? [];
    return templates.map(({ name, spec }) => {
      const { namespace } = object;
      const body = { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", metadata: { name, namespace }, spec: { spec } };
      return toObject(body, object.origin, namespace);
    });
  });
}

function publish(nodes: readonly Node[], release: Release): readonly ResourceSlice[] {
  return nodes.flatMap((node) => (node.layout === undefined ? [] : publishSlices(node.name, node.layout, release)));
}

/** What a LimitRange or a quota refuses of an object that is neither claim nor pod: those are counted one by one. */
function admissionProblems(
  object: ClusterObject,
  ranges: LimitRanges,
  quotas: Quotas,
  storageClass: string | undefined,
): readonly string[] {
  if (object.namespace === "" || object.kind === "Pod" || object.kind === "ResourceClaim") {
    return [];
  }
  const ofRanges = object.kind === "PersistentVolumeClaim" ? ranges.volumeProblems(object.namespace, object.body["spec"], "spec") : [];
  const excess = ofRanges.length > 0 ? undefined : quotas.add(object.namespace, objectCounts(object, storageClass));
  return excess === undefined ? ofRanges : [describeExcess(excess)];
}

/** A cluster in which pods are made. */
interface Running {
  readonly cluster: ClusterState;
  readonly objects: readonly ClusterObject[];
  readonly ranges: LimitRanges;
  readonly quotas: Quotas;
  /** The default one. */
  readonly storageClass: string | undefined;
  readonly references: References;
  /** Pod Security levels by namespace. */
  readonly levels: ReadonlyMap<string, PodSecurityLevel>;
  readonly autoscalers: Autoscalers;
  /** Finds what a custom resource names, by namespace. */
  readonly finder: (namespace: string) => Context["find"];
}

/** Where pods are made. */
interface Room {
  readonly scheduler: Scheduler;
  readonly quotas: Quotas;
  /** Is told of pods that may have a place once others run. */
  readonly waits: Waits;
}

/** Outcomes of pods that want to be near others and have no place yet: which pods they are, from the first that waits. */
type Waits = Map<PodOutcome, PlannedPods["at"]>;

/** What is said of objects while their pods are made. */
interface Said {
  readonly problems: ObjectProblem[];
  readonly refused: (object: ClusterObject, messages: readonly string[]) => void;
  readonly warnings: ObjectProblem[];
  readonly unplaced: ObjectProblem[];
}

function schedule(
  { cluster, objects, ranges, quotas, storageClass, references, levels, autoscalers, finder }: Running,
  release: Release,
  { scheduler, choice }: { readonly scheduler: Scheduler; readonly choice: NodeChoice },
  { problems, refused, warnings, unplaced }: Said,
): readonly PodOutcome[] {
  const templates = new Map(cluster.templates.map((template) => [keyOf(template), template.spec]));
  const claims = new Map(cluster.claims.map((claim) => [keyOf(claim), claim.spec]));
  const specOf = ({ namespace }: Pod, { source }: PodClaim) =>
    source.type === "template" ? templates.get(`${namespace}/${source.templateName}`) : claims.get(`${namespace}/${source.claimName}`);
  const surroundings = { ranges, nodes: cluster.nodes.map((node) => node.metadata.name), autoscalers, finder };
  const outcomes: PodOutcome[] = [];
  const groups: PodGroup[] = [];
  const waits: Waits = new Map();
  for (const object of objects) {
    const reading = podsOf(object, surroundings);
    if (object.kind === "PersistentVolumeClaim" && object.apiVersion === "v1") {
      const never = references.volumeProblems(object.body["spec"], "spec");
      warnings.push(...never.map((message) => ({ object, message: `it never gets a volume: ${message}` })));
    }
    if (reading.type === "invalid") {
      refused(object, reading.invalid.problems);
    } else if (reading.type === "pods") {
      const { pods, placement } = reading;
      unplaced.push(...(placement.unplaced ?? []).map((message) => ({ object, message })));
      const made = madeNameProblems(object);
      refuseOrWarn(
        object,
        made,
        pods.some(({ count }) => count > 0),
      );
      const accepted = made.length > 0 ? [] : pods.filter((each) => isAccepted(object, each, placement));
      if (accepted.some(({ count }) => count > 0)) {
        warnings.push(...operatorWarnings(object, levels.get(object.namespace)).map((message) => ({ object, message })));
      }
      outcomes.push(...ofPhases(object, accepted));
    }
  }
  const replaced = placeAfterOthers(waits, scheduler);
  const last = (all: readonly PodOutcome[]) => all.flatMap((outcome) => replaced.get(outcome) ?? [outcome]);
  const settled = last(outcomes);
  for (const [{ planned }, instead] of replaced) {
    warnings.push(...placementWarnings(planned.owner, instead));
  }
  const finalGroups = groups.map((group) => ({ ...group, outcomes: last(group.outcomes) }));
  warnings.push(...adviceOn({ objects, groups: finalGroups, autoscalers, ...trials(settled) }));
  return settled;

  /** Whether the API server takes the pods of a template. */
  function isAccepted(object: ClusterObject, pods: PlannedPods, { volumes = [] }: Omit<Placement, "pods">): boolean {
    const outOfRange = pods.volumeClaims.flatMap((spec) => ranges.volumeProblems(object.namespace, spec, "volumeClaimTemplate.spec"));
    const { spec, path, annotations } = pods.template;
    const level = levels.get(object.namespace) ?? "privileged";
    const written = (messages: readonly string[]) => messages.map((message) => asWritten(message, pods.template));
    const insecure = written(podSecurityProblems(level, release.kubernetes, spec, path, annotations));
    // The API server has looked at the templates of its own kinds. Those of custom resources it sees as pods.
    const invalid = makesOf(object) === undefined ? [] : podSpecProblems(spec, path, release.kubernetes, { moreVolumes: volumes });
    problems.push(...requestProblems(pods, specOf).map((message) => ({ object, message, onPurpose: "requestUnknown" as const })));
    const against = [
      ...written([...outOfRange, ...invalid, ...missingOf(object, pods).refused]),
      ...podSecurityRefusal(level, object.namespace, insecure, pods.remedy),
    ];
    refuseOrWarn(object, against, pods.count > 0);
    return against.length === 0;
  }

  /** Where nobody makes pods now nothing is refused: the object is scaled to 0, or suspended. */
  function refuseOrWarn(object: ClusterObject, against: readonly string[], hasPods: boolean): void {
    if (hasPods) {
      refused(object, against);
    } else {
      warnings.push(...against.map((message) => ({ object, message: `as soon as it has pods: ${message}` })));
    }
  }

  function missingOf(object: ClusterObject, pods: PlannedPods) {
    return references.missingOf(object.namespace, pods.template.spec, pods.template.path, pods.volumeClaims);
  }

  /**
   * Pods that run one after the other do not take room from each other. The phase with most claims and pods is placed; of every other one it is found out
   * whether it has room instead, and only what has none is told.
   */
  function ofPhases(object: ClusterObject, all: readonly PlannedPods[]): readonly PodOutcome[] {
    const [largest = [], ...others] = phasesOf(all);
    const pending = others.flatMap((phase) => {
      const room = copyOfRoom(outcomes);
      return phase.flatMap((pods) => podsOfTemplate(object, pods, room)).filter(({ type }) => type === "pending");
    });
    return [...largest.flatMap((pods) => podsOfTemplate(object, pods, { scheduler, quotas, waits })), ...pending];
  }

  /** The cluster with the pods that have been made, to try something out. */
  function copyOfRoom(made: readonly PodOutcome[]): Room {
    return { scheduler: schedulerAfter(cluster, made, release.kubernetes, choice), quotas: quotas.copy(), waits: new Map() };
  }

  /**
   * Tries further pods. Equal ones have equal answers. What has a place beside the pods of earlier trials has one without them too, unless it waits for others: so
   * only such a trial, and one that fails beside those, is made in the cluster as it is.
   */
  function trials(made: readonly PodOutcome[]): Pick<Situation, "tryMore" | "tryUpdate"> {
    const known = new Map<string, Trial>();
    // Rules about pods tell those apart by their labels that are equal otherwise.
    const haveRules = made.some(({ planned: { pod } }) => hasRulesAboutPods(pod));
    const asItIs = () => ({ scheduler: copyOfRoom(made).scheduler, isUsed: false });
    let beside = asItIs();
    const trialOf = ({ object, pods }: PodGroup, further: PlannedPods): Trial => {
      const { count } = further;
      const rules = count > 0 && (haveRules || hasRulesAboutPods(further.at(0).pod)) ? further.at(0).pod.labels : {};
      const key = JSON.stringify([object.namespace, pods.template.spec, pods.volumeClaims, count, rules]);
      const before = known.get(key);
      if (before !== undefined) {
        return before;
      }
      const make = () => {
        const tried = madeIn(
          further,
          { scheduler: beside.scheduler, quotas: quotas.copy(), waits: new Map() },
          missingOf(object, pods).pending,
        );
        const placed = tried.filter(({ type }) => type === "placed").length;
        const pending = tried.find((outcome) => outcome.type === "pending");
        return { placed, reason: pending?.type === "pending" ? pending.reason : undefined };
      };
      if (beside.isUsed && count > 0 && waitsForOthers(further.at(0).pod)) {
        beside = asItIs();
      }
      let trial = make();
      if (trial.reason !== undefined && beside.isUsed) {
        beside = asItIs();
        trial = make();
      }
      beside.isUsed ||= trial.placed > 0;
      known.set(key, trial);
      return trial;
    };
    const more = (pods: PlannedPods, count: number): PlannedPods => ({ ...pods, count, at: (index) => pods.at(pods.count + index) });
    return {
      tryMore: (group, count) => trialOf(group, more(group.pods, count)),
      tryUpdate: (group, count) => {
        const further = more(group.pods, count);
        return trialOf(group, { ...further, at: (index) => ofNextTemplate(further.at(index)) });
      },
    };
  }

  function madeIn(pods: PlannedPods, room: Room, obstacles: readonly string[]): readonly PodOutcome[] {
    const volumes = pods.volumeClaims.map((claim) => volumeClaimCounts(claim, storageClass));
    return makePods(pods, room, {
      obstacle: obstacles.length === 0 ? undefined : obstacles.join("; "),
      claimsOf: (pod) => [...volumes, ...templateCounts(pod, templates)],
    });
  }

  function podsOfTemplate(object: ClusterObject, pods: PlannedPods, room: Room): readonly PodOutcome[] {
    const missing = missingOf(object, pods);
    const made = madeIn(pods, room, missing.pending);
    groups.push({ object, pods, outcomes: made });
    warnings.push(...placementWarnings(object, made), ...missing.warnings.map((message) => ({ object, message })));
    return made;
  }
}

/** What is said of the places of an object's pods, each once. */
function placementWarnings(object: ClusterObject, outcomes: readonly PodOutcome[]): readonly ObjectProblem[] {
  const messages = outcomes.flatMap((outcome) => (outcome.type === "placed" ? outcome.warnings : []));
  return [...new Set(messages)].map((message) => ({ object, message }));
}

/** A message about pods in the words of the object that makes them: its fields can be called otherwise than the pod's. */
function asWritten(message: string, { path, written }: PlannedPods["template"]): string {
  const [made, own] = written.find(([part]) => message.includes(`${path}.${part}`)) ?? [];
  return made === undefined || own === undefined ? message : message.replaceAll(`${path}.${made}`, `${path}.${own}`);
}

/** Containers that an operator adds by its own settings, which no manifest shows. */
function operatorWarnings(object: ClusterObject, level: PodSecurityLevel | undefined): readonly string[] {
  const makes = makesOf(object);
  const adds = makes?.type === "pods" ? makes.adds : undefined;
  return adds === undefined || level !== "restricted"
    ? []
    : [
        `its operator adds containers (${adds.containers}) with the security context of its own settings (${adds.setting}). Pod Security level "restricted" refuses the pods unless that has everything which the level wants`,
      ];
}

/** One message for all that Pod Security refuses: it is mended in one place. */
function podSecurityRefusal(
  level: PodSecurityLevel,
  namespace: string,
  problems: readonly string[],
  remedy: string | undefined,
): readonly string[] {
  if (problems.length === 0) {
    return [];
  }
  return [
    [
      `Pod Security level "${level}" of namespace "${namespace}" refuses its pods:`,
      ...problems.map((problem) => `  ${problem}`),
      ...(remedy === undefined ? [] : [remedy]),
    ].join("\n"),
  ];
}

function keyOf({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return `${namespace ?? ""}/${name}`;
}

/** Containers of a workload's pods that get no device, because they name a request that the claim does not have. The API server admits them. */
function requestProblems(pods: PlannedPods, specOf: (pod: Pod, claim: PodClaim) => ClaimSpec | undefined): readonly string[] {
  if (pods.count === 0) {
    return [];
  }
  const { pod } = pods.at(0);
  const requestsOf = (name: string) => {
    const claim = pod.claims.find((each) => each.name === name);
    return claim === undefined ? undefined : specOf(pod, claim)?.requests.map((request) => request.name);
  };
  return missingRequests(pod, requestsOf).map(
    (missing) => `${describeMissingRequest(missing)}. Name one of them, or leave request out for all devices of the claim`,
  );
}

/**
 * Makes pods one after the other until one is pending. It takes nothing, so every equal one after it is pending too, for the same reason as long as the quota
 * lets in what this one has counted: those are one outcome.
 */
function makePods(
  pods: PlannedPods,
  { scheduler, quotas, waits }: Room,
  {
    obstacle,
    claimsOf,
  }: {
    /** Why none of them can get a node, whatever the nodes have. */
    readonly obstacle: string | undefined;
    /** What a pod's volumes and claims count. They are made for it before it is scheduled. */
    readonly claimsOf: (pod: Pod) => readonly Counts[];
  },
): readonly PodOutcome[] {
  const outcomes: PodOutcome[] = [];
  for (let index = 0; index < pods.count; index += 1) {
    const planned = pods.at(index);
    const { pod, limits } = planned;
    const { counted, excess } = addAll(quotas, pod.namespace, [podCounts(pod.requests, limits), ...claimsOf(pod)]);
    const result = excess === undefined && obstacle === undefined ? scheduler.schedule(pod) : undefined;
    const unmodelled = scheduler.unmodelledRules(pod);
    if (result?.type === "placed") {
      outcomes.push(placedOutcome(planned, result, unmodelled));
    } else if (result === undefined || !isNotForNode(planned, result)) {
      const reason = excess === undefined ? (obstacle ?? result?.message ?? "") : describeExcess(excess);
      const alike = pods.equal ? Math.min(pods.count - index - 1, quotas.room(pod.namespace, counted)) : 0;
      quotas.addTimes(pod.namespace, counted, alike);
      const first = index;
      const outcome: PodOutcome = { type: "pending", planned, reason, count: 1 + alike, unmodelled };
      if (result !== undefined && waitsForOthers(pod)) {
        waits.set(outcome, (further) => pods.at(first + further));
      }
      outcomes.push(outcome);
      index += alike;
    }
  }
  return outcomes;
}

function placedOutcome(
  planned: PlannedPod,
  { nodeName, claims, warnings }: Extract<SchedulingResult, { readonly type: "placed" }>,
  unmodelled: readonly string[],
): PodOutcome {
  return { type: "placed", planned, nodeName, claims, warnings, unmodelled };
}

/**
 * Pods that want to be near others, or evenly spread, are tried again, as kube-scheduler does whenever a further pod runs: so the order of the objects does not matter. Answers with
 * what takes the place of each outcome. What they count on quotas has been counted.
 */
function placeAfterOthers(waits: Waits, scheduler: Scheduler): ReadonlyMap<PodOutcome, readonly PodOutcome[]> {
  const replaced = new Map<PodOutcome, readonly PodOutcome[]>();
  tryAgain([...waits], ([outcome, at]) => {
    const before = replaced.get(outcome) ?? [outcome];
    const waiting = before.at(-1);
    if (waiting?.type !== "pending") {
      return false;
    }
    const placed: PodOutcome[] = [];
    for (let left = waiting.count; left > 0; left--) {
      const planned = at(before.length - 1 + placed.length);
      const result = scheduler.schedule(planned.pod);
      if (result.type === "refused") {
        const rest: PodOutcome = {
          ...waiting,
          planned,
          reason: result.message,
          count: left,
          unmodelled: scheduler.unmodelledRules(planned.pod),
        };
        replaced.set(outcome, [...before.slice(0, -1), ...placed, rest]);
        return placed.length > 0;
      }
      placed.push(placedOutcome(planned, result, scheduler.unmodelledRules(planned.pod)));
    }
    replaced.set(outcome, [...before.slice(0, -1), ...placed]);
    return true;
  });
  return replaced;
}

/** Counts one thing after the other up to the first that the quota does not let in: what was counted stays counted. */
function addAll(
  quotas: Quotas,
  namespace: string,
  all: readonly Counts[],
): { readonly counted: Counts; readonly excess: Excess | undefined } {
  for (const [index, counts] of all.entries()) {
    const excess = quotas.add(namespace, counts);
    if (excess !== undefined) {
      return { counted: total(all.slice(0, index)), excess };
    }
  }
  return { counted: total(all), excess: undefined };
}

function templateCounts(pod: Pod, templates: ReadonlyMap<string, ClaimSpec>): readonly Counts[] {
  return pod.claims.flatMap(({ source }) => {
    const spec = source.type === "template" ? templates.get(`${pod.namespace}/${source.templateName}`) : undefined;
    return spec === undefined ? [] : [claimCounts(spec)];
  });
}

function total(all: readonly Counts[]): Counts {
  const [first = {}, ...others] = all;
  if (others.length === 0) {
    return first;
  }
  const sums = new Map(Object.entries(first));
  for (const [key, amount] of others.flatMap((counts) => Object.entries(counts))) {
    sums.set(key, (sums.get(key) ?? 0) + amount);
  }
  return Object.fromEntries(sums);
}

/** The certificate authority's ConfigMap (kube-controller-manager, root-ca-certificate-publisher). */
const EVERY_NAMESPACE_HAS: Counts = { configmaps: 1, "count/configmaps": 1 };

/** A DaemonSet makes no pod for a node that its selector, affinity or tolerations rule out. */
function isNotForNode({ owner, pod }: PlannedPod, result: SchedulingResult): boolean {
  if (owner.kind !== "DaemonSet" || result.type !== "refused" || result.refusal.type !== "noNodeFits") {
    return false;
  }
  const own = result.refusal.groups.find((group) => pod.nodeName !== undefined && group.nodes.includes(pod.nodeName));
  return own !== undefined && ["taint", "nodeSelector", "nodeAffinity"].includes(own.refusal.type);
}

/**
 * Claims that no pod could ever use, not even in an empty cluster: nothing matches, a class is unknown, a selector fails.
 * @param cluster an empty one; without GPU pools nothing can be told.
 */
function unsatisfiableClaims(
  cluster: ClusterState,
  claims: readonly { readonly object: ClusterObject; readonly spec: ClaimSpec }[],
  release: Release,
): readonly ObjectProblem[] {
  // Many claims ask for the same. What is said of one that has no place can name it.
  const satisfiable = new Set<string>();
  return (cluster.nodes.length === 0 ? [] : claims).flatMap(({ object, spec }) => {
    const wanted = JSON.stringify(spec);
    if (satisfiable.has(wanted)) {
      return [];
    }
    const template: ResourceClaimTemplate = {
      kind: "ResourceClaimTemplate",
      apiVersion: "resource.k8s.io/v1",
      name: "probe",
      namespace: object.namespace,
      spec,
    };
    const result = new Scheduler({ ...cluster, templates: [template] }, release.kubernetes).schedule(probe(object));
    if (result.type === "placed") {
      satisfiable.add(wanted);
      return [];
    }
    return [{ object, message: `no pod could ever use it: ${result.message}`, onPurpose: "neverSatisfied" }];
  });
}

/** A pod that asks for nothing but one claim. */
function probe({ name, namespace }: ClusterObject): Pod {
  return {
    ...barePod(name, namespace),
    claims: [{ name, source: { type: "template", templateName: "probe" } }],
    tolerations: [{ key: undefined, operator: "Exists", value: "", effect: undefined }],
  };
}
