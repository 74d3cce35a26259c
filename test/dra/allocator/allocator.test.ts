import { schedulePods, Scheduler } from "../../../src/dra/allocator";
import type { ClusterState, Node, SchedulingResult } from "../../../src/dra/allocator";
import { readClaim } from "../../../src/dra/claims";
import type { ResourceClaim, ResourceClaimTemplate } from "../../../src/dra/claims";
import { VENDOR_DEVICE_CLASSES } from "../../../src/dra/device-classes";
import { publishSlices } from "../../../src/dra/devices";
import type { Pod } from "../../../src/dra/pods";
import { catalogueTierClasses } from "../../../src/dra/tiers";
import type { Device, ResourceSlice } from "../../../src/dra/types";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import type { LayoutSpec } from "../../../src/hardware/layouts";
import { resolveLayout } from "../../../src/hardware/layouts";
import { findRelease } from "../../../src/releases/find";
import type { KubernetesRules } from "../../../src/releases/kubernetes";
import { CLASSES, claimOf, holder, pod, slice } from "./scenarios";
import { RULES, rulesWith } from "../../support/rules";

const PARENT = "gpu.nvidia.com/parentUUID";

/** The slices of a p4d.24xlarge. */
function p4d(nodeName: string, spec: LayoutSpec = "all-balanced"): readonly ResourceSlice[] {
  const model = findGpuModel("A100-SXM4-40GB");
  const release = findRelease("1.34");
  const layout = model && resolveLayout(spec, model, 8);
  if (layout?.type !== "legal" || release === undefined) {
    throw new Error("no such layout");
  }
  return publishSlices(nodeName, layout.layout, release);
}

function node(name: string, overrides: Partial<Node> = {}): Node {
  return { metadata: { name }, status: { allocatable: { cpu: "96", memory: "1100Gi", pods: "737" } }, ...overrides };
}

function template(name: string, devices: unknown): ResourceClaimTemplate {
  const reading = readClaim(
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaimTemplate",
      metadata: { name, namespace: "default" },
      spec: { spec: { devices } },
    },
    RULES,
  );
  if (reading.type !== "claim" || reading.claim.kind !== "ResourceClaimTemplate") {
    throw new Error(reading.type === "invalid" ? reading.problems.join("\n") : "not a template");
  }
  return reading.claim;
}

function claim(name: string, devices: unknown): ResourceClaim {
  return claimOf({ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace: "default" }, spec: { devices } });
}

function one(deviceClassName: string, fields: Record<string, unknown> = {}): unknown {
  return { requests: [{ name: "gpu", exactly: { deviceClassName, ...fields } }] };
}

const tiersOf = (names: readonly string[]) => names.map((name) => ({ name, exactly: { deviceClassName: `mig-${name}.nvidia.com` } }));
const ONE_GPU = { requests: tiersOf(["large", "medium", "small"]), constraints: [{ matchAttribute: PARENT }] };

function cluster(overrides: Partial<ClusterState> = {}): ClusterState {
  return {
    nodes: [node("node-a")],
    slices: p4d("node-a"),
    deviceClasses: [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses(), ...CLASSES],
    claims: [],
    templates: [
      template("large", one("mig-large.nvidia.com")),
      template("small", one("mig-small.nvidia.com")),
      template("one-gpu", ONE_GPU),
    ],
    namespaces: undefined,
    services: [],
    volumes: undefined,
    pods: [],
    ...overrides,
  };
}

function pods(count: number, templateName: string, overrides: Partial<Pod> = {}): readonly Pod[] {
  return Array.from({ length: count }, (_, index) => ({
    ...pod(`${templateName}-${String(index)}`, [{ name: "gpu", source: { type: "template", templateName } }]),
    uses: [{ container: "main", claim: "gpu", request: undefined }],
    ...overrides,
  }));
}

function shared(name: string, claimName: string): Pod {
  return {
    ...pod(name, [{ name: "gpu", source: { type: "claim", claimName } }]),
    uses: [{ container: "main", claim: "gpu", request: undefined }],
  };
}

function placed(results: readonly SchedulingResult[]): number {
  return results.filter(({ type }) => type === "placed").length;
}

