/** What has no end by itself, on a real API server: storage, the nodes' disks and objects of every kind end at the team's quota, and the rehearsal says where. */
import { toObject } from "../../../src/cluster/objects";
import { LimitRanges } from "../../../src/cluster/limits";
import { objectCounts } from "../../../src/cluster/object-counts";
import { Quotas } from "../../../src/cluster/quota";
import { CREATED_KINDS } from "../../../src/well-known/team-rights";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { waitFor } from "../../../src/live/wait";
import { startControlPlane } from "../../harness/control-plane/start";
import { admissionPoliciesInForce, podsPossible, quotaInForce } from "../../../src/fleet/settled";
import { applyStack, stackObjects } from "../../support/stack-objects";
import { pod, told } from "./claims";
import { OWN_OBJECTS } from "../tenants/requests";

const MEMBER = "member";
/** Objects as the configuration gives them by default, and a small team that can be filled in a test. */
const WIDE = { name: "team-a", group: "members", slices: { small: 2 }, storageGiB: 500 };
const NARROW = { name: "team-b", group: "members", slices: { small: 2 }, storageGiB: 100, ephemeralStorageGiB: 30, objects: 10 };

let cluster: ControlPlane;
let member: ApiServer;
let objects: readonly KubernetesObject[];

beforeAll(async () => {
  cluster = await startControlPlane({ users: [{ name: MEMBER, groups: ["members"] }], clientRate: "unlimited" });
  objects = await stackObjects({ fashionMnist: { type: "none" }, teams: [WIDE, NARROW] });
  await applyStack(cluster.api, objects);
  for (const { name } of [WIDE, NARROW]) {
    await quotaInForce(cluster.api, name);
    await podsPossible(cluster.api, name);
  }
  await admissionPoliciesInForce(cluster.api);
  member = cluster.as(MEMBER);
});
afterAll(() => cluster.stop());

function volume(namespace: string, name: string, storage: string, more: object = {}): KubernetesObject {
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...more };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace }, spec };
}

async function verdicts(all: readonly KubernetesObject[], api: ApiServer = member): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const object of all) {
    const [verdict = ""] = told(await api.tryCreate(object)).split(":");
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

test("120 volumes of 16 Ti, and one of 1 Ei", async () => {
  const many = Array.from({ length: 120 }, (_, index) => volume(WIDE.name, `big-${index}`, "16Ti"));
  expect(await verdicts([...many, volume(WIDE.name, "huge", "1Ei")])).toEqual({ "limit range": 121 });
});

test("volumes of a legal size, until the team has all of its storage", async () => {
  const many = Array.from({ length: 20 }, (_, index) => volume(WIDE.name, `volume-${index}`, "100Gi"));
  expect(await verdicts(many)).toEqual({ admitted: 5, quota: 15 });
  expect(told(await member.tryCreate(volume(WIDE.name, "closed-class", "1Gi", { storageClassName: "gp2" })))).toMatch(
    /^quota: .*gp2\.storageclass\.storage\.k8s\.io/,
  );
  expect(told(await member.tryCreate(volume(WIDE.name, "any-class", "1Gi", { storageClassName: "fsx" })))).toMatch(
    /^quota: .*requests\.storage/,
  );
  const grown = await member.request("PATCH", `/api/v1/namespaces/${WIDE.name}/persistentvolumeclaims/volume-0`, {
    contentType: "application/strategic-merge-patch+json",
    content: { spec: { resources: { requests: { storage: "200Gi" } } } },
  });
  expect(told(grown)).not.toBe("admitted");
});

test("controllers, which make the volumes of StatefulSets and pods, are counted alike", async () => {
  expect(await verdicts([volume(WIDE.name, "of-a-controller", "100Gi")], cluster.api)).toEqual({ quota: 1 });
});

test("50 ConfigMaps of 1 MB", async () => {
  // The controller gives every namespace a ConfigMap of its own. If the quota came first, or was counted before its cache had the ConfigMap, it is counted
  // with the next one that is deleted, or after five minutes.
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team", namespace: WIDE.name } };
  const other = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other", namespace: WIDE.name } };
  let used: Readonly<Record<string, string>> | undefined;
  await waitFor(
    "the count of the ConfigMap that every namespace has",
    async () => {
      used = (await cluster.api.find(quota))?.["status"]?.used;
      if (used?.["count/configmaps"] === "1") {
        return true;
      }
      await cluster.api.create(other);
      await cluster.api.delete(other);
      return false;
    },
    { describe: () => Promise.resolve(JSON.stringify(used)) },
  );
  const data = { text: "x".repeat(1_000_000) };
  const many = Array.from({ length: 50 }, (_, index) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `big-${index}`, namespace: WIDE.name },
    data,
  }));
  expect(await verdicts(many)).toEqual({ admitted: 30, quota: 20 });
});

/** What a member makes: the objects of the tenants' tests, by plural. */
const PLURALS: ReadonlyMap<string, KubernetesObject> = new Map(OWN_OBJECTS.map((object) => [`${object.kind.toLowerCase()}s`, object]));

