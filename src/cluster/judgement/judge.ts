/** The whole way of objects into a cluster: the API server judges each, and the cluster is simulated with those that it accepts. */
import { servedApi } from "../../releases/api/find";
import type { Release } from "../../releases/types";
import { AdmissionPolicies } from "../admission/policies";
import { policyProblems } from "../admission/problems";
import { objectProblems } from "./checks";
import type { ObjectProblem } from "./checks";
import type { Node } from "../nodes";
import type { ClusterObject } from "../objects";
import type { PodOutcome } from "../pod-outcomes";
import { acceptedOutcome } from "./outcomes";
import type { ObjectOutcome } from "./outcomes";
import { serviceAddressProblems } from "./service-addresses";
import { simulateCluster } from "../simulate";
import type { Simulation } from "../simulate";

export interface JudgedSimulation extends Simulation {
  /** What happens to each object of the manifests, in their order. */
  readonly outcomes: readonly { readonly object: ClusterObject; readonly outcome: ObjectOutcome }[];
}

/** The parameters are those of {@link simulateCluster}, with objects of which nobody has looked at more than name and kind. */
export function judgeAndSimulate(
  nodes: readonly Node[],
  shapes: readonly Node[],
  all: readonly ClusterObject[],
  release: Release,
): JudgedSimulation {
  const api = servedApi(release);
  const refused = [...objectProblems(all, api, release.kubernetes), ...serviceAddressProblems(all)];
  const policies = AdmissionPolicies.of(all, release.kubernetes);
  const without = (problems: readonly ObjectProblem[], objects: readonly ClusterObject[]) => {
    const atFault = new Set(problems.map(({ object }) => object));
    return objects.filter((object) => !atFault.has(object));
  };
  const accepted = without(refused, all);
  const simulate = (objects: readonly ClusterObject[]) => simulateCluster(nodes, shapes, objects, release);
  const byPolicy = policyProblems(accepted, policies, api, release.kubernetes);
  const forbidden = byPolicy.length === 0 ? [] : firstToRefuse(byPolicy, simulate(accepted.filter((object) => !isQuota(object))).problems);
  const simulation = simulate(without(forbidden, accepted));
  const problems = [...refused, ...forbidden, ...simulation.problems];
  const refusals = new Set(problems.map(({ object }) => object));
  const unplaced = new Map<ClusterObject, readonly string[]>();
  for (const { object, message } of simulation.unplaced) {
    unplaced.set(object, [...(unplaced.get(object) ?? []), message]);
  }
  const rules = unmodelledRules(simulation.pods);
  const outcomes = all
    .filter(({ origin }) => origin.type === "manifest")
    .map((object) => ({
      object,
      outcome: refusals.has(object)
        ? { type: "refused" as const }
        : withRules(acceptedOutcome(object, api, unplaced.get(object) ?? []), rules.get(object) ?? []),
    }));
  const { slices, pods } = simulation;
  return {
    ...{ slices, pods, problems, outcomes },
    ...{ unplaced: simulation.unplaced, warnings: [...simulation.warnings, ...policies.notUnderstood] },
  };
}

/**
 * What is said of objects that policies refuse: the API server asks the policies after everything else but the quotas, which count only what policies let pass.
 * @param others problems of the same objects without any quota.
 */
function firstToRefuse(byPolicy: readonly ObjectProblem[], others: readonly ObjectProblem[]): readonly ObjectProblem[] {
  const forbidden = new Set(byPolicy.map(({ object }) => object));
  const before = others.filter(({ object }) => forbidden.has(object));
  const refusedBefore = new Set(before.map(({ object }) => object));
  return [...before, ...byPolicy.filter(({ object }) => !refusedBefore.has(object))];
}

/** By the objects that make pods: paths of rules that the scheduler obeys and the model leaves out. */
export function unmodelledRules(pods: readonly PodOutcome[]): ReadonlyMap<ClusterObject, readonly string[]> {
  const rules = new Map<ClusterObject, Set<string>>();
  for (const { planned, unmodelled } of pods) {
    if (unmodelled.length > 0) {
      rules.set(planned.owner, new Set([...(rules.get(planned.owner) ?? []), ...unmodelled]));
    }
  }
  return new Map([...rules].map(([object, paths]) => [object, [...paths]]));
}

/** An object is modelled if all rules of its pods are. */
function withRules<T extends ObjectOutcome>(outcome: T, rules: readonly string[]): T | Extract<ObjectOutcome, { type: "notModelled" }> {
  return outcome.type === "modelled" && rules.length > 0
    ? { type: "notModelled", why: `the scheduler follows rules of its pods that the rehearsal does not know: ${rules.join(", ")}` }
    : outcome;
}

function isQuota({ apiVersion, kind }: ClusterObject): boolean {
  return apiVersion === "v1" && kind === "ResourceQuota";
}
