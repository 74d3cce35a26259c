/** What a control plane made of objects, in the form of the model's answer. */
import type { ClaimPlacement } from "../dra/allocator";
import type { AllocatedDevice } from "../dra/claims";
import { barePod, readPodSpec } from "../dra/pods";
import type { Pod } from "../dra/pods";
import type { ResourceSlice } from "../dra/types";
import type { ObjectProblem } from "../cluster/judgement/checks";
import { acceptedOutcome } from "../cluster/judgement/outcomes";
import type { JudgedSimulation } from "../cluster/judgement/judge";
import type { ClusterObject } from "../cluster/objects";
import type { PodOutcome } from "../cluster/pod-outcomes";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import { servedApi } from "../releases/api/find";
import type { Rehearsed } from "../rehearsal/control-plane";
import type { Made } from "./pods";

/** What happened to an object. */
export type Answer =
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "notJudged"; readonly why: string }
  | {
      readonly type: "accepted";
      readonly warnings: readonly string[];
      /** Its pods; undefined for a kind that makes none. */
      readonly made: Made | undefined;
    };

/** @param answers of every object, in the order of their creation. */
export async function simulationOf(
  api: ApiServer,
  answers: ReadonlyMap<ClusterObject, Answer>,
  { simulation, manifestObjects, release }: Rehearsed,
): Promise<JudgedSimulation> {
  const slices = (await api.list("/apis/resource.k8s.io/v1/resourceslices")) as unknown as readonly ResourceSlice[];
  const claims = new Map(
    (await api.list("/apis/resource.k8s.io/v1/resourceclaims")).map((claim) => [
      `${String(claim.metadata["namespace"])}/${String(claim.metadata["name"])}`,
      claim,
    ]),
  );
  const all = [...answers];
  const served = servedApi(release);
  return {
    slices,
    problems: all.flatMap(([object, answer]) => (answer.type === "refused" ? [{ object, message: answer.message }] : [])),
    warnings: [
      ...simulation.warnings.filter(({ object }) => answers.get(object)?.type !== "refused"),
      ...all.flatMap(([object, answer]) => (answer.type === "accepted" ? answer.warnings.map((message) => ({ object, message })) : [])),
    ],
    unplaced: simulation.unplaced,
    pods: all.flatMap(([object, answer]) => (answer.type === "accepted" ? podOutcomes(object, answer.made, claims) : [])),
    outcomes: manifestObjects.map((object) => {
      const answer = answers.get(object);
      const outcome =
        answer?.type === "refused"
          ? { type: "refused" as const }
          : answer?.type === "notJudged"
            ? { type: "notModelled" as const, why: answer.why }
            : acceptedOutcome(
                object,
                served,
                problemsOf(simulation.unplaced, object).map(({ message }) => message),
              );
      return { object, outcome };
    }),
  };
}

export function problemsOf(problems: readonly ObjectProblem[], object: ClusterObject): readonly ObjectProblem[] {
  return problems.filter((each) => each.object === object);
}

function podOutcomes(owner: ClusterObject, made: Made | undefined, claims: ReadonlyMap<string, KubernetesObject>): readonly PodOutcome[] {
  if (made === undefined) {
    return [];
  }
  const outcomes = made.pods.map((state): PodOutcome => {
    const common = { planned: { owner, pod: readReal(state.pod), limits: {} }, unmodelled: [] };
    return state.type === "placed"
      ? { ...common, type: "placed", nodeName: state.nodeName, claims: placementsOf(state.pod, common.planned.pod, claims), warnings: [] }
      : { ...common, type: "pending", reason: state.type === "pending" ? state.reason : "nobody says why it has no node", count: 1 };
  });
  const missing = made.wanted - made.pods.length;
  const pod = outcomes[0]?.planned.pod ?? barePod(owner.name, owner.namespace);
  const reason = made.failure ?? "it is not made before the pod before it is ready";
  return missing <= 0
    ? outcomes
    : [...outcomes, { type: "pending", planned: { owner, pod, limits: {} }, unmodelled: [], reason, count: missing }];
}

function readReal({ metadata, spec }: KubernetesObject): Pod {
  const [name, namespace] = [String(metadata["name"]), String(metadata["namespace"])];
  const reading = readPodSpec(spec, { name, namespace });
  return reading.type === "pod" ? reading.pod : barePod(name, namespace);
}

/** The devices of a pod, by the claims that its status names. */
function placementsOf(
  { status, spec, metadata }: KubernetesObject,
  pod: Pod,
  claims: ReadonlyMap<string, KubernetesObject>,
): readonly ClaimPlacement[] {
  const made = (status?.resourceClaimStatuses ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  const named = (spec.resourceClaims ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  return pod.claims.flatMap((podClaim) => {
    const claimName = [...named, ...made].find(
      ({ name, resourceClaimName }) => name === podClaim.name && resourceClaimName !== undefined,
    )?.resourceClaimName;
    const claim = claimName === undefined ? undefined : claims.get(`${String(metadata["namespace"])}/${claimName}`);
    const devices = (claim?.["status"]?.allocation?.devices?.results ?? []) as readonly AllocatedDevice[];
    return claimName === undefined ? [] : [{ podClaim, claimName, devices }];
  });
}
