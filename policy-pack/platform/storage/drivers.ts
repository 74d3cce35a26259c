/** What objects of storage may say to the drivers of AWS. Another driver, parameter or attribute is not known. */
import { EBS_CSI_DRIVER, EFS_CSI_DRIVER } from "../../../src/well-known/storage";

export interface StorageDriver {
  readonly name: string;
  /** Types of the AWS resources that a volume handle is made of. */
  readonly storage: readonly string[];
  /** Keys of `csi.volumeAttributes` in a PersistentVolume. */
  readonly attributes: readonly string[];
  /** Keys of `parameters` in a StorageClass, in lower case: the drivers ignore the case. */
  readonly parameters: readonly string[];
  /** The parameter that names the storage in which a class makes its volumes; undefined: each volume is new storage. */
  readonly storageParameter: string | undefined;
  /** Keys of `parameters` in a VolumeAttributesClass. */
  readonly modifiable: readonly string[];
}

/**
 * Not among the parameters: those that name a Secret of any namespace (`csi.storage.k8s.io/*-secret-*`), a role or account (`awsRoleArn`), an address of a mount
 * (`mounttargetip`) or that share what exists (`reuseAccessPoint`).
 * Sources: `docs/parameters.md` of kubernetes-sigs/aws-ebs-csi-driver v1.50 and of aws-efs-csi-driver v2.1.
 */
export const STORAGE_DRIVERS: readonly StorageDriver[] = [
  {
    name: EBS_CSI_DRIVER,
    storage: ["aws:ebs/volume:Volume"],
    attributes: ["partition"],
    parameters: [
      ...["type", "iops", "iopspergb", "allowautoiopspergbincrease", "throughput", "encrypted", "kmskeyid", "blockexpress", "fstype"],
      ...["csi.storage.k8s.io/fstype", "blocksize", "inodesize", "bytesperinode", "numberofinodes", "ext4bigalloc", "ext4clustersize"],
    ],
    storageParameter: undefined,
    modifiable: ["type", "iops", "throughput"],
  },
  {
    name: EFS_CSI_DRIVER,
    storage: ["aws:efs/fileSystem:FileSystem", "aws:efs/accessPoint:AccessPoint"],
    attributes: ["encryptInTransit"],
    parameters: [
      ...["provisioningmode", "filesystemid", "directoryperms", "uid", "gid", "gidrangestart", "gidrangeend", "basepath"],
      ...["subpathpattern", "ensureuniquedirectory"],
    ],
    storageParameter: "filesystemid",
    modifiable: [],
  },
];

export function findStorageDriver(name: unknown): StorageDriver | undefined {
  return STORAGE_DRIVERS.find((driver) => driver.name === name);
}

export const DRIVER_NAMES = STORAGE_DRIVERS.map(({ name }) => name).join(" or ");

/** Options of mounts that say how, and neither what nor where. Those of EFS that name another access point or address are not among them. */
const MOUNT_OPTIONS =
  /^(?:ro|rw|(?:no|rel|lazy|strict)?atime|nodiratime|no(?:suid|dev|exec)|discard|hard|soft|tls|iam|noresvport|(?:nfs)?vers=[\d.]+|timeo=\d+|retrans=\d+|[rw]size=\d+)$/;

export function isKnownMountOption(option: unknown): boolean {
  return typeof option === "string" && MOUNT_OPTIONS.test(option);
}
