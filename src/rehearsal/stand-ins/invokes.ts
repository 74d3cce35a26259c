/**
 * Answers to the data sources that the program calls. What only AWS can know (which zones exist and what they offer) is
 * assumed here, can be set by a test, and is listed by the report as something to check.
 */
import type { PlainMap } from "../monitor/recording";
import type { WireMap, WireValue } from "../monitor/wire";
import { hex } from "./account";
import type { Account } from "./account";

/** What AWS is assumed to offer. */
export interface Offers {
  /** Zone names of the region. Default: the letters that AWS lists for it. */
  readonly zones?: readonly string[];
  /** Zones per instance type; a type that is not named is offered in every zone. */
  readonly offerings?: Readonly<Record<string, readonly string[]>>;
}

/** Letters of the zones, for regions whose zones are not a, b and c. */
const ZONE_LETTERS: Readonly<Record<string, string>> = {
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ca-central-1": "abd",
  "us-east-1": "abcdef",
  "us-west-1": "ac",
  "us-west-2": "abcd",
};

export function zonesOf(account: Account, offers: Offers): readonly string[] {
  return offers.zones ?? [...(ZONE_LETTERS[account.region] ?? "abc")].map((letter) => `${account.region}${letter}`);
}

/** What the most recent version of every add-on is called. */
export const MOST_RECENT_ADDON = "v1.0.0-eksbuild.1";

type Answer = (args: PlainMap, account: Account, offers: Offers) => WireMap;

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Instance types and zones that a query's filters ask for; undefined where it does not filter. */
function wanted(args: PlainMap, name: string): readonly string[] | undefined {
  return ((args.filters ?? []) as readonly Filter[]).find((filter) => filter.name === name)?.values;
}

/** `aws ec2 describe-instance-type-offerings` with the location type `availability-zone`. */
function offerings(args: PlainMap, account: Account, offers: Offers): readonly { readonly type: string; readonly zone: string }[] {
  const types = wanted(args, "instance-type") ?? Object.keys(offers.offerings ?? {});
  const zones = wanted(args, "location");
  return types
    .flatMap((type) => (offers.offerings?.[type] ?? zonesOf(account, offers)).map((zone) => ({ type, zone })))
    .filter(({ zone }) => zones === undefined || zones.includes(zone));
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  "aws:index/getRegion:getRegion": (_args, account) => ({
    id: account.region,
    region: account.region,
    name: account.region,
    description: account.region,
    endpoint: `ec2.${account.region}.amazonaws.com`,
  }),
  "aws:index/getPartition:getPartition": (_args, account) => ({
    id: account.partition,
    partition: account.partition,
    dnsSuffix: account.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
    reverseDnsPrefix: account.partition === "aws-cn" ? "cn.com.amazonaws" : "com.amazonaws",
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": (_args, account) => ({
    id: account.accountId,
    accountId: account.accountId,
    arn: `arn:${account.partition}:sts::${account.accountId}:assumed-role/rehearsal/rehearsal`,
    userId: "AROAREHEARSAL0000000:rehearsal",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": (_args, account, offers) => {
    const names = zonesOf(account, offers);
    return {
      id: account.region,
      names,
      zoneIds: names.map((name) => `${account.region}-az-${name.slice(-1)}`),
      groupNames: [account.region],
      state: "available",
      region: account.region,
    };
  },
  "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": (args, account, offers) => {
    const found = offerings(args, account, offers);
    return {
      id: account.region,
      region: account.region,
      instanceTypes: found.map(({ type }) => type),
      locations: found.map(({ zone }) => zone),
      locationTypes: found.map(() => "availability-zone"),
      locationType: "availability-zone",
    };
  },
  // Nothing is deployed yet. With an export, `Ledger` answers from it.
  "aws:eks/getClusters:getClusters": (_args, account) => ({ id: account.region, region: account.region, names: [] }),
  "aws:eks/getAddonVersion:getAddonVersion": (args, account) => ({
    id: String(args.addonName),
    addonName: String(args.addonName),
    kubernetesVersion: String(args.kubernetesVersion),
    mostRecent: args.mostRecent === true,
    version: MOST_RECENT_ADDON,
    region: account.region,
  }),
  "aws:ssm/getParameter:getParameter": (args, account) => ({
    id: String(args.name),
    name: String(args.name),
    type: "String",
    value: `rehearsal-${hex(String(args.name), 17)}`,
    insecureValue: `rehearsal-${hex(String(args.name), 17)}`,
    arn: `arn:${account.partition}:ssm:${account.region}:${account.accountId}:parameter${String(args.name)}`,
    version: 1,
    region: account.region,
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": (args) => policyDocument(args),
};

interface Statement {
  readonly sid?: string;
  readonly effect?: string;
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly principals?: readonly { readonly type: string; readonly identifiers: readonly string[] }[];
  readonly conditions?: readonly { readonly test: string; readonly variable: string; readonly values: readonly string[] }[];
}

/** The document that the provider renders from statements. */
function policyDocument(args: PlainMap): WireMap {
  const statements = ((args.statements ?? []) as readonly Statement[]).map((statement) => ({
    ...(statement.sid === undefined ? {} : { Sid: statement.sid }),
    Effect: statement.effect ?? "Allow",
    ...(statement.actions === undefined ? {} : { Action: statement.actions }),
    ...(statement.notActions === undefined ? {} : { NotAction: statement.notActions }),
    ...(statement.resources === undefined ? {} : { Resource: statement.resources }),
    ...(statement.principals === undefined
      ? {}
      : { Principal: Object.fromEntries(statement.principals.map(({ type, identifiers }) => [type, identifiers])) }),
    ...(statement.conditions === undefined ? {} : { Condition: conditions(statement.conditions) }),
  }));
  const json = JSON.stringify({ Version: "2012-10-17", Statement: statements }, undefined, 2);
  return { id: hex(json, 10), json, minifiedJson: JSON.stringify(JSON.parse(json)) };
}

function conditions(list: NonNullable<Statement["conditions"]>): Record<string, Record<string, readonly string[]>> {
  const result: Record<string, Record<string, readonly string[]>> = {};
  for (const { test, variable, values } of list) {
    result[test] = { ...result[test], [variable]: values };
  }
  return result;
}

/**
 * What a data source answers.
 * @throws Error for a token that is not answered here, so that no program runs on with made-up nothing.
 */
export function answerInvoke(token: string, args: PlainMap, account: Account, offers: Offers): WireValue {
  const answer = ANSWERS[token];
  if (answer === undefined) {
    throw new Error(`the rehearsal has no answer for the data source ${token}: add one to src/rehearsal/stand-ins/invokes.ts`);
  }
  return answer(args, typeof args.region === "string" ? { ...account, region: args.region } : account, offers);
}
