/** Helm charts, however they are installed and wherever they come from. */
import type { ReleaseArgs } from "@pulumi/kubernetes/helm/v3/release";
import type { ChartArgs } from "@pulumi/kubernetes/helm/v4/chart";
import { HELM_CHART, HELM_RELEASE } from "../../src/well-known/resource-types";
import type { Finding } from "../evaluation/findings";
import { onResources, onType } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import type { StackMember } from "../evaluation/on-stack";
import { field } from "../evaluation/properties";
import type { PropertiesOf } from "../evaluation/properties";
import { valueAt } from "../../src/json/value-at";
import { chartName } from "../../src/releases/chart-reference";
import { isOfPlatform, projectOf } from "../evaluation/urn";
import { currentRun } from "../engine/run";
import { projectsOf } from "../platform/settings";
import { readLocalChart } from "./local-charts/read";
import type { LocalChart } from "./local-charts/read";

/** `v4.Chart` renders the chart and registers its objects; with `v3.Release` Helm installs them, and the program registers none. */
export const CHART_TYPES: readonly string[] = [HELM_RELEASE, HELM_CHART, "kubernetes:helm.sh/v3:Chart"];

export interface HelmChart {
  /** The chart's own name, without repository, registry, folder, version or extension; undefined if it is unknown. */
  readonly name: string | undefined;
  /** As written: `gpu-operator`, `oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu`, `./chart`. */
  readonly reference: unknown;
  readonly version: unknown;
  /** The URL from which Helm takes the chart if the reference is a name. */
  readonly repository: unknown;
  /** Whether Helm fetches the chart's dependencies before it installs it. */
  readonly fetchesDependencies: unknown;
  /** Files of values, which the pack does not have. */
  readonly valueFiles: unknown;
  /** A program that changes what the chart renders. */
  readonly postRenderer: unknown;
  /** No SDK declares the values of a chart. */
  readonly values: unknown;
}

/** A validation of every chart. */
export function onCharts(check: (chart: HelmChart, resource: Resource) => readonly Finding[]) {
  return onResources(onType<ReleaseArgs | ChartArgs>(CHART_TYPES, (properties, resource) => check(readChart(properties), resource)));
}

/** The chart of a member of a stack, if it is this chart. */
export function chartNamed(name: string, member: StackMember): HelmChart | undefined {
  const chart = CHART_TYPES.includes(member.type) ? chartOf(member) : undefined;
  return chart?.name === name ? chart : undefined;
}

/** Reads a resource of one of the types {@link CHART_TYPES}. */
export function chartOf({ props }: Pick<StackMember, "props">): HelmChart {
  return readChart(props as PropertiesOf<ReleaseArgs | ChartArgs>);
}

function readChart(properties: PropertiesOf<ReleaseArgs | ChartArgs>): HelmChart {
  const { chart: reference, values, repositoryOpts, valueYamlFiles: valueFiles } = properties;
  return {
    ...{ name: typeof reference === "string" ? chartName(reference) : undefined, reference, values, valueFiles },
    version: filled(properties.version),
    repository: filled(field(repositoryOpts, "repo")),
    fetchesDependencies: valueAt(properties, "dependencyUpdate"),
    // The two kinds of charts call it differently.
    postRenderer: filled(valueAt(properties, "postrender")) ?? filled(valueAt(properties, "postRenderer")),
  };
}

/** A value; undefined for an empty text, which the provider writes where there is none. */
function filled(value: unknown): unknown {
  return value === "" || value === null ? undefined : value;
}

export const GPU_OPERATOR = "gpu-operator";
/** NVIDIA's DRA driver, under its name up to 25.12 and since 0.4. */
export const DRA_DRIVERS: readonly string[] = ["nvidia-dra-driver-gpu", "dra-driver-nvidia-gpu"];
/** NVIDIA's device plugin as a chart of its own. */
export const DEVICE_PLUGIN = "nvidia-device-plugin";
export const KUBE_PROMETHEUS_STACK = "kube-prometheus-stack";

/** The charts of the platform, as they are called. Its configuration can take them from a mirror and in another version. */
const PLATFORM_CHARTS: readonly unknown[] = [GPU_OPERATOR, ...DRA_DRIVERS, KUBE_PROMETHEUS_STACK];

export function isPlatformChart({ name }: HelmChart): boolean {
  return PLATFORM_CHARTS.includes(name);
}

/** The chart itself, if it is in a folder or archive of the program's. The platform's configuration can take its charts from there. */
export function localChartOf(chart: HelmChart, urn: string): LocalChart {
  const { reference, repository } = chart;
  const isLocal = typeof reference === "string" && repository === undefined;
  const isPlatforms = isPlatformChart(chart) && isOfPlatform(urn, projectsOf(currentRun()));
  return isLocal && !isPlatforms ? readLocalChart(reference, projectOf(urn)) : { type: "remote" };
}
