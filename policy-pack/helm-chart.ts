/** Helm charts, however they are installed and wherever they come from. */
import { HELM_RELEASE } from "../src/well-known/resource-types";
import { field } from "./snapshot";
import type { Snapshot } from "./snapshot";

/** `v4.Chart` renders the chart and registers its objects; `v3.Release` lets Helm install them, out of sight. */
export const CHART_TYPES: readonly string[] = [HELM_RELEASE, "kubernetes:helm.sh/v4:Chart", "kubernetes:helm.sh/v3:Chart"];

export interface HelmChart {
  /** The chart's own name, without repository, registry, folder, version or ending; undefined where it is not known. */
  readonly name: string | undefined;
  /** As written: `gpu-operator`, `oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu`, `./chart`. */
  readonly reference: unknown;
  readonly version: unknown;
  readonly values: unknown;
}

/** Reads a chart. */
export function readChart(properties: Snapshot): HelmChart {
  const { chart: reference, version, values } = properties;
  return { name: typeof reference === "string" ? chartName(reference) : undefined, reference, version, values };
}

function chartName(reference: string): string {
  const [path = ""] = reference.split(/[?#@]/);
  const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return last.replace(/:[^:]*$/, "").replace(/(?:-v?\d+\.\d+\.\d+[^/]*)?\.(?:tgz|tar\.gz)$/, "");
}

export const GPU_OPERATOR = "gpu-operator";
/** NVIDIA's DRA driver, under its name up to 25.12 and since 0.4. */
export const DRA_DRIVERS: readonly string[] = ["nvidia-dra-driver-gpu", "dra-driver-nvidia-gpu"];
/** NVIDIA's device plugin as a chart of its own. */
export const DEVICE_PLUGIN = "nvidia-device-plugin";
export const KUBE_PROMETHEUS_STACK = "kube-prometheus-stack";

/** A value of the chart; `UNKNOWN` where all values are. */
export function valueAt(chart: HelmChart, ...path: readonly string[]): unknown {
  return field(chart.values, ...path);
}
