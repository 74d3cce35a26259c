import type { GpuPool, PartitionGate as GateConfig } from "../config/types";
import { devicesPerNode } from "../hardware/node-devices";
import { FIRST_WITH_DRA } from "../releases/kubernetes";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "./namespaces";

/** What the nodes of one instance type with one layout must look like. Pools that are alike in both are one group: their nodes are the same. */
export interface NodeGroup {
  readonly instanceType: string;
  /** Value of the node label `nvidia.com/mig.config`. */
  readonly layout: string;
  /** How many there must be at least: the pools' desired sizes. */
  readonly nodes: number;
  /** Devices of each node: by MIG profile, undivided GPUs as `whole GPU`. */
  readonly devices: Readonly<Record<string, number>>;
}

/** What the gate's script reads; its type there is the same. */
export interface Expectation {
  readonly groups: readonly NodeGroup[];
  readonly namespaces: { readonly operatorNamespace: string; readonly driverNamespace: string };
  /** The first Kubernetes version that serves `resource.k8s.io/v1`. */
  readonly firstWithDra: string;
  readonly timeoutSeconds: number;
  readonly pollSeconds: number;
  readonly graceSeconds: number;
}

/** What has to be published before the pools are what the configuration says. */
export function gateExpectation(pools: readonly GpuPool[], { timeoutMinutes }: GateConfig): Expectation {
  const groups = new Map<string, NodeGroup>();
  for (const { instanceType, layout, size } of pools) {
    const key = `${instanceType.name} ${layout.name}`;
    groups.set(key, {
      instanceType: instanceType.name,
      layout: layout.name,
      nodes: (groups.get(key)?.nodes ?? 0) + size.desired,
      devices: devicesPerNode(layout),
    });
  }
  return {
    groups: [...groups.values()],
    namespaces: { operatorNamespace: GPU_OPERATOR_NAMESPACE, driverNamespace: DRA_DRIVER_NAMESPACE },
    firstWithDra: FIRST_WITH_DRA,
    timeoutSeconds: timeoutMinutes * 60,
    pollSeconds: 10,
    graceSeconds: 120,
  };
}
