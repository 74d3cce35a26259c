/** What the active check adds to a diagnosis. */
import { finding } from "../check";
import type { Answer, FindingDetails } from "../check";
import type { Finding, TriedKind } from "../finding";
import { ACTIVE_FINDINGS } from "../findings";
import type { ActiveFindingId } from "../findings";
import { groupBy } from "../../planner/group-by";
import type { ActiveRun, Judgement } from "./attempt";

/** Attempts that are broken in the same thing are one finding. */
export function answerOf({ tried, untried, unchecked }: ActiveRun): Answer {
  const broken = tried.flatMap(({ attempt: { id }, judgement }) =>
    judgement.type === "broken" ? [{ id, details: judgement.details }] : [],
  );
  return {
    findings: [...groupBy(broken, ({ id, details: { subject } }) => `${id} ${subject}`).values()].map(merged),
    unchecked: [
      ...untried.map(({ what, reason }) => ({ what, reason })),
      ...tried.flatMap(({ attempt, judgement }) =>
        judgement.type === "unchecked" ? [{ what: attempt.what, reason: judgement.reason }] : [],
      ),
      ...unchecked,
    ],
  };
}

/** In the order of the table of findings. */
export function triedKinds({ tried, untried }: ActiveRun): readonly TriedKind[] {
  const ids = new Set([...tried.map(({ attempt }) => attempt.id), ...untried.map(({ id }) => id)]);
  return ACTIVE_FINDINGS.filter((id) => ids.has(id)).map((id) => {
    const own = tried.filter(({ attempt }) => attempt.id === id);
    const count = (type: Judgement["type"]) => own.filter(({ judgement }) => judgement.type === type).length;
    return {
      ...{ id, held: count("holds"), broken: count("broken") },
      unchecked: count("unchecked") + untried.filter((each) => each.id === id).length,
    };
  });
}

function merged(broken: readonly { readonly id: ActiveFindingId; readonly details: FindingDetails }[]): Finding {
  const [first] = broken;
  if (first === undefined) {
    throw new Error("a group has no members");
  }
  const each = broken.map(({ details }) => details);
  return finding(first.id, {
    subject: first.details.subject,
    seen: unique(each.map(({ seen }) => seen)).join("; "),
    hurts: unique(each.flatMap(({ hurts = [] }) => hurts)),
    commands: unique(each.flatMap(({ commands }) => commands)),
  });
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
