/** Virtual machines. */
import { machine as machinePods } from "./pods/virtual-machines";
import type { CustomKinds, RefusedField } from "./types";

const CLAIM_A_SLICE =
  "passes a whole device through to the virtual machine, which bypasses MIG and claims. Run the work in a pod that claims a slice";

/** Ways of a machine to the devices and files of its node, by the path of the spec of its instance. */
const refusedIn = (instance: string): readonly RefusedField[] => [
  ...["gpus", "hostDevices"].map((field) => ({ path: `${instance}.domain.devices.${field}`, reason: CLAIM_A_SLICE })),
  { path: `${instance}.resourceClaims`, reason: CLAIM_A_SLICE },
  {
    path: `${instance}.volumes[].hostDisk`,
    reason: "is a file of the node. Use a PersistentVolumeClaim or a data volume",
  },
];

/** @param replicas keys of the record that says how many machines there are. @default one */
const machine = (group: string, kinds: readonly string[], instance: string, replicas?: readonly string[]): CustomKinds => ({
  type: "workload",
  group,
  kinds,
  makes: { type: "pods", read: machinePods(instance.split("."), replicas) },
  // Of a PodSpec an instance has the fields that decide where it runs.
  pods: [{ path: instance, shape: "spec" }],
  refused: refusedIn(instance),
});

/** Source: kubevirt/kubevirt `staging/src/kubevirt.io/api` (read 2026-11-27). */
export const VIRTUAL_MACHINES: readonly CustomKinds[] = [
  machine("kubevirt.io", ["VirtualMachineInstance"], "spec"),
  machine("kubevirt.io", ["VirtualMachine"], "spec.template.spec"),
  machine("kubevirt.io", ["VirtualMachineInstanceReplicaSet"], "spec.template.spec", ["spec"]),
  machine("pool.kubevirt.io", ["VirtualMachinePool"], "spec.virtualMachineTemplate.spec.template.spec", ["spec"]),
  {
    type: "workload",
    group: "instancetype.kubevirt.io",
    kinds: ["VirtualMachineInstancetype", "VirtualMachineClusterInstancetype"],
    makes: { type: "template" },
    refused: ["gpus", "hostDevices"].map((field) => ({ path: `spec.${field}`, reason: CLAIM_A_SLICE })),
  },
  {
    type: "plain",
    group: "instancetype.kubevirt.io",
    kinds: ["VirtualMachinePreference", "VirtualMachineClusterPreference"],
    because: "it has defaults for machines, which are objects of their own",
  },
];