function message(result: SchedulingResult | undefined): string {
  return result?.type === "refused" ? result.message : `placed on ${result?.nodeName ?? "nothing"}`;
}

describe("as many pods find a place as on a real cluster", () => {
  const two = { nodes: [node("node-a"), node("node-b")], slices: [...p4d("node-a"), ...p4d("node-b")] };

  // Bound by kube-scheduler 1.34.4 on two nodes like these: 16 of 18 large, 32 of 35 small, 16 of 17 with three slices of one GPU.
  it.each([
    ["large", 18, 16],
    ["small", 35, 32],
    ["one-gpu", 17, 16],
  ])("%s: %i wanted, %i placed", (templateName, wanted, expected) => {
    expect(placed(schedulePods(cluster(two), pods(wanted, templateName), RULES))).toBe(expected);
  });

  it("puts the three slices of one claim on one GPU, whatever the order of devices", () => {
    const [published] = p4d("node-a");
    const devices = [...(published?.spec.devices ?? [])].reverse();
    const [result] = schedulePods(cluster({ slices: [slice(devices)] }), pods(1, "one-gpu"), RULES);
    const names = result?.type === "placed" ? result.claims.flatMap((held) => held.devices.map(({ device }) => device)) : [];
    expect(new Set(names.map((name) => devices.find((device) => device.name === name)?.attributes["parentUUID"]?.string)).size).toBe(1);
    expect(names).toHaveLength(3);
  });
});

describe("a pod without a place gets a reason to act on", () => {
  it("how many of the devices are taken", () => {
    const results = schedulePods(cluster(), pods(9, "large"), RULES);
    expect(message(results[8])).toBe("claim gpu, request gpu needs 3g.20gb; 8 of 8 taken (node node-a)");
  });

  it("that a profile does not exist on the GPU", () => {
    const selector = { cel: { expression: `device.attributes["gpu.nvidia.com"].profile == "2g.40gb"` } };
    const templates = [template("odd", one("mig.nvidia.com", { selectors: [selector] }))];
    const [result] = schedulePods(cluster({ templates }), pods(1, "odd"), RULES);
    expect(message(result)).toBe(
      "claim gpu, request gpu needs 2g.40gb; no device matches: profile 2g.40gb does not exist on A100-SXM4-40GB (node node-a)",
    );
  });

  it("what there is instead, where the profile exists but not in this layout", () => {
    const selector = { cel: { expression: `device.attributes["gpu.nvidia.com"].profile == "7g.40gb"` } };
    const templates = [template("whole", one("mig.nvidia.com", { selectors: [selector] }))];
    expect(message(schedulePods(cluster({ templates }), pods(1, "whole"), RULES)[0])).toContain(
      "no device matches: there are 16 x 1g.5gb, 8 x 2g.10gb, 8 x 3g.20gb",
    );
  });

  it("that constraints, not numbers, are in the way", () => {
    const slices = p4d("node-a", {
      name: "apart",
      gpus: [
        { devices: [0, 1, 2, 3], profiles: { "3g.20gb": 2 } },
        { devices: [4, 5, 6, 7], profiles: { "1g.5gb": 7 } },
      ],
    });
    const templates = [template("pair", { requests: tiersOf(["large", "small"]), constraints: [{ matchAttribute: PARENT }] })];
    expect(message(schedulePods(cluster({ slices, templates }), pods(1, "pair"), RULES)[0])).toBe(
      `enough free devices, but not with the same ${PARENT} (node node-a)`,
    );
  });

  it("that requests compete for the same devices", () => {
    const templates = [
      template("nine", {
        requests: Array.from({ length: 9 }, (_, i) => ({ name: `r${String(i)}`, exactly: { deviceClassName: "mig-large.nvidia.com" } })),
      }),
    ];
    expect(message(schedulePods(cluster({ templates }), pods(1, "nine"), RULES)[0])).toContain("not for all of them together");
  });

  it.each<[string, Partial<ClusterState>, Partial<Pod>, string]>([
    [
      "an unknown template",
      { templates: [template("mig-large-template", one("mig"))] },
      {},
      "ResourceClaimTemplate default/large does not exist; there are: mig-large-template",
    ],
    [
      "an unknown device class",
      { deviceClasses: VENDOR_DEVICE_CLASSES },
      {},
      "claim gpu, request gpu: device class mig-large.nvidia.com does not exist; did you mean",
    ],
    ["no node", { nodes: [] }, {}, "there is no node"],
    ["a cordoned node", { nodes: [node("node-a", { spec: { unschedulable: true } })] }, {}, "cordoned (node node-a)"],
    [
      "a taint",
      { nodes: [node("node-a", { spec: { taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }] } })] },
      {},
      "taint nvidia.com/gpu=true:NoSchedule is not tolerated (node node-a)",
    ],
    ["labels", {}, { nodeSelector: { "node-role": "gpu" } }, "nodeSelector asks for node-role=gpu (node node-a)"],
    [
      "affinity",
      {},
      { nodeAffinity: [{ matchExpressions: [], matchFields: [] }] },
      "the required node affinity does not match (node node-a)",
    ],
    ["another node", {}, { nodeName: "node-z" }, "the pod names node node-z (node node-a)"],
    ["cpu", {}, { requests: { cpu: 96_500 } }, "needs 96500m cpu; 96 of 96 free (node node-a)"],
    ["memory", {}, { requests: { memory: 2 ** 41 } }, "needs 2048Gi memory; 1100Gi of 1100Gi free (node node-a)"],
    ["a resource that no node has", {}, { requests: { "nvidia.com/gpu": 1 } }, "needs 1 nvidia.com/gpu; 0 of 0 free (node node-a)"],
    [
      "room for another pod",
      { nodes: [node("node-a", { status: { allocatable: { pods: "0" } } })] },
      {},
      "runs 0 pods already, its maximum (node node-a)",
    ],
    ["a scheduling gate", {}, { schedulingGates: ["wait"] }, "held back by scheduling gates: wait"],
  ])("%s", (_, state, wishes, expected) => {
    expect(message(schedulePods(cluster(state), pods(1, "large", wishes), RULES)[0])).toContain(expected);
  });

  it("groups nodes by reason, those about devices first", () => {
    const nodes = [node("node-s", { spec: { unschedulable: true } }), node("node-a"), node("node-b")];
    const results = schedulePods(cluster({ nodes, slices: [...p4d("node-a"), ...p4d("node-b")] }), pods(17, "large"), RULES);
    expect(message(results[16])).toBe("claim gpu, request gpu needs 3g.20gb; 16 of 16 taken (2 nodes); cordoned (node node-s)");
  });
});

