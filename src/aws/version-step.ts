/** Whether EKS can take the cluster that runs to the version that the stack wants, asked before anything else happens. */
import { getCluster } from "@pulumi/aws/eks/getCluster";
import { getClusters } from "@pulumi/aws/eks/getClusters";
import { RunError } from "@pulumi/pulumi";
import type { InvokeOptions } from "@pulumi/pulumi";
import { formatProblem } from "../config/reading/problem";
import type { StackConfig } from "../config/types";
import { versionStepProblem } from "../config/version-steps";

/**
 * Asks EKS, and not the state, which Kubernetes version the cluster runs: EKS upgrades clusters by itself when support ends, and an `up` that failed may
 * have upgraded the control plane or not.
 * @throws RunError for a step that EKS does not take. Await it before the first resource: after a refusal nothing is registered.
 */
export async function checkVersionStep({ clusterName, release }: StackConfig, opts?: InvokeOptions): Promise<void> {
  const { names } = await getClusters({}, opts);
  if (!names.includes(clusterName)) {
    return;
  }
  const { version } = await getCluster({ name: clusterName }, opts);
  const problem = versionStepProblem(version, release.kubernetesVersion);
  if (problem !== undefined) {
    throw new RunError(
      [
        "EKS does not take the cluster to this Kubernetes version in one step, and nothing was changed:",
        `  - ${formatProblem(problem)}`,
        '    (docs/upgrade.md, "One version after the other".)',
      ].join("\n"),
    );
  }
}
