/** What a node is told at boot: a MIME document of parts for nodeadm and for cloud-init. Pure. */
import { CONTAINER_TOOLKIT_SETTINGS } from "../well-known/container-toolkit";

const BOUNDARY = "BOUNDARY";

/** A part of a node's user data: its MIME type and its text. */
export interface UserDataPart {
  readonly contentType: "application/node.eks.aws" | 'text/x-shellscript; charset="us-ascii"';
  readonly text: string;
}

/**
 * For nodes with local NVMe disks: nodeadm makes them one RAID 0 array for the state of containerd and the kubelet. Images with PyTorch and CUDA are tens of GB:
 * from eight NVMe disks, pods start many times faster than from the root volume. The array and its mounts outlive a reboot, which MIG Manager needs.
 *
 * EKS adds a part with the cluster's endpoint and certificate (only for launch templates without an image id), and nodeadm merges the parts.
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
 * For nodes with NVIDIA GPUs: only claims give GPUs. The AMI runs every pod with the NVIDIA runtime, which by default exposes every GPU that
 * NVIDIA_VISIBLE_DEVICES names, and NGC images set it to `all`. Claims do not need the variable: containerd adds their devices from the DRA driver's specifications.
 * The setting for volume mounts is a default already; written here, it stays.
 * Source: NVIDIA/nvidia-container-toolkit v1.19.1 and v1.20.0, internal/config/image/cuda_image.go and privileged.go.
 *
 * cloud-init runs the script once, before nodeadm starts the kubelet, and the file outlives reboots. If the script fails, the node does not join:
 * the node group reports it, and the reason is in /var/log/cloud-init-output.log.
 * Source: awslabs/amazon-eks-ami, templates/al2023/runtime/rootfs/etc/systemd/system/nodeadm-run.service (after `cloud-final.service`).
 *
 * The GPU Operator's containers that use a GPU are privileged, so they keep it.
 * Source: NVIDIA/gpu-operator v25.10.1 and v26.3.3, assets/ and validator/manifests/cuda-workload-validation.yaml.
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
