/** Quotas and LimitRanges, as the API server applies them to pods before any is scheduled. */
import { Autoscalers } from "../../src/cluster/autoscalers";
import { finderOf } from "../../src/cluster/custom-resources/placement";
import { LimitRanges, podLimits } from "../../src/cluster/limits";
import { toObject } from "../../src/cluster/objects";
import type { ClusterObject } from "../../src/cluster/objects";
import { simulateCluster } from "../../src/cluster/simulate";
import { Quotas, describeExcess, podCounts } from "../../src/cluster/quota";
import { podsOf } from "../../src/cluster/workloads";
import { RELEASES } from "../../src/releases/find";

const object = (kind: string, spec: object, name = "team"): ClusterObject =>
  toObject(
    { apiVersion: "v1", kind, metadata: { name, namespace: "team-a" }, spec },
    { type: "manifest", file: "m.yaml", line: 1 },
    "default",
  );
const RANGE = object("LimitRange", {
  limits: [{ type: "Container", defaultRequest: { cpu: "250m", memory: "512Mi" }, default: { memory: "4Gi" } }],
});

/** The first pod that does not fit, of equal ones, with the reason. */
function firstRefused(
  hard: object,
  resources: object,
  objects: readonly ClusterObject[] = [],
): { readonly made: number; readonly reason: string } {
  const quotas = Quotas.of([object("ResourceQuota", { hard })]);
  const surroundings = { ranges: LimitRanges.of(objects), nodes: [], autoscalers: Autoscalers.of([]), finder: finderOf([]) };
  const reading = podsOf(object("Pod", { containers: [{ name: "main", image: "x", resources }] }), surroundings);
  const [pods] = reading.type === "pods" ? reading.pods : [];
  if (pods === undefined) {
    throw new Error("no pod");
  }
  const { pod, limits } = pods.at(0);
  for (let made = 0; ; made++) {
    const excess = quotas.add("team-a", podCounts(pod.requests, limits));
    if (excess !== undefined) {
      return { made, reason: describeExcess(excess) };
    }
  }
}

test.each<[string, object, object, number, string]>([
  ["CPU requests", { "requests.cpu": "64" }, { requests: { cpu: "25500m" } }, 2, "64 requests.cpu, 51 used, 25500m more asked for"],
  ["the same by its short name", { cpu: "1" }, { requests: { cpu: "600m" } }, 1, "1 cpu, 600m used, 600m more asked for"],
  [
    "memory requests",
    { "requests.memory": "512Gi" },
    { requests: { memory: "200Gi" } },
    2,
    "512Gi requests.memory, 400Gi used, 200Gi more asked for",
  ],
  ["memory limits", { "limits.memory": "1Gi" }, { limits: { memory: "600Mi" } }, 1, "1Gi limits.memory, 600Mi used, 600Mi more asked for"],
  [
    "limits as requests where none are given",
    { "requests.cpu": "1" },
    { limits: { cpu: "1" } },
    1,
    "1 requests.cpu, 1 used, 1 more asked for",
  ],
  ["pods", { pods: "3" }, {}, 3, "3 pods, 3 used, 1 more asked for"],
])("a quota counts %s", (_, hard, resources, made, reason) => {
  expect(firstRefused(hard, resources)).toEqual({ made, reason: `quota "team" allows ${reason}` });
});

test.each<[string, object, object, number]>([
  ["nothing", { "requests.cpu": "1" }, {}, 4],
  ["nothing, of a limit", { "limits.memory": "16Gi" }, {}, 4],
  ["what the range has a default for", { "requests.cpu": "1" }, { requests: { cpu: "500m" } }, 2],
  ["only a limit, which is then the request", { "requests.memory": "4Gi" }, { limits: { memory: "2Gi" } }, 2],
])("a LimitRange fills in for a container that says %s", (_, hard, resources, made) => {
  expect(firstRefused(hard, resources, [RANGE]).made).toBe(made);
});

test("a LimitRange concerns its own namespace, and containers only", () => {
  const spec = { containers: [{ name: "main" }] };
  const ranges = LimitRanges.of([RANGE, object("LimitRange", { limits: [{ type: "Pod", max: { cpu: "8" } }] }, "pods")]);
  expect(podLimits(ranges.apply("team-b", spec))).toEqual({});
  expect(podLimits(ranges.apply("team-a", spec))).toEqual({ memory: 4 * 2 ** 30 });
});

