/** The rules of Kubernetes that tests apply where they are about no version in particular. */
import { newestRelease } from "../../src/releases/find";
import type { KubernetesRules, SchedulerFeatures } from "../../src/releases/kubernetes";

export const RULES = newestRelease().kubernetes;

/** The same with other features of the scheduler. */
export function rulesWith(scheduler: Partial<SchedulerFeatures>): KubernetesRules {
  return { ...RULES, scheduler: { ...RULES.scheduler, ...scheduler } };
}
