/** Which of the nodes that fit a pod gets, where that decides about other pods. */
import { parseAllDocuments } from "yaml";
import { simulateCluster } from "../../src/cluster/simulate";
import { toObject } from "../../src/cluster/objects";
import type { Node } from "../../src/cluster/nodes";
import { findInstanceType } from "../../src/hardware/instance-types";
import { defaultRelease } from "../../src/releases/find";

const instanceType = findInstanceType("m6i.large");

const node = (name: string): Node => {
  if (instanceType === undefined) throw new Error("m6i.large is in the catalogue");
  const labels = { "kubernetes.io/hostname": name };
  return { name, pool: "system", instanceType, zone: "us-east-1a", labels, openLabels: [], taints: [], diskGiB: 50, layout: undefined };
};

const NODES = [node("one"), node("two")];
const NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n";

function simulate(...manifests: readonly string[]) {
  const objects = parseAllDocuments([NAMESPACE, ...manifests].join("---\n")).map((document, index) =>
    toObject(document.toJS() as Readonly<Record<string, unknown>>, { type: "manifest", file: "m.yaml", line: index + 1 }, "a"),
  );
  const { pods, unplaced, problems } = simulateCluster(NODES, [], objects, defaultRelease());
  expect(problems).toEqual([]);
  return {
    places: pods.map((outcome) => `${outcome.planned.pod.name} ${outcome.type === "placed" ? outcome.nodeName : "pending"}`),
    unplaced: unplaced.map(({ object, message }) => `${object.name}: ${message}`),
  };
}

const pod = (name: string, cpu: string, more = "") =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: a}\nspec: {${more} containers: [{name: main, image: "x:1", resources: {requests: {cpu: ${cpu}, memory: 64Mi}}}]}\n`;

test("pods are spread, so that a larger one after them finds no empty node", () => {
  // An m6i.large has less than 2 CPUs for pods.
  expect(simulate(pod("small-1", "500m"), pod("small-2", "500m"), pod("large", "1600m"))).toEqual({
    places: ["small-1 one", "small-2 two", "large pending"],
    unplaced: [],
  });
});

test("a DaemonSet finds room beside many small pods, which are spread", () => {
  const deployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\nspec: {replicas: 40, selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: 'x:1', resources: {requests: {cpu: 10m, memory: 16Mi}}}]}}}\n";
  const daemonSet =
    "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: a}\nspec: {selector: {matchLabels: {app: y}}, template: {metadata: {labels: {app: y}}, spec: {containers: [{name: main, image: 'x:1', resources: {requests: {cpu: 10m, memory: 16Mi}}}]}}}\n";
  const { places, unplaced } = simulate(deployment, daemonSet);
  expect(places.filter((place) => place.endsWith("pending"))).toEqual([]);
  expect(unplaced).toEqual([]);
});

test("the pods of one workload are spread by kube-scheduler itself, also where another node has less room", () => {
  const web = (kind: string, spec: string) =>
    `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: web, namespace: a}\nspec: {${spec} replicas: 2, selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: 'x:1', resources: {requests: {cpu: 10m, memory: 16Mi}}}]}}}\n`;
  const busy = pod("busy", "500m", "nodeSelector: {kubernetes.io/hostname: two},");
  const placesOf = (manifest: string) => simulate(busy, manifest).places.slice(1);
  expect(placesOf(web("Deployment", ""))).toEqual(["web-0 one", "web-1 two"]);
  expect(placesOf(web("StatefulSet", "serviceName: web,"))).toEqual(["web-0 one", "web-1 two"]);
  const job =
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, namespace: a}\nspec: {parallelism: 2, completions: 2, template: {metadata: {labels: {app: x}}, spec: {restartPolicy: Never, containers: [{name: main, image: 'x:1', resources: {requests: {cpu: 10m, memory: 16Mi}}}]}}}\n";
  expect(placesOf(job)).toEqual(["j-0 one", "j-1 one"]);
  const service = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a}\nspec: {selector: {app: x}, ports: [{port: 80}]}\n";
  expect(simulate(busy, service, job).places.slice(1)).toEqual(["j-0 one", "j-1 two"]);
});

test("where a draw among equal nodes decides about a pod, that is named", () => {
  const { places, unplaced } = simulate(pod("small", "500m"), pod("large", "1600m", "nodeSelector: {kubernetes.io/hostname: two},"));
  expect(places).toEqual(["small one", "large two"]);
  expect(unplaced).toEqual([
    "large: 0 to 1 of its pods have no place, depending on which of several equal nodes kube-scheduler draws for the pods before them, or in which zone a volume is made. Leave more room, name the nodes with nodeSelector, or use a StorageClass with volumeBindingMode WaitForFirstConsumer",
  ]);
});
