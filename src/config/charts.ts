import { chartName } from "../releases/chart-reference";
import { chartNames, chartSource } from "../releases/charts";
import type { ChartName } from "../releases/charts";
import { DRA_DRIVER_LINES, draDriverLine } from "../releases/dra-driver-lines";
import type { DraDriverLine } from "../releases/dra-driver-lines";
import { findRelease, RELEASES } from "../releases/find";
import { FIRST_WITH_DRA } from "../releases/kubernetes";
import type { Release } from "../releases/types";
import { nearestValues } from "./reading/nearest";
import type { Report } from "./reading/problem";
import type { ShapedConfig } from "./schema";
import type { Chart, Charts } from "./types";

type ChartOverride = NonNullable<ShapedConfig["charts"]>[ChartName];

/** What is pinned to the Kubernetes version, and the charts as they are installed. `release` holds the versions in effect: an overridden chart version is in both. */
export interface ResolvedRelease {
  readonly release: Release;
  readonly charts: Charts;
}

/** Semantic versions, with or without the `v` that NVIDIA's GPU Operator writes. */
const VERSION = /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;

/** `25.8.x, 25.12.x or 0.4.x`. */
const KNOWN_DRA_DRIVERS = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(DRA_DRIVER_LINES.map((line) => `${line}.x`));

/** The release of the Kubernetes version with the GPU software that the user chooses, and the user's charts laid over it. */
export function resolveRelease(
  { kubernetesVersion, gpuSoftware, charts: overrides }: Pick<ShapedConfig, "kubernetesVersion" | "gpuSoftware" | "charts">,
  report: Report,
): ResolvedRelease | undefined {
  const pinned = kubernetesVersion === undefined ? undefined : resolveKubernetesVersion(kubernetesVersion, report);
  const release = pinned && gpuSoftware !== undefined ? withGpuSoftware(pinned, gpuSoftware, report) : undefined;
  if (overrides === undefined) {
    return undefined;
  }
  const charts: Charts = {
    kubePrometheusStack: resolveChart("kubePrometheusStack", overrides.kubePrometheusStack, release?.kubePrometheusStackVersion, report),
    gpuOperator: resolveChart("gpuOperator", overrides.gpuOperator, release?.gpuOperatorVersion, report),
    draDriver: resolveChart("draDriver", overrides.draDriver, release?.draDriver.version, report),
  };
  checkOwnValues(overrides.gpuOperator.values, report);
  const line = resolveDraDriverLine(overrides.draDriver.version, release, report);
  if (release === undefined || line === undefined) {
    return undefined;
  }
  return {
    charts,
    release: {
      ...release,
      kubePrometheusStackVersion: charts.kubePrometheusStack.version,
      gpuOperatorVersion: charts.gpuOperator.version,
      draDriver: { version: charts.draDriver.version, line },
    },
  };
}

/** The value of `gpuSoftware` for what the release itself pins. */
const CURRENT = "current";

function withGpuSoftware(release: Release, name: string, report: Report): Release | undefined {
  if (name === CURRENT) {
    return release;
  }
  const chosen = Object.hasOwn(release.otherGpuSoftware, name) ? release.otherGpuSoftware[name] : undefined;
  if (chosen === undefined) {
    const known = [CURRENT, ...Object.keys(release.otherGpuSoftware)];
    report({
      key: "gpuSoftware",
      value: name,
      reason: `Kubernetes ${release.kubernetesVersion} has no GPU software of this name. It has ${known.join(", ")}`,
      nearest: nearestValues(name, known),
    });
    return undefined;
  }
  return { ...release, ...chosen };
}

/** What the stack itself writes into the values of a chart. */
function checkOwnValues(values: Chart["values"], report: Report): void {
  const { migManager } = values as { readonly migManager?: { readonly config?: unknown } };
  if (migManager?.config !== undefined) {
    report({
      key: "charts.gpuOperator.values.migManager.config",
      value: migManager.config,
      reason:
        "MIG Manager would read layouts that this stack does not know, so that nothing could say which slices there are. Write the layouts into gpuPools[].layout; the stack makes the ConfigMap from them",
    });
  }
}

function resolveKubernetesVersion(version: string, report: Report): Release | undefined {
  const release = findRelease(version);
  if (release !== undefined) {
    return release;
  }
  const known = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);
  const [major, minor] = numbersOf(version);
  const [firstMajor = 0, firstMinor = 0] = numbersOf(FIRST_WITH_DRA);
  const old = major !== undefined && minor !== undefined && major <= firstMajor && minor < firstMinor;
  report({
    key: "kubernetesVersion",
    value: version,
    reason: old
      ? `Dynamic Resource Allocation (resource.k8s.io/v1), on which every claim builds, is there from ${FIRST_WITH_DRA} on`
      : `this project pins no GPU Operator, DRA driver and add-ons for this version. It does for ${known.join(", ")}`,
    nearest: nearestValues(version, known),
  });
  return undefined;
}

