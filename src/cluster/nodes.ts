/** Nodes, as far as pods and the report depend on them. */
import type { Node as KubernetesNode, NodeTaint } from "../dra/allocator";
import { allocatableDiskGiB } from "../hardware/node-disk";
import type { InstanceType, NodeLayout } from "../hardware/types";
import { reportedVolumes } from "../hardware/volume-limits";

/** A node with what it is made of. */
export interface Node {
  /** As EC2's resource-based host names: `ip-10-0-1-5.ec2.internal`. */
  readonly name: string;
  /** Name of the pool in the program. */
  readonly pool: string;
  readonly instanceType: InstanceType;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that it has, or may have, with values that are not known before it is there. */
  readonly openLabels: readonly RegExp[];
  readonly taints: readonly NodeTaint[];
  /** The disk that its pods write to. */
  readonly diskGiB: number;
  /** What its GPUs are divided into; undefined for a node without MIG GPUs. */
  readonly layout: NodeLayout | undefined;
}

/** A node as the API server would show it. */
export function toKubernetesNode(node: Node): KubernetesNode {
  const { cpuMillis, memoryMiB, pods } = node.instanceType.allocatable;
  return {
    mostVolumes: reportedVolumes(node.instanceType),
    mayHaveLabel: (key) => node.openLabels.some((pattern) => pattern.test(key)),
    metadata: { name: node.name, labels: node.labels },
    spec: { taints: node.taints },
    status: {
      allocatable: {
        cpu: `${cpuMillis}m`,
        memory: `${memoryMiB}Mi`,
        pods: String(pods),
        "ephemeral-storage": `${allocatableDiskGiB(node.diskGiB)}Gi`,
      },
    },
  };
}
