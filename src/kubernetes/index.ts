/** The platform inside the cluster. */
export { AdmissionPolicies } from "./admission/component";
export { FashionMnist } from "./fashion-mnist/fashion-mnist";
export { Monitoring } from "./monitoring/monitoring";
export { DraDriver } from "./operators/dra-driver";
export { GpuOperator } from "./operators/gpu-operator";
export { PartitionGate } from "./partition-gate/component";
export { DEFAULT_STORAGE_CLASS, StorageClass } from "./storage-class";
export { Teams } from "./teams/teams";
export { DeviceTiers } from "./tiers/device-classes";
