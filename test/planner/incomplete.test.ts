/** Clusters of which not everything can be read, or understood: what the planner says of them, what it still answers, and how the command ends. */
import { codeOf } from "../../src/cli/plan/answered";
import type { JsonObject } from "../../src/cluster/objects";
import { answerTo } from "../../src/planner/ask/ask";
import { KIND_NAMES } from "../../src/planner/snapshot/kinds";
import type { Kind } from "../../src/planner/snapshot/kinds";
import { readCluster } from "../../src/planner/state/read";
import type { PlannedCluster } from "../../src/planner/state/cluster";
import { statusOf } from "../../src/planner/status/status";
import { changeOf } from "../../src/planner/what-if/change";
import { consequencesOf } from "../../src/planner/what-if/what-if";
import { findRelease } from "../../src/releases/find";
import { claim, classes, devicesOf, gpuNode, pod, snapshotOf, using } from "./clusters";

const [NODE, SLICE] = gpuNode("a", { instanceType: "p5.4xlarge" }) as [JsonObject, JsonObject & { readonly spec: JsonObject }];
const DEVICES = SLICE.spec["devices"] as readonly JsonObject[];
const [LARGE = ""] = devicesOf([SLICE], "3g.40gb");
const SMALL = "mig-small.nvidia.com";

interface Codes {
  readonly status: number;
  /** Of a demand for which there is room, as far as everything is known. */
  readonly fits: number;
  /** Of one for which there is none. */
  readonly doesNotFit: number;
  readonly whatIf: number;
}

interface Outcome {
  readonly codes: Codes;
  /** What is missing, what is not understood and what is odd, as the three answers say it. */
  readonly said: string;
}

function outcomeOf(
  objects: readonly JsonObject[],
  { version = "1.34", gaps = [] }: { readonly version?: string; readonly gaps?: readonly Kind[] },
): Outcome {
  const snapshot = snapshotOf([...classes(), ...objects], {
    kubernetesVersion: version,
    gaps: gaps.map((kind) => ({ kind, reason: `${kind} is forbidden` })),
  });
  const cluster = readCluster({
    ...snapshot,
    objects: { ...snapshot.objects, ...Object.fromEntries(gaps.map((kind) => [kind, []])) },
  });
  const status = statusOf(cluster);
  const change = changeOf(cluster, { type: "nodes", count: 1, pool: undefined });
  const consequences = change.type === "change" ? consequencesOf(cluster, change.change) : undefined;
  const asked = (count: number) => answerTo(cluster, { ...question(count), arrangement: "separate" });
  return {
    codes: {
      status: codeOf({ type: "status", status, cluster }),
      fits: codeOf({ type: "ask", demand: asked(1), cluster }),
      doesNotFit: codeOf({ type: "ask", demand: asked(3), cluster }),
      // A change that the cluster has nothing for is refused.
      whatIf: consequences === undefined ? 2 : codeOf({ type: "whatIf", consequences, cluster }),
    },
    said: [...status.missing, ...status.doubts, ...status.notes, ...asked(1).answer.missing, ...(consequences?.whatIf.missing ?? [])].join(
      "\n",
    ),
  };
}

/** The node has two small slices. */
function question(count: number) {
  return { items: [{ count, wanted: { type: "tier" as const, tier: "small" as const } }], namespace: "default" };
}

const CERTAIN: Codes = { status: 0, fits: 0, doesNotFit: 1, whatIf: 0 };
/** Nothing can be told about slices. */
const UNKNOWN: Codes = { status: 2, fits: 2, doesNotFit: 2, whatIf: 2 };
/** What is missing can only take, so that "does not fit" stays certain. */
const TAKING: Codes = { status: 2, fits: 2, doesNotFit: 1, whatIf: 2 };

function slice(spec: JsonObject, more: JsonObject = {}): JsonObject {
  return { ...SLICE, spec: { ...SLICE.spec, ...spec }, ...more };
}

test("a cluster of which everything is known is answered", () => {
  expect(outcomeOf([NODE, SLICE], {})).toEqual({ codes: CERTAIN, said: "" });
});