/** Major and minor number of a version; empty for what is none. */
function numbersOf(version: string): readonly number[] {
  return (/^v?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
}

/** The line of the DRA driver in effect. A version of an unknown line is refused: the partition gate, the rehearsal and the planner would look for the wrong devices. */
function resolveDraDriverLine(override: string | undefined, release: Release | undefined, report: Report): DraDriverLine | undefined {
  if (override === undefined) {
    return release?.draDriver.line;
  }
  const line = draDriverLine(override);
  if (line === undefined && VERSION.test(override)) {
    report({
      key: "charts.draDriver.version",
      value: override,
      reason: `this project does not know how this version of the DRA driver names its devices. Use ${KNOWN_DRA_DRIVERS}`,
      nearest: release && [release.draDriver.version],
    });
  }
  return line;
}

/** Without a release (which is then a problem of its own) the version stays empty. */
function resolveChart(name: ChartName, override: ChartOverride, releaseVersion: string | undefined, report: Report): Chart {
  const key = `charts.${name}`;
  const source = chartSource(name, override.version ?? releaseVersion ?? "");
  // A repository has the chart by its name, wherever the publisher keeps it.
  const chart =
    override.chart ?? (override.repository === undefined ? source.chart : source.chart.slice(source.chart.lastIndexOf("/") + 1));
  const inRepository = !/^(oci:\/\/|\.{0,2}\/)/.test(chart);
  if (override.chart !== undefined) {
    checkReference(name, override.chart, report);
  }
  if (override.repository !== undefined) {
    checkRepository(`${key}.repository`, override.repository, chart, inRepository, report);
  }
  if (override.version !== undefined && !VERSION.test(override.version)) {
    report({
      key: `${key}.version`,
      value: override.version,
      reason: "not a version such as 1.2.3. With a range or latest, the cluster would change without a change here",
      nearest: releaseVersion === undefined ? [] : [releaseVersion],
    });
  }
  return {
    chart,
    repository: inRepository ? (override.repository ?? source.repository) : undefined,
    version: override.version ?? releaseVersion ?? "",
    values: override.values,
  };
}

/** Under another name, or from a place of another kind, no part of the project knows which chart it is, and nothing judges its version. */
function checkReference(name: ChartName, chart: string, report: Report): void {
  const key = `charts.${name}.chart`;
  const [, scheme, place = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(chart) ?? [];
  if (/^[^/]*@/.test(place)) {
    // Without the value, which would put the credentials into the log of the run.
    report({ key, reason: "it contains credentials, which Helm and Pulumi would store in plain text. Log in to the registry instead" });
  } else if (scheme !== undefined && scheme !== "oci") {
    report({
      key,
      value: chart,
      reason: `a chart is an oci:// reference, a path, or a name in charts.${name}.repository. Write the address of the repository there, or download the chart`,
    });
  } else if (scheme === "oci" && /[:@][^/]*$/.test(place.slice(place.indexOf("/") + 1))) {
    report({ key, value: chart, reason: `write the version into charts.${name}.version, and no tag or digest here` });
  } else if (!/^\.{0,2}\//.test(chart) && !chartNames(name).includes(chartName(chart))) {
    const names = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(chartNames(name));
    report({
      key,
      value: chart,
      reason: `the chart is called ${names}, at a mirror too. Under another name nothing would judge its version`,
    });
  }
}

function checkRepository(key: string, repository: string, chart: string, inRepository: boolean, report: Report): void {
  if (!inRepository) {
    report({ key, value: repository, reason: `the chart ${chart} already says where it is. Remove the repository` });
  } else if (repository.startsWith("oci://")) {
    report({
      key,
      value: repository,
      reason: `write an OCI registry into ${key.replace(/repository$/, "chart")}`,
      nearest: [`${repository.replace(/\/$/, "")}/${chart}`],
    });
  } else if (/^\w+:\/\/[^/]*@/.test(repository)) {
    // Without the value, which would put the credentials into the log of the run.
    report({
      key,
      reason: "it contains credentials, which Helm and Pulumi would store in plain text. Use a repository that needs none",
    });
  } else if (!/^https?:\/\/[^\s/]+(\/\S*)?$/.test(repository)) {
    report({ key, value: repository, reason: "not an http(s) address" });
  }
}
