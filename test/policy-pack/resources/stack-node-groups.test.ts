import { instanceTypesOf } from "../../../policy-pack/resources/stack-node-groups";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";
import { LAUNCH_TEMPLATE } from "../../../src/well-known/resource-types";

const typesOf = (instanceTypes: unknown, ...templates: readonly object[]) => {
  const sources = templates.map((props) => ({ type: LAUNCH_TEMPLATE, props }));
  const others = [{ type: "aws:ec2/vpc:Vpc", props: { instanceType: "x" } }];
  const member = { sourcesOf: (property: string) => (property === "launchTemplate" ? [...sources, ...others] : []) };
  return instanceTypesOf({ member, group: { instanceTypes } } as never);
};

test("a node group has its own instance types, or those of its launch templates", () => {
  expect(typesOf(["a", UNKNOWN], { instanceType: "b" })).toEqual(["a", UNKNOWN]);
  expect(typesOf(UNKNOWN, { instanceType: "b" })).toEqual([UNKNOWN]);
  expect(typesOf(undefined, { instanceType: "b" }, { instanceType: "b" }, { instanceType: UNKNOWN })).toEqual(["b", UNKNOWN]);
  expect(typesOf(undefined, {})).toEqual([]);
  expect(typesOf(undefined)).toEqual([]);
});
