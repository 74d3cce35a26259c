/** Workloads: pods are counted, and made no more than there is room for. */
import { toObject } from "../../src/cluster/objects";
import type { ClusterObject } from "../../src/cluster/objects";
import { simulateCluster } from "../../src/cluster/simulate";
import type { Simulation } from "../../src/cluster/simulate";
import { RELEASES } from "../../src/releases/find";

const CONTAINERS = { containers: [{ name: "a", image: "b" }] };
const VERSIONS: Readonly<Record<string, string>> = {
  Job: "batch/v1",
  CronJob: "batch/v1",
  ReplicationController: "v1",
  Namespace: "v1",
  ResourceQuota: "v1",
};

function object(kind: string, spec: object, name = "x"): ClusterObject {
  const metadata = kind === "Namespace" ? { name } : { name, namespace: "team-a" };
  return toObject(
    { apiVersion: VERSIONS[kind] ?? "apps/v1", kind, metadata, spec },
    { type: "manifest", file: "m.yaml", line: 1 },
    "default",
  );
}

function workload(kind: string, more: object): ClusterObject {
  const template = { spec: CONTAINERS };
  return object(kind, kind === "CronJob" ? { jobTemplate: { spec: { template, ...more } } } : { template, ...more });
}

function simulate(...objects: readonly ClusterObject[]): Simulation {
  const [release] = RELEASES;
  if (release === undefined) {
    throw new Error("no release");
  }
  return simulateCluster([], [], [object("Namespace", {}, "team-a"), ...objects], release);
}

const pending = ({ pods }: Simulation) => pods.map((outcome) => outcome.type === "pending" && [outcome.count, outcome.reason]);

test.each([
  ["Deployment", { replicas: 1_000_000_000 }],
  ["ReplicaSet", { replicas: 2 ** 31 - 1 }],
  ["StatefulSet", { replicas: 1_000_000_000 }],
  ["ReplicationController", { replicas: 1_000_000_000 }],
  ["Job", { parallelism: 1_000_000_000 }],
  ["CronJob", { parallelism: 1_000_000_000, completions: 2_000_000_000 }],
])("%s with %j is answered at once", (kind, count) => {
  const start = performance.now();
  expect(pending(simulate(workload(kind, count)))).toEqual([[Object.values(count)[0], "there is no node"]]);
  expect(performance.now() - start).toBeLessThan(1_000);
});

test("the reasons change where the quota's room ends, and every pod has one", () => {
  const hard = { pods: "1000000", "requests.cpu": "2000000" };
  const hungry = { spec: { containers: [{ name: "a", image: "b", resources: { requests: { cpu: "1" } } }] } };
  const objects = [object("ResourceQuota", { hard }, "team"), workload("Deployment", { replicas: 1_000_000_000, template: hungry })];
  expect(pending(simulate(...objects))).toEqual([
    [1_000_000, "there is no node"],
    [999_000_000, 'quota "team" allows 1000000 pods, 1000000 used, 1 more asked for'],
  ]);
});

test.each<[string, object, string]>([
  ["Deployment", { replicas: 2 ** 31 }, "spec.replicas: 2147483648: must be an integer from 0 to 2147483647"],
  ["Deployment", { replicas: -1 }, "spec.replicas: -1: must be"],
  ["StatefulSet", { replicas: 1.5 }, "spec.replicas: 1.5: must be"],
  ["ReplicaSet", { replicas: "3" }, 'spec.replicas: "3": must be'],
  ["ReplicationController", { replicas: Number.POSITIVE_INFINITY }, "spec.replicas: null: must be"],
  ["Deployment", { replicas: Number.NaN }, "spec.replicas: null: must be"],
  ["Deployment", { replicas: { a: 1 } }, 'spec.replicas: {"a":1}: must be'],
  ["Job", { parallelism: -1 }, "spec.parallelism: -1: must be"],
  ["Job", { completions: 1e300 }, "spec.completions: 1e+300: must be"],
  ["CronJob", { parallelism: true }, "spec.jobTemplate.spec.parallelism: true: must be"],
])("%s with %j is refused with path and reason", (kind, count, message) => {
  const { problems, pods } = simulate(workload(kind, count));
  expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
  expect(pods).toEqual([]);
});

test.each([
  ["Deployment", {}, 1],
  ["Deployment", { replicas: null }, 1],
  ["Deployment", { replicas: 0 }, 0],
  ["Job", { parallelism: 3, completions: 2 }, 2],
  ["Job", { completions: null }, 1],
  ["Job", { parallelism: 3, suspend: true }, 0],
])("%s with %j makes %i pods", (kind, count, pods) => {
  expect(pending(simulate(workload(kind, count)))).toEqual(pods === 0 ? [] : [[pods, "there is no node"]]);
});
