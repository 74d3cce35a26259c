import type { Node } from "../../../src/dra/allocator";
import { nodeMismatch, resourceShortage } from "../../../src/dra/allocator/nodes/nodes";
import type { NodeRequirement, NodeToleration, Pod } from "../../../src/dra/pods";
import { pod } from "./scenarios";

function node(spec: Node["spec"] = {}): Node {
  return { metadata: { name: "node-a", labels: { zone: "a", gpus: "8" } }, spec, status: { allocatable: {} } };
}

function mismatch(wishes: Partial<Pod>, on: Node = node()): string | undefined {
  return nodeMismatch({ ...pod("p"), ...wishes }, on)?.type;
}

describe("required node affinity", () => {
  const term = (requirement: Partial<NodeRequirement>, key: "matchExpressions" | "matchFields" = "matchExpressions") => ({
    matchExpressions: [],
    matchFields: [],
    [key]: [{ key: "zone", operator: "In", values: ["a"], ...requirement }],
  });

  it.each<[boolean, Partial<NodeRequirement>]>([
    [true, {}],
    [false, { values: ["b"] }],
    [false, { key: "rack" }],
    [false, { operator: "NotIn" }],
    [true, { operator: "NotIn", values: ["b"] }],
    [true, { operator: "NotIn", key: "rack" }],
    [true, { operator: "Exists", values: [] }],
    [false, { operator: "Exists", key: "rack", values: [] }],
    [false, { operator: "DoesNotExist", values: [] }],
    [true, { operator: "DoesNotExist", key: "rack", values: [] }],
    [true, { operator: "Gt", key: "gpus", values: ["4"] }],
    [false, { operator: "Gt", key: "gpus", values: ["8"] }],
    [true, { operator: "Lt", key: "gpus", values: ["9"] }],
    [false, { operator: "Lt", values: ["9"] }],
    [false, { operator: "Lt", key: "rack", values: ["9"] }],
    [false, { operator: "Gt", key: "gpus", values: ["many"] }],
    [false, { operator: "Gt", key: "gpus", values: ["4", "5"] }],
    // kube-scheduler reads integers of 64 bits, and labels may be called like what every object of JavaScript has.
    [true, { operator: "Lt", key: "gpus", values: ["9223372036854775807"] }],
    [false, { operator: "Lt", key: "gpus", values: ["9223372036854775808"] }],
    [false, { operator: "Exists", key: "constructor", values: [] }],
    [true, { operator: "DoesNotExist", key: "constructor", values: [] }],
  ])("is met: %s, by %j", (isMet, requirement) => {
    expect(mismatch({ nodeAffinity: [term(requirement)] })).toBe(isMet ? undefined : "nodeAffinity");
  });

  it("is met by one term of several", () => {
    expect(mismatch({ nodeAffinity: [term({ values: ["b"] }), term({})] })).toBeUndefined();
  });

  it("may be about the node's name", () => {
    expect(mismatch({ nodeAffinity: [term({ key: "metadata.name", values: ["node-a"] }, "matchFields")] })).toBeUndefined();
    expect(mismatch({ nodeAffinity: [term({ key: "metadata.name", values: ["node-b"] }, "matchFields")] })).toBe("nodeAffinity");
  });

  it("without terms, or with an empty one, is met by no node", () => {
    expect(mismatch({ nodeAffinity: [] })).toBe("nodeAffinity");
    expect(mismatch({ nodeAffinity: [{ matchExpressions: [], matchFields: [] }] })).toBe("nodeAffinity");
  });
});

describe("node taints", () => {
  const toleration = (fields: Partial<NodeToleration>): NodeToleration => ({
    key: "gpu",
    operator: "Equal",
    value: "true",
    effect: undefined,
    ...fields,
  });
  const tainted = node({ taints: [{ key: "gpu", value: "true", effect: "NoSchedule" }] });

  it.each<[boolean, Partial<NodeToleration>]>([
    [true, {}],
    [true, { operator: "Exists", value: "" }],
    [true, { key: undefined, operator: "Exists", value: "" }],
    [true, { effect: "NoSchedule" }],
    [false, { effect: "NoExecute" }],
    [false, { value: "false" }],
    [false, { key: "other" }],
  ])("are tolerated: %s, by %j", (isTolerated, fields) => {
    expect(mismatch({ tolerations: [toleration(fields)] }, tainted)).toBe(isTolerated ? undefined : "taint");
  });

  it("that are only preferred to be avoided keep no pod away", () => {
    expect(mismatch({}, node({ taints: [{ key: "gpu", effect: "PreferNoSchedule" }] }))).toBeUndefined();
  });

  it("of a cordoned node are tolerated by name", () => {
    const unschedulable = toleration({ key: "node.kubernetes.io/unschedulable", operator: "Exists", value: "" });
    expect(mismatch({}, node({ unschedulable: true }))).toBe("cordoned");
    expect(mismatch({ tolerations: [unschedulable] }, node({ unschedulable: true }))).toBeUndefined();
  });
});

describe("resources of a node", () => {
  it("have to cover what a pod asks for besides what is used", () => {
    expect(resourceShortage({ cpu: 500 }, { cpu: 1000, pods: 2 }, { cpu: 500, pods: 1 })).toBeUndefined();
    expect(resourceShortage({ cpu: 501 }, { cpu: 1000, pods: 2 }, { cpu: 500, pods: 1 })).toEqual({
      resource: "cpu",
      requested: 501,
      free: 500,
      allocatable: 1000,
    });
    expect(resourceShortage({}, { pods: 1 }, { pods: 1 })).toMatchObject({ resource: "pods" });
  });

  it("that nothing is asked of may be overdrawn or missing", () => {
    expect(resourceShortage({ cpu: 0, "nvidia.com/gpu": 0 }, { cpu: 1000, pods: 1 }, { cpu: 2000 })).toBeUndefined();
  });
});
