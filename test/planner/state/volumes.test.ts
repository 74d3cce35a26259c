/** What volumes decide: which pending pods take devices, and where pods run again. */
import { ask } from "../../../src/planner/ask/ask";
import type { Answer } from "../../../src/planner/ask/ask";
import { parseDemand } from "../../../src/planner/ask/demand";
import type { JsonObject } from "../../../src/cluster/objects";
import type { Kind } from "../../../src/planner/snapshot/kinds";
import { changeOf } from "../../../src/planner/what-if/change";
import { whatIf } from "../../../src/planner/what-if/what-if";
import { ZONE, claim, clusterOf, devicesOf, gpuNode, inZone, pod, storageClass, using, volume, volumeClaim } from "../clusters";

const SMALL = "mig-small.nvidia.com";
const H100 = { instanceType: "p5.4xlarge", pool: "h100", layout: "all-1g.10gb" } as const;
/** Seven slices in each zone. */
const NODES = [...inZone(gpuNode("a", H100), "us-east-1a"), ...inZone(gpuNode("b", H100), "us-east-1b")];

const onVolume = (claimName: string) => ({ volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] });
const holding = (name: string) => claim("team", name, SMALL);
/** A pod that waits for a slice, with a volume. */
const waiting = (name: string, claimName: string, more: JsonObject = {}) => [
  holding(name),
  pod("team", name, { ...using({ resourceClaimName: name }), ...onVolume(claimName), ...more }),
];
const onlyOn = (name: string) => ({ nodeSelector: { "kubernetes.io/hostname": name } });

function asked(objects: readonly JsonObject[], text: string, gaps: readonly Kind[] = []): Answer {
  const demand = parseDemand(text);
  const cluster = clusterOf([...NODES, ...objects], { gaps: gaps.map((kind) => ({ kind, reason: "forbidden" })) });
  return ask(cluster, { items: demand.type === "demand" ? demand.items : [], namespace: "default", arrangement: "separate" });
}

const BETA = "volume.beta.kubernetes.io/storage-class";
const DEFAULT = { metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } };

