/** Quotas and LimitRanges, as the API server applies them to pods before any is scheduled. */
import { LimitRanges, podLimits } from "../../src/cluster/limits";
import { toObject } from "../../src/cluster/objects";
import type { ClusterObject } from "../../src/cluster/objects";
import { simulateCluster } from "../../src/cluster/simulate";
import { Quotas, describeExcess } from "../../src/cluster/quota";
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
  const reading = podsOf(object("Pod", { containers: [{ name: "main", image: "x", resources }] }), LimitRanges.of(objects), []);
  const [planned] = reading.type === "pods" ? reading.pods : [];
  if (planned === undefined) {
    throw new Error("no pod");
  }
  for (let made = 0; ; made++) {
    const excess = quotas.addPod("team-a", planned.pod.requests, planned.limits);
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
  expect(pods?.map((outcome) => outcome.type === "pending" && outcome.reason)).toEqual([
    "there is no node",
    "there is no node",
    'quota "team" allows 64 requests.cpu, 50 used, 25 more asked for',
  ]);
});
