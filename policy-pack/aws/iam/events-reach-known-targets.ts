import type { StackValidationPolicy } from "@pulumi/policy";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import type { StackMember } from "../../evaluation/on-stack";
import { UNKNOWN, show, untypedEntries } from "../../evaluation/snapshot";
import { valueAt } from "../../../src/json/value-at";
import { ALARMS, EVENT_TARGET, SCHEDULE } from "../../resources/events";

/** Services by the name in their ARNs, with the types of what is theirs. */
type Services = Readonly<Record<string, readonly string[]>>;

const CALLED = {
  lambda: ["aws:lambda/function:Function", "aws:lambda/alias:Alias"],
  sns: ["aws:sns/topic:Topic"],
} as const satisfies Services;

const MESSAGES: Services = {
  ...CALLED,
  sqs: ["aws:sqs/queue:Queue"],
  logs: ["aws:cloudwatch/logGroup:LogGroup"],
  kinesis: ["aws:kinesis/stream:Stream"],
  firehose: ["aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"],
};

interface Source {
  readonly paths: readonly (readonly string[])[];
  readonly services: Services;
}

const ALARM: Source = {
  paths: [["alarmActions"], ["okActions"], ["insufficientDataActions"]],
  services: { ...CALLED, autoscaling: ["aws:appautoscaling/policy:Policy"] },
};

const SOURCES: ReadonlyMap<string, Source> = new Map([
  [EVENT_TARGET, { paths: [["arn"]], services: MESSAGES }],
  [SCHEDULE, { paths: [["target", "arn"]], services: MESSAGES }],
  ...ALARMS.map((type) => [type, ALARM] as const),
]);

/**
 * Checks that rules, schedules and alarms reach what takes a message. Their other targets run commands on instances, stop them, start tasks and builds, or call any API of AWS
 * (`arn:aws:scheduler:::aws-sdk:eks:createAccessEntry`, `arn:aws:automate:us-east-1:ec2:terminate`).
 * Sources: the targets of EventBridge, universal targets of EventBridge Scheduler and alarm actions of CloudWatch, in their user guides (read 2026-11-28).
 */
export const eventsReachKnownTargets: StackValidationPolicy = {
  name: "events-reach-known-targets",
  displayName: "Events reach functions, queues and topics",
  description:
    "Checks that rules of EventBridge and schedules reach functions, queues, topics, streams and log groups only, and that alarms reach topics, functions and scaling policies only.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks"],
  remediationSteps: "Send the event to a Lambda function, a queue or a topic, and do the work there with a role of your own.",
  validateStack: onStack({
    types: (type) => SOURCES.has(type),
    check: (member) => {
      const source = SOURCES.get(member.type);
      return source === undefined ? [] : source.paths.flatMap((path) => targetFindings(member, path, source.services));
    },
  }),
};

function targetFindings(member: StackMember, path: readonly string[], services: Services): readonly Finding[] {
  const value = valueAt(member.props, ...path);
  const [property = ""] = path;
  const targets = Array.isArray(value) ? untypedEntries(value) : [value];
  return targets.flatMap((target): readonly Finding[] => {
    if (target === undefined || target === null) {
      return [];
    }
    if (target === UNKNOWN) {
      const sources = member.sourcesOf(property).map(({ type }) => type);
      const known = Object.values(services).flat();
      return sources.some((type) => known.includes(type)) ? [] : [undetermined(path.join("."), "what gets the event")];
    }
    const [arn, , service = ""] = String(target).split(":");
    return arn === "arn" && Object.hasOwn(services, service)
      ? []
      : [
          `"${path.join(".")}" is ${show(target)}. Use the ARN of one of these services, and do the work there with a role of your own: ${Object.keys(services).join(", ")}`,
        ];
  });
}
