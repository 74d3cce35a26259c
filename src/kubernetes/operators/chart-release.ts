import type { ReleaseArgs } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import type { Chart } from "../../config/types";
import type { HelmValues } from "../../releases/helm/merge";

export interface ChartReleaseArgs {
  /** Where the chart is and which version of it. */
  readonly chart: Chart;
  /** Name of the Helm release. Fixed, because names that other parts rely on are made from it; Pulumi would add a random suffix. */
  readonly name: string;
  /** Namespace of the release, which exists already. */
  readonly namespace: pulumi.Input<string>;
  /** All values of the release, the user's own included. */
  readonly values: HelmValues;
  /** How long Helm waits for what the chart itself contains (not for what an operator deploys later). */
  readonly timeoutMinutes: number;
}

/**
 * Arguments of a Helm release. Why a release and not `helm.v4.Chart`, why it waits, and why it is not `atomic`: docs/decisions/0004-helm-release-not-chart.md.
 */
export function chartRelease({ chart, name, namespace, values, timeoutMinutes }: ChartReleaseArgs): ReleaseArgs {
  return {
    chart: chart.chart,
    version: chart.version,
    ...(chart.repository !== undefined && { repositoryOpts: { repo: chart.repository } }),
    name,
    namespace,
    values: { ...values },
    skipAwait: false,
    timeout: timeoutMinutes * 60,
  };
}
