/**
 * What the AWS provider refuses when it checks arguments, before anything is asked of AWS: lengths and characters of names, sizes of address ranges
 * (terraform-provider-aws internal/service/{cloudwatch,ec2,eks,iam,kms,logs,sqs}, schemas). Failures show in previews.
 */
import { UNKNOWN } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../../../../src/rehearsal/monitor/wire";
import type { Failure } from "../check";

interface Rule {
  readonly max: number;
  readonly min?: number;
  /** Of a name that begins so, AWS gets the prefix and 26 digits. */
  readonly prefix?: string;
  readonly pattern?: RegExp;
}

/** Digits that the provider appends to a prefix. */
const SUFFIX = 26;

const IAM = /^[\w+=,.@-]*$/;

/** Per type and argument. */
const NAMES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  "aws:cloudwatch/eventRule:EventRule": { name: { max: 64, prefix: "namePrefix", pattern: /^[\w.-]+$/ } },
  "aws:cloudwatch/logGroup:LogGroup": { name: { max: 512, prefix: "namePrefix", pattern: /^[\w./#-]+$/ } },
  "aws:ec2/launchTemplate:LaunchTemplate": { name: { min: 3, max: 125, prefix: "namePrefix", pattern: /^[\w().\-/]+$/ } },
  "aws:ec2/placementGroup:PlacementGroup": { name: { max: 255 } },
  "aws:ec2/securityGroup:SecurityGroup": { name: { max: 255, prefix: "namePrefix", pattern: /^(?!sg-)/ }, description: { max: 255 } },
  "aws:eks/cluster:Cluster": { name: { min: 1, max: 100, pattern: /^[0-9A-Za-z][\w-]*$/ } },
  "aws:eks/nodeGroup:NodeGroup": { nodeGroupName: { max: 63, prefix: "nodeGroupNamePrefix" } },
  "aws:iam/instanceProfile:InstanceProfile": { name: { max: 128, prefix: "namePrefix", pattern: IAM } },
  "aws:iam/policy:Policy": { name: { max: 128, prefix: "namePrefix", pattern: IAM } },
  "aws:iam/role:Role": { name: { min: 1, max: 64, prefix: "namePrefix", pattern: IAM }, description: { max: 1000 } },
  "aws:iam/rolePolicy:RolePolicy": { name: { max: 128, prefix: "namePrefix", pattern: IAM } },
  "aws:kms/alias:Alias": { name: { max: 256, pattern: /^alias\/(?!aws\/)[\w/-]+$/ } },
  "aws:sqs/queue:Queue": { name: { max: 80, prefix: "namePrefix", pattern: /^[\w.-]+$/ } },
};

/** The longest name that the provider makes up; it refuses to cut one. */
export function longestName(type: string, argument: string): number {
  return NAMES[type]?.[argument]?.max ?? 255;
}

/** @param inputs without marks; what is not known yet passes. */
export function limitFailures(type: string, inputs: WireMap): readonly Failure[] {
  const names = Object.entries(NAMES[type] ?? {}).flatMap(([argument, rule]) => [
    ...nameFailures(argument, inputs[argument], rule),
    ...(rule.prefix === undefined ? [] : nameFailures(rule.prefix, inputs[rule.prefix], { ...rule, min: 0, max: rule.max - SUFFIX })),
  ]);
  const ranges = type === "aws:ec2/vpc:Vpc" ? rangeFailures(inputs.cidrBlock) : [];
  return [...names, ...ranges];
}

function nameFailures(property: string, value: WireValue | undefined, { min = 0, max, pattern }: Rule): readonly Failure[] {
  if (typeof value !== "string" || value === UNKNOWN) {
    return [];
  }
  if (value.length < min || value.length > max) {
    return [{ property, reason: `expected length of ${property} to be in the range (${min} - ${max}), got ${value}` }];
  }
  return pattern === undefined || pattern.test(value) ? [] : [{ property, reason: `invalid value for ${property}: ${value}` }];
}

function rangeFailures(cidrBlock: WireValue | undefined): readonly Failure[] {
  if (typeof cidrBlock !== "string" || cidrBlock === UNKNOWN) {
    return [];
  }
  const prefix = Number(cidrBlock.split("/")[1]);
  return prefix >= 16 && prefix <= 28
    ? []
    : [
        {
          property: "cidrBlock",
          reason: `expected "cidrBlock" to contain a network Value with between 16 and 28 significant bits, got: ${cidrBlock}`,
        },
      ];
}
