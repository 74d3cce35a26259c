/** What the program installs, as far as advisories are about it. */
import { isJudgedAddon } from "../../releases/advisories/components";
import type { Installed, JudgedChart } from "../../releases/advisories/components";
import { chartName, installedVersion } from "../../releases/chart-reference";
import { findInstanceType } from "../../hardware/instance-types";
import { EKS_ADDON, EKS_NODE_GROUP, HELM_RELEASE } from "../../well-known/resource-types";
import type { RecordedResource, Recording } from "../monitor/recording";
import type { ClusterObject } from "../../cluster/objects";
import { imagesIn } from "./images";
import { isDraDriverChart } from "./release";

/** @param objects of the stack and of manifests, whose containers are judged by their images. */
export function installedBy({ resources }: Recording, objects: readonly ClusterObject[]): readonly Installed[] {
  const images = new Set(objects.flatMap(({ body }) => imagesIn(body)));
  return [...resources.flatMap(ofResource), ...[...images].map((image): Installed => ({ type: "container", image }))];
}

function ofResource(resource: RecordedResource): readonly Installed[] {
  switch (resource.type) {
    case HELM_RELEASE:
      return chart(resource);
    case EKS_NODE_GROUP:
      return [
        { type: "image", releaseVersion: resource.inputs.releaseVersion, amiType: resource.inputs.amiType, hasGpus: hasGpus(resource) },
      ];
    case EKS_ADDON:
      return addon(resource);
    default:
      return [];
  }
}

function addon({ inputs: { addonName: name, addonVersion: version } }: RecordedResource): readonly Installed[] {
  return isJudgedAddon(name) ? [{ type: "addon", name, version }] : [];
}

function chart({ inputs }: RecordedResource): readonly Installed[] {
  const { chart: reference, version, values } = inputs;
  const name = judgedChart(reference);
  return name === undefined ? [] : [{ type: "chart", name, version: installedVersion(reference, version), values }];
}

function judgedChart(reference: unknown): JudgedChart | undefined {
  if (isDraDriverChart(reference)) {
    return "dra-driver";
  }
  return (["gpu-operator", "kube-prometheus-stack"] as const).find((name) => name === chartName(String(reference)));
}

/** A capacity block has its instance type in the launch template, and the group still names the image. */
function hasGpus({ inputs }: RecordedResource): boolean {
  const types = (inputs.instanceTypes ?? []) as readonly string[];
  return String(inputs.amiType).includes("NVIDIA") || types.some((type) => findInstanceType(type)?.gpus.type !== "none");
}
