/** The table of custom resources: every place in it is read, once, and what is found beside the table. */
import { readCustomResource } from "../../src/cluster/custom-resources/contents";
import { CUSTOM_KINDS, findCustomKind } from "../../src/cluster/custom-resources/table";
import type { PodPlace, WorkloadKinds } from "../../src/cluster/custom-resources/types";
import { isBuiltInKind } from "../../src/releases/api-kinds";

type Fields = Readonly<Record<string, unknown>>;

/** An object that has a value at a path of the table. */
function objectWith(path: string, value: unknown): Fields {
  const [step = "", ...rest] = path.split(".");
  const [, key = "", each] = /^([^[{]+)(\[\]|\{\})?$/.exec(step) ?? [];
  const inner = rest.length === 0 ? value : objectWith(rest.join("."), value);
  return { [key]: each === "[]" ? [inner] : each === "{}" ? { one: inner } : inner };
}

/** The path of that value as messages write it. */
const written = (path: string) => path.replaceAll("[]", "[0]").replaceAll("{}", ".one");

const CONTAINER = { name: "main", image: "x:1", env: [{ name: "A", value: "b" }] };

const workloads = CUSTOM_KINDS.filter((entry): entry is WorkloadKinds & (typeof CUSTOM_KINDS)[number] => entry.type === "workload");
const podPlaces = workloads.flatMap(({ group, kinds, pods = [] }) =>
  kinds.flatMap((kind) => pods.map((place): [string, string, PodPlace] => [group, kind, place])),
);

test.each(podPlaces)("%s %s %j: a pod there is found once, with its containers", (group, kind, place) => {
  const pod = place.shape === "template" ? { metadata: { labels: {} }, spec: { containers: [CONTAINER] } } : { containers: [CONTAINER] };
  const { pods, unchecked } = readCustomResource(group, kind, objectWith(place.path, pod));
  const containers = pods.flatMap(({ containers: of }) => of.map(({ path }) => path));
  const at = written(place.path);
  const expected = place.shape === "template" ? `${at}.spec.containers[0]` : `${at}.containers[0]`;
  expect(containers.filter((path) => path === expected)).toEqual([expected]);
  expect(unchecked).toEqual([]);
});

test.each(
  podPlaces.flatMap(([group, kind, place]) =>
    (place.containers ?? []).map((path): [string, string, PodPlace, string] => [group, kind, place, path]),
  ),
)("%s %s %j: a container at %s is found once", (group, kind, place, path) => {
  const record = path === "" ? CONTAINER : objectWith(path, CONTAINER);
  const { pods } = readCustomResource(group, kind, objectWith(place.path, record));
  const expected = written(path === "" ? place.path : `${place.path}.${path}`);
  const found = pods.flatMap(({ containers }) => containers.map((container) => container.path)).filter((at) => at === expected);
  expect(found).toEqual([expected]);
});

test.each(
  podPlaces.flatMap(([group, kind, place]) =>
    (place.around ?? []).map((path): [string, string, PodPlace, string] => [group, kind, place, path]),
  ),
)("%s %s %j: the tolerations at %s hold for the pod", (group, kind, place, path) => {
  const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists" }];
  const body = merged(objectWith(place.path, { containers: [CONTAINER] }), objectWith(path, { tolerations }));
  const { pods } = readCustomResource(group, kind, body);
  const pod = pods.find(({ path: at }) => at === written(place.path));
  expect(pod?.spec["tolerations"]).toEqual(tolerations);
});

test.each(
  workloads.flatMap(({ group, kinds, claims = [] }) =>
    kinds.flatMap((kind) => claims.map(({ path, defaultClass }) => [group, kind, path, defaultClass] as const)),
  ),
)("%s %s %s: a claim there is found, of %s if it names no class", (group, kind, path, defaultClass) => {
  const classes = (device: Fields) =>
    readCustomResource(group, kind, objectWith(path, device)).claims.map(({ path: at, spec }) => [at, JSON.stringify(spec)]);
  expect(classes({ name: "a", count: 2 })).toEqual([
    [written(path), JSON.stringify({ devices: { requests: [{ name: "a", exactly: { deviceClassName: defaultClass, count: 2 } }] } })],
  ]);
  expect(classes({ deviceClassName: "other" })[0]?.[1]).toContain('"deviceClassName":"other"');
});

test.each(
  workloads.flatMap(({ group, kinds, refused = [] }) => kinds.flatMap((kind) => refused.map((field) => [group, kind, field] as const))),
)("%s %s %j: what nothing can check is named", (group, kind, { path, keys, reason }) => {
  const settings = { "spark.kubernetes.executor.podTemplateFile": "x", "spark.sql.x": "y", NVIDIA_VISIBLE_DEVICES: "all" };
  const value = keys === undefined ? [{ name: "x" }] : settings;
  const { unchecked } = readCustomResource(group, kind, objectWith(path, value));
  expect(unchecked.map((found) => found.reason)).toContain(reason);
  expect(readCustomResource(group, kind, objectWith(path, Symbol("unknown"))).unchecked).toContainEqual({
    path: written(path),
    reason: undefined,
  });
});

function merged(one: unknown, other: unknown): Fields {
  const [a, b] = [one as Fields, other as Fields];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const isMap = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.fromEntries(keys.map((key) => [key, isMap(a[key]) && isMap(b[key]) ? merged(a[key], b[key]) : (a[key] ?? b[key])]));
}

test("no entry is of Kubernetes itself, and no kind is in two entries", () => {
  const names = CUSTOM_KINDS.flatMap(({ group, kinds }) => kinds.map((kind) => `${kind}.${group}`));
  expect(new Set(names).size).toBe(names.length);
  expect(CUSTOM_KINDS.filter(({ group, kinds }) => kinds.some((kind) => isBuiltInKind(group, kind)))).toEqual([]);
  expect(findCustomKind("constructor", "constructor")).toBeUndefined();
});

describe("by structure", () => {
  const read = (spec: unknown) =>
    readCustomResource("example.com", "Foo", { apiVersion: "example.com/v1", kind: "Foo", metadata: { name: "x" }, spec });

  test("fields of a pod in the records around hold for the containers inside", () => {
    const { pods } = read({ tolerations: [{ operator: "Exists" }], workers: [{ server: { image: "x", command: ["a"] } }] });
    expect(pods.map(({ path, spec }) => [path, spec["tolerations"]])).toContainEqual(["spec.workers[0].server", [{ operator: "Exists" }]]);
  });
  test.each<[string, unknown]>([
    ["a reference", { ref: { apiVersion: "v1", kind: "Pod", name: "x" } }],
    ["a name and a value", { parameters: [{ name: "image", value: "x" }] }],
    ["labels of GPU nodes", { nodeSelector: { "nvidia.com/gpu.count": "8" }, labels: { "nvidia.com/mig": "1" } }],
    ["a script", { script: "kubectl get pods && echo done" }],
    ["a volume with an image", { volumes: [{ name: "v", image: { reference: "x" } }], containers: [] }],
    ["a size", { replicas: 3, image: { pullPolicy: "Always" } }],
  ])("%s is no container, claim or object", (_, spec) => {
    const { pods, claims, objects, unchecked } = read(spec);
    expect({ containers: pods.flatMap(({ containers }) => containers), claims, objects, unchecked }).toEqual({
      ...{ containers: [], claims: [], objects: [], unchecked: [] },
    });
  });
  test("text with too many aliases, and text that is no YAML, are named", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nspec: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`;
    expect(read({ text: bomb }).unchecked).toEqual([expect.objectContaining({ path: "spec.text" })]);
    expect(read({ text: "spec: {a: [}" }).unchecked).toEqual([expect.objectContaining({ path: "spec.text" })]);
    expect(read({ text: `spec: ${"[".repeat(20_000)}` }).unchecked).toEqual([expect.objectContaining({ path: "spec.text" })]);
  });
  test("what is nested too deeply is named", () => {
    const deep = Array.from({ length: 5000 }).reduce<unknown>((inner) => ({ a: inner }), { hostPID: true });
    expect(read(deep).unchecked).toEqual([expect.objectContaining({ reason: expect.stringContaining("nested too deeply") as string })]);
  });
  test("an object inside an object inside text is found", () => {
    const inner = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: {} });
    expect(read({ manifests: [inner] }).objects.map(({ path, body }) => [path, body["kind"]])).toEqual([
      ["spec.manifests[0](YAML)", "Pod"],
    ]);
  });
});