describe("shared claims", () => {
  const claims = [claim("one-gpu", ONE_GPU)];
  const two = { nodes: [node("node-a"), node("node-b")], slices: [...p4d("node-a"), ...p4d("node-b")], claims };

  it("give all pods that name them the same devices on the same node", () => {
    const results = schedulePods(cluster(two), [shared("a", "one-gpu"), shared("b", "one-gpu")], RULES);
    expect(results.map((result) => (result.type === "placed" ? [result.nodeName, result.claims[0]?.devices] : []))[0]).toEqual(
      results.map((result) => (result.type === "placed" ? [result.nodeName, result.claims[0]?.devices] : []))[1],
    );
  });

  it("pin later pods to their node, even if it is full", () => {
    const big = { ...shared("b", "one-gpu"), requests: { cpu: 90_000 } };
    const results = schedulePods(cluster(two), [{ ...shared("a", "one-gpu"), requests: { cpu: 10_000 } }, big], RULES);
    expect(message(results[1])).toBe("needs 90 cpu; 86 of 96 free (node node-a); claim gpu holds devices of node node-a (node node-b)");
  });

  it("that are allocated already are used as they are", () => {
    const held = { ...holder("gpu-0-mig-9-4-4", "node-b"), name: "held", namespace: "default" };
    const [result] = schedulePods(cluster({ ...two, claims: [held] }), [shared("a", "held")], RULES);
    expect(result).toMatchObject({
      type: "placed",
      nodeName: "node-b",
      claims: [{ claimName: "held", devices: held.allocation?.devices }],
    });
  });

  it("serve 256 pods and no more", () => {
    const results = schedulePods(
      cluster(two),
      Array.from({ length: 257 }, (_, index) => shared(`p-${String(index)}`, "one-gpu")),
      RULES,
    );
    expect(placed(results)).toBe(256);
    expect(message(results[256])).toContain("used by 256 pods already");
  });

  it("that a pod names twice keep it from running: in want of devices for both or, where there are, by an error", () => {
    const twice: Pod = pod(
      "p",
      ["x", "y"].map((name) => ({ name, source: { type: "claim", claimName: "c" } })),
    );
    const run = (count: number) =>
      schedulePods(cluster({ claims: [claim("c", one("mig-large.nvidia.com", { count }))] }), [twice], RULES)[0];
    expect(message(run(4))).toContain("the pod names claim c twice");
    expect(message(run(5))).toContain("not for all of them together");
  });

  it("have to exist in the pod's namespace", () => {
    expect(message(schedulePods(cluster({ claims: [{ ...claim("x", ONE_GPU), namespace: "other" }] }), [shared("a", "x")], RULES)[0])).toBe(
      "ResourceClaim default/x does not exist; there is none",
    );
  });
});