describe("a pending pod with a volume", () => {
  const BOUND = [volume("pv", "us-east-1b", "team/data"), volumeClaim("team", "data", { volumeName: "pv" })];
  const LATE = storageClass("late");
  const unbound = (spec: JsonObject) => volumeClaim("team", "data", { storageClassName: "late", ...spec });

  it.each<[string, readonly JsonObject[], JsonObject]>([
    ["is bound in a zone of a node", BOUND, {}],
    ["is made where the pod runs", [LATE, unbound({})], {}],
    ["has a class by the annotation of before", [LATE, annotated(volumeClaim("team", "data", {}), BETA, "late")], {}],
    ["has the default class", [storageClass("late", DEFAULT), volumeClaim("team", "data", {})], {}],
  ])("takes a slice, and that is certain: the volume %s", (_, volumes, more) => {
    const objects = [...volumes, ...waiting("train", "data", more)];
    expect(asked(objects, "13xsmall")).toMatchObject({ verdict: "fits", missing: [] });
    expect(asked(objects, "14xsmall")).toMatchObject({ verdict: "doesNotFit", missing: [] });
  });

  it.each<[string, readonly JsonObject[], JsonObject]>([
    ["is in another zone", BOUND, onlyOn("a")],
    ["is in another zone, as its labels say", [labelledVolume(), volumeClaim("team", "data", { volumeName: "pv" })], onlyOn("a")],
    ["is made in other zones only", [storageClass("late", only("us-east-1b")), unbound({})], onlyOn("a")],
    ["does not exist", [volumeClaim("team", "data", { volumeName: "pv" })], {}],
    ["is lost", [...BOUND.slice(0, 1), { ...BOUND[1], status: { phase: "Lost" } }], {}],
    ["has a claim that is being deleted", [...BOUND.slice(0, 1), ending(BOUND[1] ?? {})], {}],
    ["has no claim", [], {}],
    ["has a claim of a class that does not exist", [unbound({})], {}],
    ["has a claim without a class", [volumeClaim("team", "data", {})], {}],
    [
      "is for one pod, which runs",
      [LATE, unbound({ accessModes: ["ReadWriteOncePod"] }), pod("team", "other", { nodeName: "b", ...onVolume("data") })],
      {},
    ],
  ])("takes none, and that is certain: the volume %s", (_, volumes, more) => {
    expect(asked([...volumes, ...waiting("train", "data", more)], "14xsmall")).toMatchObject({ verdict: "fits", missing: [] });
  });

  it.each<[string, readonly JsonObject[]]>([
    ["is made at once, and is not there yet", [storageClass("late", { volumeBindingMode: "Immediate" }), unbound({})]],
    ["is made by another provisioner", [storageClass("late", { provisioner: "efs.csi.aws.com" }), unbound({})]],
    ["is being made for a node", [LATE, annotated(unbound({}), "volume.kubernetes.io/selected-node", "a")]],
    ["is not bound yet", [volume("pv", "us-east-1b"), unannotated(volumeClaim("team", "data", { volumeName: "pv" }))]],
    ["can be one that nobody has yet", [LATE, { ...volume("pv", "us-east-1b"), spec: { storageClassName: "late" } }, unbound({})]],
    ["is of a sort that Kubernetes translates", [translated(), volumeClaim("team", "data", { volumeName: "pv" })]],
    ["has a node affinity that is not understood", [odd(), volumeClaim("team", "data", { volumeName: "pv" })]],
  ])("may take a slice or not: the volume %s", (_, volumes) => {
    const { verdict, missing } = asked([...volumes, ...waiting("train", "data")], "14xsmall");
    expect(verdict).toBe("unknown");
    expect(missing).toEqual(["pending Pod team/train has rules that are not modelled (spec.volumes[0]), so it may take what is free"]);
  });

  it.each<[Kind, string]>([
    ["PersistentVolumeClaim", "persistentvolumeclaims: forbidden. Unknown: which volumes pods have"],
    ["PersistentVolume", "persistentvolumes: forbidden. Unknown: on which nodes volumes can be used"],
    ["StorageClass", "storageclasses: forbidden. Unknown: where volumes are made that do not exist yet"],
  ])("may take a slice or not where %s objects cannot be read, and the answer names them", (kind, message) => {
    const { verdict, missing } = asked([...BOUND, ...waiting("train", "data")], "13xsmall", [kind]);
    expect(verdict).toBe("unknown");
    expect(missing).toEqual([expect.stringMatching(/^pending Pod team\/train has rules/), message]);
    expect(asked([holding("train"), pod("team", "train", using({ resourceClaimName: "train" }))], "13xsmall", [kind])).toMatchObject({
      verdict: "fits",
      missing: [],
    });
  });

  it("counts for a way out as it does for the answer", () => {
    const cordoned = [...inZone(gpuNode("c", { ...H100, spec: { unschedulable: true } }), "us-east-1c")];
    const full = [...held(NODES), ...volumesIn("us-east-1c"), ...waiting("train", "data")];
    const waysFor = (text: string) => asked([...cordoned, ...full], text).ways.map(({ actions }) => actions);
    expect(waysFor("6xsmall")).toContainEqual(["uncordon node c"]);
    expect(waysFor("7xsmall")).not.toContainEqual(["uncordon node c"]);
    const elsewhere = [...held(NODES), ...volumesIn("us-east-1a"), ...waiting("train", "data")];
    expect(asked([...cordoned, ...elsewhere], "7xsmall").ways.map(({ actions }) => actions)).toContainEqual(["uncordon node c"]);
  });
});

