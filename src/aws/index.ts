/** The AWS side of the platform. */
export { ClusterAddons } from "./cluster-addons";
export { ControlPlane } from "./control-plane";
export { GpuPool } from "./gpu-pool";
export { keepIdentity } from "./identity";
export { Network } from "./network";
export { NetworkingAddons } from "./networking-addons";
export { AwsProvider } from "./provider";
export { SystemPool } from "./system-pool";
export { checkVersionStep } from "./version-step";
export { lookupZones } from "./zones";
