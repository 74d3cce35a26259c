/** Required affinity between pods, with the answers of kube-scheduler's own tests of the plugin InterPodAffinity where they have the case. */
import { Scheduler } from "../../../src/dra/allocator";
import type { ClusterState, Node } from "../../../src/dra/allocator";
import { readPod } from "../../../src/dra/pods";
import type { Pod } from "../../../src/dra/pods";
import { RULES } from "../../support/rules";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

function node(name: string, zone: string | undefined, more: Partial<Node> = {}): Node {
  const labels = { [HOST]: name, ...(zone === undefined ? {} : { [ZONE]: zone }) };
  return { metadata: { name, labels }, status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } }, ...more };
}

/** Two in zone a, one in zone b. */
const NODES = [node("a1", "a"), node("a2", "a"), node("b1", "b")];

const NAMESPACES = new Map<string, Readonly<Record<string, string>>>([
  ["default", { "kubernetes.io/metadata.name": "default" }],
  ["team", { "kubernetes.io/metadata.name": "team", stage: "production" }],
]);

function scheduler(overrides: Partial<ClusterState> = {}): Scheduler {
  const empty = { slices: [], deviceClasses: [], claims: [], templates: [], services: [], volumes: undefined, pods: [] };
  return new Scheduler({ nodes: NODES, namespaces: NAMESPACES, ...empty, ...overrides }, RULES);
}

interface Given {
  readonly labels?: Readonly<Record<string, string>>;
  readonly near?: readonly object[];
  readonly far?: readonly object[];
  readonly namespace?: string;
  readonly spec?: object;
}

function pod(name: string, { labels = {}, near = [], far = [], namespace = "default", spec = {} }: Given = {}): Pod {
  const required = (terms: readonly object[]) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
  const reading = readPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: { affinity: { podAffinity: required(near), podAntiAffinity: required(far) }, containers: [], ...spec },
  });
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("; "));
  }
  return reading.pod;
}

const to = (topologyKey: string, matchLabels: object | undefined, more: object = {}) => ({
  topologyKey,
  ...(matchLabels === undefined ? {} : { labelSelector: { matchLabels } }),
  ...more,
});
const WEB = { app: "web" };
const on = (name: string) => ({ spec: { nodeSelector: { [HOST]: name } } });

/** Places pods one after the other: the node of each, or why it has none. */
function places(pods: readonly Pod[], of = scheduler()): readonly string[] {
  return pods.map((each) => {
    const result = of.schedule(each);
    return result.type === "placed" ? result.nodeName : result.message;
  });
}

describe("a selector of namespaces", () => {
  const selecting = (operator: string, values: readonly string[]) => ({
    namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values }] },
  });
  const web = pod("web", { labels: WEB, ...on("b1") });
  const alone = { nodes: NODES.slice(2) };

  it("of a pod that is to be placed selects all namespaces if it is met without labels: kube-scheduler compares it with none, too", () => {
    const [notOwn, other] = [selecting("NotIn", ["default"]), selecting("In", ["team"])];
    expect(places([web, pod("p", { far: [to(HOST, WEB, notOwn)] })], scheduler(alone))).toEqual([
      "b1",
      expect.stringContaining("didn't match pod anti-affinity rules"),
    ]);
    expect(places([web, pod("p", { far: [to(HOST, WEB, other)] })], scheduler(alone))).toEqual(["b1", "b1"]);
  });

  it("of a pod that runs selects those with its labels", () => {
    const notOwn = pod("runs", { far: [to(HOST, WEB, selecting("NotIn", ["default"]))] });
    expect(places([notOwn, web], scheduler(alone))).toEqual(["b1", "b1"]);
    const own = pod("runs", { far: [to(HOST, WEB, selecting("In", ["default"]))] });
    expect(places([own, web], scheduler(alone))).toEqual([
      "b1",
      expect.stringContaining("didn't satisfy existing pods anti-affinity rules"),
    ]);
  });
});

// Labels may be called like what every object of JavaScript has.
describe.each(["constructor", "toString", "hasOwnProperty"])("a label called %s that nothing has", (key) => {
  const expression = (operator: string) => ({ labelSelector: { matchExpressions: [{ key, operator }] } });

  it("is no topology", () => {
    expect(places([pod("p", { labels: WEB, near: [to(key, WEB)] })])).toEqual([expect.stringContaining("didn't match pod affinity rules")]);
    expect(places([pod("web", { labels: WEB }), pod("p", { far: [to(key, WEB)] })])).toEqual(["a1", "a1"]);
  });

  it("does not exist", () => {
    const web = pod("web", { labels: WEB, ...on("b1") });
    const near = (operator: string) => pod("p", { near: [{ topologyKey: HOST, ...expression(operator) }] });
    expect(places([web, near("Exists")])).toEqual(["b1", expect.stringContaining("didn't match pod affinity rules")]);
    expect(places([web, near("DoesNotExist")])).toEqual(["b1", "b1"]);
  });

  it("narrows nothing by matchLabelKeys", () => {
    const near = pod("p", { near: [to(HOST, WEB, { matchLabelKeys: [key] })] });
    expect(places([pod("web", { labels: WEB, ...on("b1") }), near])).toEqual(["b1", "b1"]);
  });
});

