import type { StackValidationPolicy } from "@pulumi/policy";
import { currentRun } from "../../engine/run";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import type { Stack, StackMember } from "../../evaluation/on-stack";
import { isRecord, untypedEntries } from "../../evaluation/snapshot";
import { classifyType } from "../../resources/classification/cloud-types";
import { COPIES } from "../../resources/data-copies";
import { EVENT_TARGET, SCHEDULE } from "../../resources/events";
import { CHANGED } from "../../resources/network-changes";
import { BUCKETS, WITH_POLICY } from "../../resources/resource-policies";

/** Types of which the ARN is an argument, so that it says nothing of whose account it is. A test asks the SDK for them. */
export const ARN_IS_ARGUMENT: readonly string[] = [
  EVENT_TARGET,
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
  "aws:kinesis/stream:Stream",
  "aws:lakeformation/resource:Resource",
  "aws:notifications/channelAssociation:ChannelAssociation",
  "aws:sns/dataProtectionPolicy:DataProtectionPolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:ssm/parameter:Parameter",
];

/** Layers and topics bring something in, certificates and web ACLs guard, tags say nothing to AWS, and resource-policies-known judges documents. */
const SKIPPED =
  /^(?:layers|topic|certificateArn|acmCertificateArn|webAcl(?:Id|Arn)|tags|tagsAll|(?:p|resourceP|keyP|fileSystemP)olicy|policy(?:Document|Text)|repositoryPolicy(?:Text)?)$/;

/** What AWS says of the resource itself: whose it is. */
const OF_ITSELF: readonly string[] = ["arn", "id", "registryId", "ownerId", "vpcOwnerId"];

/** Services that take their own account as an argument, and fill it in. A parameter of Systems Manager is a text that nothing acts on. */
const OWN_ARGUMENT: readonly (readonly [types: string, key: string])[] = [
  ...["s3", "s3control", "budgets", "costexplorer"].map((module) => [`aws:${module}/`, "accountId"] as const),
  ["aws:ssm/parameter:", "value"],
];

/** Whether a property at the top says nothing of others. An event goes to the ARN of its target. */
function isOfItself(type: string, key: string): boolean {
  return (type !== EVENT_TARGET && OF_ITSELF.includes(key)) || OWN_ARGUMENT.some(([types, own]) => type.startsWith(types) && own === key);
}

/** Properties whose number is an account. */
const ACCOUNT_KEY = /account|owner|registry|principal|consumer/i;

const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):/;

/** Types that others judge for something else. */
const ALSO: ReadonlySet<string> = new Set([...BUCKETS, ...WITH_POLICY, EVENT_TARGET, SCHEDULE, ...CHANGED.keys(), ...COPIES.keys()]);

/** Whether no other policy looks at the accounts that the resource names. */
function isJudged(type: string): boolean {
  // Stryker disable next-line BooleanLiteral,ArrowFunction: a type of this package always has a provider, and what only the platform may register is never harmless
  return /^aws(?:-native)?:/.test(type) && (ALSO.has(type) || classifyType(type, true, () => false).type === "harmless");
}

interface Settings {
  readonly trustedAccounts?: readonly string[];
}

/**
 * Checks that resources name accounts that somebody knows. By configuration AWS replicates, shares, subscribes, delegates and connects without the program's code, and in
 * nearly all of its services the other side is an ARN or the number of an account.
 */
export const accountsKnown: StackValidationPolicy = {
  name: "accounts-known",
  displayName: "Accounts that you know",
  description:
    "Checks that replication, shares, subscriptions, delegations and connections of the services that no other policy judges name accounts that the program's own resources are in, or that the setting trustedAccounts names.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "tenancy", "data"],
  remediationSteps:
    "Remove the account, or name it in the setting trustedAccounts. Before the first deployment that holds for your own account, too.",
  configSchema: {
    properties: {
      trustedAccounts: {
        type: "array",
        description: "Numbers of the AWS accounts that resources can name.",
        items: { type: "string", pattern: "^\\d{12}$" },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateStack: onStack({
    types: isJudged,
    check: ({ type, props }, stack) => {
      const known = [...trustedAccounts(stack), ...ownAccounts(stack)];
      return Object.entries(props).flatMap(([key, value]) => (isOfItself(type, key) ? [] : strangersIn(value, key, key, known)));
    },
  }),
};

/** Whom another policy trusts with a role or a policy, this one trusts too, so that a list of accounts is written once. */
function trustedAccounts({ getConfig }: Stack): readonly unknown[] {
  const ofOthers = Object.values(currentRun().settings).flatMap(({ trustedAccounts: accounts }) => untypedEntries(accounts));
  // Stryker disable next-line ArrayDeclaration: a text is no account
  return [...(getConfig<Settings>().trustedAccounts ?? []), ...ofOthers];
}

const accountsOfStack = new WeakMap<Stack, readonly unknown[]>();

/** The accounts in which the resources of the program are: AWS says their ARNs when it has made them. */
function ownAccounts(stack: Stack): readonly unknown[] {
  const accounts = accountsOfStack.get(stack) ?? [...new Set(stack.members.map(accountOf))];
  accountsOfStack.set(stack, accounts);
  return accounts;
}

function accountOf({ type, props }: StackMember): string | undefined {
  return type.startsWith("aws:") && !ARN_IS_ARGUMENT.includes(type) ? ARN.exec(String(props["arn"]))?.[1] : undefined;
}

/** @param key the nearest name of a property. */
function strangersIn(value: unknown, key: string, path: string, known: readonly unknown[]): readonly Finding[] {
  if (SKIPPED.test(key)) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => strangersIn(item, key, `${path}[${index}]`, known));
  }
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([name, child]) => strangersIn(child, name, `${path}.${name}`, known));
  }
  const account = accountIn(value, key);
  return account === undefined || known.includes(account)
    ? []
    : [
        `"${path}" names account ${account}, which this policy does not know. Remove it, or name the account, also if it is your own, in the setting trustedAccounts of this policy`,
      ];
}

function accountIn(value: unknown, key: string): string | undefined {
  const text = String(value);
  return ARN.exec(text)?.[1] ?? (ACCOUNT_KEY.test(key) && /^\d{12}$/.test(text) ? text : undefined);
}
