/** How EKS says that the instances of a node group are bought (Amazon EKS API, `capacityType` of a node group). */
export const CAPACITY_TYPES = ["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"] as const;

export type CapacityType = (typeof CAPACITY_TYPES)[number];
