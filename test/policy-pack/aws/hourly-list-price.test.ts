import { hourlyListPrice } from "../../../policy-pack/aws/cost/hourly-list-price";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const pool = (desiredSize: unknown, instanceTypes?: unknown): StackResource => ({
  type: "aws:eks/nodeGroup:NodeGroup",
  name: "pool",
  props: { instanceTypes, scalingConfig: { desiredSize } },
  from: { launchTemplate: ["template"] },
});
const judge = (maxUsdPerHour: number | undefined, ...resources: readonly StackResource[]) =>
  stackViolations(hourlyListPrice, resources, maxUsdPerHour === undefined ? {} : { maxUsdPerHour })
    .map(({ message }) => message)
    .join("\n");

const GPU = pool(1, ["p4d.24xlarge"]);
const SYSTEM = pool(2, ["m6i.large"]);

test("without a limit nothing is too dear, whatever is unknown", () => {
  expect(judge(undefined, GPU, pool(UNKNOWN, UNKNOWN))).toBe("");
});

test.each<[string, number, readonly StackResource[]]>([
  ["the stack lists at less", 23, [GPU, SYSTEM]],
  ["nothing runs", 0.2, [pool(0, ["p4d.24xlarge"])]],
  ["there is no node group", 0, []],
  ["a parked pool has no list price", 1, [pool(0, ["p5e.48xlarge"])]],
  ["a parked pool has a type that is not in the catalogue", 1, [pool(0, ["p9.48xlarge"])]],
  ["it lists at the limit", 22.0576, [GPU]],
  ["another resource looks like a pool", 1, [SYSTEM, { ...GPU, type: "aws:eks/other:Other" }]],
])("Should pass if %s", (_, limit, resources) => {
  expect(judge(limit, ...resources)).toBe("");
});

test.each<[string, number, readonly StackResource[], RegExp]>([
  [
    "the stack lists at more",
    22,
    [GPU, SYSTEM],
    /lists at 22\.\d+ USD an hour \(1 x p4d\.24xlarge, 2 x m6i\.large, a control plane; us-east-1 list price of 2026-07-20\)\. The limit is 22/,
  ],
  ["the dearest of several types is over the limit", 22, [pool(1, ["m6i.large", "p4de.24xlarge"])], /p4de\.24xlarge/],
  [
    "the type stands in the launch template",
    5,
    [pool(1), { type: "aws:ec2/launchTemplate:LaunchTemplate", name: "template", props: { instanceType: "p4d.24xlarge" } }],
    /p4d\.24xlarge/,
  ],
  [
    "the size is unknown",
    22,
    [pool(UNKNOWN, ["p4d.24xlarge"])],
    /the limit is 22 USD an hour: .*desiredSize" is unknown until.*cannot check what the pool costs/,
  ],
  ["there is no size", 22, [pool(undefined, ["p4d.24xlarge"])], /pool has no desired size/],
  ["the cheaper type is the last", 22, [pool(1, ["p4de.24xlarge", "p4d.24xlarge"])], /p4de/],
  ["the dearer type is between others", 22, [pool(1, ["m6i.large", "p4de.24xlarge", "p4d.24xlarge"])], /p4de/],
  ["the control plane alone lists at more", 0.05, [pool(0, ["m6i.large"])], /0\.1 USD an hour/],
  ["the type is unknown", 22, [pool(1, UNKNOWN)], /"instanceTypes" is unknown until.*what the pool costs/],
  ["the type is not sold on demand", 1000, [pool(1, ["p5e.48xlarge"])], /p5e\.48xlarge", which has no list price/],
  ["the type is not in the catalogue", 1000, [pool(1, ["p9.48xlarge"])], /no list price/],
  ["nobody names a type", 1000, [pool(1)], /"t3\.medium", which has no list price/],
])("Should fail if %s", (_, limit, resources, words) => {
  expect(judge(limit, ...resources)).toMatch(words);
  expect(judge(limit, ...resources)).toMatchSnapshot();
});