test("of a LimitRange's minimum and maximum the API server makes defaults where there are none", () => {
  const ranges = LimitRanges.of([object("LimitRange", { limits: [{ type: "Container", max: { memory: "8Gi" }, min: { cpu: "100m" } }] })]);
  expect(ranges.apply("team-a", { containers: [{ name: "main" }] })).toEqual({
    containers: [{ name: "main", resources: { requests: { cpu: "100m", memory: "8Gi" }, limits: { memory: "8Gi" } } }],
  });
});

test("what is no pod's spec is left for others to refuse", () => {
  const ranges = LimitRanges.of([RANGE]);
  for (const spec of [undefined, "text", { containers: "text" }, { containers: ["text"] }, { containers: [{ resources: "text" }] }]) {
    expect(ranges.apply("team-a", spec)).toEqual(spec);
  }
});

test("the pods of a controller beyond the quota are pending for that, whatever the nodes have", () => {
  const containers = [{ name: "main", image: "x", resources: { requests: { cpu: "25" } } }];
  const deployment = toObject(
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "hungry", namespace: "team-a" },
      spec: { replicas: 3, template: { spec: { containers } } },
    },
    { type: "manifest", file: "m.yaml", line: 1 },
    "default",
  );
  const namespace = toObject({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team-a" } }, { type: "stack", urn: "" }, "default");
  const [release] = RELEASES;
  const pods =
    release && simulateCluster([], [], [namespace, object("ResourceQuota", { hard: { "requests.cpu": "64" } }), deployment], release).pods;
  expect(pods?.map((outcome) => outcome.type === "pending" && [outcome.count, outcome.reason])).toEqual([
    [2, "there is no node"],
    [1, 'quota "team" allows 64 requests.cpu, 50 used, 25 more asked for'],
  ]);
});

