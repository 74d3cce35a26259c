/** Rules between pods, and volumes, from manifests to places. */
import { parseAllDocuments } from "yaml";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import type { JsonObject } from "../../src/cluster/objects";
import type { Node } from "../../src/cluster/nodes";
import { findInstanceType } from "../../src/hardware/instance-types";
import { defaultRelease } from "../../src/releases/find";

const instanceType = findInstanceType("m6i.large");

function node(name: string, zone: string): Node {
  if (instanceType === undefined) {
    throw new Error("m6i.large is in the catalogue");
  }
  const labels = { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone };
  return { name, pool: "system", instanceType, zone, labels, openLabels: [/^rack$/], taints: [], diskGiB: 50, layout: undefined };
}

const NODES = [node("a1", "a"), node("a2", "a"), node("b1", "b")];

const STACK = `
{ apiVersion: v1, kind: Namespace, metadata: { name: team, labels: { stage: test } } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: other, labels: { stage: production } } }
---
{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: gp3, annotations: { storageclass.kubernetes.io/is-default-class: "true" } },
  provisioner: ebs.csi.aws.com, volumeBindingMode: WaitForFirstConsumer }
`;

function simulate(...manifests: readonly string[]) {
  const objectsIn = (yaml: string, isStack: boolean) =>
    parseAllDocuments(yaml).map((document, line) =>
      toObject(document.toJS() as JsonObject, isStack ? { type: "stack", urn: "" } : { type: "manifest", file: "m.yaml", line }, "team"),
    );
  const objects = [...objectsIn(STACK, true), ...objectsIn(manifests.join("\n---\n"), false)];
  const { pods, problems, outcomes, unplaced } = judgeAndSimulate(NODES, [], objects, defaultRelease());
  expect(problems).toEqual([]);
  return {
    places: pods.map((outcome) =>
      outcome.type === "placed"
        ? `${outcome.planned.pod.name} ${outcome.nodeName}`
        : `${outcome.planned.pod.name} ${String(outcome.count)} pending: ${outcome.reason}`,
    ),
    outcomes: outcomes.map(({ outcome }) => (outcome.type === "notModelled" ? outcome.why : outcome.type)),
    unplaced: unplaced.map(({ object, message }) => `${object.name}: ${message}`),
  };
}

interface Given {
  readonly labels?: string;
  readonly spec?: string;
}

const template = ({ labels = "app: web", spec = "" }: Given) =>
  `{ metadata: { labels: { ${labels} } }, spec: { ${spec} containers: [{ name: main, image: "x:1", resources: { requests: { cpu: 100m } } }] } }`;
const pod = (name: string, given: Given = {}) =>
  template(given).replace("{ metadata: {", `{ apiVersion: v1, kind: Pod, metadata: { name: ${name},`);
const set = (kind: string, name: string, replicas: number, given: Given = {}, more = "") =>
  `{ apiVersion: apps/v1, kind: ${kind}, metadata: { name: ${name} }, spec: { replicas: ${String(replicas)}, ${more} selector: { matchLabels: { app: web } }, template: ${template(given)} } }`;
const rule = (kind: string, term: string) => `affinity: { ${kind}: { requiredDuringSchedulingIgnoredDuringExecution: [{ ${term} }] } },`;
const host = "topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: web } }";
const on = (name: string) => `nodeSelector: { kubernetes.io/hostname: ${name} },`;
const claim = (name: string, spec = "accessModes: [ReadWriteOnce]") =>
  `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: ${name} }, spec: { ${spec}, resources: { requests: { storage: 1Gi } } } }`;
const volume = (name: string) => `volumes: [{ name: v, persistentVolumeClaim: { claimName: ${name} } }],`;

