import { valueAt } from "../../json/value-at";
import type { Report } from "../reading/problem";
import type { RawConfig, ShapedConfig } from "../schema";
import type { Chart, Monitoring, Network } from "../types";
import { resolveReceivers } from "./receivers";
import { resolveRemoteWrite } from "./remote-write";

/** What the rest of the configuration says, as far as it could be read. */
export interface MonitoringContext {
  readonly raw: RawConfig;
  readonly network: Network | undefined;
  /** Names of all teams. */
  readonly teams: readonly string[] | undefined;
  /** Chart kube-prometheus-stack. */
  readonly chart: Chart | undefined;
}

export function resolveMonitoring(
  shaped: ShapedConfig["monitoring"],
  { raw, network, teams, chart }: MonitoringContext,
  report: Report,
): Monitoring | undefined {
  if (shaped === undefined || shaped.type === "none") {
    return shaped;
  }
  const { retentionDays, storageGiB } = shaped;
  const receivers = resolveReceivers(raw, shaped.receivers, teams, report);
  if (receivers.length > 0) {
    for (const part of ["receivers", "route", "inhibit_rules"]) {
      checkSaidOnce(chart, ["alertmanager", "config", part], "monitoring.receivers", report);
    }
  }
  const kept = { retentionDays, storageGiB, receivers };
  if (shaped.type === "inCluster") {
    return { type: "inCluster", ...kept };
  }
  checkSaidOnce(chart, ["prometheus", "prometheusSpec", "remoteWrite"], "monitoring.url", report);
  const remoteWrite = resolveRemoteWrite(shaped, raw, network, report);
  return remoteWrite && { type: "remoteWrite", ...kept, remoteWrite };
}

/** Lists in the chart's values would replace the stack's own. */
function checkSaidOnce(chart: Chart | undefined, path: readonly string[], own: string, report: Report): void {
  if (valueAt(chart?.values, ...path) !== undefined) {
    report({
      key: `charts.kubePrometheusStack.values.${path.join(".")}`,
      reason: `it would replace what the stack makes of ${own}. Remove one of the two`,
    });
  }
}
