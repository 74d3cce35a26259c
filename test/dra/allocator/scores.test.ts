/**
 * Which of the nodes that fit a pod gets. The expected places follow from the source of kube-scheduler's plugins, and the cluster tier asks kube-scheduler itself
 * about random states (`test/cluster/differential`).
 */
import { Scheduler } from "../../../src/dra/allocator";
import type { ClusterState, Node, NodeChoice } from "../../../src/dra/allocator";
import { readPod } from "../../../src/dra/pods";
import type { Pod } from "../../../src/dra/pods";
import type { ResourceSlice } from "../../../src/dra/types";
import { findRelease } from "../../../src/releases/find";
import { RULES } from "../../support/rules";
import { claimOf } from "./scenarios";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

function node(name: string, zone: string, more: Partial<Node> & { readonly cpu?: string } = {}): Node {
  const { cpu = "4", ...rest } = more;
  const labels = { [HOST]: name, [ZONE]: zone };
  return { metadata: { name, labels }, status: { allocatable: { cpu, memory: "8Gi", pods: "110" } }, ...rest };
}

/** Two in zone a, two in zone b, all alike. */
const NODES = [node("a1", "a"), node("a2", "a"), node("b1", "b"), node("b2", "b")];
const EMPTY = {
  slices: [],
  deviceClasses: [],
  claims: [],
  templates: [],
  namespaces: new Map(),
  services: [],
  volumes: undefined,
  pods: [],
};

function scheduler(choice: NodeChoice, overrides: Partial<ClusterState> = {}, rules = RULES): Scheduler {
  return new Scheduler({ ...EMPTY, nodes: NODES, ...overrides }, rules, choice);
}

function pod(name: string, spec: object = {}, labels: object = {}): Pod {
  const containers = [{ name: "main", resources: { requests: { cpu: "100m", memory: "200Mi" } } }];
  const reading = readPod({ apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec: { containers, ...spec } });
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("; "));
  }
  return reading.pod;
}

/** The nodes among which kube-scheduler draws for a pod: the first and the last of the best ones. */
function drawn(of: Pod, overrides: Partial<ClusterState> = {}, rules = RULES): readonly string[] {
  const places = (["firstOfBest", "lastOfBest"] as const).map((choice) => {
    const result = scheduler(choice, overrides, rules).schedule(of);
    return result.type === "placed" ? result.nodeName : result.message;
  });
  return [...new Set(places)];
}

const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const on = (nodeName: string, each: Pod) => ({ pod: each, nodeName });
const WEB = { app: "web" };
const web = (topologyKey: string) => ({ topologyKey, labelSelector: { matchLabels: WEB } });
const near = (...terms: readonly object[]) => ({ affinity: { podAffinity: { [PREFERRED]: terms } } });
const far = (...terms: readonly object[]) => ({ affinity: { podAntiAffinity: { [PREFERRED]: terms } } });

