import type { StorageClassArgs } from "@pulumi/kubernetes/storage/v1";

/** Name of the class that volumes get when they name none. */
export const DEFAULT_STORAGE_CLASS = "gp3";

/** All that a StorageClass is: an API server lets nobody change these, and Pulumi's provider replaces the class for the first two only. Volumes outlive it. */
export const STORAGE_CLASS_REPLACED_ON = ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"];

/**
 * The default StorageClass: encrypted gp3 volumes of the EBS CSI driver. EKS brings only `gp2`, which is neither the default since 1.30 nor encrypted.
 * A volume is made in the zone of the pod that first uses it.
 */
export function defaultStorageClass(): StorageClassArgs {
  return {
    metadata: { name: DEFAULT_STORAGE_CLASS, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
  };
}
