/** What Prometheus says of a period. */
import { USAGE, USAGE_LABELS, observedSecondsQuery, usageQuery } from "../monitoring/usage";
import type { Usage } from "../monitoring/usage";
import type { UsageAnswers } from "../monitoring/bill";
import type { InstantSample, Prometheus } from "./prometheus";

/** Asks one question after the other, all about the same instant: each reads every sample of the period. @throws UnusableError */
export async function readUsage(prometheus: Prometheus, periodSeconds: number): Promise<UsageAnswers> {
  const until = Math.floor(await prometheus.now());
  const period = `${String(periodSeconds)}s`;
  const usage = {} as Record<Usage, readonly InstantSample[]>;
  for (const name of Object.keys(USAGE) as readonly Usage[]) {
    usage[name] = await prometheus.query(usageQuery(name, USAGE_LABELS, period), until);
  }
  const [observed] = await prometheus.query(observedSecondsQuery(period), until);
  return { until, periodSeconds, observedSeconds: observed?.value ?? 0, usage };
}
