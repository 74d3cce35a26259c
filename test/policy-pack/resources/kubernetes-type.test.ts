/** Type tokens of the Kubernetes provider, held against those of the SDK that is installed. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readKubernetesType } from "../../../policy-pack/resources/kubernetes-type";
import { kubernetesObjects } from "../../../policy-pack/resources/objects";
import { isBuiltInKind } from "../../../src/releases/api-kinds";
import { ROOT } from "../../support/program";

const SDK = join(ROOT, "node_modules/@pulumi/kubernetes");

/** The tokens that the SDK registers: those of its classes, without functions. */
const TOKENS = [
  ...new Set(
    readdirSync(SDK, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".js") && !/(^|\/)(node_modules|types|scripts)\//.test(file))
      .flatMap((file) => readFileSync(join(SDK, file), "utf8").match(/(?:__pulumiType = |super\()["']kubernetes:[^"']+["']/g) ?? [])
      .map((text) => text.slice(text.indexOf("kubernetes:"), -1)),
  ),
];

const objects = (type: string, props: object) =>
  kubernetesObjects({ type, urn: "", props: props as Readonly<Record<string, unknown>> }).map(
    ({ apiVersion, kind, isPatch, prefix }) => `${prefix}${apiVersion} ${kind}${isPatch ? " patch" : ""}`,
  );

test("the SDK's own types that are no objects are the only ones", () => {
  expect(TOKENS.length).toBeGreaterThan(400);
  const types = TOKENS.map((token) => `${token} ${readKubernetesType(token).type}`).filter((each) => !each.endsWith(" object"));
  expect(types.sort()).toEqual([
    "kubernetes:helm.sh/v3:Chart component",
    "kubernetes:helm.sh/v3:Release release",
    "kubernetes:helm.sh/v4:Chart component",
    "kubernetes:kustomize/v2:Directory component",
    "kubernetes:kustomize:Directory component",
    "kubernetes:yaml/v2:ConfigFile component",
    "kubernetes:yaml/v2:ConfigGroup component",
    "kubernetes:yaml:ConfigFile component",
    "kubernetes:yaml:ConfigGroup component",
  ]);
});

test.each<readonly [string, object]>([
  ["kubernetes:helm.sh/v2:Chart", { type: "component" }],
  ["kubernetes:core/v1:Pod", { type: "object", apiVersion: "v1", kind: "Pod" }],
  ["kubernetes:score/v1:Thing", { type: "object", apiVersion: "score/v1", kind: "Thing" }],
  ...["kubernetes:v1", "kubernetes::Pod", "kubernetes:v1:", "kubernetes:v1:Pod:x", "xkubernetes:v1:Pod", ""].map(
    (token) => [token, { type: "malformed" }] as const,
  ),
])("the token %s", (token, type) => {
  expect(readKubernetesType(token)).toEqual(type);
});

test("every kind that a stable version of the SDK's API has is one of Kubernetes", () => {
  const stable = TOKENS.flatMap((token) => {
    const read = readKubernetesType(token);
    return read.type === "object" && /(?:^|\/)v\d+$/.test(read.apiVersion) ? [read] : [];
  });
  const unknown = stable
    .map(({ apiVersion, kind }) => ({
      group: apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "",
      kind: kind.replace(/(?:List|Patch)$/, ""),
    }))
    // An answer of the API server, and no object.
    .filter(({ group, kind }) => !isBuiltInKind(group, kind) && group !== "meta");
  expect(unknown.map(({ group, kind }) => `${group}/${kind}`)).toEqual([]);
});

test.each<[string, string, object, readonly string[]]>([
  ["an object of the core group", "kubernetes:core/v1:Pod", {}, ["v1 Pod"]],
  ["a custom resource of the core group", "kubernetes:v1:Pod", { apiVersion: "v1", kind: "Pod" }, ["v1 Pod"]],
  ["a group that begins like a type of the SDK", "kubernetes:yaml/v1:Foo", { apiVersion: "v1", kind: "Pod" }, ["yaml/v1 Foo", "v1 Pod"]],
  ["another that does", "kubernetes:kustomize.example.com/v1:Foo", {}, ["kustomize.example.com/v1 Foo"]],
  ["the group of Helm's types", "kubernetes:helm.sh/v1:Foo", {}, ["helm.sh/v1 Foo"]],
  ["a type of the SDK that is registered as an object", "kubernetes:yaml/v2:ConfigGroup", { apiVersion: "v1", kind: "Pod" }, ["v1 Pod"]],
  ["a component", "kubernetes:yaml/v2:ConfigGroup", { files: ["a.yaml"] }, []],
  ["what is no token of the provider", "kubernetes:Pod", { apiVersion: "v1", kind: "Pod" }, ["v1 Pod"]],
  ["a patch", "kubernetes:apps/v1:DeploymentPatch", { apiVersion: "apps/v1", kind: "Deployment" }, ["apps/v1 Deployment patch"]],
  ["a patch of a known custom resource", "kubernetes:ray.io/v1:RayClusterPatch", {}, ["ray.io/v1 RayCluster patch"]],
  [
    "a patch of an unknown custom resource",
    "kubernetes:example.com/v1:FooPatch",
    { apiVersion: "example.com/v1", kind: "Foo" },
    ["example.com/v1 Foo patch"],
  ],
  [
    "a custom kind that ends like a patch",
    "kubernetes:example.com/v1:FooPatch",
    { apiVersion: "example.com/v1", kind: "FooPatch" },
    ["example.com/v1 FooPatch"],
  ],
  ["what can be both", "kubernetes:example.com/v1:FooPatch", {}, ["example.com/v1 Foo patch", "example.com/v1 FooPatch"]],
  ["a list of the SDK", "kubernetes:core/v1:PodList", { items: [{}, { kind: "Service" }] }, ["items[0].v1 Pod", "items[1].v1 Service"]],
  [
    "a plain list",
    "kubernetes:core/v1:List",
    {
      items: [
        { apiVersion: "batch/v1", kind: "Job" },
        { apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "Pod" }] },
      ],
    },
    ["items[0].batch/v1 Job", "items[1].items[0].v1 Pod"],
  ],
  [
    "a custom kind that ends like a list",
    "kubernetes:example.com/v1:WaitList",
    { items: [{ apiVersion: "v1", kind: "Pod" }] },
    ["example.com/v1 WaitList", "items[0].v1 Pod"],
  ],
  ["a list of a known custom kind", "kubernetes:ray.io/v1:RayClusterList", { items: [{}] }, ["items[0].ray.io/v1 RayCluster"]],
  ["a group named like a property of objects", "kubernetes:constructor/v1:Foo", {}, ["constructor/v1 Foo"]],
  ["the prototype", "kubernetes:__proto__/v1:__proto__", {}, ["__proto__/v1 __proto__"]],
  ["a resource of another provider", "aws:s3/bucket:Bucket", { apiVersion: "v1", kind: "Pod" }, []],
])("%s: %s", (_, type, props, expected) => {
  expect(objects(type, props)).toEqual(expected);
});