describe("preferred node affinity", () => {
  const prefers = (...terms: readonly (readonly [number, string, readonly string[]])[]) => ({
    affinity: {
      nodeAffinity: {
        [PREFERRED]: terms.map(([weight, key, values]) => ({
          weight,
          preference: { matchExpressions: [{ key, operator: "In", values }] },
        })),
      },
    },
  });

  it("weighs more than room, and the weights of terms add up", () => {
    const busy = on("b1", pod("busy", { containers: [{ name: "main", resources: { requests: { cpu: "3", memory: "1Gi" } } }] }));
    expect(drawn(pod("p", prefers([1, HOST, ["b1"]])), { pods: [busy] })).toEqual(["b1"]);
    expect(drawn(pod("p", prefers([30, HOST, ["a1"]], [20, ZONE, ["b"]], [11, HOST, ["b2"]])))).toEqual(["b2"]);
  });

  it("is no requirement", () => {
    expect(drawn(pod("p", prefers([100, ZONE, ["c"]])))).toEqual(["a1", "b2"]);
  });

  it("of a term without requirements prefers nothing", () => {
    const spec = { affinity: { nodeAffinity: { [PREFERRED]: [{ weight: 100, preference: {} }] } } };
    expect(drawn(pod("p", spec))).toEqual(["a1", "b2"]);
  });

  it("that compares with no integer ends in an error of kube-scheduler as soon as there are two nodes to choose from", () => {
    const broken = { weight: 1, preference: { matchExpressions: [{ key: "disks", operator: "Gt", values: ["many"] }] } };
    const asking = pod("p", { affinity: { nodeAffinity: { [PREFERRED]: [broken] } } });
    const message = 'kube-scheduler stops with an error: the preferred node affinity compares disks by Gt with "many". Write an integer';
    expect(drawn(asking)).toEqual([message]);
    expect(drawn(asking, { nodes: NODES.slice(0, 1) })).toEqual(["a1"]);
    expect(scheduler("first").schedule(asking)).toMatchObject({ type: "refused", message });
    const illegal = 'the preferred node affinity compares zone with "a b". Write a value that a label can have';
    expect(drawn(pod("p", prefers([1, "zone", ["a b"]])))).toEqual([`kube-scheduler stops with an error: ${illegal}`]);
  });

  it("goes by a draw where a node may have the label", () => {
    const open = NODES.map((each) => ({ ...each, mayHaveLabel: (key: string) => key === "gpu" }));
    expect(drawn(pod("p", prefers([100, HOST, ["a2"]], [1, "gpu", ["x"]])), { nodes: open })).toEqual(["a1", "b2"]);
  });
});

describe("taints of effect PreferNoSchedule", () => {
  const avoided = { key: "spot", effect: "PreferNoSchedule" } as const;
  const nodes = [
    node("a1", "a", { spec: { taints: [avoided, { ...avoided, key: "old" }] } }),
    node("a2", "a", { spec: { taints: [avoided] } }),
  ];

  it("keep a pod off where another node has fewer", () => {
    expect(drawn(pod("p"), { nodes })).toEqual(["a2"]);
  });

  it.each([
    [{ operator: "Exists" }, ["a1", "a2"]],
    [{ key: "old", operator: "Exists", effect: "NoSchedule" }, ["a2"]],
    [{ key: "old", operator: "Exists" }, ["a1", "a2"]],
  ])("do not where it tolerates them: %j", (toleration, expected) => {
    expect(drawn(pod("p", { tolerations: [toleration] }), { nodes })).toEqual(expected);
  });
});

describe("preferred affinity between pods", () => {
  const running = [on("b1", pod("one", {}, WEB))];

  it("attracts", () => {
    expect(drawn(pod("p", near({ weight: 1, podAffinityTerm: web(HOST) })), { pods: running })).toEqual(["b1"]);
    expect(drawn(pod("p", near({ weight: 1, podAffinityTerm: web(ZONE) })), { pods: running })).toEqual(["b2"]);
  });

  it("repels", () => {
    expect(drawn(pod("p", far({ weight: 1, podAffinityTerm: web(ZONE) })), { pods: running })).toEqual(["a1", "a2"]);
  });

  it("counts every pod", () => {
    const pods = [...running, on("a1", pod("two", {}, WEB)), on("a1", pod("three", {}, WEB))];
    expect(drawn(pod("p", near({ weight: 1, podAffinityTerm: web(HOST) })), { pods })).toEqual(["a1"]);
  });

  it("of pods that run decides, too", () => {
    const likes = on("b1", pod("likes", near({ weight: 5, podAffinityTerm: web(ZONE) })));
    expect(drawn(pod("p", {}, WEB), { pods: [likes] })).toEqual(["b2"]);
    expect(drawn(pod("p", {}, { app: "db" }), { pods: [likes] })).toEqual(["a1", "b2"]);
    const hates = on("b1", pod("hates", far({ weight: 5, podAffinityTerm: web(ZONE) })));
    expect(drawn(pod("p", {}, WEB), { pods: [hates] })).toEqual(["a1", "a2"]);
  });

  it("is outweighed by the required affinity of a pod that runs only where more pods insist", () => {
    const insists = (name: string) =>
      on("a1", { ...pod(name), podAffinity: pod(name, { affinity: { podAffinity: { [REQUIRED]: [web(ZONE)] } } }).podAffinity });
    expect(drawn(pod("p", {}, WEB), { pods: [insists("one")] })).toEqual(["a2"]);
  });

  it("is about the pod's own namespace", () => {
    const elsewhere = { ...pod("one", {}, WEB), namespace: "other" };
    const term = { weight: 1, podAffinityTerm: web(HOST) };
    expect(drawn(pod("p", near(term)), { pods: [on("b1", elsewhere)] })).toEqual(["a1", "b2"].filter((name) => name !== "b1"));
    const named = { weight: 1, podAffinityTerm: { ...web(HOST), namespaces: ["other"] } };
    expect(drawn(pod("p", near(named)), { pods: [on("b1", elsewhere)] })).toEqual(["b1"]);
  });

  it("goes by a draw where pods may have more labels than are known", () => {
    const open = on("b1", { ...pod("made"), mayHaveOtherLabels: true });
    expect(drawn(pod("p", near({ weight: 1, podAffinityTerm: web(HOST) })), { pods: [open] })).toEqual(["a1", "b2"]);
  });
});

