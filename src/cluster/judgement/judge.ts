/** The whole way of objects into a cluster: the API server judges each, and the cluster is simulated with those that it accepts. */
import { servedApi } from "../../releases/api/find";
import type { Release } from "../../releases/types";
import { AdmissionPolicies } from "../admission/policies";
import { policyProblems } from "../admission/problems";
import { objectProblems } from "./checks";
import type { ObjectProblem } from "./checks";
import type { Node } from "../nodes";
import type { ClusterObject } from "../objects";
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
  const simulate = (problems: readonly ObjectProblem[]) => {
    const atFault = new Set(problems.map(({ object }) => object));
    const accepted = all.filter((object) => !atFault.has(object));
    return { ...simulateCluster(nodes, shapes, accepted, release), accepted };
  };
  const first = simulate(refused);
  // The API server asks the policies last. What they refuse takes no room from the others.
  const refusedBefore = new Set(first.problems.map(({ object }) => object));
  const forbidden = policyProblems(
    first.accepted.filter((object) => !refusedBefore.has(object)),
    policies,
    api,
  );
  const simulation = forbidden.length === 0 ? first : simulate([...refused, ...forbidden]);
  const problems = [...refused, ...forbidden, ...simulation.problems];
  const refusals = new Set(problems.map(({ object }) => object));
  const unplaced = new Map<ClusterObject, readonly string[]>();
  for (const { object, message } of simulation.unplaced) {
    unplaced.set(object, [...(unplaced.get(object) ?? []), message]);
  }
  const outcomes = all
    .filter(({ origin }) => origin.type === "manifest")
    .map((object) => ({
      object,
      outcome: refusals.has(object) ? { type: "refused" as const } : acceptedOutcome(object, api, unplaced.get(object) ?? []),
    }));
  const { slices, pods } = simulation;
  return {
    ...{ slices, pods, problems, outcomes },
    ...{ unplaced: simulation.unplaced, warnings: [...simulation.warnings, ...policies.notUnderstood] },
  };
}
