/**
 * Tenants on a real API server: what a member of a team, the team's pods, another team and a node cannot do with their own credentials (docs/security.md, "Ways in"),
 * what a team can, and which guardrails stand behind the rights.
 */
import type { Answer, ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { admissionPoliciesInForce, podsPossible } from "../../../src/fleet/settled";
import { GUARDED } from "./guarded-requests";
import { OPERATOR, makeOperator } from "../operator";
import type { Verdict } from "../refuser";
import { verdictOf } from "../refuser";
import { applyStack, stackObjects } from "../../support/stack-objects";
import { documentedManifests, objectsOfManifest } from "../../support/documented-manifests";
import type { DocumentedManifest } from "../../support/documented-manifests";
import type { TenantRequest } from "./requests";
import { ENTERED, FORBIDDEN, OTHER, OWN_OBJECTS, READABLE, TEAM } from "./requests";

const MEMBER = "member";
const STRANGER = "stranger";
const NODE = "system:node:node-1";
const slices = { small: 4, medium: 2, large: 2 };

let cluster: ControlPlane;
let member: ApiServer;

beforeAll(async () => {
  cluster = await startControlPlane({
    users: [
      { name: MEMBER, groups: [`${TEAM}-members`] },
      { name: STRANGER, groups: [`${OTHER}-members`] },
      { name: OPERATOR, groups: [] },
      { name: NODE, groups: ["system:nodes"] },
    ],
  });
  const teams = [TEAM, OTHER].map((name) => ({ name, group: `${name}-members`, slices }));
  await applyStack(cluster.api, await stackObjects({ fashionMnist: { type: "none" }, teams }));
  await makeOperator(cluster.api);
  const metadata = (name: string) => ({ name, labels: { "kubernetes.io/hostname": name } });
  for (const name of ["node-1", "node-2"]) {
    const taints = [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }];
    await cluster.api.apply({ apiVersion: "v1", kind: "Node", metadata: metadata(name), spec: { taints } });
  }
  await admissionPoliciesInForce(cluster.api);
  for (const namespace of [TEAM, OTHER, "gpu-operator"]) {
    await podsPossible(cluster.api, namespace);
  }
  const spec = { containers: [{ name: "main", image: "registry.example.com/driver:1" }] };
  await cluster.api.apply({ apiVersion: "v1", kind: "Pod", metadata: { name: "driver", namespace: "gpu-operator" }, spec });
  member = cluster.as(MEMBER);
  for (const object of OWN_OBJECTS) {
    await member.create(ofTeam(object));
  }
});
afterAll(() => cluster.stop());

test.each(documentedManifests().map((manifest): [string, DocumentedManifest] => [manifest.place, manifest]))(
  "%s: the API server says what the document says",
  async (place, manifest) => {
    for (const object of objectsOfManifest(manifest)) {
      const { status, body } = await member.tryCreate(ofTeam(object as KubernetesObject), { dryRun: true });
      const refused = status >= 400 ? String(body.message) : undefined;
      expect({ place, refused: refused !== undefined }).toEqual({ place, refused: place.endsWith("whole-gpu.yaml") });
    }
  },
);

function ofTeam(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, namespace: TEAM } };
}

function send(api: ApiServer, { method, path, body }: TenantRequest): Promise<Answer> {
  const contentType = method === "PATCH" ? "application/strategic-merge-patch+json" : "application/json";
  return api.request(method, path, body === undefined ? undefined : { contentType, content: body });
}

/** Who refuses each of the requests. */
async function refusers(api: ApiServer, requests: readonly TenantRequest[]): Promise<readonly string[]> {
  const said: string[] = [];
  for (const each of requests) {
    const verdict = verdictOf(await send(api, each));
    said.push(`${each.method} ${each.path}: ${verdict.type === "admitted" ? "admitted" : verdict.by}`);
  }
  return said;
}

const byRights = (requests: readonly TenantRequest[]) => requests.map(({ method, path }) => `${method} ${path}: RBAC`);

describe("a team's member has no right to", () => {
  test.each(FORBIDDEN.map(([row, ...requests]) => ({ row, requests })))("$row", async ({ requests }) => {
    expect(await refusers(member, requests)).toEqual(byRights(requests));
  });

  test.each(["users", "groups", "serviceaccounts"])("speak in the name of other %s", async (resource) => {
    const content = { spec: { resourceAttributes: { verb: "impersonate", resource } } };
    const { body } = await member.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      contentType: "application/json",
      content: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", metadata: {}, ...content },
    });
    expect(body.status.allowed).toBe(false);
  });
});

