/** AWS partitions: the part of an ARN that differs between the commercial, GovCloud and China regions. */

/**
 * The partition of a region, from the region's name alone. AWS names regions of other partitions by a fixed prefix
 * (`us-gov-`, `cn-`), so that no call is needed and the ARNs are known in every preview.
 */
export function partitionOf(region: string): "aws" | "aws-us-gov" | "aws-cn" {
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("cn-")) return "aws-cn";
  return "aws";
}

/** The ARN of an AWS managed policy in the partition of `region`; `name` includes its path (`service-role/AmazonEBSCSIDriverPolicy`). */
export function managedPolicyArn(region: string, name: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/${name}`;
}