describe("a pod that stops", () => {
  const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists" }];
  const running = (name: string, spec: JsonObject) => [
    claim("team", name, SMALL, { held: devicesOf(NODES, "1g.10gb")[0] ?? "", users: [name] }),
    pod("team", name, { nodeName: "a", ...using({ resourceClaimName: name }), tolerations, ...spec }),
  ];
  const drained = (objects: readonly JsonObject[]) => {
    const cluster = clusterOf([...NODES, ...objects]);
    const change = changeOf(cluster, { type: "drain", node: "a" });
    if (change.type === "invalid") {
      throw new Error(change.reason);
    }
    return whatIf(cluster, change.change);
  };

  it("cannot leave the zone of its volume, and that is certain", () => {
    const { verdict, stopped, missing } = drained([...volumesIn("us-east-1a"), ...running("train", onVolume("data"))]);
    expect({ verdict, missing }).toEqual({ verdict: "loses", missing: [] });
    expect(stopped).toEqual([
      expect.objectContaining({ fate: "waits", reason: expect.stringContaining("volume pv of claim data cannot be used there") as string }),
    ]);
  });

  it("runs elsewhere with a volume that can be used there", () => {
    expect(drained([...volumesIn("us-east-1b"), ...running("train", onVolume("data"))])).toMatchObject({ verdict: "keeps", missing: [] });
  });

  it("gets another ephemeral volume, wherever it runs", () => {
    const scratch = { name: "scratch", ephemeral: { volumeClaimTemplate: { spec: { storageClassName: "late" } } } };
    const made = [
      storageClass("late"),
      volume("pv", "us-east-1a", "team/train-scratch"),
      volumeClaim("team", "train-scratch", { storageClassName: "late", volumeName: "pv" }, "train"),
    ];
    expect(drained([...made, ...running("train", { volumes: [scratch] })])).toMatchObject({ verdict: "keeps", missing: [] });
  });

  it("is not taken for another one whose volume is elsewhere", () => {
    const [first, second] = devicesOf(NODES, "1g.10gb") as [string, string];
    const user = (name: string, device: string) => [
      claim("team", name, SMALL, { held: device, users: [name] }),
      pod("team", name, { nodeName: "a", ...using({ resourceClaimName: name }), tolerations, ...onVolume(name) }),
      volume(`pv-${name}`, name === "stays" ? "us-east-1a" : "us-east-1b", `team/${name}`),
      volumeClaim("team", name, { volumeName: `pv-${name}` }),
    ];
    expect(drained([...user("stays", first), ...user("moves", second)]).stopped.map(({ pod: name, to }) => [name, to])).toEqual([
      ["team/stays", null],
      ["team/moves", "b"],
    ]);
  });
});

function only(zone: string): JsonObject {
  return { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: [zone] }] }] };
}

function volumesIn(zone: string): readonly JsonObject[] {
  return [volume("pv", zone, "team/data"), volumeClaim("team", "data", { volumeName: "pv" })];
}

/** Claims that hold every slice for running pods. */
function held(nodes: readonly JsonObject[]): readonly JsonObject[] {
  return devicesOf(nodes, "1g.10gb").flatMap((device, index) => {
    const name = `held-${String(index)}`;
    return [
      claim("other", name, SMALL, { held: device, users: [name] }),
      pod("other", name, { nodeName: device.split("/")[0] ?? "", ...using({ resourceClaimName: name }) }),
    ];
  });
}

function annotated(object: JsonObject, name: string, value: string): JsonObject {
  return { ...object, metadata: { ...(object["metadata"] as object), annotations: { [name]: value } } };
}

function unannotated(object: JsonObject): JsonObject {
  return { ...object, metadata: { ...(object["metadata"] as object), annotations: {} } };
}

function ending(object: JsonObject): JsonObject {
  return { ...object, metadata: { ...(object["metadata"] as object), deletionTimestamp: "2026-11-28T00:00:00Z" } };
}

function labelledVolume(): JsonObject {
  const spec = { claimRef: { namespace: "team", name: "data" } };
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "pv", labels: { [ZONE]: "us-east-1b__us-east-1c" } }, spec };
}

function translated(): JsonObject {
  return { ...labelledVolume(), spec: { awsElasticBlockStore: { volumeID: "vol-1" } } };
}

function odd(): JsonObject {
  return {
    ...labelledVolume(),
    spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ operator: "Near" }] }] } } },
  };
}
