import { amiTypeOf } from "../../src/aws/ami";
import { GPU_POOL } from "./platform";

test.each([
  ["x86_64", "standard", "AL2023_x86_64_STANDARD"],
  ["x86_64", "nvidia", "AL2023_x86_64_NVIDIA"],
  ["arm64", "standard", "AL2023_ARM_64_STANDARD"],
  ["arm64", "nvidia", "AL2023_ARM_64_NVIDIA"],
] as const)("a %s instance type boots the %s image %s", (cpuArchitecture, kind, amiType) => {
  expect(amiTypeOf({ ...GPU_POOL.instanceType, cpuArchitecture }, kind)).toBe(amiType);
});
