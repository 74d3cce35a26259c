/** The account that replaces the user's, and names that are the same in every run. */
import { createHash } from "node:crypto";
import type { PlainMap } from "../monitor/recording";
import type { WireMap } from "../monitor/wire";

/** Where the rehearsed program runs, according to its providers. */
export interface Account {
  readonly accountId: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  readonly region: string;
  readonly stack: string;
}

/** The account id of AWS's own documentation examples. */
const ACCOUNT_ID = "123456789012";

export function makeAccount(region: string, stack: string): Account {
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return { accountId: ACCOUNT_ID, partition, region, stack };
}

/** A resource at the moment of its registration. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Inputs without marks. */
  readonly inputs: PlainMap;
}

/** What the provider would answer. */
export interface Created {
  readonly id: string;
  /** Computed outputs; the inputs are outputs too without being repeated here. */
  readonly outputs: WireMap;
}

/** `length` hex digits that depend on the seed alone. */
export function hex(seed: string, length: number): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, length);
}

/** `arn:aws:eks:us-east-1:123456789012:cluster/name`. @param scope global services have no region in their ARNs. */
export function arn(account: Account, service: string, resource: string, scope: "regional" | "global" = "regional"): string {
  return `arn:${account.partition}:${service}:${scope === "regional" ? account.region : ""}:${account.accountId}:${resource}`;
}
