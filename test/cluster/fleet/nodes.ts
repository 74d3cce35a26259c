/** Node objects as the kubelets of a stack's node groups register them on EKS, before any operator has looked at them. */
import type { Node } from "../../../src/rehearsal/cluster/nodes";
import { MIG_CONFIG_STATE_LABEL } from "../../../src/releases/node-labels";
import type { KubernetesObject } from "../api-server";

/** Set by the GPU Operator once it runs on a node. The rehearsal, which shows a cluster after that, has them from the start. */
const OPERATOR_LABELS = ["nvidia.com/gpu.present", "nvidia.com/mig.capable", MIG_CONFIG_STATE_LABEL];

/** What a node shows while its kubelet does not answer, as the node lifecycle controller would set it. */
export const NOT_READY_TAINT = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" } as const;

export function joinLabels({ labels }: Node): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OPERATOR_LABELS.includes(name)));
}

export function nodeObject(node: Node): KubernetesObject {
  const { instanceType, zone } = node;
  const { cpuMillis, memoryMiB, pods } = instanceType.allocatable;
  const address = /^ip-(\d+-\d+-\d+-\d+)\./.exec(node.name)?.[1]?.replaceAll("-", ".") ?? "10.0.0.1";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: joinLabels(node) },
    spec: { providerID: `aws:///${zone}/${instanceId(node.name)}`, taints: node.taints },
    status: {
      capacity: { cpu: String(instanceType.vcpus), memory: `${instanceType.memoryMiB}Mi`, pods: String(pods) },
      allocatable: { cpu: `${cpuMillis}m`, memory: `${memoryMiB}Mi`, pods: String(pods) },
      addresses: [
        { type: "InternalIP", address },
        { type: "InternalDNS", address: node.name },
        { type: "Hostname", address: node.name },
      ],
      conditions: conditions("ready"),
      nodeInfo: {
        architecture: instanceType.cpuArchitecture === "arm64" ? "arm64" : "amd64",
        bootID: "",
        containerRuntimeVersion: "containerd://2.2.4",
        kernelVersion: "6.12.0",
        kubeProxyVersion: "",
        kubeletVersion: "v1.34.9-eks",
        machineID: "",
        operatingSystem: "linux",
        osImage: "Amazon Linux 2023",
        systemUUID: "",
      },
    },
  };
}

/** A node's `status.conditions` when its kubelet reports, and when it has not done so for a while. */
export function conditions(state: "ready" | "silent"): readonly object[] {
  const now = new Date().toISOString();
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"];
  if (state === "silent") {
    const silent = { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    return [...pressures, "Ready"].map((type) => ({ type, ...silent, ...times }));
  }
  return [
    ...pressures.map((type) => ({ type, status: "False", reason: "KubeletHasSufficient", message: "", ...times })),
    { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status", ...times },
  ];
}

/** An EC2 instance id, the same every time for one name. */
function instanceId(name: string): string {
  return `i-${Buffer.from(name).toString("hex").padEnd(17, "0").slice(-17)}`;
}