describe("what may not be read", () => {
  test.each<[Kind, Codes]>([
    ["Node", UNKNOWN],
    ["ResourceSlice", { ...UNKNOWN, whatIf: 2 }],
    ["DeviceClass", UNKNOWN],
    ["Pod", TAKING],
    ["ResourceClaim", TAKING],
    ["ResourceClaimTemplate", { ...TAKING, whatIf: 0 }],
    ["ResourceQuota", { ...TAKING, whatIf: 0 }],
    ["LimitRange", { ...TAKING, whatIf: 0 }],
    ["Namespace", { ...CERTAIN, status: 2 }],
    ["Event", { ...CERTAIN, status: 2 }],
  ])("%s", (kind, codes) => {
    const outcome = outcomeOf([NODE, SLICE], { gaps: [kind] });
    expect(outcome.codes).toEqual(codes);
    expect(outcome.said).toContain(`${kind} is forbidden. Unknown: `);
  });

  test("the table has every kind, and all of them together leave nothing to answer", () => {
    expect(outcomeOf([], { gaps: [...KIND_NAMES] }).codes).toEqual(UNKNOWN);
  });

  test("the kinds of Dynamic Resource Allocation, where the API server does not serve it", () => {
    const gaps: readonly Kind[] = ["ResourceSlice", "DeviceClass", "ResourceClaim", "ResourceClaimTemplate"];
    expect(outcomeOf([NODE], { gaps }).codes).toEqual(UNKNOWN);
  });
});

describe("pools that are published in part", () => {
  const later = { metadata: { name: "later" } };
  const half = slice({ pool: { name: "a", generation: 1, resourceSliceCount: 2 } });
  const renewed = slice({ devices: DEVICES.slice(0, 2), pool: { name: "a", generation: 2, resourceSliceCount: 2 } }, later);

  /** kube-scheduler of 1.34 takes what is there, that of 1.36 passes over the pool. */
  test.each<[string, readonly JsonObject[], string, Codes, RegExp]>([
    ["one of two slices", [half], "1.34", CERTAIN, /a is published in part: 1 of 2 ResourceSlices of generation 1/],
    ["one of two slices", [half], "1.36", { ...CERTAIN, fits: 1 }, /a is published in part: 1 of 2 ResourceSlices of generation 1/],
    ["a newer generation in part", [SLICE, renewed], "1.34", CERTAIN, /1 of 2 ResourceSlices of generation 2, and 1 of older ones/],
    ["a newer generation in part", [SLICE, renewed], "1.36", { ...CERTAIN, fits: 1 }, /1 of 2 ResourceSlices of generation 2/],
    ["more slices than the pool says", [SLICE, slice({ devices: [] }, later)], "1.34", CERTAIN, /has more than it says: 2 of 1/],
  ])("%s, %#", (_, slices, version, codes, message) => {
    const outcome = outcomeOf([NODE, ...slices], { version });
    expect(outcome.codes).toEqual(codes);
    expect(outcome.said).toMatch(message);
  });
});

describe("slices that are not understood", () => {
  test.each<[string, JsonObject]>([
    ["of a version that is not known", slice({}, { apiVersion: "resource.k8s.io/v1alpha3" })],
    ["without a pool", slice({ pool: undefined })],
    ["without a driver", slice({ driver: undefined })],
    ["whose generation is a text", slice({ pool: { name: "a", generation: "1", resourceSliceCount: 1 } })],
    ["whose devices are no list", slice({ devices: {} })],
    ["with a device without a name", slice({ devices: [{}] })],
    ["without a spec", slice({}, { spec: undefined })],
  ])("%s", (_, object) => {
    const outcome = outcomeOf([NODE, object], {});
    expect(outcome.codes).toMatchObject({ status: 2, fits: 2, doesNotFit: 2 });
    expect(outcome.said).toMatch(/cannot read ResourceSlice \S+ \(.* must .*\): what it publishes does not count/);
  });

  test("NVIDIA's devices that share counters", () => {
    const shared = slice({ devices: DEVICES.map((device) => ({ ...device, consumesCounters: [{ counterSet: "gpu-0", counters: {} }] })) });
    const outcome = outcomeOf([NODE, shared], {});
    expect(outcome.codes).toEqual(UNKNOWN);
    expect(outcome.said).toContain("driver gpu.nvidia.com publishes devices with consumesCounters, which is not modelled");
  });
});

