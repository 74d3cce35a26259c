import { managedPolicyArn } from "../../src/aws/partition";
import { partitionOf } from "../../src/config/regions";

test.each([
  ["us-east-1", "aws"],
  ["eu-central-1", "aws"],
  ["us-gov-west-1", "aws-us-gov"],
  ["cn-north-1", "aws-cn"],
])("%s is in the partition %s", (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});

test("a managed policy's ARN carries the partition and the policy's path", () => {
  expect(managedPolicyArn("us-gov-west-1", "service-role/AmazonEBSCSIDriverPolicy")).toBe(
    "arn:aws-us-gov:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
  );
});
