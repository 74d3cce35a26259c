/** Where objects are that name no namespace, and which settings say what is the platform's. */
import { forbidServicesBeyondCluster } from "../../../policy-pack/platform/forbid-services-beyond-cluster";
import { reservePlatformObjects } from "../../../policy-pack/platform/reserve-platform-objects";
import { projectsOf } from "../../../policy-pack/platform/settings";
import { violations } from "../verdict";

test.each([
  ["no policy has settings", {}, ["shared-gpu"]],
  ["a policy has other settings", { one: { largestShare: 1 } }, ["shared-gpu"]],
  ["a policy names projects", { one: {}, two: { platformProjects: ["gpus"] } }, ["gpus"]],
  ["two policies name projects", { one: { platformProjects: ["gpus"] }, two: { platformProjects: ["more"] } }, ["gpus", "more"]],
])("projects of the platform if %s", (_, settings, projects) => {
  expect(projectsOf({ isPreview: false, clusterVersions: [], settings })).toEqual(projects);
});

test.each([[undefined], [null], [7]])("an object with the namespace %p is in the namespace default", (namespace) => {
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace }, data: {} };
  expect(violations(reservePlatformObjects, map, { platformNamespaces: ["default"] })).toHaveLength(1);
  expect(violations(reservePlatformObjects, map, { platformNamespaces: ["platform"] })).toEqual([]);
});

test.each([
  ["a Service of Knative", "serving.knative.dev/v1", "LoadBalancer"],
  ["a Service whose type is null", "v1", null],
])("%s stays inside the cluster", (_, apiVersion, type) => {
  const service = { apiVersion, kind: "Service", metadata: { name: "x", namespace: "team-a" }, spec: { type } };
  expect(violations(forbidServicesBeyondCluster, service)).toEqual([]);
});
