/** What the program installs, as far as advisories are about it. */
import { isJudgedAddon } from "../../releases/advisories/components";
import type { Installed, JudgedChart } from "../../releases/advisories/components";
import { findInstanceType } from "../../hardware/instance-types";
import { EKS_ADDON, EKS_NODE_GROUP, HELM_RELEASE } from "../../well-known/resource-types";
import type { RecordedResource, Recording } from "../monitor/recording";
import type { ClusterObject } from "../../cluster/objects";
import { imagesIn } from "./images";
import { DRA_DRIVER_CHART } from "./release";

const GPU_OPERATOR_CHART = /(?:^|\/)gpu-operator$/;
const KUBE_PROMETHEUS_STACK_CHART = /(?:^|\/)kube-prometheus-stack$/;

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

const CHARTS: readonly (readonly [RegExp, JudgedChart])[] = [
  [GPU_OPERATOR_CHART, "gpu-operator"],
  [DRA_DRIVER_CHART, "dra-driver"],
  [KUBE_PROMETHEUS_STACK_CHART, "kube-prometheus-stack"],
];

function chart({ inputs }: RecordedResource): readonly Installed[] {
  const reference = String(inputs.chart);
  const name = CHARTS.find(([form]) => form.test(reference))?.[1];
  return name === undefined ? [] : [{ type: "chart", name, version: inputs.version, values: inputs.values }];
}

/** A capacity block has its instance type in the launch template, and the group still names the image. */
function hasGpus({ inputs }: RecordedResource): boolean {
  const types = (inputs.instanceTypes ?? []) as readonly string[];
  return String(inputs.amiType).includes("NVIDIA") || types.some((type) => findInstanceType(type)?.gpus.type !== "none");
}
