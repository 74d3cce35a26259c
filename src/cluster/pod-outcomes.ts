/** What happens to a pod. */
import type { ClaimPlacement } from "../dra/allocator";
import type { PlannedPod } from "./workloads";

export type PodOutcome = {
  readonly planned: PlannedPod;
  /** Paths of rules of the pod that the scheduler obeys and the model leaves out. */
  readonly unmodelled: readonly string[];
} & (
  | {
      readonly type: "placed";
      readonly nodeName: string;
      readonly claims: readonly ClaimPlacement[];
      /** What will not be as its author means it. */
      readonly warnings: readonly string[];
    }
  | {
      readonly type: "pending";
      readonly reason: string;
      /** How many equal pods this is, of which `planned` is the first: an object can ask for more than anybody could list. */
      readonly count: number;
    }
);
