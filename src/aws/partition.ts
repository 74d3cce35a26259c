/** AWS partitions: the part of an ARN that differs between the commercial, GovCloud and China regions. */
import { partitionOf } from "../config/regions";

/** The ARN of an AWS managed policy in the partition of `region`; `name` includes its path (`service-role/AmazonEBSCSIDriverPolicy`). */
export function managedPolicyArn(region: string, name: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/${name}`;
}
