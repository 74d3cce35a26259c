/** What the active check tries, what comes of it, and how that is judged. */
import type { JsonObject } from "../../cluster/objects";
import type { FindingDetails } from "../check";
import type { Unchecked } from "../finding";
import type { ActiveFindingId } from "../findings";

export type Action =
  /** Sent as a dry run, which admission sees and nothing stores. It must be refused. */
  | { readonly type: "dryRun"; readonly object: JsonObject }
  /** A pod that runs to its end. */
  | { readonly type: "run"; readonly pod: JsonObject }
  /** A pod for which a claim must not be made. No node fits it, so that it would never hold a slice. */
  | { readonly type: "claim"; readonly pod: JsonObject };

/** A device that kube-scheduler has given to the claim of a pod. */
export interface GivenDevice {
  readonly pool: string;
  readonly device: string;
}

export type Outcome =
  /** The API server takes the object. */
  | { readonly type: "accepted" }
  /** The API server's answer. */
  | { readonly type: "refused"; readonly status: number; readonly message: string }
  /** The pod's container has ended. */
  | {
      readonly type: "ended";
      readonly nodeName: string;
      readonly exitCode: number;
      /** Its termination message. */
      readonly message: string;
      readonly devices: readonly GivenDevice[];
    }
  /** The pod has not run. */
  | { readonly type: "pending"; readonly reason: string }
  /** A claim was made for the pod. */
  | { readonly type: "claimed" }
  /** No claim was made for the pod: the event of the controller. */
  | { readonly type: "unclaimed"; readonly message: string };

export type Judgement =
  | { readonly type: "holds"; readonly seen: string }
  | { readonly type: "broken"; readonly details: FindingDetails }
  | { readonly type: "unchecked"; readonly reason: string };

export interface Attempt {
  /** What is found if it is broken. */
  readonly id: ActiveFindingId;
  /** For a person: `a pod without a claim on node a, with NVIDIA_VISIBLE_DEVICES=all`. */
  readonly what: string;
  readonly action: Action;
  readonly judge: (outcome: Outcome) => Judgement;
}

export interface Tried {
  readonly attempt: Attempt;
  readonly judgement: Judgement;
}

/** Attempts, and what cannot be tried. */
export interface Attempts {
  readonly attempts: readonly Attempt[];
  readonly unchecked: readonly (Unchecked & { readonly id: ActiveFindingId })[];
}

/** What came of the attempts of a plan. */
export interface ActiveRun {
  readonly tried: readonly Tried[];
  readonly untried: Attempts["unchecked"];
  /** What could not be done around the attempts, such as to remove everything. */
  readonly unchecked: readonly Unchecked[];
}

/** Why an outcome says nothing. */
export function unchecked(outcome: Outcome): Judgement {
  return { type: "unchecked", reason: describeOutcome(outcome) };
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.type) {
    case "accepted":
      return "the API server accepts it";
    case "refused":
      return `the API server refuses it (${String(outcome.status)}): ${outcome.message}`;
    case "ended":
      return `its container ended with exit code ${String(outcome.exitCode)}${outcome.message === "" ? "" : `: ${outcome.message.trim()}`}`;
    case "pending":
      return outcome.reason;
    case "claimed":
      return "its claim was made";
    case "unclaimed":
      return `its claim was not made: ${outcome.message}`;
  }
}
