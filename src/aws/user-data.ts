/** What a node is told at boot: a MIME document of parts for nodeadm and for cloud-init. Pure. */
import { CONTAINER_TOOLKIT_SETTINGS } from "../well-known/container-toolkit";

const BOUNDARY = "BOUNDARY";

/** A part of a node's user data: its MIME type and its text. */
export interface UserDataPart {
  readonly contentType: "application/node.eks.aws" | 'text/x-shellscript; charset="us-ascii"';
  readonly text: string;
}

/**
 * For nodes with local NVMe disks: nodeadm makes the disks one RAID 0 array and puts the state of containerd and the kubelet on it. Container images with PyTorch
 * and CUDA weigh tens of GB; from eight NVMe disks they start pods many times faster than from the root volume, and the data is as short-lived as the node. The
 * array and its mounts outlive a reboot, which MIG Manager needs.
 *
 * The part says nothing else: EKS adds a part of its own with the cluster's endpoint and certificate, which it does only for launch
 * templates without an image id, and nodeadm merges the parts.
 * Source: awslabs/amazon-eks-ami v20260714, nodeadm/doc/api.md (LocalStorageOptions), templates/al2023/runtime/bin/setup-local-disks.
 */
export const LOCAL_STORAGE: UserDataPart = {
  contentType: "application/node.eks.aws",
  text: `---
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  instance:
    localStorage:
      strategy: RAID0
`,
};

const TOOLKIT_CONFIG = "/etc/nvidia-container-runtime/config.toml";

/**
 * For nodes with NVIDIA GPUs: GPUs are for claims only. The NVIDIA container runtime is the AMI's runtime for every pod, with a claim or without. By its own default
 * it gives a container every GPU that the variable NVIDIA_VISIBLE_DEVICES names, and the images of NGC set it to `all`; the setting for volume mounts is a default
 * already, and written so that it stays. Claims do not need the variable: containerd itself adds their devices, from the specifications that the DRA driver writes.
 * Source: NVIDIA/nvidia-container-toolkit v1.19.1, internal/config/image/cuda_image.go and privileged.go.
 *
 * cloud-init runs the script before nodeadm starts containerd and the kubelet (`nodeadm-run.service` is
 * ordered after `cloud-final.service`), once in the life of a node; the file outlives reboots. A node on which it fails does not join the cluster: its boot
 * service is switched off, the node group reports that instances failed to join, and the reason stands in /var/log/cloud-init-output.log.
 *
 * The GPU Operator's own containers keep their GPUs, because all that use one are privileged: MIG Manager, DCGM exporter, GPU Feature Discovery, the validators and
 * the validators' CUDA pod. Source: NVIDIA/gpu-operator v25.10.1, assets/ and validator/manifests/cuda-workload-validation.yaml.
 * Source of the order: awslabs/amazon-eks-ami, templates/al2023/runtime/rootfs/etc/systemd/system/nodeadm-run.service.
 */
export const CONTAINER_TOOLKIT: UserDataPart = {
  contentType: 'text/x-shellscript; charset="us-ascii"',
  text: `#!/bin/bash
set -euo pipefail
trap 'systemctl disable --now --no-block nodeadm-run.service' ERR
nvidia-ctk config --config-file=${TOOLKIT_CONFIG} --in-place ${CONTAINER_TOOLKIT_SETTINGS.map((setting) => `--set ${setting}`).join(" ")}
${CONTAINER_TOOLKIT_SETTINGS.map((setting) => `grep -qx '${setting.replace("=", " = ")}' ${TOOLKIT_CONFIG}`).join("\n")}
`,
};

/** The parts as one document, base64; undefined without parts. */
export function userData(parts: readonly UserDataPart[]): string | undefined {
  if (parts.length === 0) {
    return undefined;
  }
  const sections = parts.map(({ contentType, text }) => `--${BOUNDARY}\nContent-Type: ${contentType}\n\n${text}\n`).join("");
  const document = `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${BOUNDARY}"\n\n${sections}--${BOUNDARY}--\n`;
  return Buffer.from(document).toString("base64");
}
