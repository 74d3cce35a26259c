import type { ClusterArgs } from "@pulumi/aws/eks/cluster";
import type { ClusterArgs as ComponentArgs } from "@pulumi/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { CONTROL_PLANE_LOG_TYPES } from "../../../src/well-known/control-plane-logs";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT } from "../../../src/well-known/resource-types";
import { ifKnown } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { entries } from "../../evaluation/properties";
import { show } from "../../evaluation/snapshot";

/** Checks that the control plane logs what an investigation needs. All logs are off by default. */
export const eksControlPlaneLogsOn: ResourceValidationPolicy = {
  name: "eks-control-plane-logs-on",
  displayName: "Control plane logs on",
  description: "Checks that an EKS control plane sends its logs to CloudWatch.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "eks", "audit"],
  remediationSteps: `Set enabledClusterLogTypes to ${CONTROL_PLANE_LOG_TYPES.join(", ")}.`,
  configSchema: {
    properties: {
      logTypes: {
        type: "array",
        description: "The logs that must be on.",
        items: { type: "string", enum: [...CONTROL_PLANE_LOG_TYPES] },
        uniqueItems: true,
        default: CONTROL_PLANE_LOG_TYPES,
      },
    },
  },
  validateResource: onResources(
    onType<ClusterArgs | ComponentArgs>([EKS_CLUSTER, EKS_CLUSTER_COMPONENT], ({ enabledClusterLogTypes: enabled }, { getConfig }) => {
      const { logTypes = CONTROL_PLANE_LOG_TYPES } = getConfig<{ logTypes?: readonly string[] }>();
      const on: readonly unknown[] = entries(enabled);
      const off = logTypes.filter((type) => !on.includes(type)).join(", ");
      if (off === "") {
        return [];
      }
      const sentence = `"enabledClusterLogTypes" is ${show(enabled)}. Add these logs, which are off: ${off}`;
      return [ifKnown(enabled, "enabledClusterLogTypes", `whether these logs are on: ${off}`, sentence)];
    }),
  ),
};
