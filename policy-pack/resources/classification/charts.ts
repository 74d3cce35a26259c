/** What the pack knows about charts that Helm installs, whose objects the program does not register. */
import { CHART_SOURCES } from "../../../src/releases/charts";
import { RELEASES } from "../../../src/releases/find";
import type { Release } from "../../../src/releases/types";
import { DRA_DRIVERS, GPU_OPERATOR, KUBE_PROMETHEUS_STACK } from "../charts";
import type { HelmChart } from "../charts";
import type { Classification } from "./types";

const VERSION_IN_RELEASE = {
  kubePrometheusStack: ({ kubePrometheusStackVersion }: Release) => kubePrometheusStackVersion,
  gpuOperator: ({ gpuOperatorVersion }: Release) => gpuOperatorVersion,
  draDriver: ({ draDriver }: Release) => draDriver.version,
} as const satisfies Readonly<Record<keyof typeof CHART_SOURCES, (release: Release) => string>>;

/** The charts of the platform, as they are called. Its configuration can take them from a mirror and in another version. */
const PLATFORM_CHARTS: readonly unknown[] = [GPU_OPERATOR, ...DRA_DRIVERS, KUBE_PROMETHEUS_STACK];

const BY = ["chart-versions-pinned", "the policies for Helm charts"];

/**
 * What the pack knows about a chart that Helm installs.
 * @param isPlatforms whether a component of the platform registers it, for one of the platform's namespaces.
 */
export function classifyRelease(chart: HelmChart, isPlatforms: boolean): Classification {
  if ((isPlatforms && PLATFORM_CHARTS.includes(chart.name)) || isPinned(chart)) {
    return { type: "understood", by: BY };
  }
  return {
    type: "unknown",
    why: "Helm installs what the chart contains, and the program registers none of it, so no policy can check it",
    instead: "Install the chart with kubernetes.helm.v4.Chart, which registers each of its objects",
  };
}

/** Whether a chart is one of the platform's, from its publisher and in a version that a release of the platform pins. */
function isPinned({ reference, repository, version }: HelmChart): boolean {
  return (Object.keys(CHART_SOURCES) as (keyof typeof CHART_SOURCES)[]).some((name) => {
    const source = CHART_SOURCES[name];
    const isSource = reference === source.chart && typeof repository === "string" && withoutSlash(repository) === source.repository;
    // Stryker disable next-line MethodExpression: there is one release, so some are all
    return (
      isSource &&
      RELEASES.some((release) => typeof version === "string" && withoutV(version) === withoutV(VERSION_IN_RELEASE[name](release)))
    );
  });
}

function withoutSlash(repository: string): string {
  return repository.replace(/\/+$/, "");
}

/** Helm takes a version with and without `v`. */
function withoutV(version: string): string {
  return version.replace(/^v/, "");
}