test.each(CREATED_KINDS.map(({ resource }) => resource))("%s end at the quota", async (resource) => {
  const object = PLURALS.get(resource);
  if (object === undefined) {
    throw new Error(`nothing of the tenants' tests is one of ${resource}`);
  }
  const more = resource === "pods" ? 60 : resource === "jobs" ? 35 : 15;
  const many = Array.from({ length: more }, (_, index) => ({ ...object, metadata: { name: `own-${index}`, namespace: NARROW.name } }));
  const counts = await verdicts(many);
  expect(Object.keys(counts).sort()).toEqual(["admitted", "quota"]);
  await member.deleteAll(`${await collectionOf(many[0] as KubernetesObject)}`);
});

async function collectionOf(object: KubernetesObject): Promise<string> {
  const path = await cluster.api.pathOf(object);
  return path.slice(0, path.lastIndexOf("/"));
}

describe("the nodes' disks", () => {
  test.each<[string, object, RegExp]>([
    ["more than a pod may have", { limits: { "ephemeral-storage": "5000Gi" } }, /^limit range: .*maximum ephemeral-storage usage per Pod/],
    ["more than the team has", { limits: { "ephemeral-storage": "31Gi" } }, /^quota: .*ephemeral-storage/],
    ["more than the default limit, without one", { requests: { "ephemeral-storage": "11Gi" } }, /^validation: /],
  ])("%s", async (_, resources, answer) => {
    expect(told(await member.tryCreate(pod(NARROW.name, "disk", { resources }), { dryRun: true }))).toMatch(answer);
  });

  test("a container that says nothing has a request and a limit", async () => {
    const answer = await member.tryCreate(pod(NARROW.name, "silent"), { dryRun: true });
    expect(answer.body.spec.containers[0].resources).toMatchObject({
      requests: { "ephemeral-storage": "1Gi" },
      limits: { "ephemeral-storage": "10Gi" },
    });
  });
});

test("the rehearsal counts storage and objects as the API server does", async () => {
  const namespace = "counted";
  const hard = {
    "requests.storage": "10Gi",
    persistentvolumeclaims: "5",
    "gp3.storageclass.storage.k8s.io/requests.storage": "8Gi",
    "other.storageclass.storage.k8s.io/persistentvolumeclaims": "2",
    "count/configmaps": "4",
    secrets: "2",
    services: "2",
    "services.nodeports": "3",
    "services.loadbalancers": "1",
  };
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team", namespace }, spec: { hard } };
  const limits = [{ type: "PersistentVolumeClaim", max: { storage: "6Gi" }, min: { storage: "1Gi" } }];
  const range = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "team", namespace }, spec: { limits } };
  await cluster.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await cluster.api.apply(range);
  await podsPossible(cluster.api, namespace);
  await cluster.api.apply(quota);
  await quotaInForce(cluster.api, namespace);
  const service = (name: string, spec: object) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      selector: { a: "b" },
      ports: [
        { name: "a", port: 80 },
        { name: "b", port: 81 },
      ],
      ...spec,
    },
  });
  const plain = (kind: string, name: string) => ({ apiVersion: "v1", kind, metadata: { name, namespace } });
  const all: readonly KubernetesObject[] = [
    volume(namespace, "a", "7Gi"),
    volume(namespace, "b", "500Mi"),
    volume(namespace, "c", "6Gi"),
    volume(namespace, "d", "2.5Gi"),
    volume(namespace, "e", "2Gi"),
    volume(namespace, "f", "1Gi", { storageClassName: "other" }),
    volume(namespace, "g", "1Gi", { storageClassName: "other" }),
    volume(namespace, "h", "1Gi", { storageClassName: "other" }),
    ...["a", "b", "c", "d"].map((name) => plain("ConfigMap", name)),
    ...["a", "b", "c"].map((name) => plain("Secret", name)),
    service("a", { type: "LoadBalancer" }),
    service("b", { type: "NodePort" }),
    service("c", {}),
    service("d", {}),
  ];
  const origin = { type: "stack", urn: "" } as const;
  const quotas = Quotas.of([toObject(quota, origin, "")]);
  const ranges = LimitRanges.of([toObject(range, origin, "")]);
  quotas.addTimes(namespace, { "count/configmaps": 1 }, 1);
  const compared: { readonly name: string; readonly real: boolean; readonly rehearsed: boolean }[] = [];
  for (const each of all) {
    const object = toObject(each as never, origin, "");
    const inRange = each.kind !== "PersistentVolumeClaim" || ranges.volumeProblems(namespace, each["spec"], "spec").length === 0;
    const rehearsed = inRange && quotas.add(namespace, objectCounts(object, "gp3")) === undefined;
    compared.push({
      name: `${each.kind} ${String(each.metadata["name"])}`,
      real: told(await cluster.api.tryCreate(each)) === "admitted",
      rehearsed,
    });
  }
  expect(compared.filter(({ real, rehearsed }) => real !== rehearsed)).toEqual([]);
  expect(compared.map(({ real }) => real)).toEqual(expect.arrayContaining([true, false]));
});
