/** Node objects as the kubelets of a stack's node groups register them on EKS, before any operator has looked at them. */
import { createHash } from "node:crypto";
import { toKubernetesNode } from "../../cluster/nodes";
import type { Node } from "../../cluster/nodes";
import { reportedVolumes } from "../../hardware/volume-limits";
import { MIG_CONFIG_STATE_LABEL, ZONE_LABEL } from "../../well-known/labels";
import { EBS_CSI_DRIVER } from "../../well-known/storage";
import type { KubernetesObject } from "../../live/api/api-server";
import type { Release } from "../../releases/types";
import { conditions } from "./conditions";

/** Set by the GPU Operator once it runs on a node. The rehearsal, which shows a cluster after that, has them from the start. */
const OPERATOR_LABELS = ["nvidia.com/gpu.present", "nvidia.com/mig.capable", MIG_CONFIG_STATE_LABEL];

export function joinLabels({ labels }: Node): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OPERATOR_LABELS.includes(name)));
}

/** @param release of the cluster, whose kubelets these are. @param bootID of the instance at the moment. */
export function nodeObject(node: Node, { gpuAmi, systemAmiReleaseVersion }: Release, bootID: string): KubernetesObject {
  const { instanceType, zone } = node;
  const { allocatable } = toKubernetesNode(node).status;
  const address = /^ip-(\d+-\d+-\d+-\d+)\./.exec(node.name)?.[1]?.replaceAll("-", ".") ?? "10.0.0.1";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: joinLabels(node) },
    spec: { providerID: `aws:///${zone}/${instanceId(node.name)}`, taints: node.taints },
    status: {
      capacity: {
        ...allocatable,
        cpu: String(instanceType.vcpus),
        memory: `${instanceType.memoryMiB}Mi`,
        "ephemeral-storage": `${node.diskGiB}Gi`,
      },
      allocatable,
      addresses: [
        { type: "InternalIP", address },
        { type: "InternalDNS", address: node.name },
        { type: "Hostname", address: node.name },
      ],
      conditions: conditions("ready"),
      nodeInfo: {
        architecture: instanceType.cpuArchitecture === "arm64" ? "arm64" : "amd64",
        bootID,
        containerRuntimeVersion: "containerd://2.2.4",
        kernelVersion: "6.12.0",
        kubeProxyVersion: "",
        // A release of the image begins with the version of its kubelet.
        kubeletVersion: `v${(node.layout === undefined ? systemAmiReleaseVersion : gpuAmi.releaseVersion).replace(/-.*/, "")}-eks`,
        machineID: "",
        operatingSystem: "linux",
        osImage: "Amazon Linux 2023",
        systemUUID: "",
      },
    },
  };
}

/**
 * What a kubelet says of the storage drivers of its node: how many volumes the EBS driver attaches, and that it stands for the volume plugin from before there was one.
 * Source: Kubernetes v1.34.4, `pkg/volume/csi/nodeinfomanager`.
 * @param registered the node as the API server has it
 */
export function csiNodeObject({ name, instanceType }: Node, registered: KubernetesObject): KubernetesObject {
  const owner = { apiVersion: "v1", kind: "Node", name, uid: registered.metadata["uid"] };
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { name, annotations: { "storage.alpha.kubernetes.io/migrated-plugins": "kubernetes.io/aws-ebs" }, ownerReferences: [owner] },
    spec: {
      drivers: [
        {
          name: EBS_CSI_DRIVER,
          nodeID: instanceId(name),
          topologyKeys: ["kubernetes.io/os", ZONE_LABEL, "topology.ebs.csi.aws.com/zone"],
          allocatable: { count: reportedVolumes(instanceType) },
        },
      ],
    },
  };
}

/** An EC2 instance id, the same every time for one name. */
export function instanceId(name: string): string {
  return `i-${createHash("sha256").update(name).digest("hex").slice(0, 17)}`;
}
