/**
 * How many EBS volumes a node can have besides its root volume, as the EBS CSI driver reports it in `CSINode.spec.drivers[].allocatable.count`.
 * Source: kubernetes-sigs/aws-ebs-csi-driver v1.63.1, the version of the pinned add-on, read 2026-11-28: `pkg/cloud/limits/volume_limits_table.go`, which comes from
 * EC2's DescribeInstanceTypes, and `getVolumesLimit` of `pkg/driver/node.go`.
 */
import type { InstanceType } from "./types";

interface Attachments {
  /** Attachments of an instance, its root volume among them. */
  readonly most: number;
  /** Its network interfaces take some of them. */
  readonly isShared: boolean;
}

/** Of instance types that are not in the driver's table: `GetVolumeLimits` of `pkg/cloud/limits/volume_limits.go`. */
const UNLISTED: Attachments = { most: 27, isShared: true };

/** Dedicated to volumes. */
const DEDICATED: Readonly<Record<number, readonly string[]>> = {
  28: ["p4d.24xlarge", "p4de.24xlarge"],
  32: [
    ...["p5.4xlarge", "g7e.2xlarge", "g7e.4xlarge", "g7e.8xlarge", "g7e.12xlarge"],
    ...["g6.xlarge", "g6.2xlarge", "g6.4xlarge", "g6.8xlarge", "g6.12xlarge", "gr6.4xlarge", "gr6.8xlarge"],
    ...["g6e.xlarge", "g6e.2xlarge", "g6e.4xlarge", "g6e.8xlarge", "g6e.12xlarge"],
    ...["g7.2xlarge", "g7.4xlarge", "g7.8xlarge", "g7.12xlarge"],
    ...["m7a.large", "m7a.xlarge", "m7a.2xlarge", "m7a.4xlarge", "m7i.large", "m7i.xlarge", "m7i.2xlarge", "m7i.4xlarge"],
  ],
  48: ["g6.16xlarge", "g6e.16xlarge"],
  64: [
    ...["p5.48xlarge", "p5e.48xlarge", "p5en.48xlarge", "p6-b200.48xlarge", "p6-b300.48xlarge"],
    ...["g6.24xlarge", "g6e.24xlarge", "g7.24xlarge", "g7e.24xlarge"],
  ],
  128: ["g6.48xlarge", "g6e.48xlarge", "g7.48xlarge", "g7e.48xlarge"],
};

/** Shared with network interfaces, and without what local disks and GPUs take. */
const SHARED: Readonly<Record<number, readonly string[]>> = {
  9: ["g5.48xlarge"],
  22: ["g4dn.12xlarge", "g5.12xlarge", "g5.24xlarge"],
  25: [
    ...["g4dn.xlarge", "g4dn.2xlarge", "g4dn.4xlarge", "g4dn.8xlarge", "g4dn.16xlarge"],
    ...["g5.xlarge", "g5.2xlarge", "g5.4xlarge", "g5.8xlarge", "g5.16xlarge", "g5g.16xlarge"],
  ],
  26: ["g5g.xlarge", "g5g.2xlarge", "g5g.4xlarge", "g5g.8xlarge"],
  31: ["g4dn.metal", "g5g.metal"],
};

const ATTACHMENTS: ReadonlyMap<string, Attachments> = new Map([...rows(DEDICATED, false), ...rows(SHARED, true)]);

function rows(table: Readonly<Record<number, readonly string[]>>, isShared: boolean): readonly (readonly [string, Attachments])[] {
  return Object.entries(table).flatMap(([most, names]) => names.map((name) => [name, { most: Number(most), isShared }] as const));
}

function attachmentsOf({ name }: InstanceType): Attachments {
  return ATTACHMENTS.get(name) ?? UNLISTED;
}

/**
 * What the driver reports on a node of this stack. Its pods do not reach the instance's metadata service (a hop limit of 1), so it knows of one network interface
 * and of no further volume (`KubernetesAPIInstanceInfo` of `pkg/cloud/metadata/k8s.go`), and only the root volume is taken off. Not verified on a node.
 */
export function reportedVolumes(type: InstanceType): number {
  return attachmentsOf(type).most - 1;
}

/** Whether an instance may attach fewer volumes than the driver reports: further network interfaces take attachments. */
export function sharesAttachments(type: InstanceType): boolean {
  return attachmentsOf(type).isShared;
}
