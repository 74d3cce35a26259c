import { asResource, readManifest } from "../../src/rehearsal/manifests";
import { UserError } from "../../src/rehearsal/files";
import { makeFolder } from "../support/folder";

const read = (text: string, namespace = "default") =>
  readManifest(`${makeFolder({ "m.yaml": text })}/m.yaml`, namespace).map(({ origin, ...object }) => ({
    ...object,
    line: origin.type === "manifest" ? origin.line : 0,
  }));

test("several documents and lists are taken apart, each object with its line", () => {
  const objects = read(
    [
      "# a comment",
      "apiVersion: v1",
      "kind: Pod",
      "metadata: {name: one, namespace: team-a}",
      "---",
      "---",
      "apiVersion: v1",
      "kind: List",
      "items:",
      "  - apiVersion: v1",
      "    kind: Namespace",
      "    metadata: {name: two}",
      "  - apiVersion: apps/v1",
      "    kind: Deployment",
      "    metadata: {name: three}",
    ].join("\n"),
    "team-b",
  );
  expect(objects).toMatchObject([
    { kind: "Pod", name: "one", namespace: "team-a", line: 2 },
    { kind: "Namespace", name: "two", namespace: "", line: 10 },
    { kind: "Deployment", name: "three", namespace: "team-b", line: 13 },
  ]);
});

test.each([
  ["kind: Pod\nmetadata: {name: x}", /m\.yaml:1: is not a Kubernetes object: apiVersion missing/],
  ["a: 1\n---\napiVersion: v1\nkind: Pod", /m\.yaml:1: is not a Kubernetes object: apiVersion and kind and metadata/],
  ["apiVersion: v1\nkind: Pod\nmetadata: {}", /m\.yaml:1: Pod has no metadata.name/],
  ["- a\n- b", /m\.yaml:1: is not a Kubernetes object: .*found a list/],
  ["apiVersion: v1\nkind: List\nitems: [text]", /m\.yaml:1: an item of the List is not a Kubernetes object/],
  ["apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n bad: y", /m\.yaml:5:\d+: is not YAML/],
  ["apiVersion: v1\n---\nkind: {a", /m\.yaml:3:\d+: is not YAML/],
])("what is no Kubernetes object is refused with file and line: %j", (text, message) => {
  expect(() => read(text)).toThrow(UserError);
  expect(() => read(text)).toThrow(message);
});

test("a file that does not exist is refused", () => {
  expect(() => readManifest("/nowhere/m.yaml", "default")).toThrow("/nowhere/m.yaml: cannot be read (ENOENT)");
});

test.each([
  ["v1", "Pod", "kubernetes:core/v1:Pod"],
  ["apps/v1", "Deployment", "kubernetes:apps/v1:Deployment"],
  ["batch/v1", "Job", "kubernetes:batch/v1:Job"],
  ["resource.k8s.io/v1", "ResourceClaimTemplate", "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate"],
  ["resource.k8s.io/v1beta1", "ResourceClaim", "kubernetes:resource.k8s.io/v1beta1:ResourceClaim"],
])("the pack sees %s %s as %s", (apiVersion, kind, type) => {
  const [object] = readManifest(
    `${makeFolder({ "m.yaml": `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}` })}/m.yaml`,
    "team-a",
  );
  expect(object && asResource(object, "dev", "shop")).toMatchObject({
    type,
    urn: `urn:pulumi:dev::shop::${type}::team-a/x`,
    inputs: { apiVersion, kind, metadata: { name: "x", namespace: "team-a" } },
  });
});