describe("devices of other drivers", () => {
  const other = (spec: JsonObject) => slice({ driver: "nic.example.com", ...spec }, { metadata: { name: "nic" } });
  const nowhere = other({ nodeName: undefined, allNodes: true, devices: [{ name: "nic-0" }] });
  const shared = other({ devices: [{ name: "nic-0", allowMultipleAllocations: true }] });
  const nicClass = (expression: string): JsonObject => ({
    ...{ apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: "nic.example.com" } },
    spec: { selectors: [{ cel: { expression } }] },
  });
  /** A pod that waits for a device of a class. */
  const waiting = (deviceClass: string) => [
    claim("team-a", "waits", deviceClass),
    pod("team-a", "next", using({ resourceClaimName: "waits" })),
  ];

  test("count as no slices", () => {
    const outcome = outcomeOf([NODE, SLICE, other({ devices: [{ name: "nic-0" }] })], {});
    expect(outcome.codes).toEqual(CERTAIN);
    expect(outcome.said).toContain("driver nic.example.com publishes devices too. The tables show those of gpu.nvidia.com only");
  });

  test.each([
    ["belong to no single node", nowhere],
    ["are shared", shared],
  ])("that %s change nothing where no pending pod asks for them", (_, object) => {
    for (const more of [[], waiting("gpu.nvidia.com"), [...waiting("nic.example.com"), nicClass('device.driver == "other.example.com"')]]) {
      const outcome = outcomeOf([NODE, SLICE, object, ...more], {});
      expect(outcome.codes).toEqual(CERTAIN);
      expect(outcome.said).toMatch(/driver nic\.example\.com publishes .*\. They are not modelled, and no pending pod asks for one/);
    }
  });

  test.each([
    ["belong to no single node", nowhere],
    ["are shared", shared],
  ])("that %s may take a pending pod that asks for them to a node", (_, object) => {
    const outcome = outcomeOf([NODE, SLICE, object, ...waiting("nic.example.com"), nicClass('device.driver == "nic.example.com"')], {});
    expect(outcome.codes).toMatchObject({ fits: 2, doesNotFit: 1 });
    expect(outcome.said).toMatch(/driver nic\.example\.com publishes .*, which is not modelled/);
  });
});

