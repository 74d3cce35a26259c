/** Storage drivers and what of them anybody may use. */

/**
 * CSI drivers whose volumes a pod may write into its own spec. They make files of what the pod's own service account may read, on the pod's node, and end with the pod.
 * A driver of storage in a pod would mount whatever its attributes name, past quota and storage class.
 * Sources: the CSIDriver objects of the Secrets Store CSI Driver v1.5, cert-manager csi-driver v0.10 and SPIFFE CSI Driver v0.2 (`volumeLifecycleModes: [Ephemeral]`).
 */
export const POD_CSI_DRIVERS: readonly string[] = ["secrets-store.csi.k8s.io", "csi.cert-manager.io", "csi.spiffe.io"];

export const EBS_CSI_DRIVER = "ebs.csi.aws.com";
export const EFS_CSI_DRIVER = "efs.csi.aws.com";

/** Provisioners that make EBS volumes: the CSI driver, and the name from before there was one, which Kubernetes translates. Each volume is in one zone. */
export const EBS_PROVISIONERS: readonly string[] = [EBS_CSI_DRIVER, "kubernetes.io/aws-ebs"];

/** Provisioner of classes whose volumes somebody makes by hand. Source: `NotSupportedProvisioner` of `k8s.io/component-helpers/storage/volume`. */
export const NO_PROVISIONER = "kubernetes.io/no-provisioner";

/** A class that EKS makes in every cluster; it is not the default there. Source: Amazon EKS user guide, "Storage". */
export const EKS_STORAGE_CLASS = "gp2";

/** Annotations of a StorageClass that claims without a class get. Source: `IsDefaultAnnotation` of Kubernetes v1.34.4, `pkg/volume/util/storageclass.go`. */
export const DEFAULT_CLASS_ANNOTATIONS = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
] as const;

/** Class of a claim or volume from before there was a field for it. Source: `BetaStorageClassAnnotation` of k8s.io/api v0.34.4, `core/v1/types.go`. */
export const BETA_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

/** What a claim that has its volume is marked with. Source: `AnnBindCompleted` of k8s.io/component-helpers v0.34.4, `storage/volume/pv_helpers.go`. */
export const BIND_COMPLETED_ANNOTATION = "pv.kubernetes.io/bind-completed";

/** The node for which a volume is being made. Source: `AnnSelectedNode`, the same file. */
export const SELECTED_NODE_ANNOTATION = "volume.kubernetes.io/selected-node";
