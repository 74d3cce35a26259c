/** The release of the recorded cluster, with the GPU software that the program installs. */
import { chartName, installedVersion } from "../../releases/chart-reference";
import { chartNames } from "../../releases/charts";
import { draDriverLine } from "../../releases/dra-driver-lines";
import { defaultRelease, findRelease } from "../../releases/find";
import type { Release } from "../../releases/types";
import { EKS_CLUSTER, EKS_NODE_GROUP, HELM_RELEASE } from "../../well-known/resource-types";
import type { Recording } from "../monitor/recording";

/** The program refuses Kubernetes versions that it knows nothing about, and DRA drivers. */
export function releaseOf(recording: Recording): Release {
  const cluster = recording.resources.find(({ type }) => type === EKS_CLUSTER);
  const release = findRelease(String(cluster?.inputs.version)) ?? defaultRelease();
  return { ...release, draDriver: draDriverOf(recording, release), gpuAmi: gpuAmiOf(recording, release) };
}

function draDriverOf({ resources }: Recording, { draDriver }: Release): Release["draDriver"] {
  const chart = resources.find(({ type, inputs }) => type === HELM_RELEASE && isDraDriverChart(inputs.chart));
  const version = String(installedVersion(chart?.inputs.chart, chart?.inputs.version));
  const line = draDriverLine(version);
  return line === undefined ? draDriver : { version, line };
}

/** Under its name up to 25.12 and since 0.4. */
export function isDraDriverChart(reference: unknown): boolean {
  return chartNames("draDriver").includes(chartName(String(reference)));
}

function gpuAmiOf({ resources }: Recording, release: Release): Release["gpuAmi"] {
  // A system pool can boot the release of another image that has the same name.
  const booted = resources
    .filter(({ type, inputs }) => type === EKS_NODE_GROUP && String(inputs.amiType).includes("NVIDIA"))
    .map(({ inputs }) => String(inputs.releaseVersion));
  const known = [release, ...Object.values(release.otherGpuSoftware)].map(({ gpuAmi }) => gpuAmi);
  return known.find(({ releaseVersion }) => booted.includes(releaseVersion)) ?? release.gpuAmi;
}
