/**
 * AWS regions of the partitions aws, aws-us-gov and aws-cn.
 * Source: AWS, "AWS Regions", as listed by the AWS provider 7.48 (2026-11-23). The isolated partitions (us-iso and others) and the
 * European Sovereign Cloud are left out.
 */
export const REGIONS: readonly string[] = [
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-south-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-central-1",
  "ca-west-1",
  "cn-north-1",
  "cn-northwest-1",
  "eu-central-1",
  "eu-central-2",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-gov-east-1",
  "us-gov-west-1",
  "us-west-1",
  "us-west-2",
];

/** Whether a name has the form of an availability zone of the region (`us-east-1a`). Local Zones (`us-east-1-bos-1a`) have another form: EKS nodes there are self-managed. */
export function isZoneOf(zone: string, region: string): boolean {
  return zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length));
}

/**
 * The partition of a region, from the region's name alone. AWS names regions of other partitions by a fixed prefix
 * (`us-gov-`, `cn-`), so that no call is needed and the ARNs are known in every preview.
 */
export function partitionOf(region: string): "aws" | "aws-us-gov" | "aws-cn" {
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("cn-")) return "aws-cn";
  return "aws";
}
