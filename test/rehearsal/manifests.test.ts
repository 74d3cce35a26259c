import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asResource, readManifest, readManifests } from "../../src/rehearsal/manifests";
import { titleOf } from "../../src/cluster/objects";
import { makeFolder } from "../support/folder";

const read = (text: string, namespace = "default") =>
  readManifest(`${makeFolder({ "m.yaml": text })}/m.yaml`, namespace).map(({ origin, ...object }) => ({
    ...object,
    line: origin.type === "manifest" ? origin.line : 0,
  }));

/** Reads the text once: some are large. */
const expectRefused = (text: string, message: RegExp): void => {
  const refusal = { name: "UserError", message: expect.stringMatching(message) as string };
  expect(() => read(text)).toThrow(expect.objectContaining(refusal) as Error);
};

/** Of this process: on a busy machine the clock says little. */
const cpuMsSince = (start: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

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
  ["a: 1\n---\napiVersion: v1\nkind: Pod", /m\.yaml:1: is not a Kubernetes object: apiVersion and kind missing/],
  ["- a\n- b", /m\.yaml:1: is not a Kubernetes object: .*found a list/],
  ["apiVersion: v1\nkind: List\nitems: [text]", /m\.yaml:1: an item of the List is not a Kubernetes object/],
  ["apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n bad: y", /m\.yaml:5:\d+: is not YAML/],
  ["apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\nkind: {a", /m\.yaml:5:\d+: is not YAML/],
])("what is no Kubernetes object is refused with file and line: %j", (text, message) => {
  expectRefused(text, message);
});

test("a list without items is none beside other objects, as for kubectl: charts render such lists", () => {
  expect(read("apiVersion: v1\nkind: ConfigMapList\nitems: []\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")).toMatchObject([
    { name: "a", line: 5 },
  ]);
});

test.each([
  [
    "m.yaml",
    "apiVersion: v2\nname: chart\nversion: 1.0.0",
    /kind missing or of the wrong type\. It is a part of a Helm chart\. Render the chart: helm template/,
  ],
  ["values-dev.yaml", "replicaCount: 1", /It is a part of a Helm chart/],
  ["m.yaml", "services: { web: { image: x } }", /It is a Compose file/],
  ["m.yaml", "version: v1\nmig-configs: { all-1g: [] }", /It is a configuration of MIG Manager\. Write its layout into gpuPools/],
])("a file %s that lies beside manifests is refused with what to do: %j", (file, text, message) => {
  expect(() => readManifest(`${makeFolder({ [file]: text })}/${file}`, "default")).toThrow(message);
});

// The answers are those of kubectl v1.34.4 (`kubectl annotate --local -f FILE x=y -o json`).
test("words without quotes are read as kubectl reads them: YAML 1.1", () => {
  const [object] = read(
    [
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}",
      'data: {a: y, b: yes, c: On, d: n, e: NO, f: 010, g: 1_0, h: 0b11, i: -010, j: 0o10, k: 08, l: 1_0.5, m: +1, "n": 12:30:45, o: 2024-01-01,',
      '  p: .5, q: 1e3, r: 0x1F, s: "yes", t: -0x1f, u: +.5, v: 1., w: _1, x: !!binary aGVsbG8=, yes: 0o8, z: Null, A: !foo z, B: !!str 12, 12: x}',
    ].join("\n"),
  );
  expect(object?.body["data"]).toEqual({
    ...{ a: true, b: true, c: true, d: false, e: false, f: 8, g: 10, h: 3, i: -8, j: 8, k: 8, l: 10.5, m: 1, n: "12:30:45" },
    ...{ o: "2024-01-01", p: 0.5, q: 1000, r: 31, s: "yes", t: -31, u: 0.5, v: 1, w: "_1", x: "hello", z: null, A: "z", B: "12", 12: "x" },
    ...{ true: "0o8" },
  });
});

test("the items of a list of one kind need not repeat it", () => {
  expect(read("apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: c}")).toMatchObject([
    { apiVersion: "v1", kind: "ConfigMap", name: "c", body: { apiVersion: "v1", kind: "ConfigMap" } },
  ]);
});

test("a file in UTF-16, as PowerShell writes it, is read", () => {
  const path = `${makeFolder({})}/m.yaml`;
  writeFileSync(path, Buffer.from("\ufeffapiVersion: v1\nkind: Pod\nmetadata: {name: x}", "utf16le"));
  expect(readManifest(path, "default")).toMatchObject([{ kind: "Pod", name: "x" }]);
});