const shape = (name: string, attributes: Device["attributes"] = {}, rest: Partial<Device> = {}): Device => ({
  name,
  attributes: { type: { string: "mig" }, ...attributes },
  capacity: {},
  ...rest,
});

/** What becomes of one claim on a node with these devices. */
function allocate(
  devices: readonly Device[],
  request: unknown,
  state: Partial<ClusterState> = {},
  rules: KubernetesRules = RULES,
): SchedulingResult | undefined {
  return schedulePods(cluster({ slices: [slice(devices)], claims: [claim("c", request)], ...state }), [shared("p", "c")], rules)[0];
}

function devicesOf(result: SchedulingResult | undefined): readonly string[] | string {
  return result?.type === "placed"
    ? result.claims.flatMap(({ devices }) => devices.map(({ request, device }) => `${request}=${device}`))
    : message(result);
}

describe("requests", () => {
  const three = [shape("a"), shape("b"), shape("c")];

  it("for a number get the first devices that match", () => {
    expect(devicesOf(allocate(three, one("any", { count: 2 })))).toEqual(["gpu=a", "gpu=b"]);
  });

  it("for all get every device that matches, or nothing if one is taken", () => {
    expect(devicesOf(allocate(three, one("any", { allocationMode: "All" })))).toEqual(["gpu=a", "gpu=b", "gpu=c"]);
    expect(
      devicesOf(
        allocate(three, one("any", { allocationMode: "All" }), {
          claims: [claim("c", one("any", { allocationMode: "All" })), holder("b")],
        }),
      ),
    ).toContain("1 of 3 taken");
  });

  it("for all find nothing where nothing matches", () => {
    expect(devicesOf(allocate(three, one("gpu.nvidia.com", { allocationMode: "All" })))).toContain("no device matches");
  });

  it("with alternatives take the first that can be had", () => {
    const choice = (count: number) => ({
      requests: [
        {
          name: "gpu",
          firstAvailable: [
            { name: "many", deviceClassName: "any", count },
            { name: "few", deviceClassName: "any" },
          ],
        },
      ],
    });
    expect(devicesOf(allocate(three, choice(3)))).toEqual(["gpu/many=a", "gpu/many=b", "gpu/many=c"]);
    expect(devicesOf(allocate(three, choice(4)))).toEqual(["gpu/few=a"]);
  });

  it("for all, as a second alternative, get only as many devices as the first asks for, and those in their order", () => {
    const firstAvailable = [
      { name: "none", deviceClassName: "gpu.nvidia.com" },
      { name: "all", deviceClassName: "any", allocationMode: "All" },
    ];
    const request = {
      requests: [
        { name: "x", exactly: { deviceClassName: "any" } },
        { name: "y", firstAvailable },
      ],
    };
    expect(devicesOf(allocate(three, request))).toEqual(["x=b", "y/all=a"]);
    const alone = { requests: [{ name: "y", firstAvailable }] };
    expect(devicesOf(allocate(three, alone))).toEqual(["y/all=a"]);
    expect(devicesOf(allocate(three, alone, {}, rulesWith({ allInAlternatives: true })))).toEqual(["y/all=a", "y/all=b", "y/all=c"]);
  });

  it("for administration neither need free devices nor take them", () => {
    const admin = claim("admin", one("any", { allocationMode: "All", adminAccess: true }));
    const state = cluster({ slices: [slice(three)], claims: [admin, holder("b"), claim("c", one("any", { count: 2 }))] });
    const results = schedulePods(state, [shared("p", "admin"), shared("q", "c")], RULES);
    expect(results.map(devicesOf)).toEqual([
      ["gpu=a", "gpu=b", "gpu=c"],
      ["gpu=a", "gpu=c"],
    ]);
  });

  it("get tainted devices whether or not they tolerate the taint, unless the feature is on", () => {
    const tainted = [shape("a", {}, { taints: [{ key: "unhealthy", effect: "NoSchedule" }] }), shape("b")];
    const run = (request: unknown, deviceTaints = true) => devicesOf(allocate(tainted, request, {}, rulesWith({ deviceTaints })));
    expect(run(one("any"), false)).toEqual(["gpu=a"]);
    expect(run(one("any"))).toEqual(["gpu=b"]);
    expect(run(one("any", { tolerations: [{ key: "unhealthy", operator: "Exists" }] }))).toEqual(["gpu=a"]);
    expect(run(one("any", { count: 2 }))).toContain("1 with a taint that is not tolerated");
  });

  it("of one claim are limited to 32 devices together", () => {
    const forty = Array.from({ length: 40 }, (_, index) => shape(`d-${String(index)}`));
    const choice = (first: number, second: number) => ({
      requests: [
        {
          name: "x",
          firstAvailable: [
            { name: "many", deviceClassName: "any", count: first },
            { name: "one", deviceClassName: "any" },
          ],
        },
        { name: "y", exactly: { deviceClassName: "any", count: second } },
      ],
    });
    expect(message(allocate(forty, one("any", { count: 33 })))).toContain("asks for 33 devices; a claim holds at most 32");
    expect(message(allocate(forty, one("any", { allocationMode: "All" })))).toContain("asks for 40 devices");
    expect(devicesOf(allocate(forty, choice(30, 10)))).toHaveLength(11);
    expect(devicesOf(allocate(forty, choice(22, 10)))).toHaveLength(32);
  });
});