describe("pods that have to be evenly spread", () => {
  const spread = (more: string) =>
    `topologySpreadConstraints: [{ whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: web } }, ${more} }],`;
  const nodesOf = (places: readonly string[]) => places.map((place) => place.split(" ")[1]).sort();

  test("are as many in each zone", () => {
    const zones = spread("maxSkew: 1, topologyKey: topology.kubernetes.io/zone");
    const { places, outcomes } = simulate(set("Deployment", "web", 6, { spec: zones }));
    expect(nodesOf(places).filter((node) => node === "b1")).toHaveLength(3);
    expect(outcomes).toEqual(["modelled"]);
  });

  test("are pending where there are too few places, a million of them too", () => {
    const few = spread("maxSkew: 1, topologyKey: kubernetes.io/hostname, minDomains: 4");
    const { places } = simulate(set("Deployment", "web", 1_000_000, { spec: few }));
    expect(nodesOf(places.slice(0, 3))).toEqual(["a1", "a2", "b1"]);
    expect(places.slice(3)).toEqual([
      expect.stringMatching(
        /^web-3 999997 pending: .*didn't match pod topology spread constraints: .* counts as 0, because there are fewer than 4 \(minDomains\)/,
      ),
    ]);
  });

  test("have a place once others do, whatever the order of the objects", () => {
    const host = spread("maxSkew: 1, topologyKey: kubernetes.io/hostname, nodeAffinityPolicy: Ignore");
    const waiting = (name: string, node: string) => pod(name, { spec: `${host} ${on(node)}` });
    const second = waiting("second", "a1");
    const placed = simulate(waiting("first", "a1"), second, waiting("third", "a2"), waiting("fourth", "b1")).places;
    expect(placed).toEqual(["first a1", "second a1", "third a2", "fourth b1"]);
    expect(simulate(waiting("first", "a1"), second, waiting("third", "a2")).places[1]).toMatch(/^second 1 pending: .*which has 0/);
  });

  test("go by labels that are unknown: then the rule is named, and left out", () => {
    const rack = spread("maxSkew: 1, topologyKey: rack");
    expect(simulate(pod("p", { spec: rack })).outcomes).toEqual([expect.stringContaining("topologySpreadConstraints[0]")]);
  });
});

