/** The types that the readers know, as a record: an entry more, or less, shows in a review. */
import { CHART_TYPES, DEVICE_PLUGIN, DRA_DRIVERS, GPU_OPERATOR, KUBE_PROMETHEUS_STACK } from "../../../policy-pack/resources/charts";
import { COPIES } from "../../../policy-pack/resources/data-copies";
import { ALARMS, EVENT_TARGET, SCHEDULE, STATE_MACHINE } from "../../../policy-pack/resources/events";
import { ATTACHMENTS } from "../../../policy-pack/resources/iam-attachments";
import { DOCUMENTS } from "../../../policy-pack/resources/iam-documents";
import { INSTANCES } from "../../../policy-pack/resources/instances";
import { CHANGED } from "../../../policy-pack/resources/network-changes";
import { MANAGED_NODE_GROUPS, NODE_GROUPS, SELF_MANAGED_NODE_GROUPS } from "../../../policy-pack/resources/node-groups";
import { MADE_BY_AWS } from "../../../policy-pack/resources/own-resources";
import { BUCKETS, CARRIERS, WITH_POLICY, policyOf } from "../../../policy-pack/resources/resource-policies";

test("types", () => {
  expect({
    ...{ CHART_TYPES, DEVICE_PLUGIN, DRA_DRIVERS, GPU_OPERATOR, KUBE_PROMETHEUS_STACK, EVENT_TARGET, SCHEDULE, STATE_MACHINE, ALARMS },
    ...{ ATTACHMENTS, DOCUMENTS, INSTANCES, MANAGED_NODE_GROUPS, SELF_MANAGED_NODE_GROUPS, NODE_GROUPS, BUCKETS, CARRIERS },
  }).toMatchSnapshot();
});

test("what is copied, and what is changed, of others", () => {
  const places = [...COPIES].map(([type, all]) => [
    type,
    all.map(({ path, types, counts }) => [path.join("."), types, counts === undefined]),
  ]);
  expect(Object.fromEntries(places)).toMatchSnapshot();
  expect(Object.fromEntries([...CHANGED].map(([type, paths]) => [type, paths.map((path) => path.join("."))]))).toMatchSnapshot();
});

test("whose ids AWS makes up, and which further ones are among their outputs", () => {
  expect(Object.fromEntries([...MADE_BY_AWS].map(([type, { more }]) => [type, more.map((path) => path.join("."))]))).toMatchSnapshot();
});

test("which subscriptions lead out of AWS", () => {
  const [place] = COPIES.get("aws:sns/topicSubscription:TopicSubscription") ?? [];
  const protocols = ["sqs", "lambda", "firehose", "https", "email", "sms", "application", undefined];
  expect(protocols.filter((protocol) => place?.counts?.({ props: { protocol } } as never))).toEqual([
    "https",
    "email",
    "sms",
    "application",
    undefined,
  ]);
});

test("where each type has its policy", () => {
  const inside = (path: readonly string[]): unknown => path.reduceRight<unknown>((value, key) => ({ [key]: value }), "{}");
  const keys = [
    "policy",
    "policyDocument",
    "policyText",
    "repositoryPolicy",
    "repositoryPolicyText",
    "resourcePolicy",
    "keyPolicy",
    "fileSystemPolicy",
  ];
  const found = (type: string) => keys.flatMap((key) => policyOf(type, { [key]: "{}" })?.path ?? []);
  const nested = policyOf("aws-native:dynamodb:Table", inside(["resourcePolicy", "policyDocument"]) as never)?.path;
  expect([Object.fromEntries(WITH_POLICY.map((type) => [type, found(type)])), nested]).toMatchSnapshot();
});
