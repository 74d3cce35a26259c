import type { ResourceValidationPolicy } from "@pulumi/policy";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import type { Resource } from "../../evaluation/on-resource";
import { UNKNOWN, show, untypedEntries } from "../../evaluation/snapshot";
import { readDocument } from "../../resources/iam-statements";
import { BUCKETS, CARRIERS, policyOf } from "../../resources/resource-policies";
import { accountOfKey, accountOfResources, strangersIn } from "./known-principals";

interface Settings {
  readonly trustedAccounts?: readonly string[];
  readonly trustedOrganizations?: readonly string[];
}

/**
 * Checks that the policies of buckets, keys, queues and the like let in only whom somebody knows. Such a policy needs no right of the other side: whoever it
 * names has the data. A document that is unknown in a preview is checked by `pulumi up`.
 */
export const resourcePoliciesKnown: ResourceValidationPolicy = {
  name: "resource-policies-known",
  displayName: "Resources let in whom you know",
  description:
    "Checks that policies of buckets, keys, secrets, queues, topics, functions, repositories and file systems let in the resource's own account, the accounts and organizations of the settings, and services of AWS on their behalf, and nobody else. Checks that buckets and objects have no access control lists for others.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam", "tenancy"],
  remediationSteps:
    "Name roles of known accounts, and the accounts in trustedAccounts. For a service of AWS, compare aws:SourceAccount or aws:SourceArn.",
  configSchema: {
    properties: {
      trustedAccounts: {
        type: "array",
        description: "Numbers of the AWS accounts whose principals and resources policies can let in.",
        items: { type: "string", pattern: "^\\d{12}$" },
        uniqueItems: true,
        default: [],
      },
      trustedOrganizations: {
        type: "array",
        description: "IDs of the AWS organizations whose principals policies can let in.",
        items: { type: "string", pattern: "^o-[a-z0-9]{10,32}$" },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateResource: onResources(
    { types: CARRIERS, check: documentFindings },
    { types: BUCKETS, check: (resource) => [...documentFindings(resource), ...listFindings(resource)] },
  ),
};

function documentFindings({ type, props, getConfig }: Resource): readonly Finding[] {
  const policy = policyOf(type, props);
  if (policy === undefined) {
    return [];
  }
  const { path, value } = policy;
  const reading = readDocument(value);
  switch (reading.type) {
    case "unknown":
      return [];
    case "invalid":
      return [`"${path}" is not a policy document, so this policy cannot check whom it lets in`];
    case "document": {
      const { trustedAccounts = [], trustedOrganizations = [] } = getConfig<Settings>();
      // Whether AWS makes sure that the author of a key can change it.
      const isChecked = KEYS.test(type) && [undefined, null, false].includes(props["bypassPolicyLockoutSafetyCheck"] as undefined);
      const accounts = [...trustedAccounts, isChecked ? accountOfKey(reading.statements) : undefined];
      return reading.statements.flatMap((statement, index) => {
        const known = [...accounts, accountOfResources(statement)].filter((account) => account !== undefined);
        return strangersIn(statement, { accounts: known, organizations: trustedOrganizations }).map(
          (sentence) => `"${path}", statement ${index} ${sentence}`,
        );
      });
    }
  }
}

const KEYS = /^aws(?:-native)?:kms[/:]/;

/** Lists by which a bucket or an object lets others in, and what they can say. */
const LISTS: readonly { readonly key: string; readonly isClosed: (value: unknown) => boolean }[] = [
  { key: "acl", isClosed: (value) => CLOSED.includes(value as string) },
  {
    key: "accessControl",
    isClosed: (value) =>
      CLOSED.includes(
        String(value)
          .replace(/(?!^)[A-Z]/g, "-$&")
          .toLowerCase(),
      ),
  },
  { key: "grants", isClosed: (value) => Array.isArray(value) && untypedEntries(value).length === 0 },
  { key: "accessControlPolicy", isClosed: () => false },
];

/** Lists with a name that give the owner of the bucket and the logs of AWS something, and others nothing. */
const CLOSED: readonly string[] = ["private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"];

function listFindings({ props }: Resource): readonly Finding[] {
  return LISTS.flatMap(({ key, isClosed }): readonly Finding[] => {
    const value = props[key];
    if (value === undefined || value === null || isClosed(value)) {
      return [];
    }
    return value === UNKNOWN
      ? [undetermined(key, "who else has the bucket or object")]
      : [`"${key}" is ${show(value)}, which can let anybody in. Remove it, and let others in by a bucket policy`];
  });
}
