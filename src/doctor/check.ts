/** What every check is given, and what it answers. */
import type { Account } from "./account/account";
import type { ObservedCluster, ObservedNode } from "./cluster";
import type { Commands } from "./commands";
import type { Declaration } from "./declaration";
import type { Finding, NotYet, Unchecked } from "./finding";
import { FINDINGS } from "./findings";
import type { FindingId } from "./findings";
import type { Rollout } from "./rollout";

export interface Examined {
  readonly cluster: ObservedCluster;
  readonly declaration: Declaration;
  readonly command: Commands;
  /** Whether a `pulumi up` is still at work. */
  readonly rollout: Rollout;
  /** What the account of AWS shows. Undefined: nobody has asked it. */
  readonly account: Account | undefined;
}

export interface Answer {
  readonly findings?: readonly Finding[];
  readonly notYet?: readonly NotYet[];
  readonly unchecked?: readonly Unchecked[];
}

/** A check of the whole cluster. */
export type ClusterCheck = (examined: Examined) => Answer;

/** A link of a node's chain. */
export type NodeCheck = (node: ObservedNode, examined: Examined) => Link;

export interface Link extends Answer {
  /** Whether the links after this one can be as they must. */
  readonly holds: boolean;
}

export const HOLDS: Link = { holds: true };

export type FindingDetails = Pick<Finding, "subject" | "seen" | "commands"> & Partial<Pick<Finding, "hurts" | "severity">>;

/** A finding with what the table says of its kind. */
export function finding(id: FindingId, { hurts = [], severity, ...details }: FindingDetails): Finding {
  const kind = FINDINGS[id];
  return { id, severity: severity ?? kind.severity, matters: kind.matters, runbook: kind.runbook, hurts, ...details };
}

/** A link that does not hold because of this. */
export function broken(id: FindingId, details: FindingDetails): Link {
  return { holds: false, findings: [finding(id, details)] };
}

/** A link that will hold. */
export function notYet(node: ObservedNode, waitsFor: string): Link {
  return { holds: false, notYet: [{ subject: subjectOf(node), waitsFor }] };
}

export function subjectOf({ name }: ObservedNode): string {
  return `node ${name}`;
}
