import { kubernetesObjects } from "../../../policy-pack/resources/objects";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";
import { CHART_FILE, Charts } from "./local-charts/charts";

const URN = "urn:pulumi:dev::team-a::kubernetes:x:X::x";
const RELEASE = "kubernetes:helm.sh/v3:Release";

const shown = (type: string, props: object) =>
  kubernetesObjects({ type, urn: URN, props: props as Readonly<Record<string, unknown>> }).map((object) => ({
    ...{ what: `${object.prefix}${object.apiVersion} ${object.kind}${object.isPatch ? " patch" : ""}` },
    metadata: object.read("metadata"),
  }));

const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [] } };
const CLAIM = { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }] } };

test("lists are their items, and one that nobody knows is itself too", () => {
  const what = (...args: Parameters<typeof shown>) => shown(...args).map((object) => object.what);
  expect(what("kubernetes:core/v1:List", { items: [POD] })).toEqual(["items[0].v1 Pod"]);
  expect(what("kubernetes:core/v1:PodList", { items: [{}, UNKNOWN] })).toEqual(["items[0].v1 Pod", "items[1].v1 Pod"]);
  expect(what("kubernetes:apps/v1:DeploymentList", { items: UNKNOWN })).toEqual(["items.apps/v1 Deployment"]);
  expect(what("kubernetes:example.com/v1:List", { items: [POD] })).toEqual(["example.com/v1 List", "items[0].v1 Pod", "items[0].v1 Pod"]);
  expect(what("kubernetes:example.com/v1:ThingList", { items: [{}] })).toEqual([
    "example.com/v1 ThingList",
    "items[0].example.com/v1 Thing",
  ]);
});

test("what a custom resource contains is in its namespace, unless it says another", () => {
  const objects = [POD, { ...POD, metadata: { name: "p", namespace: "other" } }];
  const things = (metadata: unknown) => shown("kubernetes:example.com/v1:Thing", { metadata, spec: { objects, claim: CLAIM } });
  expect(things({ name: "x", namespace: "team-a" })).toMatchSnapshot();
  expect(things({ name: "x" })).toMatchSnapshot();
});

test("one object and one claim are two", () => {
  const { length } = shown("kubernetes:example.com/v1:Thing", { metadata: {}, spec: { object: POD, claim: CLAIM } });
  expect(length).toBe(3);
});

test.each([true, "true", UNKNOWN])("Helm creates a namespace (%#)", (createNamespace) => {
  expect(shown(RELEASE, { chart: "x", createNamespace, namespace: "team-a" })).toEqual([
    { what: "createNamespace: v1 Namespace", metadata: { name: "team-a" } },
  ]);
});

test.each([undefined, null, false])("Helm creates no namespace (%#)", (createNamespace) => {
  expect(shown(RELEASE, { chart: "x", createNamespace, namespace: "team-a" })).toEqual([]);
});

test("objects of values and of a chart at hand are installed in the namespace of the release", () => {
  const charts = new Charts();
  try {
    const text =
      "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: z}\nspec: {object: {apiVersion: v1, kind: Pod, spec: {containers: []}}}\n";
    const chart = charts.write({ ...CHART_FILE, "templates/a.yaml": text });
    expect(shown(RELEASE, { chart, namespace: "team-a", values: { extraManifests: [POD], resources: POD } })).toMatchSnapshot();
  } finally {
    charts.close();
  }
});
