/** Required topology spread, with the answers of kube-scheduler's own tests of the plugin PodTopologySpread where they have the case. */
import { Scheduler } from "../../../src/dra/allocator";
import type { ClusterState, Node, RunningPod } from "../../../src/dra/allocator";
import { readPod } from "../../../src/dra/pods";
import type { Pod } from "../../../src/dra/pods";
import { RULES } from "../../support/rules";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const EMPTY = {
  ...{ slices: [], deviceClasses: [], claims: [], templates: [] },
  ...{ namespaces: new Map(), services: [], volumes: undefined, pods: [] },
};

function node(name: string, labels: Readonly<Record<string, string>>, more: Partial<Node> = {}): Node {
  return { metadata: { name, labels }, status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } }, ...more };
}

/** Two in zone 1, two in zone 2. */
const NODES = [
  node("a", { [HOST]: "a", [ZONE]: "1" }),
  node("b", { [HOST]: "b", [ZONE]: "1" }),
  node("x", { [HOST]: "x", [ZONE]: "2" }),
  node("y", { [HOST]: "y", [ZONE]: "2" }),
];

function pod(name: string, labels: Readonly<Record<string, string>>, spec: object = {}, namespace = "default"): Pod {
  const reading = readPod({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels }, spec: { containers: [], ...spec } });
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("; "));
  }
  return reading.pod;
}

const FOO = { foo: "" };
const over = (topologyKey: string, matchLabels: object = FOO, more: object = {}) => ({
  ...{ maxSkew: 1, topologyKey, whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels } },
  ...more,
});
const spread = (...constraints: readonly object[]) => ({ topologySpreadConstraints: constraints });

/** So many pods on each of the nodes, in their order. */
const running = (counts: readonly number[], labels: Readonly<Record<string, string>> = FOO, more: Partial<RunningPod> = {}) =>
  counts.flatMap((count, index) =>
    Array.from({ length: count }, (_, each) => {
      const nodeName = NODES[index]?.metadata.name ?? "";
      return { pod: pod(`${nodeName}-${String(each)}`, labels), nodeName, ...more };
    }),
  );

/** The nodes that fit, each asked for by itself: what is wrong with the others. */
function fitting(
  of: Pod,
  overrides: Partial<ClusterState> = {},
): { readonly nodes: readonly string[]; readonly others: readonly string[] } {
  const state = { ...EMPTY, nodes: NODES, ...overrides };
  const nodes: string[] = [];
  const others: string[] = [];
  for (const { metadata } of state.nodes) {
    const result = new Scheduler(state, RULES).schedule({ ...of, nodeName: metadata.name });
    if (result.type === "placed") {
      nodes.push(metadata.name);
    } else {
      others.push(result.message);
    }
  }
  return { nodes, others };
}

const p = (...constraints: readonly object[]) => pod("p", FOO, spread(...constraints));

