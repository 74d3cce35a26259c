import * as kubernetes from "@pulumi/kubernetes/storage/v1";
import type { StorageClassArgs } from "@pulumi/kubernetes/storage/v1";
import * as pulumi from "@pulumi/pulumi";

/** Name of the class that volumes get when they name none. */
export const DEFAULT_STORAGE_CLASS = "gp3";

/** All that a StorageClass is: an API server lets nobody change these, and Pulumi's provider replaces the class for the first two only. Volumes outlive it. */
const REPLACED_ON = ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"];

/**
 * The cluster's default StorageClass. EKS brings only `gp2`, which is neither the default since 1.30 nor encrypted.
 * Earlier releases of this project registered the class without a component; the alias lets stacks of theirs keep it.
 */
export class StorageClass extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:StorageClass", name, {}, opts);
    new kubernetes.StorageClass(DEFAULT_STORAGE_CLASS, defaultStorageClass(), {
      parent: this,
      aliases: [{ parent: pulumi.rootStackResource }],
      replaceOnChanges: REPLACED_ON,
      deleteBeforeReplace: true,
    });
    this.registerOutputs({});
  }
}

/** Encrypted gp3 volumes of the EBS CSI driver, each made in the zone of the pod that first uses it. */
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