describe("nor has", () => {
  const own: readonly TenantRequest[] = READABLE.map((path) => ({ method: "GET", path }));

  test("a pod of the team, by the token that is mounted into it", async () => {
    const path = `/api/v1/namespaces/${TEAM}/serviceaccounts/default/token`;
    const { status } = await cluster.api.request("POST", path, { contentType: "application/json", content: {} }).then(({ body }) => body);
    const pod = cluster.api.as(String(status.token));
    const requests = [...FORBIDDEN.flatMap(([, ...all]) => all), ...own, ...ENTERED];
    expect(await refusers(pod, requests)).toEqual(byRights(requests));
    pod.close();
  });

  test("a member of another team, of this one's namespace", async () => {
    const requests = [...own, ...ENTERED];
    expect(await refusers(cluster.as(STRANGER), requests)).toEqual(byRights(requests));
  });

  test("a node's kubelet, of other nodes, of its own taints, and of slices that are another node's", async () => {
    const kubelet = cluster.as(NODE);
    const slice = (nodeName: string) => ({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: { name: `${nodeName}-gpu` },
      spec: {
        driver: "gpu.nvidia.com",
        nodeName,
        pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "gpu-0" }],
      },
    });
    const labels = { metadata: { labels: { "nvidia.com/mig.config": "all-disabled" } } };
    const foreign = [
      await send(kubelet, { method: "PATCH", path: "/api/v1/nodes/node-2", body: labels }),
      await send(kubelet, { method: "PATCH", path: "/api/v1/nodes/node-1", body: { spec: { taints: [{ $patch: "replace" }] } } }),
      await kubelet.tryCreate(slice("node-2"), { dryRun: true }),
    ];
    expect(foreign.map(({ body }) => String(body.message))).toEqual([
      expect.stringContaining("is not allowed to modify node"),
      expect.stringContaining("is not allowed to modify taints"),
      expect.stringContaining("can only create ResourceSlice with the same NodeName as the requesting node"),
    ]);
    // What it may do with its own node is why the node line and the instances themselves matter.
    const own = [
      await send(kubelet, { method: "PATCH", path: "/api/v1/nodes/node-1?dryRun=All", body: labels }),
      await kubelet.tryCreate(slice("node-1"), { dryRun: true }),
    ];
    expect(own.map((answer) => verdictOf(answer).type)).toEqual(["admitted", "admitted"]);
  });
});

describe("a team's member can", () => {
  test.each(OWN_OBJECTS.map((object) => [object.kind, object] as const))("read, change and delete a %s that it made", async (_, object) => {
    const own = ofTeam(object);
    const path = await member.pathOf(own);
    const collection = path.slice(0, path.lastIndexOf("/"));
    expect((await member.list(collection)).map(({ metadata }) => metadata["name"] as string)).toContain(own.metadata["name"]);
    await member.merge(own, { metadata: { labels: { changed: "true" } } });
    expect(verdictOf(await member.request("DELETE", `${path}?dryRun=All`)).type).toBe("admitted");
    expect(verdictOf(await member.request("DELETE", `${collection}?dryRun=All`)).type).toBe("admitted");
  });

  test.each(READABLE)("read %s", async (path) => {
    expect(verdictOf(await member.request("GET", path)).type).toBe("admitted");
  });

  test("scale a deployment", async () => {
    const path = `/apis/apps/v1/namespaces/${TEAM}/deployments/deployment/scale`;
    expect(verdictOf(await send(member, { method: "PATCH", path, body: { spec: { replicas: 1 } } })).type).toBe("admitted");
  });

  test("delete the team's claim templates, by which it harms nobody but itself", async () => {
    const path = `/apis/resource.k8s.io/v1/namespaces/${TEAM}/resourceclaimtemplates/mig-small-template?dryRun=All`;
    expect(verdictOf(await member.request("DELETE", path)).type).toBe("admitted");
  });

  test("watch its pods", async () => {
    const seen: string[] = [];
    const ending = new AbortController();
    const watching = member.watch(
      `/api/v1/namespaces/${TEAM}/pods`,
      ({ object }) => {
        seen.push(String(object.metadata["name"]));
        ending.abort();
      },
      ending.signal,
    );
    await watching.catch(() => undefined);
    expect(seen).not.toEqual([]);
  });

  test.each(ENTERED)("$method $path, as far as there is a kubelet", async (request) => {
    expect((await send(member, request)).status).not.toBe(403);
  });
});

describe("behind the rights stand the guardrails", () => {
  const said = (verdict: Verdict) => (verdict.type === "refused" && verdict.by.startsWith("policy ") ? verdict.by : "no policy");

  test.each(GUARDED)("%s", async (_, request, operator, admin) => {
    expect({
      operator: said(await asked(cluster.as(OPERATOR), request)),
      admin: said(await asked(cluster.api, request)),
    }).toEqual({ operator, admin });
  });

  test("an address in a Service's status, which leads traffic as externalIPs do, needs a type that no team's Service has", async () => {
    const path = `/api/v1/namespaces/${TEAM}/services/web/status?dryRun=All`;
    const answer = await send(cluster.api, {
      method: "PATCH",
      path,
      body: { status: { loadBalancer: { ingress: [{ ip: "192.0.2.10" }] } } },
    });
    expect(verdictOf(answer)).toMatchObject({
      by: "validation",
      message: expect.stringContaining("may only be used when `spec.type` is") as string,
    });
  });

  /** What has no kubelet to go to ends in an error of the server. */
  async function asked(api: ApiServer, request: TenantRequest): Promise<Verdict> {
    const answer = await send(api, request);
    return answer.status >= 500 ? { type: "admitted", warnings: [] } : verdictOf(answer);
  }
});

test.each(["v1beta1", "v1beta2", "v1alpha3"])("claims of %s are not served", async (version) => {
  const path = `/apis/resource.k8s.io/${version}/namespaces/${TEAM}/resourceclaims`;
  expect(verdictOf(await member.request("GET", path))).toMatchObject({ by: "not served" });
});
