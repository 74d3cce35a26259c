/** The platform inside the cluster. */
export { DeviceTiers } from "./tiers/device-classes";
export { DraDriver } from "./operators/dra-driver";
export { FashionMnist } from "./fashion-mnist/fashion-mnist";
export { GpuOperator } from "./operators/gpu-operator";
export { Guardrails } from "./admission/component";
export { Monitoring } from "./monitoring/monitoring";
export { PartitionGate } from "./partition-gate/component";
export { DEFAULT_STORAGE_CLASS, STORAGE_CLASS_REPLACED_ON, defaultStorageClass } from "./storage-class";
export { Teams } from "./teams/teams";