describe("one constraint", () => {
  test.each<[string, Pod, readonly RunningPod[], readonly string[]]>([
    ["no pods", p(over(ZONE)), [], ["a", "b", "x", "y"]],
    ["no pods, and it is none of them itself", p(over(ZONE, { bar: "" })), [], ["a", "b", "x", "y"]],
    ["3/3 over zones", p(over(ZONE)), running([2, 1, 0, 3]), ["a", "b", "x", "y"]],
    ["2/1/0/3 over nodes", p(over(HOST)), running([2, 1, 0, 3]), ["x"]],
    ["2/1/0/3 over nodes, with a skew of 2", p(over(HOST, FOO, { maxSkew: 2 })), running([2, 1, 0, 3]), ["b", "x"]],
    ["2/1/0/3 over nodes, and it is none of them itself", pod("p", { bar: "" }, spread(over(HOST))), running([2, 1, 0, 3]), ["b", "x"]],
    ["no selector, which is about no pod", p(over(ZONE, FOO, { labelSelector: undefined })), running([0, 0, 5, 0]), ["a", "b", "x", "y"]],
    [
      "a selector without requirements, which kube-scheduler counts no pod for",
      p(over(ZONE, {})),
      running([0, 0, 5, 0]),
      ["a", "b", "x", "y"],
    ],
    ["the same with a key of its own labels", p(over(HOST, {}, { matchLabelKeys: ["foo"] })), running([1, 1, 0, 1]), ["x"]],
    ["a key that it does not have", p(over(HOST, FOO, { matchLabelKeys: ["bar"] })), running([1, 1, 0, 1]), ["x"]],
    [
      "pods of its own revision only",
      pod("p", { foo: "", hash: "2" }, spread(over(HOST, FOO, { matchLabelKeys: ["hash"] }))),
      [...running([0, 1, 1, 1], { foo: "", hash: "2" }), ...running([1, 0, 0, 0], { foo: "", hash: "1" })],
      ["a"],
    ],
    [
      "pods that are being deleted do not count",
      p(over(HOST)),
      [...running([1, 1, 1]), ...running([0, 0, 0, 1], FOO, { isEnding: true })],
      ["y"],
    ],
    ["places below minDomains", p(over(ZONE, FOO, { minDomains: 3 })), running([1, 0, 1, 1]), []],
    ["as many places as minDomains", p(over(ZONE, FOO, { minDomains: 2 })), running([1, 0, 1, 1]), ["a", "b"]],
  ])("%s", (_, of, pods, expected) => {
    expect(fitting(of, { pods }).nodes).toEqual(expected);
  });

  it("counts no pod of another namespace", () => {
    const others = running([5, 0, 0, 0]).map((each) => ({ ...each, pod: pod("o", FOO, {}, "other") }));
    expect(fitting(p(over(ZONE)), { pods: [...others, ...running([0, 0, 1, 1])] }).nodes).toEqual(["a", "b"]);
  });

  it("rules out nodes without the label, and does not count what runs there", () => {
    const nodes = [NODES[0], node("b", { [HOST]: "b" }), NODES[2], NODES[3]].filter((each) => each !== undefined);
    const { nodes: fit, others } = fitting(p(over(ZONE)), { nodes, pods: running([1, 1, 1, 1]) });
    expect(fit).toEqual(["a"]);
    expect(others[0]).toContain(`didn't match pod topology spread constraints (missing required label): no label ${ZONE} (node b)`);
    expect(others[1]).toContain(
      `didn't match pod topology spread constraints: its ${ZONE} would have over 1 more such pods (maxSkew) than the one with the fewest, which has 1 (node x)`,
    );
  });

  it("follows the policies about affinity and about taints", () => {
    const [a, b, x] = [0, 1, 2].map((index) => NODES[index]).filter((each) => each !== undefined);
    const labelled = [a, b, x].flatMap((each) =>
      each === undefined ? [] : [node(each.metadata.name, { ...each.metadata.labels, ok: "" })],
    );
    const tainted = node("y", { [HOST]: "y" }, { spec: { taints: [{ key: "full", effect: "NoSchedule" }] } });
    const bare = node("y", { [HOST]: "y" });
    const of = (more: object, spec: object = {}) => pod("p", FOO, { ...spread(over(HOST, FOO, more)), ...spec });
    const selecting = { nodeSelector: { ok: "" } };
    // Over the nodes that count it is 1/1/1, and with node y 1/1/1/0.
    const pods = running([1, 1, 1, 0]);
    expect(fitting(of({}, selecting), { nodes: [...labelled, bare], pods }).nodes).toEqual(["a", "b", "x"]);
    expect(fitting(of({ nodeAffinityPolicy: "Ignore" }, selecting), { nodes: [...labelled, bare], pods }).nodes).toEqual([]);
    expect(fitting(of({ nodeTaintsPolicy: "Honor" }), { nodes: [...labelled, tainted], pods }).nodes).toEqual(["a", "b", "x"]);
    expect(fitting(of({}), { nodes: [...labelled, tainted], pods }).nodes).toEqual([]);
  });
});

