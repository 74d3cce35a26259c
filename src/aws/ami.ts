/** Which EKS image a pool's nodes boot. */
import type { InstanceType } from "../hardware/types";

/** Images by what is in them: `nvidia` has the driver, the container toolkit and Fabric Manager, and neither device plugin nor MIG Manager. */
export type ImageKind = "standard" | "nvidia";

const AMI_TYPES = {
  x86_64: { standard: "AL2023_x86_64_STANDARD", nvidia: "AL2023_x86_64_NVIDIA" },
  arm64: { standard: "AL2023_ARM_64_STANDARD", nvidia: "AL2023_ARM_64_NVIDIA" },
} as const;

/** The AMI type of a managed node group. Pure. */
export function amiTypeOf(instanceType: InstanceType, kind: ImageKind): string {
  return AMI_TYPES[instanceType.cpuArchitecture][kind];
}