describe("constraints", () => {
  const gpu = (name: string, parent: string) => shape(name, { parentUUID: { string: parent } });
  const devices = [gpu("a", "0"), gpu("b", "1"), gpu("c", "1"), shape("d")];

  it("go back on a first choice that leaves no second", () => {
    expect(devicesOf(allocate(devices, { ...(one("any", { count: 2 }) as object), constraints: [{ matchAttribute: PARENT }] }))).toEqual([
      "gpu=b",
      "gpu=c",
    ]);
  });

  it("leave out devices without the attribute", () => {
    expect(
      devicesOf(allocate([shape("d"), gpu("a", "0")], { ...(one("any") as object), constraints: [{ matchAttribute: PARENT }] })),
    ).toEqual(["gpu=a"]);
  });

  it("bind the requests that they name, by the request or by the alternative", () => {
    const requests = [
      { name: "x", exactly: { deviceClassName: "any" } },
      { name: "y", firstAvailable: [{ name: "one", deviceClassName: "any" }] },
    ];
    expect(devicesOf(allocate(devices, { requests, constraints: [{ matchAttribute: PARENT, requests: ["x"] }] }))).toEqual([
      "x=a",
      "y/one=b",
    ]);
    expect(devicesOf(allocate(devices, { requests, constraints: [{ matchAttribute: PARENT, requests: ["x", "y/one"] }] }))).toEqual([
      "x=b",
      "y/one=c",
    ]);
  });

  it("that ask for distinct values only make sure that there are values, and the placement says so, unless the feature is on", () => {
    const request = { ...(one("any", { count: 2 }) as object), constraints: [{ distinctAttribute: PARENT }] };
    const sameFirst = [shape("d"), gpu("b", "1"), gpu("c", "1"), gpu("a", "0")];
    const result = allocate(sameFirst, request);
    expect(devicesOf(result)).toEqual(["gpu=b", "gpu=c"]);
    expect(result?.type === "placed" ? result.warnings : []).toEqual([expect.stringContaining("does not hold devices apart")]);
    expect(devicesOf(allocate(sameFirst, request, {}, rulesWith({ distinctValues: true })))).toEqual(["gpu=b", "gpu=a"]);
  });

  it("that keep several devices of one request apart are named as not modelled where kube-scheduler compares the last one only", () => {
    const named = (devices: unknown, features: object) => {
      const state = cluster({ slices: [slice([gpu("a", "0"), gpu("b", "1")])], claims: [claim("c", devices)] });
      return new Scheduler(state, rulesWith(features)).unmodelledRules(shared("p", "c"));
    };
    const compared = { distinctValues: true };
    const apart = { constraints: [{ distinctAttribute: PARENT }] };
    const name = `spec.resourceClaims[0] (distinctAttribute ${PARENT} for several devices of one request)`;
    const two = { ...(one("any", { count: 2 }) as object), ...apart };
    expect(named(two, compared)).toEqual([name]);
    expect(named(two, { distinctValues: false })).toEqual([]);
    expect(named({ ...(one("any", { allocationMode: "All" }) as object), ...apart }, compared)).toEqual([name]);
    const alternatives = [
      { name: "two", deviceClassName: "any", count: 2 },
      { name: "one", deviceClassName: "any" },
    ];
    const of = (requests: readonly string[]) => ({
      requests: [
        { name: "x", firstAvailable: alternatives },
        { name: "y", exactly: { deviceClassName: "any" } },
      ],
      constraints: [{ distinctAttribute: PARENT, ...(requests.length === 0 ? {} : { requests }) }],
    });
    expect(named(of([]), compared)).toEqual([name]);
    expect(named(of(["x/two", "y"]), compared)).toEqual([name]);
    expect(named(of(["x/one", "y"]), compared)).toEqual([]);
    const apartByRequests = ["x", "y"].map((request) => ({ name: request, exactly: { deviceClassName: "any" } }));
    expect(named({ requests: apartByRequests, ...apart }, compared)).toEqual([]);
  });
});

