/** How a live cluster is read that gives less than all. */
import { ApiError } from "../../src/live/api/api-server";
import type { ApiServer } from "../../src/live/api/api-server";
import { readCluster } from "../../src/live/snapshot";
import { UnusableError } from "../../src/live/unusable";

type Answers = Readonly<Record<string, unknown>>;

/** An API server that has these answers and otherwise empty collections. */
function server(answers: Answers): { readonly api: ApiServer; readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (path: string, otherwise: unknown) => {
    asked.push(path);
    const found = path in answers ? answers[path] : otherwise;
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  };
  const api = {
    get: (path: string) => answer(path, {}),
    list: (path: string) => answer(path, []),
  };
  return { api: api as unknown as ApiServer, asked };
}

const VERSION = { "/version": { major: "1", minor: "34+" } };
const group = (...versions: readonly string[]) => ({ "/apis/resource.k8s.io": { versions: versions.map((version) => ({ version })) } });
const forbidden = (resource: string) => new ApiError(403, "Forbidden", `${resource} is forbidden`);

test("kinds are read in the newest version that both have, and items get the kind that lists leave out", async () => {
  const { api } = server({
    ...VERSION,
    ...group("v1beta1", "v1beta2"),
    "/apis/resource.k8s.io/v1beta2/resourceslices": [{ metadata: { name: "a" } }],
  });
  const { kubernetesVersion, objects, gaps, source } = await readCluster(api, "prod", () => undefined);
  expect({ kubernetesVersion, gaps, source }).toEqual({ kubernetesVersion: "1.34", gaps: [], source: "context prod" });
  expect(objects.ResourceSlice).toEqual([{ apiVersion: "resource.k8s.io/v1beta2", kind: "ResourceSlice", metadata: { name: "a" } }]);
});

test("what may not be read is a gap, and the rest is read", async () => {
  const { api } = server({ ...VERSION, ...group("v1"), "/api/v1/nodes": forbidden("nodes") });
  const { gaps } = await readCluster(api, "prod", () => undefined);
  expect(gaps).toEqual([{ kind: "Node", reason: "nodes is forbidden" }]);
});

test.each<[string, Answers, RegExp]>([
  ["is absent", { "/apis/resource.k8s.io": new ApiError(404, "NotFound", "not found") }, /does not serve resource\.k8s\.io/],
  ["has other versions only", group("v1alpha3"), /v1alpha3 only/],
])("a DRA API that %s is a gap of all its kinds", async (_, answers, reason) => {
  const { api, asked } = server({ ...VERSION, ...answers });
  const { gaps } = await readCluster(api, "prod", () => undefined);
  expect(gaps.map(({ kind }) => kind)).toEqual(["ResourceSlice", "DeviceClass", "ResourceClaim", "ResourceClaimTemplate"]);
  expect(gaps[0]?.reason).toMatch(reason);
  expect(asked.filter((path) => path.startsWith("/apis/resource.k8s.io/"))).toEqual([]);
});

test("a cluster that does not answer is unusable", async () => {
  const { api } = server({ "/version": new Error("connect ECONNREFUSED") });
  await expect(readCluster(api, "prod", () => undefined)).rejects.toThrow(UnusableError);
});
