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
 * Arguments of a Helm release. `helm.v3.Release` and not `v4.Chart`: the charts have hooks (CRD upgrades, clean-up), which only a real Helm runs.
 * Helm waits (`skipAwait: false`), so that what depends on the release finds its API there. Not `atomic`: a rollback would take away the evidence, and a
 * first installation that is slow would be removed from nodes that are nearly ready; a failed release is upgraded by the next `pulumi up`.
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
