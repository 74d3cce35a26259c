/** What the model and a control plane say of an object, in one form, and whether that is the same. */
import type { Purpose, Refusal } from "../cluster/judgement/checks";
import type { ClusterObject } from "../cluster/objects";
import type { PodOutcome } from "../cluster/pod-outcomes";

export type Verdict =
  | { readonly type: "refused"; readonly refusals: readonly Refusal[] }
  | {
      readonly type: "accepted";
      /** Profiles of the devices of each pod that has a node. */
      readonly placed: readonly string[];
      /** Pods that have none, made or not. */
      readonly unplaced: number;
      readonly reasons: readonly string[];
    };

export type Comparison =
  | { readonly type: "bothPlace" }
  | { readonly type: "bothRefuse" }
  /** The rehearsal refuses on purpose what the control plane takes. */
  | { readonly type: "stricter"; readonly why: string }
  | { readonly type: "differ" };

/** What the rehearsal refuses and a control plane does not, with the reason. */
const PURPOSES: Readonly<Record<Purpose, string>> = {
  requestUnknown: "the API server takes a request that the claim does not have, and the container gets no device",
  neverSatisfied: "the API server takes a claim that no device can ever satisfy",
  policyPack: "the policy pack judges before the deployment, and is stricter than the policies of the cluster",
};

/** Compares what the model says with what a control plane says. */
export function compare(model: Verdict, real: Verdict): Comparison {
  // A pod of its own is refused where a controller cannot make one: both are kept out.
  if (isKeptOut(model) && isKeptOut(real)) {
    return { type: "bothRefuse" };
  }
  if (model.type === "refused") {
    const [first] = model.refusals;
    return real.type === "accepted" && first?.onPurpose !== undefined && model.refusals.every(({ onPurpose }) => onPurpose !== undefined)
      ? { type: "stricter", why: PURPOSES[first.onPurpose] }
      : { type: "differ" };
  }
  const isAlike =
    real.type === "accepted" &&
    model.unplaced === real.unplaced &&
    [...model.placed].sort().join("\n") === [...real.placed].sort().join("\n");
  return { type: isAlike ? "bothPlace" : "differ" };
}

function isKeptOut(verdict: Verdict): boolean {
  return verdict.type === "refused" || (verdict.placed.length === 0 && verdict.unplaced > 0);
}

/** What a simulation, by the model or from a control plane's answers, says of an object. @param profiles of devices by `pool/device`. */
export function verdictOf(
  object: ClusterObject,
  pods: readonly PodOutcome[],
  refusals: readonly Refusal[],
  profiles: ReadonlyMap<string, string>,
): Verdict {
  if (refusals.length > 0) {
    return { type: "refused", refusals };
  }
  const own = pods.filter(({ planned }) => planned.owner === object);
  const pending = own.filter((outcome) => outcome.type === "pending");
  return {
    type: "accepted",
    placed: own.flatMap((outcome) =>
      outcome.type === "placed"
        ? [
            outcome.claims
              .flatMap(({ devices }) => devices.map(({ pool, device }) => profiles.get(`${pool}/${device}`) ?? device))
              .sort()
              .join(" + "),
          ]
        : [],
    ),
    unplaced: pending.reduce((sum, { count }) => sum + count, 0),
    reasons: [...new Set(pending.map(({ reason }) => reason))],
  };
}

/** One line of a verdict. */
export function describeVerdict(verdict: Verdict): string {
  if (verdict.type === "refused") {
    return `refuses it: ${verdict.refusals.map(({ message }) => message).join("; ")}`;
  }
  const { placed, unplaced, reasons } = verdict;
  const all = placed.length + unplaced;
  if (all === 0) {
    return "accepts it";
  }
  const devices = placed.filter((each) => each !== "");
  const holds = devices.length === 0 ? "" : `, which hold ${devices.join(", ")}`;
  return `places ${String(placed.length)} of ${String(all)} pods${holds}${reasons.length === 0 ? "" : `. The rest: ${reasons.join("; ")}`}`;
}
