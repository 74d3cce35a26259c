import type { InstanceType } from "./types";

/**
 * The disk that pods of a node write to, in GiB: the array of its local NVMe disks where it has some (`LOCAL_STORAGE` of `src/aws/user-data.ts`), otherwise its
 * root volume. Container images are on it too.
 */
export function nodeDiskGiB({ nvmeGB }: InstanceType, volumeGiB: number): number {
  return nvmeGB > 0 ? Math.floor((nvmeGB * 1e9) / 2 ** 30) : volumeGiB;
}

/**
 * What of it the kubelet lets pods request: without the tenth at which it evicts pods, and without what it reserves for itself. Source: awslabs/amazon-eks-ami
 * v20260714, nodeadm (`evictionHard`, `kubeReserved`). The file system's own overhead is not deducted. Not verified on a node.
 */
export function allocatableDiskGiB(diskGiB: number): number {
  return Math.max(0, Math.floor(diskGiB * 0.9) - 1);
}
