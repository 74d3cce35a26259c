/** An answer of the planner, with what its page is drawn from, and how the command ends with it. */
import type { Bill } from "../../monitoring/bill";
import type { Answer, Answered as AnsweredDemand } from "../../planner/ask/ask";
import type { Design } from "../../planner/design/design";
import type { Replay } from "../../planner/replay/replay";
import type { PlannedCluster } from "../../planner/state/cluster";
import type { Status } from "../../planner/status/status";
import type { Consequences, WhatIf } from "../../planner/what-if/what-if";

export type Answered =
  | { readonly type: "status"; readonly status: Status; readonly cluster: PlannedCluster }
  | { readonly type: "ask"; readonly demand: AnsweredDemand; readonly cluster: PlannedCluster }
  | { readonly type: "whatIf"; readonly consequences: Consequences; readonly cluster: PlannedCluster }
  | { readonly type: "design"; readonly design: Design }
  | { readonly type: "replay"; readonly replay: Replay }
  | { readonly type: "usage"; readonly bill: Bill };

export const ANSWERED = 0;
const DOES_NOT_FIT = 1;
export const UNKNOWN = 2;

const CODES: Readonly<Record<Answer["verdict"] | Design["verdict"] | WhatIf["verdict"], number>> = {
  ...{ fits: ANSWERED, doesNotFit: DOES_NOT_FIT, keeps: ANSWERED, loses: DOES_NOT_FIT },
  ...{ found: ANSWERED, none: DOES_NOT_FIT, unknown: UNKNOWN },
};

export function codeOf(answered: Answered): number {
  switch (answered.type) {
    case "status":
      return answered.status.isComplete ? ANSWERED : UNKNOWN;
    case "ask":
      return CODES[answered.demand.answer.verdict];
    case "whatIf":
      return CODES[answered.consequences.whatIf.verdict];
    case "design":
      return CODES[answered.design.verdict];
    case "replay":
      return ANSWERED;
    case "usage":
      return answered.bill.countedHours === 0 ? UNKNOWN : ANSWERED;
  }
}

/** What `--json` prints. */
export function contentOf(answered: Answered): Status | Answer | WhatIf | Design | Replay | Bill {
  switch (answered.type) {
    case "status":
      return answered.status;
    case "ask":
      return answered.demand.answer;
    case "whatIf":
      return answered.consequences.whatIf;
    case "design":
      return answered.design;
    case "replay":
      return answered.replay;
    case "usage":
      return answered.bill;
  }
}