describe("what other objects count", () => {
  const [release] = RELEASES;
  const named = (kind: string, name: string, spec: object, apiVersion = "v1") =>
    toObject({ apiVersion, kind, metadata: { name, namespace: "team-a" }, spec }, { type: "manifest", file: "m.yaml", line: 1 }, "");
  const NAMESPACE = toObject({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team-a" } }, { type: "stack", urn: "" }, "");
  const DEFAULT_CLASS = toObject(
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    },
    { type: "stack", urn: "" },
    "",
  );
  const volume = (name: string, storage: string, more: object = {}) =>
    named("PersistentVolumeClaim", name, { resources: { requests: { storage } }, ...more });
  const refused = (hard: object, objects: readonly ClusterObject[], limits: readonly object[] = []) =>
    release &&
    simulateCluster(
      [],
      [],
      [NAMESPACE, DEFAULT_CLASS, object("ResourceQuota", { hard }), object("LimitRange", { limits }, "range"), ...objects],
      release,
    ).problems.map((problem) => `${problem.object.name}: ${problem.message}`);

  test.each<[string, object, readonly ClusterObject[], string]>([
    [
      "storage in all",
      { "requests.storage": "20Ti" },
      [volume("a", "16Ti"), volume("b", "16Ti")],
      'b: quota "team" allows 20480Gi requests.storage, 16384Gi used, 16384Gi more asked for',
    ],
    [
      "storage of the default class",
      { "gp3.storageclass.storage.k8s.io/requests.storage": "1Ti" },
      [volume("other", "1Ei", { storageClassName: "fsx" }), volume("b", "1Ei")],
      'b: quota "team" allows 1024Gi gp3.storageclass.storage.k8s.io/requests.storage, 0Gi used, 1073741824Gi more asked for',
    ],
    [
      "volumes of a class",
      { "gp2.storageclass.storage.k8s.io/persistentvolumeclaims": "0" },
      [volume("a", "1Gi"), volume("b", "1Gi", { storageClassName: "gp2" })],
      'b: quota "team" allows 0 gp2.storageclass.storage.k8s.io/persistentvolumeclaims, 0 used, 1 more asked for',
    ],
    [
      "volumes",
      { persistentvolumeclaims: "1" },
      [volume("a", "1Gi"), volume("b", "1Gi")],
      'b: quota "team" allows 1 PersistentVolumeClaims, 1 used, 1 more asked for',
    ],
    [
      "ConfigMaps, of which every namespace has one",
      { "count/configmaps": "2" },
      [named("ConfigMap", "a", {}), named("ConfigMap", "b", {})],
      'b: quota "team" allows 2 count/configmaps, 2 used, 1 more asked for',
    ],
    [
      "the ReplicaSet of a Deployment",
      { "count/replicasets.apps": "0" },
      [named("Deployment", "a", { replicas: 0 }, "apps/v1")],
      'a: quota "team" allows 0 count/replicasets.apps, 0 used, 1 more asked for',
    ],
    [
      "node ports of a load balancer",
      { "services.nodeports": "1" },
      [named("Service", "a", { type: "LoadBalancer", ports: [{ port: 1 }, { port: 2 }] })],
      'a: quota "team" allows 1 services.nodeports, 0 used, 2 more asked for',
    ],
    [
      "objects of a custom group",
      { "count/networkpolicies.networking.k8s.io": "0" },
      [named("NetworkPolicy", "a", {}, "networking.k8s.io/v1")],
      'a: quota "team" allows 0 count/networkpolicies.networking.k8s.io, 0 used, 1 more asked for',
    ],
  ])("%s", (_, hard, objects, message) => {
    expect(refused(hard, objects)).toEqual([message]);
  });

  test("a volume above the maximum of the LimitRange", () => {
    const limits = [{ type: "PersistentVolumeClaim", max: { storage: "100Gi" } }];
    expect(refused({}, [volume("fits", "100Gi"), volume("big", "101Gi")], limits)).toEqual([
      "big: spec.resources: the namespace's maximum storage per PersistentVolumeClaim is 100Gi, and the request is 101Gi",
    ]);
  });

  const podOf = (resources: object) => named("Pod", "p", { containers: [{ name: "main", image: "x", resources }] });
  test.each<[string, object, object, readonly string[]]>([
    ["a pod within", { type: "Pod", max: { memory: "2Gi" } }, { limits: { memory: "2Gi" } }, []],
    [
      "a pod above the maximum",
      { type: "Pod", max: { memory: "2Gi" } },
      { limits: { memory: "3Gi" } },
      ["p: spec: the namespace's maximum memory per Pod is 2Gi, and the limit is 3Gi"],
    ],
    [
      "a pod without a limit",
      { type: "Pod", max: { memory: "2Gi" } },
      {},
      ["p: spec: the namespace's maximum memory per Pod is 2Gi, and no limit says it"],
    ],
    [
      "a container below the minimum",
      { type: "Container", min: { cpu: "1" } },
      { requests: { cpu: "500m" } },
      ["p: spec.containers[0].resources: the namespace's minimum cpu per Container is 1, and the request is 500m"],
    ],
    [
      "a request above the default limit",
      { type: "Container", default: { "ephemeral-storage": "10Gi" } },
      { requests: { "ephemeral-storage": "20Gi" } },
      [
        "p: spec.containers[0].resources: the request of ephemeral-storage, 20Gi, is above the limit, 10Gi. Set limits.ephemeral-storage too: the namespace's LimitRange gives a container without one a default",
      ],
    ],
    [
      "a ratio above the maximum",
      { type: "Container", maxLimitRequestRatio: { cpu: "1500m" } },
      { requests: { cpu: "1" }, limits: { cpu: "2" } },
      [
        "p: spec.containers[0].resources: the namespace's maximum ratio of limit to request of cpu per Container is 1500m, and request and limit do not keep it",
      ],
    ],
  ])("%s of the LimitRange", (_, item, resources, messages) => {
    expect(refused({}, [podOf(resources)], [item])).toEqual(messages);
  });

  test("the volumes of a pod are made for it, and count", () => {
    const claim = { spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp2", resources: { requests: { storage: "10Gi" } } } };
    const stateful = named(
      "StatefulSet",
      "s",
      { replicas: 3, volumeClaimTemplates: [claim], template: { spec: { containers: [{ name: "main", image: "x" }] } } },
      "apps/v1",
    );
    const ephemeral = named("Pod", "p", {
      containers: [{ name: "main", image: "x" }],
      volumes: [{ name: "scratch", ephemeral: { volumeClaimTemplate: claim } }],
    });
    const quota = object("ResourceQuota", { hard: { "requests.storage": "20Gi" } });
    const { pods } = (release && simulateCluster([], [], [NAMESPACE, quota, stateful, ephemeral], release)) as { pods: readonly object[] };
    expect(pods).toMatchObject([
      { count: 2, reason: "there is no node" },
      { count: 1, reason: expect.stringContaining("allows 20Gi requests.storage, 20Gi used, 10Gi more") as string },
      { count: 1, reason: expect.stringContaining("allows 20Gi requests.storage") as string },
    ]);
  });
});

test("ephemeral storage counts by both of its names, and limits of other resources do not", () => {
  expect(podCounts({ "ephemeral-storage": 1, "nvidia.com/gpu": 2 }, { "ephemeral-storage": 3, "nvidia.com/gpu": 2 })).toEqual({
    pods: 1,
    "count/pods": 1,
    "ephemeral-storage": 1,
    "requests.ephemeral-storage": 1,
    "limits.ephemeral-storage": 3,
    "requests.nvidia.com/gpu": 2,
  });
});
