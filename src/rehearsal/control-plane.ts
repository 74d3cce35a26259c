/** What a rehearsal hands to a real control plane, and what it gets back. The rehearsal itself starts none. */
import type { Refusal } from "../cluster/judgement/checks";
import type { JudgedSimulation } from "../cluster/judgement/judge";
import type { Node } from "../cluster/nodes";
import type { ClusterObject } from "../cluster/objects";
import type { Release } from "../releases/types";
import type { Recording } from "./monitor/recording";
import type { ControlPlaneReport } from "./report/report";
import type { StackSettings } from "./stack-files";

/** A stack and manifests as the models see them. */
export interface Rehearsed {
  readonly settings: StackSettings;
  readonly recording: Recording;
  readonly release: Release;
  readonly nodes: readonly Node[];
  /** One node of each GPU pool. */
  readonly shapes: readonly Node[];
  /** Objects of the stack. */
  readonly stackObjects: readonly ClusterObject[];
  /** Objects of the manifests, in their order. */
  readonly manifestObjects: readonly ClusterObject[];
  /** Manifest objects that the policy pack denies, with its messages. */
  readonly denied: ReadonlyMap<ClusterObject, readonly Refusal[]>;
  readonly simulation: JudgedSimulation;
}

/** What the real parts say of it. */
export interface Answered {
  /** In the form of the model's answer, so that both make the same report. */
  readonly simulation: JudgedSimulation;
  readonly report: ControlPlaneReport;
}

export type AskControlPlane = (rehearsed: Rehearsed) => Promise<Answered>;
