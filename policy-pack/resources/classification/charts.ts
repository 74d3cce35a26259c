/** What the pack knows about charts that Helm installs, whose objects the program does not register. */
import { chartSource } from "../../../src/releases/charts";
import type { ChartName } from "../../../src/releases/charts";
import { RELEASES } from "../../../src/releases/find";
import type { GpuSoftware, Release } from "../../../src/releases/types";
import { isPlatformChart } from "../charts";
import type { HelmChart } from "../charts";
import type { LocalChart } from "../local-charts/read";
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

const BY = ["chart-versions-pinned", "the policies for Helm charts"];

const INSTEAD = "Install the chart with kubernetes.helm.v4.Chart, which registers each of its objects";

/**
 * What the pack knows about a chart that Helm installs.
 * @param local the chart itself, if the pack has it. @param isPlatforms whether a component of the platform registers it, for one of the platform's namespaces.
 */
export function classifyRelease(chart: HelmChart, local: LocalChart, isPlatforms: boolean): Classification {
  if ((isPlatforms && isPlatformChart(chart)) || isPinned(chart)) {
    return { type: "understood", by: BY };
  }
  switch (local.type) {
    case "objects":
      return chart.fetchesDependencies !== undefined && chart.fetchesDependencies !== false
        ? {
            type: "unknown",
            why: "Helm fetches its dependencies, which no policy can read",
            instead: 'Remove "dependencyUpdate", and put them into charts/',
          }
        : { type: "understood", by: ["the policies for Kubernetes objects"] };
    case "unreadable":
      return {
        type: "unknown",
        why: `the chart ${local.reason}, so no policy can check what it installs`,
        instead: local.instead ?? INSTEAD,
      };
    case "remote":
      return {
        type: "unknown",
        why: "Helm installs what the chart contains, and the program registers none of it, so no policy can check it",
        instead: INSTEAD,
      };
  }
}

/** Whether a chart is one of the platform's, from its publisher and in a version that a release of the platform pins. */
function isPinned({ reference, repository, version }: HelmChart): boolean {
  return (Object.keys(VERSIONS_IN_RELEASE) as ChartName[]).some((name) =>
    RELEASES.flatMap(VERSIONS_IN_RELEASE[name]).some((pinned) => {
      const source = chartSource(name, pinned);
      const isSource =
        reference === source.chart && (typeof repository === "string" ? withoutSlash(repository) : undefined) === source.repository;
      return isSource && typeof version === "string" && withoutV(version) === withoutV(pinned);
    }),
  );
}

function withoutSlash(repository: string): string {
  return repository.replace(/\/+$/, "");
}

/** Helm takes a version with and without `v`. */
function withoutV(version: string): string {
  return version.replace(/^v/, "");
}
