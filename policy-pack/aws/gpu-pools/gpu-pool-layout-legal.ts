import type { ResourceValidationPolicy } from "@pulumi/policy";
import { findInstanceType } from "../../../src/hardware/instance-types";
import { isStockLayout } from "../../../src/hardware/layouts";
import { olderDriver } from "../../../src/releases/mig-drivers";
import { MIG_CONFIG_LABEL } from "../../../src/well-known/labels";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { field } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { NODE_GROUPS, onNodeGroups } from "../../resources/node-groups";
import { layoutFindings } from "../../resources/pool-layout";

/**
 * Checks that the GPUs of a pool can have the layout that its label names, with the driver of the nodes' image. The policy `mig-layouts-fit`, which sees the whole stack, checks names that
 * MIG Manager does not ship.
 */
export const gpuPoolLayoutLegal: ResourceValidationPolicy = {
  name: "gpu-pool-layout-legal",
  displayName: "MIG layouts are legal",
  description: `Checks that the layout in a node group's label ${MIG_CONFIG_LABEL} exists for the GPUs of its instance types, and that the driver of its image has MIG on them.`,
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "gpu", "mig"],
  remediationSteps: "Name a layout that MIG Manager ships for this GPU, such as all-balanced.",
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, ({ labels, instanceTypes, releaseVersion }) => {
      const name: unknown = field(labels, MIG_CONFIG_LABEL);
      if (name === UNKNOWN) {
        return [undetermined(labels === UNKNOWN ? "labels" : `labels["${MIG_CONFIG_LABEL}"]`, "how the GPUs are divided")];
      }
      if (name === undefined || instanceTypes === undefined) {
        return [];
      }
      if (instanceTypes === UNKNOWN) {
        return [undetermined("instanceTypes", `whether the layout ${show(name)} is legal`)];
      }
      const spec = typeof name === "string" && isStockLayout(name) ? name : undefined;
      return instanceTypes.flatMap((type) => [...layoutFindings(name, type, spec), ...driverFindings(name, type, releaseVersion)]);
    }),
  ),
};

/** Whether the driver of the nodes' image has MIG on the GPUs. */
function driverFindings(name: unknown, type: unknown, releaseVersion: unknown): readonly Finding[] {
  const gpus = typeof type === "string" ? findInstanceType(type)?.gpus : undefined;
  if (gpus?.type !== "mig" || typeof releaseVersion !== "string") {
    return [];
  }
  const older = olderDriver(releaseVersion, gpus.model.pciDeviceIds);
  return older === undefined
    ? []
    : [
        `label ${MIG_CONFIG_LABEL} is ${show(name)}, and the image ${show(releaseVersion)} has NVIDIA's driver ${older.driver}, without MIG on the ${gpus.model.name} of a ${String(type)}. ` +
          `Use a release of ${older.firstImage} or later, which has ${older.firstDriver} or later`,
      ];
}
