/** The rules of Kubernetes that tests apply where they are about no version in particular. */
import type { KubernetesRules, SchedulerFeatures } from "../../src/releases/kubernetes";
import { testedRelease } from "./tested-release";

export const RULES = testedRelease().kubernetes;

/** The same with other features of the scheduler. */
export function rulesWith(scheduler: Partial<SchedulerFeatures>): KubernetesRules {
  return { ...RULES, scheduler: { ...RULES.scheduler, ...scheduler } };
}
