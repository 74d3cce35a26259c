/** What the pack knows about charts that Helm installs, whose objects the program does not register. */
import { chartSource } from "../../../src/releases/charts";
import type { ChartName } from "../../../src/releases/charts";
import { RELEASES } from "../../../src/releases/find";
import type { GpuSoftware, Release } from "../../../src/releases/types";
import { DRA_DRIVERS, GPU_OPERATOR, KUBE_PROMETHEUS_STACK } from "../charts";
import type { HelmChart } from "../charts";
import type { Classification } from "./types";

/** The versions of each chart that a release pins. */
const VERSIONS_IN_RELEASE = {
  kubePrometheusStack: ({ kubePrometheusStackVersion }: Release) => [kubePrometheusStackVersion],
  gpuOperator: (release: Release) => gpuSoftwareOf(release).map(({ gpuOperatorVersion }) => gpuOperatorVersion),
  draDriver: (release: Release) => gpuSoftwareOf(release).map(({ draDriver }) => draDriver.version),
} as const satisfies Readonly<Record<ChartName, (release: Release) => readonly string[]>>;

function gpuSoftwareOf(release: Release): readonly GpuSoftware[] {
  return [release, ...Object.values(release.otherGpuSoftware)];
}

/** The charts of the platform, as they are called. Its configuration can take them from a mirror and in another version. */
const PLATFORM_CHARTS: readonly string[] = [GPU_OPERATOR, ...DRA_DRIVERS, KUBE_PROMETHEUS_STACK];

const BY = ["chart-versions-pinned", "the policies for Helm charts"];

/**
 * What the pack knows about a chart that Helm installs.
 * @param isPlatforms whether a component of the platform registers it, for one of the platform's namespaces.
 */
export function classifyRelease(chart: HelmChart, isPlatforms: boolean): Classification {
  if ((isPlatforms && chart.name !== undefined && PLATFORM_CHARTS.includes(chart.name)) || isPinned(chart)) {
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
  return (Object.keys(VERSIONS_IN_RELEASE) as ChartName[]).some((name) =>
    RELEASES.flatMap(VERSIONS_IN_RELEASE[name]).some((pinned) => {
      const source = chartSource(name, pinned);
      const isSource =
        reference === source.chart &&
        (typeof repository === "string" && repository !== "" ? withoutSlash(repository) : undefined) === source.repository;
      return isSource && typeof version === "string" && isSameVersion(version, pinned);
    }),
  );
}

function withoutSlash(repository: string): string {
  return repository.replace(/\/+$/, "");
}

/** Helm takes a version with and without `v`. */
function isSameVersion(one: string, other: string): boolean {
  return one.replace(/^v/, "") === other.replace(/^v/, "");
}
