import { checkUnique } from "./names";
import { partitionOf } from "./regions";
import type { Report } from "./reading/problem";

/** Checks a list of IAM principals, whose key is `list`: roles and users, none twice. Sessions come and go; EKS wants the role itself. */
export function checkPrincipals(arns: readonly string[], list: string, report: Report): void {
  const keyOf = (index: number): string => `${list}[${index}]`;
  checkUnique(arns, keyOf, report);
  arns.forEach((arn, index) => {
    const session = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/.+$/.exec(arn);
    if (session !== null) {
      const [, partition, account, role] = session;
      const nearest = [`arn:${partition}:iam::${account}:role/${role}`];
      report({ key: keyOf(index), value: arn, reason: "this is a session of a role. Name the role itself", nearest });
    } else if (!/^arn:aws(-us-gov|-cn)?:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(arn)) {
      report({
        key: keyOf(index),
        value: arn,
        reason: "not the ARN of an IAM role or user, such as arn:aws:iam::123456789012:role/platform-admin",
      });
    }
  });
}

/** Checks that principals are of the partition of the region: an account of another partition cannot be reached from it. */
export function checkPartition(arns: readonly string[], list: string, region: string, report: Report): void {
  const partition = partitionOf(region);
  arns.forEach((arn, index) => {
    const [, own] = /^arn:(aws[\w-]*):/.exec(arn) ?? [];
    if (own !== undefined && own !== partition) {
      report({
        key: `${list}[${index}]`,
        value: arn,
        reason: `a principal of the partition ${own}, but ${region} is in the partition ${partition}`,
        nearest: [arn.replace(`arn:${own}:`, `arn:${partition}:`)],
      });
    }
  });
}