describe("topology spread with ScheduleAnyway", () => {
  const spread = (topologyKey: string, more: object = {}) => ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey, whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: WEB }, ...more },
    ],
  });
  const pods = [on("a1", pod("one", {}, WEB)), on("b1", pod("two", {}, WEB)), on("b2", pod("three", {}, WEB))];

  it("takes the place with the fewest pods", () => {
    expect(drawn(pod("p", spread(HOST), WEB), { pods })).toEqual(["a2"]);
    expect(drawn(pod("p", spread(ZONE), WEB), { pods: pods.slice(1) })).toEqual(["a1", "a2"]);
  });

  it("leaves nodes without the label last", () => {
    const bare = { ...node("c", "c"), metadata: { name: "c", labels: { [HOST]: "c" } } };
    expect(drawn(pod("p", spread(ZONE), WEB), { nodes: [bare, ...NODES], pods })).toEqual(["a2"]);
  });

  it("counts pods with the same value of matchLabelKeys", () => {
    const versions = [on("a1", pod("one", {}, { ...WEB, version: "1" })), on("b1", pod("two", {}, { ...WEB, version: "2" }))];
    const asking = pod("p", spread(ZONE, { matchLabelKeys: ["version"] }), { ...WEB, version: "2" });
    expect(drawn(asking, { pods: versions })).toEqual(["a2"]);
  });

  it.each([
    [{}, "a2"],
    [{ nodeTaintsPolicy: "Honor" }, "b1"],
  ])("counts pods of tainted nodes unless the constraint honours taints: %j", (policy, expected) => {
    const tainted = node("b0", "b", { spec: { taints: [{ key: "full", effect: "NoSchedule" }] } });
    const others = [on("b0", pod("one", {}, WEB)), on("b0", pod("two", {}, WEB)), on("a1", pod("three", {}, WEB))];
    const nodes = [tainted, node("a1", "a"), node("a2", "a"), node("b1", "b")];
    expect(drawn(pod("p", spread(ZONE, policy), WEB), { nodes, pods: others })).toEqual([expected]);
  });

  it("is what kube-scheduler does with the pods of a Service, of a ReplicaSet and of a StatefulSet by itself", () => {
    const heavier = on("a2", pod("heavy", { containers: [{ name: "main", resources: { requests: { cpu: "1", memory: "2Gi" } } }] }));
    const state = { pods: [...pods, heavier] };
    const [otherwise, expected] = ["a1", "a2"];
    expect(drawn(pod("p", {}, WEB), state)).toEqual([otherwise, "b2"]);
    const services = [{ namespace: "default", selector: WEB }];
    expect(drawn(pod("p", {}, WEB), { ...state, services })).toEqual([expected]);
    const owned = { ...pod("p", {}, WEB), ownerSelector: [{ key: "app", operator: "In" as const, values: ["web"] }] };
    expect(drawn(owned, state)).toEqual([expected]);
    // A constraint of its own takes the place of those.
    const hard = { topologySpreadConstraints: [{ maxSkew: 9, topologyKey: HOST, whenUnsatisfiable: "DoNotSchedule", labelSelector: {} }] };
    expect(drawn(pod("p", hard, WEB), { ...state, services })).toEqual([otherwise, "b2"]);
  });

  it("goes by a draw where an operator may own the pods", () => {
    expect(drawn({ ...pod("p", {}, WEB), ownerSelector: undefined }, { pods })).toEqual(["a1", "b2"]);
  });
});