describe("claims", () => {
  const results = (more: JsonObject = {}): readonly JsonObject[] => [
    { request: "slice", driver: "gpu.nvidia.com", pool: "a", device: LARGE.split("/")[1] ?? "", ...more },
  ];
  const held = (apiVersion: string, status: JsonObject): JsonObject => ({
    ...claim("team-a", "held", "mig-large.nvidia.com"),
    ...{ apiVersion: `resource.k8s.io/${apiVersion}`, status },
    spec: {
      devices: {
        requests: [
          apiVersion === "v1beta1"
            ? { name: "slice", deviceClassName: "mig-large.nvidia.com" }
            : { name: "slice", exactly: { deviceClassName: "mig-large.nvidia.com" } },
        ],
      },
    },
  });
  const largeOf = (cluster: PlannedCluster) => statusOf(cluster).profiles.find(({ profile }) => profile === "3g.40gb")?.allocated;

  test.each<[string, JsonObject]>([
    ["v1", held("v1", { allocation: { devices: { results: results() } } })],
    ["v1beta2", held("v1beta2", { allocation: { devices: { results: results() } } })],
    ["v1beta1", held("v1beta1", { allocation: { devices: { results: results() } } })],
    [
      "v1 as 1.36 writes them",
      held("v1", {
        allocation: {
          allocationTimestamp: "2026-11-28T00:00:00Z",
          devices: { results: results({ shareID: "s", consumedCapacity: { memory: "1Gi" }, bindingConditions: ["x"], tolerations: [] }) },
          nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }] },
        },
        devices: [{ driver: "gpu.nvidia.com", pool: "a", device: "x", conditions: [] }],
      }),
    ],
    ["v1 with fields that nobody knows", held("v1", { allocation: { devices: { results: results({ novel: 1 }) }, novel: 2 }, novel: 3 })],
  ])("of %s hold what their status says", (_, object) => {
    expect(outcomeOf([NODE, SLICE, object], {}).codes).toEqual(CERTAIN);
    expect(largeOf(readCluster(snapshotOf([...classes(), NODE, SLICE, object])))).toBe(1);
  });

  test.each<[string, JsonObject]>([
    ["of a version that is not known", held("v1alpha3", { allocation: { devices: { results: results() } } })],
    ["whose status is not understood", held("v1", { allocation: { devices: { results: "all" } } })],
  ])("%s may hold anything", (_, object) => {
    const outcome = outcomeOf([NODE, SLICE, object], {});
    expect(outcome.codes).toEqual(TAKING);
    expect(outcome.said).toMatch(/cannot read ResourceClaim team-a\/held .*: neither what it asks for nor what it holds counts/);
  });

  test("that ask for something that nobody knows hold what their status says", () => {
    const object = {
      ...held("v1", { allocation: { devices: { results: results() } } }),
      spec: { devices: { requests: [{ name: "slice", novel: {} }] } },
    };
    const outcome = outcomeOf([NODE, SLICE, object], {});
    expect(outcome.codes).toEqual(TAKING);
    expect(outcome.said).toMatch(/what it holds counts, what it asks for does not/);
    expect(largeOf(readCluster(snapshotOf([...classes(), NODE, SLICE, object])))).toBe(1);
  });
});

describe("what else is not understood", () => {
  test("quantities of a node", () => {
    const outcome = outcomeOf([{ ...NODE, status: { allocatable: { cpu: "many" } } }, SLICE], {});
    expect(outcome.codes).toEqual(UNKNOWN);
    expect(outcome.said).toMatch(/cannot read Node a \(status\.allocatable\.cpu: "many": must be a quantity/);
  });

  test.each([["none"], [["none"]]])("taints of a node: %j", (taints) => {
    const outcome = outcomeOf([{ ...NODE, spec: { taints } }, SLICE], {});
    expect(outcome.codes).toEqual(UNKNOWN);
    expect(outcome.said).toMatch(/cannot read Node a \(spec\.taints: must be a list of objects\)/);
  });

  test("a version of Kubernetes", () => {
    const outcome = outcomeOf([NODE, SLICE], { version: "1.99" });
    expect(outcome.codes).toEqual(UNKNOWN);
    expect(outcome.said).toContain("Kubernetes 1.99 is not modelled");
  });

  test("a pending pod that asks for devices by a resource, where Kubernetes makes its claim", () => {
    const gpu = { ...classes()[0], spec: { ...(classes()[0]?.["spec"] as JsonObject), extendedResourceName: "nvidia.com/gpu" } };
    const objects = [
      NODE,
      SLICE,
      pod("team-a", "next", { containers: [{ name: "main", resources: { limits: { "nvidia.com/gpu": "1" } } }] }),
    ];
    const isOn = findRelease("1.36")?.kubernetes.featureGates.DRAExtendedResource;
    expect(isOn).toBe(true);
    const read = (version: string) => {
      const all = [...classes().slice(1), gpu, ...objects];
      return readCluster(snapshotOf(all, { kubernetesVersion: version })).doubts.map(({ message }) => message);
    };
    expect(read("1.36")).toEqual(["pending Pod team-a/next asks for devices by the resource nvidia.com/gpu, which is not modelled"]);
    expect(read("1.34")).toEqual([]);
    expect(outcomeOf([NODE, SLICE, claim("team-a", "c", SMALL)], { version: "1.36" }).codes).toEqual(CERTAIN);
  });
});