describe("two constraints", () => {
  const both = (zone: object, host: object, labels = { foo: "", bar: "" }) => pod("p", labels, spread(over(ZONE, zone), over(HOST, host)));
  const BAR = { bar: "" };

  test.each<[string, Pod, readonly RunningPod[], readonly string[]]>([
    ["3/3 and 2/1/0/3", p(over(ZONE), over(HOST)), running([2, 1, 0, 3]), ["x"]],
    ["3/4 and 2/1/0/4", p(over(ZONE), over(HOST)), running([2, 1, 0, 4]), []],
    ["1/0 and 1/0/0/1", both(FOO, BAR), [...running([1]), ...running([0, 0, 0, 1], BAR)], ["x"]],
    ["1/0 and 0/0/1/1", both(FOO, BAR), [...running([1]), ...running([0, 0, 1, 1], BAR)], []],
    ["2/3 and 1/0/0/1", both(FOO, BAR), [...running([1, 0, 0, 2]), ...running([1, 0, 0, 1], { foo: "", bar: "" })], ["b"]],
  ])("%s", (_, of, pods, expected) => {
    expect(fitting(of, { pods }).nodes).toEqual(expected);
  });

  it("count only nodes that have the labels of both", () => {
    const nodes = NODES.map((each) => (each.metadata.name === "x" ? node("x", { [ZONE]: "2" }) : each));
    expect(fitting(p(over(ZONE), over(HOST)), { nodes, pods: running([1, 0, 0, 1]) }).nodes).toEqual(["b"]);
  });

  it("leave one that only weighs out", () => {
    expect(fitting(p(over(HOST, FOO, { whenUnsatisfiable: "ScheduleAnyway" })), { pods: running([9]) }).nodes).toEqual([
      "a",
      "b",
      "x",
      "y",
    ]);
  });
});

it("goes by the pods that were placed before, one after the other", () => {
  const scheduler = new Scheduler({ ...EMPTY, nodes: NODES }, RULES);
  const places = Array.from({ length: 4 }, (_, index) => scheduler.schedule({ ...p(over(HOST)), name: `p-${String(index)}` }));
  expect(places.map((result) => (result.type === "placed" ? result.nodeName : result.message)).sort()).toEqual(["a", "b", "x", "y"]);
});

test.each([
  { whenUnsatisfiable: "Sometimes" },
  { whenUnsatisfiable: undefined },
  { nodeTaintsPolicy: "Sometimes" },
  { nodeAffinityPolicy: "Sometimes" },
  { topologyKey: "" },
  { ofLaterVersions: 1 },
])("%j is not known, is named as not modelled, and left out", (more) => {
  const of = p(over(HOST, FOO, more));
  expect(of.unmodelled).toEqual(["spec.topologySpreadConstraints[0]"]);
  expect(fitting(of, { pods: running([9]) }).nodes).toEqual(["a", "b", "x", "y"]);
});

it("names as not modelled what goes by labels that are unknown, and leaves it out", () => {
  const open = NODES.map((each) => ({ ...each, mayHaveLabel: (key: string) => key === "rack" }));
  const scheduler = new Scheduler({ ...EMPTY, nodes: open, pods: running([9]) }, RULES);
  expect(scheduler.unmodelledRules(p(over(HOST)))).toEqual([]);
  expect(scheduler.unmodelledRules(p(over(HOST), over("rack")))).toEqual([
    "spec.topologySpreadConstraints[0]",
    "spec.topologySpreadConstraints[1]",
  ]);
  expect(scheduler.unmodelledRules({ ...p(over(HOST)), nodeSelector: { rack: "1" } })).toEqual(["spec.topologySpreadConstraints[0]"]);
  expect(scheduler.schedule(p(over(HOST), over("rack")))).toMatchObject({ type: "placed", nodeName: "a" });
});
