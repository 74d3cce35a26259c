/** What the program installs, as far as advisories are about it. */
import type { Installed } from "../../releases/advisories/components";
import { findInstanceType } from "../../hardware/instance-types";
import { EKS_ADDON, EKS_NODE_GROUP, HELM_RELEASE } from "../../well-known/resource-types";
import type { RecordedResource, Recording } from "../monitor/recording";
import type { ClusterObject } from "../../cluster/objects";
import { imagesIn } from "./images";
import { DRA_DRIVER_CHART } from "./release";

const GPU_OPERATOR_CHART = /(?:^|\/)gpu-operator$/;

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
      return resource.inputs.addonName === "vpc-cni" ? [{ type: "addon", name: "vpc-cni", version: resource.inputs.addonVersion }] : [];
    default:
      return [];
  }
}

function chart({ inputs }: RecordedResource): readonly Installed[] {
  const reference = String(inputs.chart);
  const name = GPU_OPERATOR_CHART.test(reference) ? "gpu-operator" : DRA_DRIVER_CHART.test(reference) ? "dra-driver" : undefined;
  return name === undefined ? [] : [{ type: "chart", name, version: inputs.version, values: inputs.values }];
}

/** A capacity block has its instance type in the launch template, and the group still names the image. */
function hasGpus({ inputs }: RecordedResource): boolean {
  const types = (inputs.instanceTypes ?? []) as readonly string[];
  return String(inputs.amiType).includes("NVIDIA") || types.some((type) => findInstanceType(type)?.gpus.type !== "none");
}
