/** The platform inside the cluster. */
export { DeviceTiers } from "./device-tiers";
export { DraDriver } from "./dra-driver";
export { FashionMnist } from "./fashion-mnist";
export { GpuOperator } from "./gpu-operator";
export { Guardrails } from "./guardrails";
export { Monitoring } from "./monitoring";
export { PartitionGate } from "./partition-gate";
export { DEFAULT_STORAGE_CLASS, STORAGE_CLASS_REPLACED_ON, defaultStorageClass } from "./storage-class";
export { Teams } from "./teams";