describe("room", () => {
  it("counts every container that does not say what it needs", () => {
    const silent = { containers: [{ name: "one" }, { name: "two", resources: { requests: { cpu: "0", memory: "100Mi" } } }] };
    expect(pod("p", silent).scoring.requests).toEqual({ cpu: 100, memory: 300 * 2 ** 20 });
    const asAWhole = { resources: { requests: { memory: "1Gi" } }, containers: [{ name: "one" }, { name: "two" }] };
    expect(pod("p", asAWhole).scoring.requests).toEqual({ cpu: 200, memory: 2 ** 30 });
    const partly = {
      resources: { requests: { memory: "1Gi" } },
      containers: [{ name: "one", resources: { requests: { cpu: "2" } } }, { name: "two" }],
    };
    expect(pod("p", partly).scoring.requests).toEqual({ cpu: 2000, memory: 2 ** 30 });
  });

  it("is compared before and after from Kubernetes 1.36 on", () => {
    const asking = (cpu: string, memory: string) => ({ containers: [{ name: "main", resources: { requests: { cpu, memory } } }] });
    // Two CPUs of a1 are used, and no memory. With a pod that takes memory only, a1 is balanced as well as a2, and better than before.
    const pods = [on("a1", pod("cpu", asking("2", "0"))), on("a2", pod("both", asking("1", "2Gi")))];
    const [before, after] = ["1.35", "1.36"].map((version) =>
      drawn(pod("p", asking("0", "2Gi")), { nodes: NODES.slice(0, 2), pods }, findRelease(version)?.kubernetes),
    );
    expect({ before, after }).toEqual({ before: ["a1", "a2"], after: ["a1"] });
  });
});

describe("alternatives of a claim", () => {
  const [driver, deviceClassName] = ["gpu.example.com", "any"];
  const slice = (nodeName: string, size: string): ResourceSlice => ({
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    metadata: { name: nodeName },
    spec: {
      ...{ driver, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 } },
      devices: [{ name: "d", attributes: { size: { string: size } }, capacity: {} }],
    },
  });
  const alternative = (size: string) => ({
    ...{ name: size, deviceClassName },
    selectors: [{ cel: { expression: `device.attributes["${driver}"].size == "${size}"` } }],
  });
  const template = claimOf({
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    metadata: { name: "c", namespace: "default" },
    spec: { devices: { requests: [{ name: "gpu", firstAvailable: [alternative("large"), alternative("small")] }] } },
  });

  it.each([
    ["1.34", ["a1", "a2"]],
    ["1.35", ["a2"]],
    ["1.36", ["a2"]],
  ])("weigh in Kubernetes %s: %j", (version, expected) => {
    const state = {
      ...{ nodes: NODES.slice(0, 2), slices: [slice("a1", "small"), slice("a2", "large")] },
      ...{ deviceClasses: [{ name: deviceClassName, selectors: [] }], claims: [template] },
    };
    const asking = pod("p", { resourceClaims: [{ name: "gpu", resourceClaimName: "c" }] });
    expect(drawn(asking, state, findRelease(version)?.kubernetes)).toEqual(expected);
  });
});
