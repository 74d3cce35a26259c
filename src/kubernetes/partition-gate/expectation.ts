import type { AgentNamespaces, NodeGroup } from "../../cluster/readiness";
import type { GpuPool, PartitionGate as GateConfig } from "../../config/types";
import { devicesPerNode } from "../../hardware/node-devices";
import { FIRST_WITH_DRA } from "../../releases/kubernetes";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";

/** What the gate's script reads. */
export interface Expectation {
  readonly groups: readonly NodeGroup[];
  readonly namespaces: AgentNamespaces;
  /** The first Kubernetes version that serves `resource.k8s.io/v1`. */
  readonly firstWithDra: string;
  readonly timeoutSeconds: number;
  readonly pollSeconds: number;
  /**
   * How long the gate watches something that time alone does not mend before it is the verdict: MIG Manager takes a moment to drop the state
   * `failed` of an earlier layout, and the API server's authorizer to see new role bindings.
   */
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