describe("capacity requests", () => {
  const devices = [
    shape("small", {}, { capacity: { memory: { value: "4864Mi" } } }),
    shape("large", {}, { capacity: { memory: { value: "19968Mi" } } }),
  ];
  const state = cluster({ slices: [slice(devices)], claims: [claim("c", one("any", { capacity: { requests: { memory: "10Gi" } } }))] });

  it("count for nothing in Kubernetes 1.34, and the placement says so", () => {
    const [result] = schedulePods(state, [shared("p", "c")], RULES);
    expect(devicesOf(result)).toEqual(["gpu=small"]);
    expect(result?.type === "placed" ? result.warnings : []).toEqual([expect.stringContaining("drops its capacity requests")]);
  });

  it("are minima where the feature is on", () => {
    expect(devicesOf(schedulePods(state, [shared("p", "c")], rulesWith({ consumableCapacity: true }))[0])).toEqual(["gpu=large"]);
  });
});

describe("pools", () => {
  const part = (generation: number, resourceSliceCount: number, devices: readonly Device[], name = "s"): ResourceSlice => ({
    ...slice(devices),
    metadata: { name },
    spec: { ...slice(devices).spec, pool: { name: "node-a", generation, resourceSliceCount } },
  });
  const run = (slices: readonly ResourceSlice[], request: unknown) => devicesOf(allocate([], request, { slices }));

  it("count in their newest generation only", () => {
    expect(run([part(2, 1, [shape("new")]), part(1, 1, [shape("old")])], one("any", { count: 2 }))).toContain("0 of 1 taken");
  });

  it("may come from an API server, which leaves out what is empty", () => {
    const bare = part(1, 2, [{ name: "a" } as Device], "x");
    const empty = part(1, 2, [], "y");
    const slices = [bare, { ...empty, spec: { ...empty.spec, devices: undefined } } as unknown as ResourceSlice];
    expect(run(slices, one("any", { allocationMode: "All" }))).toEqual(["gpu=a"]);
  });

  it("that are incomplete serve numbers but not all", () => {
    expect(run([part(1, 2, [shape("a")])], one("any"))).toEqual(["gpu=a"]);
    expect(run([part(1, 2, [shape("a")])], one("any", { allocationMode: "All" }))).toContain("not completely published yet");
  });

  it("with a device name twice serve nothing", () => {
    expect(run([part(1, 2, [shape("a")], "x"), part(1, 2, [shape("a")], "y")], one("any"))).toContain("a device name exists twice");
  });

  describe("of a scheduler that judges them by all their slices", () => {
    const whole = rulesWith({ wholePools: true });
    const own: ResourceSlice = { ...slice([shape("own")]), metadata: { name: "own" } };
    const elsewhere = (generation: number): ResourceSlice => {
      const other = part(generation, 2, [shape("other")], "other");
      return { ...other, spec: { ...other.spec, nodeName: "node-b" } };
    };
    const run = (slices: readonly ResourceSlice[], request: unknown) => allocate([], request, { slices }, whole);

    it("serve nothing while they are incomplete or have a device name twice, and other pools serve", () => {
      const twice = [part(1, 2, [shape("a")], "x"), part(1, 2, [shape("a")], "y")];
      const free = { ...own, spec: { ...own.spec, pool: { ...own.spec.pool, name: "own" } } };
      expect(devicesOf(run([part(1, 2, [shape("a")])], one("any")))).toContain("node-a is passed over: it is not completely published yet");
      expect(devicesOf(run([part(1, 2, [shape("a")]), free], one("any")))).toEqual(["gpu=own"]);
      expect(devicesOf(run(twice, one("any")))).toContain("node-a is passed over: a device name exists twice");
      expect(devicesOf(run([...twice, free], one("any")))).toEqual(["gpu=own"]);
    });

    it("stop a request for all devices while they are incomplete or have a device name twice", () => {
      const all = one("any", { allocationMode: "All" });
      expect(devicesOf(run([part(1, 2, [shape("a")])], all))).toContain("not completely published yet");
      expect(devicesOf(run([part(1, 2, [shape("a")], "x"), part(1, 2, [shape("a")], "y")], all))).toContain("a device name exists twice");
    });

    it("are complete with the slices of other nodes, and out of date by them", () => {
      expect(devicesOf(run([part(1, 2, [shape("a")]), elsewhere(1)], one("any", { allocationMode: "All" })))).toEqual(["gpu=a"]);
      expect(devicesOf(run([part(1, 2, [shape("a")]), elsewhere(2)], one("any")))).toContain("there are no devices");
    });
  });
});

