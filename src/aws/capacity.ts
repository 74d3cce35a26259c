/** How the instances of a pool are bought: what its node group and its launch template say about it. Pure. */
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { Capacity } from "../config/types";
import type { CapacityType } from "../well-known/capacity-types";

export interface Purchase {
  /** Arguments of the node group. */
  readonly nodeGroup: { readonly capacityType: CapacityType; readonly instanceTypes?: string[] };
  /** Arguments of its launch template. */
  readonly launchTemplate: Pick<LaunchTemplateArgs, "instanceType" | "instanceMarketOptions" | "capacityReservationSpecification">;
}

/**
 * The arguments for a way of buying. For a capacity block EKS wants the instance type in the launch template, and refuses it in both places.
 * Source: Amazon EKS user guide, "Create a managed node group with Capacity Blocks for ML".
 */
export function purchaseOf(capacity: Capacity, instanceType: string): Purchase {
  switch (capacity.type) {
    case "onDemand":
      return { nodeGroup: { capacityType: "ON_DEMAND", instanceTypes: [instanceType] }, launchTemplate: {} };
    case "capacityBlock":
      return {
        nodeGroup: { capacityType: "CAPACITY_BLOCK" },
        launchTemplate: {
          instanceType,
          instanceMarketOptions: { marketType: "capacity-block" },
          capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId: capacity.reservationId } },
        },
      };
  }
}
