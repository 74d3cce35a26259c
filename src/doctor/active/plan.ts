/**
 * The active check: what a tenant must not be able to do is tried, and what a tenant must be able to do.
 *
 *   plan (pure) -> run (creates, waits, removes) -> judge (pure, in each attempt) -> findings of the diagnosis
 */
import { ACTIVE_FINDINGS } from "../findings";
import type { Attempts } from "./attempt";
import { checkForbidden } from "./checks/forbidden";
import { checkQuota } from "./checks/quota";
import { checkSlicesOfTiers } from "./checks/slices";
import { checkWithoutClaim } from "./checks/without-claim";
import type { ActiveCheck, Situation } from "./situation";

const CHECKS: readonly ActiveCheck[] = [checkWithoutClaim, checkSlicesOfTiers, checkForbidden, checkQuota];

/** Nothing is tried while a `pulumi up` is at work: what it has not created yet would be found. */
export function planActive(situation: Situation): Attempts {
  const { rollout } = situation.examined;
  if (rollout.type === "running") {
    const reason = `pulumi up is still at work: ${rollout.waitsFor}`;
    return { attempts: [], unchecked: ACTIVE_FINDINGS.map((id) => ({ id, what: `what ${id} is about`, reason })) };
  }
  const plans = CHECKS.map((check) => check(situation));
  return { attempts: plans.flatMap(({ attempts }) => attempts), unchecked: plans.flatMap(({ unchecked }) => unchecked) };
}

/** What the attempts take, for whoever has to agree to it. */
export function describeCost({ attempts }: Attempts, { names }: Situation): string {
  const count = (matches: (each: (typeof attempts)[number]) => boolean) => attempts.filter(matches).length;
  const slices = count(({ id, action }) => id === "slice-not-of-claim" && action.type === "run");
  const pods = count(({ action }) => action.type !== "dryRun");
  const requests = count(({ action }) => action.type === "dryRun");
  return [
    `The check creates ${numberText(pods, "pod")} in the namespaces ${Object.values(names.namespaces).join(", ")}, and the priority class ${names.priorityClass}.`,
    slices === 0 ? "It takes no slice." : `It takes ${numberText(slices, "free slice")} for some seconds.`,
    `It sends ${numberText(requests, "request")} as a dry run, also for the namespaces of teams.`,
    "It evicts nobody, and removes all of it at its end.",
  ].join("\n");
}

function numberText(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
