/** How long an `up` can wait, one part after the other: for the control plane, the pools side by side, each chart, and the gate. */
import type { Recording } from "../../src/rehearsal/monitor/recording";
import { EKS_NODE_GROUP, HELM_RELEASE } from "../../src/well-known/resource-types";

/** Where the program does not say: the longer of the AWS provider's limits. Source: hashicorp/terraform-provider-aws, "Timeouts" of `aws_eks_cluster` (read 2026-11-28). */
const CONTROL_PLANE_MINUTES = 60;
const JOB = "kubernetes:batch/v1:Job";

export function waitMinutes({ resources }: Recording): number {
  const limits = (type: string) =>
    resources
      .filter((resource) => resource.type === type)
      .map(({ options }) => Math.max(...[options.customTimeouts.create, options.customTimeouts.update].map(minutes)));
  const charts = resources.filter(({ type }) => type === HELM_RELEASE).map(({ inputs }) => Number(inputs["timeout"]) / 60);
  return CONTROL_PLANE_MINUTES + Math.max(...limits(EKS_NODE_GROUP)) + sum(charts) + Math.max(...limits(JOB));
}

/** @throws Error for a duration that is not written in minutes. */
function minutes(duration: string): number {
  const [, found] = /^(\d+)m$/.exec(duration) ?? [];
  if (duration !== "" && found === undefined) {
    throw new Error(`${duration} is no duration in minutes`);
  }
  return Number(found ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
