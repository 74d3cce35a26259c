/** What nodes are made of and what they cost, as far as their labels and devices tell. */
import type { Node } from "../../dra/allocator";
import type { ResourceSlice } from "../../dra/types";
import { findGpuModel } from "../../hardware/gpu-models";
import { findInstanceType } from "../../hardware/instance-types";
import { DRIVER } from "../../well-known/attributes";
import { INSTANCE_TYPE_LABEL, MIG_CONFIG_LABEL } from "../../well-known/labels";
import type { PlannedNode } from "./cluster";

/** Label that EKS gives to the nodes of a managed node group. */
export const NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup";

export function plannedNodes(nodes: readonly Node[], slices: readonly ResourceSlice[]): readonly PlannedNode[] {
  const devices = new Map<string, ResourceSlice[]>();
  for (const slice of slices.filter(({ spec }) => spec.driver === DRIVER)) {
    devices.set(slice.spec.nodeName, [...(devices.get(slice.spec.nodeName) ?? []), slice]);
  }
  return nodes.map(({ metadata: { name, labels = {} } }) => {
    const typeName = labels[INSTANCE_TYPE_LABEL] ?? "";
    const instanceType = findInstanceType(typeName);
    const layout = labels[MIG_CONFIG_LABEL];
    return {
      name,
      pool: labels[NODE_GROUP_LABEL] ?? [typeName || "unknown instance type", ...(layout === undefined ? [] : [layout])].join(" "),
      instanceType,
      gpus: instanceType?.gpus.type === "mig" ? instanceType.gpus : gpusOf(devices.get(name) ?? []),
      usdPerHour: instanceType?.usdPerHour,
    };
  });
}

/** The GPUs of a node whose type is unknown, as its devices show them. */
function gpusOf(slices: readonly ResourceSlice[]): PlannedNode["gpus"] {
  const devices = slices.flatMap(({ spec }) => spec.devices);
  const model = findGpuModel(devices[0]?.attributes["productName"]?.string ?? "");
  const gpus = new Set(devices.map(({ attributes }) => (attributes["parentUUID"] ?? attributes["uuid"])?.string));
  return model === undefined || gpus.size === 0 ? undefined : { model, count: gpus.size };
}