describe("selectors that fail", () => {
  const selectors = [{ cel: { expression: `device.attributes["gpu.nvidia.com"].profile == "1g.5gb"` } }];
  const good = shape("good", { profile: { string: "1g.5gb" } });
  const bad = shape("bad");

  it("on one free device stop the pod, wherever the device is listed", () => {
    for (const devices of [
      [good, bad],
      [bad, good],
    ]) {
      expect(message(allocate(devices, one("any", { selectors })))).toContain("kube-scheduler stops with an error on node node-a");
    }
  });

  it("on another node stop it too", () => {
    const state = cluster({
      nodes: [node("node-a"), node("node-b")],
      slices: [slice([good]), slice([bad], "node-b")],
      claims: [claim("c", one("any", { selectors }))],
    });
    expect(message(schedulePods(state, [shared("p", "c")], RULES)[0])).toContain("on node node-b");
  });

  it("on another node stop it even where a second claim keeps the pod off that node", () => {
    const state = cluster({
      nodes: [node("node-a"), node("node-b")],
      slices: [slice([good, shape("other")]), slice([bad], "node-b")],
      claims: [{ ...holder("other"), name: "held", namespace: "default" }, claim("c", one("any", { selectors }))],
    });
    const asking = pod(
      "p",
      ["held", "c"].map((claimName) => ({ name: claimName, source: { type: "claim", claimName } })),
    );
    expect(message(schedulePods(state, [asking], RULES)[0])).toContain("on node node-b");
  });

  it("do not on devices that are taken or that the class leaves out", () => {
    expect(
      devicesOf(allocate([bad, good], one("any", { selectors }), { claims: [claim("c", one("any", { selectors })), holder("bad")] })),
    ).toEqual(["gpu=good"]);
    const whole: Device = { ...bad, attributes: { type: { string: "gpu" } } };
    expect(devicesOf(allocate([whole, good], one("mig", { selectors })))).toEqual(["gpu=good"]);
  });
});