describe("affinity", () => {
  it("wants a pod in the same place", () => {
    expect(places([pod("web", { labels: WEB, ...on("b1") }), pod("p", { near: [to(HOST, WEB)] })])).toEqual(["b1", "b1"]);
    expect(places([pod("web", { labels: WEB, ...on("a2") }), pod("p", { near: [to(ZONE, WEB)] })])).toEqual(["a2", "a1"]);
  });

  it("finds none where there is none", () => {
    expect(places([pod("p", { near: [to(HOST, WEB)] })])).toEqual([
      "didn't match pod affinity rules: no pod with app=web has the same kubernetes.io/hostname (3 nodes)",
    ]);
  });

  it("lets the first pod of a group go anywhere, and the others to it", () => {
    const member = (name: string, more: Given = {}) => pod(name, { labels: WEB, near: [to(HOST, WEB)], ...more });
    expect(places([member("one", on("a2")), member("two"), member("three")])).toEqual(["a2", "a2", "a2"]);
  });

  it("lets nobody be the first where a pod of the group runs elsewhere", () => {
    const two = pod("two", { labels: WEB, near: [to(HOST, WEB)], ...on("a1") });
    expect(places([pod("one", { labels: WEB, ...on("b1") }), two])).toEqual([
      "b1",
      expect.stringContaining("didn't match pod affinity rules"),
    ]);
  });

  it("lets the first pod of a group go only where all topology keys are", () => {
    const nodes = [node("bare", undefined), node("b1", "b")];
    expect(places([pod("one", { labels: WEB, near: [to(ZONE, WEB)] })], scheduler({ nodes }))).toEqual(["b1"]);
  });

  it("takes the first pod for none of a group if it does not meet all of its own terms", () => {
    expect(places([pod("one", { labels: WEB, near: [to(HOST, WEB), to(ZONE, { app: "db" })] })])).toEqual([
      expect.stringContaining("didn't match pod affinity rules"),
    ]);
  });

  it("wants one pod that meets all terms", () => {
    const both = { labels: { ...WEB, tier: "front" } };
    const near = [to(HOST, WEB), to(ZONE, { tier: "front" })];
    expect(
      places([pod("web", { labels: WEB, ...on("a1") }), pod("front", { labels: { tier: "front" }, ...on("a1") }), pod("p", { near })]),
    ).toEqual(["a1", "a1", expect.stringContaining("didn't match pod affinity rules")]);
    expect(places([pod("both", { ...both, ...on("b1") }), pod("p", { near })])).toEqual(["b1", "b1"]);
  });

  it("can be met later, and is then", () => {
    const asked = scheduler();
    expect(
      places([pod("p", { near: [to(HOST, WEB)] }), pod("web", { labels: WEB, ...on("b1") }), pod("p", { near: [to(HOST, WEB)] })], asked),
    ).toEqual([expect.stringContaining("didn't match pod affinity rules"), "b1", "b1"]);
  });

  it.each<[string, object, boolean]>([
    ["its own namespace", {}, false],
    ["a list of namespaces", { namespaces: ["team"] }, true],
    ["namespaces by their labels", { namespaceSelector: { matchLabels: { stage: "production" } } }, true],
    ["namespaces by the label that each has", { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "team" } } }, true],
    ["namespaces by other labels", { namespaceSelector: { matchLabels: { stage: "test" } } }, false],
    ["all namespaces", { namespaceSelector: {} }, true],
    ["a list or labels", { namespaces: ["team"], namespaceSelector: { matchLabels: { stage: "test" } } }, true],
  ])("looks for pods in %s", (_, where, isFound) => {
    const [, result] = places([pod("web", { labels: WEB, namespace: "team" }), pod("p", { near: [to(HOST, WEB, where)] })]);
    expect(result === "a1").toBe(isFound);
  });

  it("is about no pod without a selector, and about all with an empty one", () => {
    const run = (selector: object | undefined) => places([pod("web"), pod("p", { near: [to(HOST, selector)] })])[1];
    expect(run(undefined)).toContain("no labelSelector, which is no pod");
    expect(run({})).toBe("a1");
  });

  it.each([
    [{ key: "app", operator: "Exists" }, true],
    [{ key: "app", operator: "In", values: ["db", "web"] }, true],
    [{ key: "app", operator: "NotIn", values: ["db"] }, true],
    [{ key: "tier", operator: "NotIn", values: ["db"] }, true],
    [{ key: "tier", operator: "DoesNotExist" }, true],
    [{ key: "app", operator: "DoesNotExist" }, false],
    [{ key: "app", operator: "NotIn", values: ["web"] }, false],
  ])("knows the operators: %j", (requirement, isFound) => {
    const near = [{ topologyKey: HOST, labelSelector: { matchExpressions: [requirement] } }];
    const [, result] = places([pod("web", { labels: WEB }), pod("p", { labels: { ...WEB, tier: "db" }, near })]);
    expect(result === "a1").toBe(isFound);
  });

  it("wants the same value of matchLabelKeys, and another one of mismatchLabelKeys", () => {
    const run = (version: string, keys: object) =>
      places([pod("web", { labels: { ...WEB, version: "1" } }), pod("p", { labels: { version }, near: [to(HOST, WEB, keys)] })])[1] ===
      "a1";
    expect([run("1", { matchLabelKeys: ["version"] }), run("2", { matchLabelKeys: ["version"] })]).toEqual([true, false]);
    expect([run("1", { mismatchLabelKeys: ["version"] }), run("2", { mismatchLabelKeys: ["version"] })]).toEqual([false, true]);
    // A key that the pod does not have counts for nothing.
    expect(run("1", { matchLabelKeys: ["revision"] })).toBe(true);
  });
});