describe("affinity between pods", () => {
  test("replicas that want to be together are", () => {
    const { places, outcomes } = simulate(set("Deployment", "web", 3, { spec: rule("podAffinity", host) }));
    expect(new Set(places.map((place) => place.split(" ")[1])).size).toBe(1);
    expect(outcomes).toEqual(["modelled"]);
  });

  test("replicas that must not be together have as many places as there are nodes", () => {
    const { places } = simulate(set("Deployment", "web", 5, { spec: rule("podAntiAffinity", host) }));
    expect(
      places
        .slice(0, 3)
        .map((place) => place.split(" ")[1])
        .sort(),
    ).toEqual(["a1", "a2", "b1"]);
    expect(places.slice(3)).toEqual([expect.stringMatching(/^web-3 2 pending: didn't match pod anti-affinity rules/)]);
  });

  test("a million of them are counted, not unrolled", () => {
    const { places } = simulate(set("Deployment", "web", 1_000_000, { spec: rule("podAntiAffinity", host) }));
    expect(places.at(-1)).toMatch(/^web-3 999997 pending/);
  });

  test("the order of the objects does not matter", () => {
    const near = (name: string, label: string) =>
      pod(name, {
        labels: `app: ${name}`,
        spec: rule("podAffinity", `topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: ${label} } }`),
      });
    expect(simulate(near("third", "second"), near("second", "web"), pod("first", { spec: on("b1") })).places).toEqual([
      "third b1",
      "second b1",
      "first b1",
    ]);
  });

  test("of many that wait, as many run as find room once others do", () => {
    const near = template({ labels: "app: client", spec: rule("podAffinity", host) }).replace("100m", "700m");
    const client = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: client }, spec: { replicas: 4, selector: { matchLabels: { app: client } }, template: ${near} } }`;
    // An m6i.large has less than 2 CPUs for pods.
    expect(simulate(client, pod("web", { spec: on("b1") })).places).toEqual([
      "client-0 b1",
      "client-1 b1",
      expect.stringMatching(/^client-2 2 pending/),
      "web b1",
    ]);
  });

  test("a group that wants itself may begin where it likes, and stays there", () => {
    const { places } = simulate(
      pod("one", { spec: rule("podAffinity", host) + on("b1") }),
      pod("two", { spec: rule("podAffinity", host) }),
    );
    expect(places).toEqual(["one b1", "two b1"]);
  });

  test("two Deployments with the same labels are told apart by the hash of their templates", () => {
    const far = rule("podAntiAffinity", `${host}, matchLabelKeys: [pod-template-hash]`);
    const { places } = simulate(set("Deployment", "blue", 3, { spec: far }), set("Deployment", "green", 3, { spec: far }));
    expect(places.filter((place) => place.includes("pending"))).toEqual([]);
  });

  test("pods find each other by the labels that controllers give them", () => {
    const near = (label: string) =>
      rule("podAffinity", `topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { ${label} } }`);
    const job = `{ apiVersion: batch/v1, kind: Job, metadata: { name: train }, spec: { template: { spec: { ${on("b1")} restartPolicy: Never, containers: [{ name: main, image: "x:1" }] } } } }`;
    expect(simulate(job, pod("p", { spec: near("job-name: train") })).places).toEqual(["train-0 b1", "p b1"]);
    const indexed = job.replace("spec: { template", "spec: { completionMode: Indexed, completions: 2, parallelism: 2, template");
    expect(simulate(indexed, pod("p", { spec: near("batch.kubernetes.io/job-completion-index: '1'") })).places[2]).toBe("p b1");
    const all = simulate(
      set("StatefulSet", "web", 2, { spec: rule("podAntiAffinity", host) }),
      pod("p", { labels: "app: p", spec: near("statefulset.kubernetes.io/pod-name: web-1") }),
    );
    expect(all.places[2]?.split(" ")[1]).toBe(all.places[1]?.split(" ")[1]);
  });

  test("namespaces are found by their labels", () => {
    const far = rule("podAntiAffinity", `${host}, namespaceSelector: { matchLabels: { stage: production } }`);
    const loner = pod("loner", { labels: "app: loner", spec: far + on("a1") });
    const inOther = pod("web", { spec: on("a1") }).replace("metadata: { name: web,", "metadata: { name: web, namespace: other,");
    expect(simulate(loner, pod("web", { spec: on("a1") })).places).toEqual(["loner a1", "web a1"]);
    expect(simulate(loner, inOther).places).toEqual([
      "loner a1",
      expect.stringContaining("existing pods anti-affinity rules: pod team/loner"),
    ]);
  });

  test("labels that operators give to pods are not known: rules about them are named", () => {
    const cluster = (spec: string) =>
      `{ apiVersion: ray.io/v1, kind: RayCluster, metadata: { name: ray }, spec: { headGroupSpec: { rayStartParams: {}, template: ${template({ labels: "app: ray", spec })} } } }`;
    const near = (label: string) =>
      rule("podAffinity", `topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { ${label} } }`);
    const named = expect.stringContaining("rules of its pods that the rehearsal does not know: ") as string;
    const client = pod("client", { labels: "app: client", spec: near("ray.io/cluster: ray") });
    for (const order of [
      [cluster(on("b1")), client],
      [client, cluster(on("b1"))],
    ]) {
      const { places, outcomes } = simulate(...order);
      expect(places.filter((place) => place.includes("pending"))).toEqual([]);
      expect(outcomes).toContain("modelled");
      expect(outcomes).toContainEqual(named);
    }
    expect(simulate(cluster(near("ray.io/node-type: head"))).outcomes).toEqual([named]);
    // What the template says is known.
    expect(simulate(cluster(on("b1")), pod("client", { labels: "app: client", spec: near("app: ray") })).places[1]).toBe("client b1");
  });

  test("a topology that only hardware knows is named", () => {
    const near = rule("podAffinity", "topologyKey: rack, labelSelector: { matchLabels: { app: web } }");
    expect(simulate(pod("p", { spec: near })).outcomes).toEqual([
      "the scheduler follows rules of its pods that the rehearsal does not know: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]",
    ]);
  });
});

describe("volumes", () => {
  test("pods with one volume are in its zone", () => {
    const { places, outcomes } = simulate(
      claim("data"),
      pod("one", { spec: volume("data") + on("b1") }),
      pod("two", { spec: volume("data") }),
      pod("three", { spec: volume("data") + on("a1") }),
    );
    expect(places).toEqual([
      "one b1",
      "two b1",
      expect.stringContaining("three 1 pending: didn't match PersistentVolume's node affinity: the volume of claim data is in zone b"),
    ]);
    expect(outcomes).toEqual(["modelled", "modelled", "modelled", "modelled"]);
  });

  test("replicas of a StatefulSet have a volume each", () => {
    const templates = `volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOncePod], resources: { requests: { storage: 1Gi } } } }],`;
    const { places } = simulate(set("StatefulSet", "web", 3, { spec: rule("podAntiAffinity", host) }, templates));
    expect(places.map((place) => place.split(" ")[1]).sort()).toEqual(["a1", "a2", "b1"]);
  });

  test("a StatefulSet uses claims that are there", () => {
    const templates = `volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }],`;
    const { places } = simulate(
      claim("data-web-0"),
      pod("restore", { spec: volume("data-web-0") + on("b1") }),
      set("StatefulSet", "web", 1, {}, templates),
    );
    expect(places).toEqual(["restore b1", "web-0 b1"]);
  });

  test("others find the claims that a StatefulSet makes", () => {
    const templates = `volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }],`;
    const web = set("StatefulSet", "web", 2, { spec: on("b1") }, templates);
    expect(simulate(web, pod("backup", { spec: volume("data-web-1") })).places[2]).toBe("backup b1");
    expect(simulate(web, pod("backup", { spec: volume("data-web-2") })).places[2]).toContain(
      "there is no PersistentVolumeClaim of this name",
    );
  });

  test("a volume for one pod keeps the second one pending", () => {
    const { places } = simulate(
      claim("data", "accessModes: [ReadWriteOncePod]"),
      set("Deployment", "web", 3, { spec: volume("data") }, "strategy: { type: Recreate },"),
    );
    expect(places.slice(1)).toEqual([
      expect.stringMatching(
        /^web-1 2 pending: PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod: data/,
      ),
    ]);
  });

  test("a claim without a class waits for a volume that nobody makes", () => {
    const { places } = simulate(claim("data", 'accessModes: [ReadWriteOnce], storageClassName: ""'), pod("p", { spec: volume("data") }));
    expect(places).toEqual([expect.stringContaining("pod has unbound immediate PersistentVolumeClaims: data: it has no StorageClass")]);
  });

  test("where a provisioner draws the zone, that is named if it decides", () => {
    const now = "{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: now }, provisioner: ebs.csi.aws.com }";
    const spec = "accessModes: [ReadWriteOnce], storageClassName: now";
    expect(simulate(now, claim("data", spec), pod("p", { spec: volume("data") })).unplaced).toEqual([]);
    expect(simulate(now, claim("data", spec), pod("p", { spec: volume("data") + on("a1") })).unplaced).toEqual([
      expect.stringMatching(/^p: 0 to 1 of its pods have no place, depending on .* in which zone a volume is made/),
    ]);
  });

  test("volumes of another provisioner, and volumes by hand, are named", () => {
    const efs = "{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: efs }, provisioner: efs.csi.aws.com }";
    const spec = "accessModes: [ReadWriteMany], storageClassName: efs";
    const why = "the scheduler follows rules of its pods that the rehearsal does not know: spec.volumes[0]";
    expect(simulate(efs, claim("data", spec), pod("p", { spec: volume("data") })).outcomes).toEqual(["modelled", "modelled", why]);
    const byHand = `{ apiVersion: v1, kind: PersistentVolume, metadata: { name: pv }, spec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], csi: { driver: ebs.csi.aws.com, volumeHandle: vol-1 } } }`;
    const bound = 'accessModes: [ReadWriteOnce], storageClassName: "", volumeName: pv';
    expect(simulate(byHand, claim("data", bound), pod("p", { spec: volume("data") })).outcomes[2]).toBe(why);
  });
});