describe("a scheduler", () => {
  it("counts the pods that run already", () => {
    const running = { pod: { ...pod("busy"), requests: { cpu: 95_500 } }, nodeName: "node-a" };
    expect(message(schedulePods(cluster({ pods: [running] }), pods(1, "large", { requests: { cpu: 1000 } }), RULES)[0])).toContain(
      "500m of 96 free",
    );
  });

  it("places pods without claims by their other wishes", () => {
    expect(schedulePods(cluster(), [pod("plain")], RULES)[0]).toMatchObject({
      type: "placed",
      nodeName: "node-a",
      claims: [],
      warnings: [],
    });
  });

  it("warns of containers that would see no device, and of devices that no container sees", () => {
    const confused: Pod = {
      ...pod("p", [{ name: "gpu", source: { type: "template", templateName: "large" } }]),
      uses: [{ container: "main", claim: "gpu", request: "big" }],
    };
    const unused = { ...confused, uses: [] };
    const warnings = schedulePods(cluster(), [confused, unused], RULES).map((result) => (result.type === "placed" ? result.warnings : []));
    expect(warnings).toEqual([
      [expect.stringContaining('no request "big"; it has: gpu')],
      [expect.stringContaining("no container uses claim gpu")],
    ]);
  });

  it("refuses a node whose resources are no quantities", () => {
    expect(() => new Scheduler(cluster({ nodes: [node("node-a", { status: { allocatable: { cpu: "many" } } })] }), RULES)).toThrow(
      "node node-a: status.allocatable.cpu",
    );
  });
});

describe("a resource by which Kubernetes gives devices of a class", () => {
  const rulesOf = (version: string): KubernetesRules => findRelease(version)?.kubernetes ?? RULES;
  const cluster: ClusterState = {
    ...{
      nodes: [node("a")],
      slices: p4d("a"),
      claims: [],
      templates: [],
      namespaces: undefined,
      services: [],
      volumes: undefined,
      pods: [],
    },
    deviceClasses: [
      ...VENDOR_DEVICE_CLASSES,
      ...catalogueTierClasses(),
      { name: "own.example.com", selectors: [], extendedResourceName: "example.com/slice" },
    ],
  };
  const asking = (requests: Readonly<Record<string, number>>): Pod => ({ ...pod("implicit", []), requests });

  it.each([
    ["by the class's name", "deviceclass.resource.kubernetes.io/mig-small.nvidia.com", "mig-small.nvidia.com"],
    ["by the name that NVIDIA's driver gives whole GPUs", "nvidia.com/gpu", "gpu.nvidia.com"],
    ["by a name of the class", "example.com/slice", "own.example.com"],
  ])("is no way to a slice where the feature is on: %s", (_, resource, deviceClassName) => {
    const [result] = schedulePods(cluster, [asking({ cpu: 1, [resource]: 1 })], rulesOf("1.36"));
    expect(result).toMatchObject({ type: "refused", refusal: { type: "extendedResource", resource, deviceClassName } });
    expect(result).toMatchObject({ message: expect.stringMatching(/name a claim in resourceClaims instead$/) as string });
  });

  it.each([
    ["of a class that does not exist", "deviceclass.resource.kubernetes.io/mig-tiny.nvidia.com", "1.36"],
    ["of no class", "vpc.amazonaws.com/pod-eni", "1.36"],
    ["where the feature is off", "deviceclass.resource.kubernetes.io/mig-small.nvidia.com", "1.35"],
  ])("is one that no node has: %s", (_, resource, version) => {
    const [result] = schedulePods(cluster, [asking({ [resource]: 1 })], rulesOf(version));
    expect(result).toMatchObject({ type: "refused", refusal: { type: "noNodeFits" } });
  });
});
