import { join } from "node:path";
import { readExport } from "../../../src/rehearsal/deployed/stack-export";
import { makeFolder } from "../../support/folder";

const PLACE = { project: "shared-gpu", stack: "dev" };
const urn = (stack: string) => `urn:pulumi:${stack}::shared-gpu::aws:ec2/vpc:Vpc::network`;
const exported = (version: unknown, stack = "dev") =>
  JSON.stringify({ version, deployment: { resources: [{ urn: urn(stack), type: "aws:ec2/vpc:Vpc", custom: true, id: "vpc-1" }] } });

const read = (text: string) => readExport(join(makeFolder({ "export.json": text }), "export.json"), PLACE);

test.each([3, 4])("an export of version %s is read", (version) => {
  expect(read(exported(version))).toMatchObject({ resources: [{ id: "vpc-1", inputs: {}, protect: false }], pending: [] });
});

test.each([
  ["no JSON", "resources: []", "is no JSON. Write a stack export with pulumi stack export --file FILE"],
  ["a state file", JSON.stringify({ version: 3, checkpoint: { latest: {} } }), "is no stack export (deployment: "],
  ["a form that nobody has read", exported(5), "is an export of version 5, and the rehearsal reads version 3 and 4"],
  ["another stack", exported(3, "production"), "is of another stack or project (production: "],
])("%s is refused, and the message says what to do", (_, text, words) => {
  expect(() => read(text)).toThrow(words);
});

test.each([["taint", "refreshBeforeUpdate", "hooks"], []])("an export that needs %s %s %s is read", (...features) => {
  expect(read(JSON.stringify({ ...(JSON.parse(exported(4)) as object), features }))).toMatchObject({ resources: [{ id: "vpc-1" }] });
});

test("an export with something that the rehearsal does not do is refused by its name", () => {
  const text = JSON.stringify({ ...(JSON.parse(exported(4)) as object), features: ["taint", "views"] });
  expect(() => read(text)).toThrow("has views, which the rehearsal does not read");
});

test("what interrupted runs have left is read", () => {
  const resource = { urn: urn("dev"), type: "aws:ec2/vpc:Vpc", pendingReplacement: true, taint: true, initErrors: ["no"] };
  const pending = [{ type: "creating", resource: { urn: urn("dev"), custom: true, type: "aws:ec2/vpc:Vpc" } }];
  const text = JSON.stringify({ version: 3, deployment: { resources: [resource], pending_operations: pending } });
  expect(read(text)).toMatchObject({ resources: [resource], pending: [{ operation: "creating", urn: urn("dev") }] });
  expect(() => read(text.replace("creating", "thinking"))).toThrow("pending_operations.0.type");
});

test("an export that an editor has saved with a mark at its beginning is read", () => {
  expect(read(`\uFEFF${exported(3)}`).resources).toHaveLength(1);
});

test("an empty stack is one on which nothing is deployed", () => {
  expect(read(JSON.stringify({ version: 3, deployment: {} }))).toEqual({ resources: [], pending: [] });
});