describe("anti-affinity", () => {
  const replica = (name: string, key: string) => pod(name, { labels: WEB, far: [to(key, WEB)] });

  it("keeps replicas apart by node, until there is no further one", () => {
    expect(places(["one", "two", "three", "four"].map((name) => replica(name, HOST)))).toEqual([
      "a1",
      "a2",
      "b1",
      "didn't match pod anti-affinity rules: a pod with app=web has the same kubernetes.io/hostname (3 nodes)",
    ]);
  });

  it("keeps replicas apart by zone", () => {
    expect(places(["one", "two", "three"].map((name) => replica(name, ZONE)))).toEqual([
      "a1",
      "b1",
      expect.stringContaining("has the same topology.kubernetes.io/zone"),
    ]);
  });

  it("of a pod that runs keeps others away, whatever they want themselves", () => {
    const loner = pod("loner", { far: [to(ZONE, WEB)] });
    expect(places([loner, pod("web", { labels: WEB }), pod("db", { labels: { app: "db" } })])).toEqual(["a1", "b1", "a1"]);
    expect(places([loner, pod("web", { labels: WEB, ...on("a2") })])).toEqual([
      "a1",
      expect.stringContaining("didn't satisfy existing pods anti-affinity rules: pod default/loner keeps it away"),
    ]);
  });

  it("of one namespace leaves pods of others alone, unless its term names them", () => {
    const far = (more: object) => [to(HOST, WEB, more)];
    const newcomer = pod("web", { labels: WEB, namespace: "team", ...on("a1") });
    const run = (more: object) => places([pod("loner", { far: far(more), ...on("a1") }), newcomer])[1] === "a1";
    expect([run({}), run({ namespaceSelector: { matchLabels: { stage: "production" } } }), run({ namespaces: ["team"] })]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("does not count where a node has no such label", () => {
    const nodes = [node("bare", undefined)];
    expect(places([replica("one", ZONE), replica("two", ZONE)], scheduler({ nodes }))).toEqual(["bare", "bare"]);
  });

  it("leaves pods alone that other labels make otherwise equal", () => {
    const asked = scheduler({ nodes: [node("a1", "a")] });
    expect(
      places([pod("loner", { far: [to(HOST, WEB)] }), pod("web", { labels: WEB }), pod("db", { labels: { app: "db" } })], asked),
    ).toEqual(["a1", expect.stringContaining("existing pods anti-affinity"), "a1"]);
  });

  it("without one label that all its pods have is found all the same", () => {
    const far = [{ topologyKey: HOST, labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }];
    expect(places([pod("loner", { far, ...on("a1") }), pod("web", { labels: WEB, ...on("a1") })])[1]).toContain(
      "existing pods anti-affinity",
    );
  });

  it("counts for pods that ran before", () => {
    const pods = [{ pod: replica("before", HOST), nodeName: "a1" }];
    expect(places([replica("one", HOST), replica("two", HOST)], scheduler({ pods }))).toEqual(["a2", "b1"]);
  });
});

describe("what nobody knows", () => {
  it("is named: a topology key whose values only hardware decides", () => {
    const nodes = [node("a1", "a", { mayHaveLabel: (key) => key === "rack" })];
    const p = pod("p", { near: [to("rack", WEB)], far: [to(ZONE, WEB)] });
    const asked = scheduler({ nodes });
    expect(asked.unmodelledRules(p)).toEqual(["spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"]);
    expect(places([p], asked)).toEqual(["a1"]);
  });

  it("is named: namespaces by labels where nobody could read those", () => {
    const far = [to(HOST, WEB, { namespaceSelector: { matchLabels: { stage: "test" } } }), to(HOST, WEB, { namespaceSelector: {} })];
    expect(scheduler({ namespaces: undefined }).unmodelledRules(pod("p", { far }))).toEqual([
      "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]",
    ]);
    expect(scheduler().unmodelledRules(pod("p", { far }))).toEqual([]);
  });
});
