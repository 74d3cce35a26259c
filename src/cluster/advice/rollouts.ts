/**
 * Updates that cannot proceed: they start new pods before they end old ones, and no new one has a place. Sources (read 2026-11-28): kube-controller-manager
 * 1.34 `pkg/controller/deployment/util` (`ResolveFenceposts`), argoproj/argo-rollouts v1.8 `utils/replicaset`, `utils/defaults`; NVIDIA/k8s-nim-operator `manifests/deployment.yaml`;
 * kserve/kserve `pkg/controller/v1beta1/inferenceservice/reconcilers/deployment`.
 */
import { objectAt } from "../objects";
import type { ClusterObject, JsonObject } from "../objects";
import { shareOf } from "./shares";
import { podsInWords } from "./types";
import type { Advise, PodGroup } from "./types";

/** How an object replaces its pods. */
interface Update {
  /** `maxSurge` and `maxUnavailable`, or that all new pods run beside all old ones. */
  readonly step: JsonObject | "all";
  /** What to write instead, the end of a sentence. */
  readonly remedy: string;
}

const ROLLING = "25%";

type ReadUpdate = (object: ClusterObject, role: string) => Update | undefined;

const UPDATES: ReadonlyMap<string, ReadUpdate> = new Map<string, ReadUpdate>([
  ["apps/v1 Deployment", ({ body }) => ofStrategy(body, ["spec", "strategy"])],
  ["serving.kserve.io/v1beta1 InferenceService", ({ body }, role) => ofStrategy(body, ["spec", role, "deploymentStrategy"])],
  [
    "apps.nvidia.com/v1alpha1 NIMService",
    () => ({
      step: {},
      remedy: "The NIM operator has no setting for it: set replicas to 0 before you change the service, and back after it",
    }),
  ],
  [
    "argoproj.io/v1alpha1 Rollout",
    ({ body }) => {
      const strategy = objectAt(body, "spec", "strategy");
      return strategy["blueGreen"] === undefined
        ? { step: objectAt(strategy, "canary"), remedy: "Write strategy.canary.maxSurge: 0 and maxUnavailable: 1" }
        : { step: "all", remedy: "Write strategy.canary with maxSurge: 0 and maxUnavailable: 1" };
    },
  ],
]);

function ofStrategy(body: JsonObject, keys: readonly string[]): Update | undefined {
  const strategy = objectAt(body, ...keys);
  return strategy["type"] === "Recreate"
    ? undefined
    : {
        step: objectAt(strategy, "rollingUpdate"),
        remedy: `Write ${keys.join(".")}: {type: Recreate}, or rollingUpdate: {maxSurge: 0, maxUnavailable: 1}`,
      };
}

/** How many pods an update starts beside the old ones, and how many of the old ones may be missing meanwhile; undefined for one that first ends all. */
export function stepOf({
  object,
  pods,
}: PodGroup): { readonly surge: number; readonly unavailable: number; readonly needed: number; readonly remedy: string } | undefined {
  const update = UPDATES.get(`${object.apiVersion} ${object.kind}`)?.(object, pods.role);
  if (update === undefined) {
    return undefined;
  }
  const { step, remedy } = update;
  if (step === "all") {
    return { surge: pods.count, unavailable: 0, needed: pods.count, remedy };
  }
  const surge = shareOf(step["maxSurge"], ROLLING, pods.count, "up");
  const share = shareOf(step["maxUnavailable"], ROLLING, pods.count, "down");
  const unavailable = surge === 0 && share === 0 ? 1 : share;
  return { surge, unavailable, needed: Math.min(1, surge), remedy };
}

export const adviseOnRollouts: Advise = ({ groups, tryUpdate }) =>
  groups.flatMap((group) => {
    const { object, pods, outcomes } = group;
    const step = pods.count === 0 || outcomes.some(({ type }) => type === "pending") ? undefined : stepOf(group);
    if (step === undefined || step.unavailable > 0 || step.needed === 0) {
      return [];
    }
    const { placed, reason } = tryUpdate(group, step.surge);
    if (reason === undefined || placed >= step.needed) {
      return [];
    }
    const further = `${podsInWords(step.surge)} beside the ${podsInWords(pods.count)} that it has`;
    return [
      {
        object,
        message: `an update of it cannot proceed: it starts ${further}, of which ${String(placed)} ${placed === 1 ? "has" : "have"} a place (${reason}), and may end none before (maxUnavailable is 0). ${step.remedy}`,
      },
    ];
  });