test("a file that is no UTF-8 is refused, as kubectl refuses it", () => {
  const path = `${makeFolder({})}/m.yaml`;
  writeFileSync(path, Buffer.from("apiVersion: v1\nkind: Pod\nmetadata: {name: x} # caf\u00e9", "latin1"));
  expect(() => readManifest(path, "default")).toThrow(`${path}: is not UTF-8. Save it as UTF-8`);
});

test.each([
  ["apiVersion: v1\nkind: List\nitems: []", /m\.yaml: holds no Kubernetes object/],
  ["apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: []}]", /is a List itself, which kubectl does not read/],
  ["apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}", /m\.yaml:3:19: has template actions/],
  ["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  ? - a\n  : b", /m\.yaml:5:\d+: .*a list or a map cannot be a key/],
  ["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 'x\u0000y'}", /m\.yaml:4:13: is not YAML: it has a control character/],
  ["apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]", /kubectl kustomize FOLDER \| npm start/],
])("what kubectl does not read is refused, with what to do: %j", (text, message) => {
  expectRefused(text, message);
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

test("objects whose names the API server makes up, or refuses to, are told apart", () => {
  const named = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n---\n";
  const objects = readManifest(`${makeFolder({ "m.yaml": `${named}${named}apiVersion: v1\nkind: Pod` })}/m.yaml`, "default");
  expect(new Set(objects.map((object, index) => asResource(object, "dev", "shop", index).urn)).size).toBe(3);
  expect(objects.map(titleOf)).toEqual(["Pod default/x-x", "Pod default/x-x", "Pod default/(no name)"]);
});

describe("merge keys are read as kubectl reads them", () => {
  const HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
  // The answers are those of kubectl v1.34.4 (`kubectl annotate --local -f FILE x=y -o json`).
  test.each([
    ["a map of one's own wins over a merge key before it", "data:\n  <<: {a: merged, b: merged}\n  a: own", { a: "own", b: "merged" }],
    ["the first of several maps wins", "data:\n  <<: [{k: one, l: one}, {k: two, m: two}]", { k: "one", l: "one", m: "two" }],
    ["a merge key in what is merged", "data:\n  <<: {<<: {q: deep}, a: merged}\n  c: d", { q: "deep", a: "merged", c: "d" }],
    ["a quoted key is no merge key", 'data:\n  "<<": quoted\n  b: c', { "<<": "quoted", b: "c" }],
    ["two merge keys of different keys", "data:\n  <<: {a: x}\n  <<: {c: two}", { a: "x", c: "two" }],
    ["a merge key of an alias", "base: &base {a: x}\ndata:\n  b: c\n  <<: *base", { a: "x", b: "c" }],
  ])("%s", (_, text, data) => {
    expect(read(`${HEAD}${text}`)).toMatchObject([{ body: { data } }]);
  });

  test("apiVersion, kind, metadata and items may come from one", () => {
    const [one, two] = read(
      "<<: {apiVersion: v1, kind: List}\nitems:\n  - <<: {apiVersion: v1, kind: Pod}\n    metadata: {name: a}\n  - <<: {apiVersion: v1, kind: Pod, metadata: {name: b}}",
    );
    expect(one).toMatchObject({ kind: "Pod", name: "a", line: 3 });
    expect(two).toMatchObject({ kind: "Pod", name: "b", line: 5 });
  });

  test.each([
    ["data:\n  a: own\n  <<: {a: merged}", /m\.yaml:5: the merge key \(<<\) sets "a", which stands before it/],
    ["data:\n  <<: {a: x}\n  <<: {a: y}", /the merge key \(<<\) sets "a", which stands before it/],
    ["base: &base {<<: {a: x}}\ndata:\n  a: own\n  <<: *base", /the merge key \(<<\) sets "a"/],
    ["data:\n  <<: text", /m\.yaml:1:\d+: is not YAML: Merge sources must be maps/],
    ["data:\n  <<: null", /is not YAML: Merge sources must be maps/],
  ])("what kubectl and YAML read differently, or not at all, is refused: %j", (text, message) => {
    expectRefused(`${HEAD}${text}`, message);
  });
});

// The answers are those of kubectl v1.34.4 (`kubectl annotate --local -f FILE x=y -o name`).
describe("a file is divided into documents as by kubectl", () => {
  const [a, b] = ["a", "b"].map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`) as [string, string];
  const [ja, jb] = ["a", "b"].map((name) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`) as [string, string];
  const names = (text: string) => read(text).map(({ name, line }) => `${name}:${String(line)}`);

  test.each<[string, readonly string[]]>([
    [`${a}...\n`, ["a:1"]],
    [`${a}...\n# a comment\n`, ["a:1"]],
    [`${a}...\n---\n${b}`, ["a:1", "b:6"]],
    [`${a}...\n...\n---\n${b}`, ["a:1", "b:7"]],
    [`${a}--- # c\n${b}`, ["a:1", "b:5"]],
    [`${a}---\t\n${b}`, ["a:1", "b:5"]],
    [`${a}---\r\n${b}`, ["a:1", "b:5"]],
    [`---\n---\n${a}`, ["a:3"]],
    [`null\n---\n${a}`, ["a:3"]],
    [`${ja}${jb}`, ["a:1", "b:1"]],
    [`${ja}\n${jb}\n`, ["a:1", "b:2"]],
    [`\n\n${ja} ${jb} `, ["a:3", "b:3"]],
    [`${JSON.stringify(JSON.parse(ja), undefined, 2)}\n${JSON.stringify(JSON.parse(jb), undefined, 2)}`, ["a:1", "b:8"]],
    [`${ja}\n---\n${jb}\n`, ["a:1", "b:3"]],
    [`${ja}\n${b}`, ["a:1", "b:2"]],
    [`${ja} #c\n${jb}`, ["a:1", "b:2"]],
    [`\ufeff${ja}${jb}`, ["a:1", "b:1"]],
    [`${ja}{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"}{\\"c"},}`, ["a:1", '}{"c:1']],
    [`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},}\n---\n${b}`, ["a:1", "b:3"]],
    [`{'apiVersion': v1, 'kind': ConfigMap, metadata: {name: a}}`, ["a:1"]],
  ])("%j", (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test.each<[string, RegExp]>([
    [`${a}...\n${b}`, /m\.yaml:5: kubectl leaves out what is between "\.\.\." and the next "---", without a word\. Write "---" before it/],
    [`${a}... # end\n${b}---\n${a}`, /m\.yaml:5: kubectl leaves out/],
    [`{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}`, /m\.yaml:1/],
    [`# c\n${ja}${jb}`, /m\.yaml:2/],
    [`${a}---\n${ja}${jb}`, /m\.yaml:5/],
    [`${ja},${jb}`, /m\.yaml:1/],
    [`[${ja},${jb}]`, /m\.yaml:1: .*found a list/],
    [`${ja}\ntext`, /m\.yaml:2: .*found a string/],
    [`%YAML 1.2\n---\n${a}`, /m\.yaml:3: kubectl reads no directives/],
    [`%TAG ! tag:x,2000:\n---\n${a}`, /m\.yaml:3: kubectl reads no directives/],
    [`--- ${a}`, /m\.yaml:1: kubectl reads nothing on the line of a separator/],
    [`${a}--- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}`, /m\.yaml:4: kubectl reads nothing on the line of a separator/],
    [`${a}----\n${b}`, /m\.yaml:4: kubectl reads nothing on the line of a separator/],
    [`---#x\n${a}`, /m\.yaml:1: kubectl reads nothing on the line of a separator/],
    [`...\n${a}`, /m\.yaml:2: kubectl leaves out/],
    [`---\n...\n${a}`, /m\.yaml:3: kubectl leaves out/],
  ])("refused: %j", (text, message) => {
    expectRefused(text, message);
  });

  test.each<[string, unknown]>([
    ['data: {x: "1", x: "2"}', { x: "2" }],
    ['data: {x: "1"}\ndata: {z: "2"}', { z: "2" }],
    ['<<: {data: {z: "1"}}\ndata: {x: "1", x: "2"}', { x: "2" }],
    ['data: {1: a, "1": b}', { 1: "b" }],
  ])("of a key that is there twice the last one counts: %j", (text, data) => {
    expect(read(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n${text}`)).toMatchObject([{ body: { data } }]);
    expect(read('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}')).toMatchObject([{ name: "b" }]);
  });

  test("ten thousand JSON objects without separators are read at once", () => {
    const start = process.cpuUsage();
    expect(read(Array.from({ length: 10_000 }, () => ja).join(""))).toHaveLength(10_000);
    expect(cpuMsSince(start)).toBeLessThan(10_000);
  });
});

describe("aliases are bounded", () => {
  const HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
  const powers = (first: string, next: (previous: string) => string) =>
    [`a0: &a0 ${first}`, ...Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} ${next(`*a${index}`)}`)].join("\n");
  const nine = (text: string, separator = ", ") => Array.from({ length: 9 }, () => text).join(separator);

  test.each([
    ["lists of lists", powers(`[${nine("x")}]`, (previous) => `[${nine(previous)}]`), /aliases stand for more than 5000 uses/],
    [
      "maps of maps",
      powers("{k: x}", (previous) => `{${["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((key) => `${key}: ${previous}`).join(", ")}}`),
      /aliases stand for more than 5000 uses/,
    ],
    ["a map that contains itself", "data: &d\n  a: *d", /m\.yaml:5:\d+: the anchor &d contains itself/],
    ["a list that contains itself, deeper down", "data: &d\n  - [{a: *d}]", /the anchor &d contains itself/],
    ["a merge key of itself", "data: &d\n  <<: *d", /the anchor &d contains itself/],
    [
      "a list in a map in a list, a hundred and fifty times",
      `data: ${"[{a: ".repeat(150)}x${"}]".repeat(150)}`,
      /m\.yaml:4:\d+: its lists and maps are nested too deeply/,
    ],
    [
      "a list in a list, ten thousand times",
      `data: ${"[".repeat(10_000)}${"]".repeat(10_000)}`,
      /m\.yaml:4:\d+: its lists and maps are nested too deeply/,
    ],
    ["an anchor that is not there", "data: *nope", /m\.yaml:4:\d+: \*nope names no anchor before it/],
    [
      "few aliases of much",
      `big: &big ${"x".repeat(100_000)}\ndata:\n${Array.from({ length: 50 }, (_, index) => `  k${index}: *big`).join("\n")}`,
      /m\.yaml:1: the ConfigMap is larger than 3 MiB with its aliases written out/,
    ],
  ])("%s: one clear line, at once", (_, text, message) => {
    const start = process.cpuUsage();
    expectRefused(`${HEAD}${text}`, message);
    expect(cpuMsSince(start)).toBeLessThan(2_000);
  });

  test("a map of fifty thousand keys is read at once", () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `  k${index}: v`).join("\n");
    const start = process.cpuUsage();
    expect(Object.keys(read(`${HEAD}data:\n${keys}`)[0]?.body["data"] as object)).toHaveLength(50_000);
    expect(cpuMsSince(start)).toBeLessThan(10_000);
  });

  test("two thousand uses of one anchor are read, as by kubectl", () => {
    const uses = Array.from({ length: 2_000 }, (_, index) => `  k${index}: *a`).join("\n");
    const [object] = read(`${HEAD}a: &a v\ndata:\n${uses}`);
    expect((object?.body["data"] as Record<string, string>)["k1999"]).toBe("v");
  });
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("%s is a name like any other", (word) => {
  const [object] = read(
    `apiVersion: ${word}/v1\nkind: ${word}\nmetadata: {name: ${word}, labels: {${word}: a}}\nspec: {${word}: {${word}: b}}`,
  );
  expect(object).toMatchObject({ apiVersion: `${word}/v1`, kind: word, name: word });
  expect(Object.keys(object?.body["spec"] as object)).toEqual([word]);
});

test.each([
  [
    "a document of very many values",
    `a: [${"x,".repeat(1_800_000)}]`,
    /m\.yaml:1:\d+: its document is too large to be read at once\. Write a document for each object/,
  ],
  ["very many documents", "---\n".repeat(60_000), /m\.yaml:50001:1: has more than 50000 documents\. Rehearse fewer at a time/],
])("%s are refused before they take all memory", (_, text, message) => {
  expect(() => read(text)).toThrow(message);
});

test("several files with very many objects are refused", () => {
  // As uses of an anchor, which are read sooner than as many objects written out, and few in a document, since the time grows with the square of them.
  const items = Array.from({ length: 200 }, () => "*s").join(", ");
  const list = `apiVersion: v1\nkind: List\nsecret: &s {apiVersion: v1, kind: Secret, metadata: {name: s}}\nitems: [${items}]\n`;
  const lists = Array.from({ length: 126 }, () => list).join("---\n");
  const folder = makeFolder({ "a.yaml": lists, "b.yaml": lists });
  expect(() => readManifests([join(folder, "a.yaml"), join(folder, "b.yaml")], "default")).toThrow(
    /b\.yaml: with it there are more than 50000 objects\. Rehearse fewer at a time/,
  );
});
