/** What the compiler checks about properties, and what the readers return for values that no SDK declares. */
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { NodeGroupArgs } from "@pulumi/aws/eks/nodeGroup";
import type { core } from "@pulumi/kubernetes/types/input";
import { onResources, onType } from "../../../policy-pack/evaluation/on-resource";
import { entries, field, fieldsOf } from "../../../policy-pack/evaluation/properties";
import type { PropertiesOf } from "../../../policy-pack/evaluation/properties";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";
import { readerOf } from "../../../policy-pack/resources/objects";
import type { KubernetesObject } from "../../../policy-pack/resources/objects";

const template = (properties: unknown) => properties as PropertiesOf<LaunchTemplateArgs>;
const service: Pick<KubernetesObject, "read"> = { read: () => undefined };

/** Whether two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(verdict: Same<A, B>) => verdict;

test("a property that the resource does not have is a compile error", () => {
  const properties = template({});
  // @ts-expect-error misspelt property
  void properties.metadataOption;
  // @ts-expect-error misspelt property
  void field(properties, "metadataOption");
  // @ts-expect-error misspelt below another property
  void field(properties, "metadataOptions", "httpToken");
  // @ts-expect-error misspelt in an entry of a list
  void entries(properties.blockDeviceMappings).map((disk) => field(disk, "ebs", "encrypt"));
  // @ts-expect-error misspelt in an object
  void fieldsOf(properties.metadataOptions).httpToken;
  // @ts-expect-error a property of another resource
  onType<NodeGroupArgs>("aws:eks/nodeGroup:NodeGroup", ({ blockDeviceMappings }) => [String(blockDeviceMappings)]);
  // @ts-expect-error misspelt in a Kubernetes object
  void readerOf<core.v1.Service>(service)("specs");
  expect(field(properties, "metadataOptions", "httpTokens")).toBeUndefined();
});

test("a value is of its type only once the rule excludes UNKNOWN", () => {
  const tokens = field(template({ metadataOptions: { httpTokens: "required" } }), "metadataOptions", "httpTokens");
  expect(same<typeof tokens, string | typeof UNKNOWN | undefined>(true)).toBe(true);
  // @ts-expect-error it may be UNKNOWN or undefined
  expect(tokens.startsWith("req")).toBe(true);
  expect(typeof tokens === "string" && tokens.startsWith("req")).toBe(true);

  const { metadataOptions, blockDeviceMappings } = template({ metadataOptions: {}, blockDeviceMappings: [] });
  // @ts-expect-error it may be UNKNOWN
  expect(metadataOptions.httpTokens).toBeUndefined();
  // @ts-expect-error it may be UNKNOWN
  expect(blockDeviceMappings.length).toBe(0);
});

test("labels have any key, and a union of resources has what they have in common", () => {
  const { labels } = { labels: { "nvidia.com/mig.config": "all-balanced" } } as unknown as PropertiesOf<NodeGroupArgs>;
  expect(field(labels, "nvidia.com/mig.config")).toBe("all-balanced");

  type Both = PropertiesOf<NodeGroupArgs | LaunchTemplateArgs>;
  const both = (properties: Both) => [properties.tags];
  // @ts-expect-error only one of them has it
  const one = (properties: Both) => [properties.scalingConfig];
  expect([both, one]).toHaveLength(2);
});

test.each<[string, unknown]>([
  ["null", null],
  ["a string", "required"],
  ["a number", 1],
  ["a list", [1]],
])("nothing can be read from %s in the place of an object", (_, value) => {
  expect(field(template({ metadataOptions: value }), "metadataOptions", "httpTokens")).toBeUndefined();
  expect(fieldsOf(template({ metadataOptions: value }).metadataOptions)).toEqual({});
});

test.each<[string, unknown]>([
  ["null", null],
  ["a string", "required"],
  ["an object", { length: 1 }],
  ["UNKNOWN", UNKNOWN],
])("%s has no entries", (_, value) => {
  expect(entries(template({ blockDeviceMappings: value }).blockDeviceMappings)).toEqual([]);
});

test("what is below an unknown value is unknown", () => {
  expect(field(template({ metadataOptions: UNKNOWN }), "metadataOptions", "httpTokens")).toBe(UNKNOWN);
});

test("a validation has the type of its resources only if it is for one", () => {
  const rule = onType<LaunchTemplateArgs>("aws:ec2/launchTemplate:LaunchTemplate", () => []);
  expect(onResources(rule)).toHaveProperty("__pulumiType", "aws:ec2/launchTemplate:LaunchTemplate");
  expect(
    onResources(
      rule,
      onType<NodeGroupArgs>("aws:eks/nodeGroup:NodeGroup", () => []),
    ),
  ).not.toHaveProperty("__pulumiType");
});
