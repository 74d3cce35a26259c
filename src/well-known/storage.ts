/** Storage drivers and what of them anybody may use. */

/**
 * CSI drivers whose volumes a pod may write into its own spec. They make files of what the pod's own service account may read, on the pod's node, and end with the pod.
 * A driver of storage in a pod would mount whatever its attributes name, past quota and storage class.
 * Sources: the CSIDriver objects of the Secrets Store CSI Driver v1.5, cert-manager csi-driver v0.10 and SPIFFE CSI Driver v0.2 (`volumeLifecycleModes: [Ephemeral]`).
 */
export const POD_CSI_DRIVERS: readonly string[] = ["secrets-store.csi.k8s.io", "csi.cert-manager.io", "csi.spiffe.io"];

export const EBS_CSI_DRIVER = "ebs.csi.aws.com";
export const EFS_CSI_DRIVER = "efs.csi.aws.com";
