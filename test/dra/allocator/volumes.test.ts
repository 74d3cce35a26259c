/** Where volumes let pods run. */
import { Scheduler } from "../../../src/dra/allocator";
import type { NodeChoice, Node } from "../../../src/dra/allocator";
import { readPod } from "../../../src/dra/pods";
import type { Pod } from "../../../src/dra/pods";
import { readStorageClass, readVolumeClaimSpec } from "../../../src/dra/volumes/read";
import type { VolumeState } from "../../../src/dra/volumes/types";
import { RULES } from "../../support/rules";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

const node = (name: string, zone?: string): Node => ({
  metadata: { name, labels: { [HOST]: name, ...(zone === undefined ? {} : { [ZONE]: zone }) } },
  status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } },
});
const NODES = [node("a1", "a"), node("b1", "b"), node("b2", "b")];

const classOf = (name: string, body: object) => readStorageClass(name, { provisioner: "ebs.csi.aws.com", ...body });
const WAITS = { volumeBindingMode: "WaitForFirstConsumer" };
const CLASSES = [
  classOf("gp3", WAITS),
  classOf("now", { volumeBindingMode: "Immediate" }),
  classOf("unsaid", {}),
  classOf("only-b", { ...WAITS, allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["b"] }] }] }),
  classOf("now-only-b", { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["b"] }] }] }),
  classOf("nowhere", { ...WAITS, allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["c"] }] }] }),
  classOf("by-hand", { ...WAITS, provisioner: "kubernetes.io/no-provisioner" }),
  classOf("by-hand-now", { provisioner: "kubernetes.io/no-provisioner" }),
  classOf("efs", { provisioner: "efs.csi.aws.com" }),
];

function claims(...all: readonly (readonly [name: string, spec: object])[]): VolumeState["claims"] {
  return all.map(([name, spec]) => ({
    namespace: "default",
    name,
    spec: readVolumeClaimSpec({ accessModes: ["ReadWriteOnce"], ...spec }),
    state: { type: "unbound" },
    madeFor: undefined,
  }));
}

function scheduler(volumes: Partial<VolumeState> | undefined, choice: NodeChoice = "first", nodes = NODES): Scheduler {
  const state = {
    storageClasses: CLASSES,
    defaultStorageClass: "gp3",
    claims: [],
    immediateVolumes: "made" as const,
    madeClaim: () => undefined,
    volumes: [],
    classesOfVolumes: [],
    ...volumes,
  };
  const empty = { slices: [], deviceClasses: [], claims: [], templates: [], services: [], namespaces: undefined, pods: [] };
  return new Scheduler({ nodes, ...empty, volumes: volumes === undefined ? undefined : state }, RULES, choice);
}

function pod(name: string, volumes: readonly object[], spec: object = {}): Pod {
  const reading = readPod({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { volumes, containers: [], ...spec } });
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("; "));
  }
  return reading.pod;
}

const using = (...names: readonly string[]) => names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
const ephemeral = (name: string, spec: object = {}) => ({
  name,
  ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], ...spec } } },
});
const on = (name: string) => ({ nodeSelector: { [HOST]: name } });

function places(of: Scheduler, ...pods: readonly Pod[]): readonly string[] {
  return pods.map((each) => {
    const result = of.schedule(each);
    return result.type === "placed" ? result.nodeName : result.message;
  });
}

describe("a claim that waits for its first pod", () => {
  it("goes to the pod's zone and stays there", () => {
    const of = () => scheduler({ claims: claims(["data", {}]) });
    expect(places(of(), pod("one", using("data"), on("b1")), pod("two", using("data")))).toEqual(["b1", "b1"]);
    expect(places(of(), pod("one", using("data"), on("b1")), pod("two", using("data"), on("a1")))).toEqual([
      "b1",
      expect.stringContaining("didn't match PersistentVolume's node affinity: the volume of claim data is in zone b (node a1)"),
    ]);
  });

  it("may be shared by pods on several nodes of its zone, as far as kube-scheduler is asked", () => {
    const of = scheduler({ claims: claims(["data", {}]) });
    expect(places(of, pod("one", using("data"), on("b1")), pod("two", using("data"), on("b2")))).toEqual(["b1", "b2"]);
  });

  it("ties two claims of one pod together", () => {
    const of = scheduler({ claims: claims(["x", {}], ["y", {}]) });
    expect(places(of, pod("one", using("x"), on("a1")), pod("two", using("y"), on("b1")), pod("both", using("x", "y")))).toEqual([
      "a1",
      "b1",
      expect.stringContaining("didn't match PersistentVolume's node affinity"),
    ]);
  });

  it("goes where its class allows", () => {
    const of = scheduler({ claims: claims(["b", { storageClassName: "only-b" }], ["c", { storageClassName: "nowhere" }]) });
    expect(places(of, pod("one", using("b")), pod("two", using("c")))).toEqual([
      "b1",
      "didn't find available persistent volumes to bind: StorageClass nowhere of claim c allows no volume there (allowedTopologies) (3 nodes)",
    ]);
  });

  it("is everywhere where nodes have no zone", () => {
    const of = scheduler({ claims: claims(["data", {}]) }, "first", [node("x"), node("y")]);
    expect(places(of, pod("one", using("data"), on("x")), pod("two", using("data"), on("y")))).toEqual(["x", "y"]);
  });

  it("keeps its zone for pods that ran before", () => {
    const state = {
      storageClasses: CLASSES,
      defaultStorageClass: "gp3",
      claims: claims(["data", {}]),
      immediateVolumes: "made" as const,
      madeClaim: () => undefined,
      volumes: [],
      classesOfVolumes: [],
    };
    const running = [{ pod: pod("one", using("data")), nodeName: "b2" }];
    const rest = { slices: [], deviceClasses: [], claims: [], templates: [], services: [], namespaces: undefined };
    const of = new Scheduler({ nodes: NODES, ...rest, volumes: state, pods: running }, RULES);
    expect(places(of, pod("two", using("data")))).toEqual(["b1"]);
  });
});

describe("a claim that is bound at once", () => {
  it.each(["now", "unsaid"])("has a zone that the provisioner draws: class %s", (storageClassName) => {
    const volumes = { claims: claims(["data", { storageClassName }]) };
    const [first, last] = [scheduler(volumes, "firstOfBest"), scheduler(volumes, "lastOfBest")];
    expect([places(first, pod("one", using("data"))), places(last, pod("one", using("data")))]).toEqual([["a1"], ["b2"]]);
    expect([first.hasDrawn, last.hasDrawn]).toEqual([true, true]);
  });

  it("is drawn among the zones of its class", () => {
    const of = scheduler({ claims: claims(["data", { storageClassName: "now-only-b" }]) });
    expect(places(of, pod("one", using("data")))).toEqual(["b1"]);
    expect(of.hasDrawn).toBe(false);
  });
});

describe("volumes that are made for a pod", () => {
  it("are its own", () => {
    const of = scheduler({});
    expect(places(of, pod("one", [ephemeral("scratch")], on("a1")), pod("two", [ephemeral("scratch")], on("b1")))).toEqual(["a1", "b1"]);
  });

  it("are made by nobody where another claim has their name", () => {
    const message = expect.stringContaining("PVC default/one-scratch was not created for pod default/one (pod is not owner)") as string;
    expect(places(scheduler({ claims: claims(["one-scratch", {}]) }), pod("one", [ephemeral("scratch")]))).toEqual([message]);
    const ofSet = scheduler({ madeClaim: (_, name) => (name === "one-scratch" ? readVolumeClaimSpec({}) : undefined) });
    expect(places(ofSet, pod("one", [ephemeral("scratch")]))).toEqual([message]);
  });

  it("go where their class allows", () => {
    expect(places(scheduler({}), pod("one", [ephemeral("scratch", { storageClassName: "only-b" })]))).toEqual(["b1"]);
  });
});

describe("a claim for one pod", () => {
  it("is refused to a second one, on every node", () => {
    const of = scheduler({ claims: claims(["data", { accessModes: ["ReadWriteOncePod"] }]) });
    expect(places(of, pod("one", using("data")), pod("two", using("data")))).toEqual([
      "a1",
      expect.stringContaining("PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod: data"),
    ]);
  });
});

describe("how many volumes a node attaches", () => {
  const few = NODES.slice(0, 2).map((each) => ({ ...each, mostVolumes: 2 }));
  const full = "node(s) exceed max volume count: the EBS driver attaches 2 volumes to the node, besides its root volume";
  const volumesOf = (...names: readonly string[]) => names.map((name) => ephemeral(name));

  it("keeps a pod from a node that would have too many, and from every node if it has too many itself", () => {
    const of = scheduler({}, "first", few);
    expect(places(of, pod("one", volumesOf("a", "b")), pod("two", volumesOf("a")), pod("three", volumesOf("a")))).toEqual([
      "a1",
      "b1",
      "b1",
    ]);
    expect(places(of, pod("four", volumesOf("a")), pod("five", []))).toEqual([expect.stringContaining(full), "a1"]);
    expect(places(scheduler({}, "first", few), pod("one", volumesOf("a", "b", "c")))).toEqual([expect.stringContaining(full)]);
  });

  it("counts a volume once that several pods of the node have", () => {
    const of = scheduler({ claims: claims(["data", {}], ["more", {}], ["last", {}]) }, "first", few);
    const both = [...using("data"), ...using("more")];
    expect(places(of, pod("one", both), pod("two", both), pod("three", using("last")))).toEqual(["a1", "a1", "b1"]);
  });

  it("does not count what EBS has no part in, nor on nodes that say nothing", () => {
    const of = scheduler(
      {
        claims: claims(["one", { storageClassName: "efs" }], ["two", { storageClassName: "efs" }], ["three", { storageClassName: "efs" }]),
      },
      "first",
      few,
    );
    expect(places(of, pod("p", [...using("one"), ...using("two"), ...using("three")]))).toEqual(["a1"]);
    expect(places(scheduler({}), pod("one", volumesOf("a", "b", "c")))).toEqual(["a1"]);
  });
});

describe("a claim that nothing binds keeps its pod pending", () => {
  it.each<[string, object, string]>([
    ["no class", { storageClassName: "" }, "pod has unbound immediate PersistentVolumeClaims: data: it has no StorageClass"],
    ["an unknown class", { storageClassName: "fast" }, "there is no StorageClass fast"],
    ["a volume that nobody made", { volumeName: "pv-1" }, "there is no PersistentVolume pv-1"],
    [
      "volumes by hand, at once",
      { storageClassName: "by-hand-now" },
      "pod has unbound immediate PersistentVolumeClaims: data: nobody makes",
    ],
    ["volumes by hand, later", { storageClassName: "by-hand" }, "didn't find available persistent volumes to bind: nobody makes volumes"],
    ["a selector", { selector: { matchLabels: { a: "b" } } }, "it has a selector"],
  ])("%s", (_, spec, message) => {
    expect(places(scheduler({ claims: claims(["data", spec]) }), pod("one", using("data")))).toEqual([expect.stringContaining(message)]);
  });

  it("no default class", () => {
    const of = scheduler({ claims: claims(["data", {}]), defaultStorageClass: undefined });
    expect(places(of, pod("one", using("data")))).toEqual([expect.stringContaining("it has no StorageClass")]);
  });

  it("no claim", () => {
    expect(places(scheduler({}), pod("one", using("data")))).toEqual(['PersistentVolumeClaim "data" not found']);
  });
});

describe("what is not known is named, and the pod is placed as if it were nothing", () => {
  it.each<[string, Partial<VolumeState> | undefined]>([
    ["another provisioner", { claims: claims(["data", { storageClassName: "efs" }]) }],
    ["a copy", { claims: claims(["data", { dataSource: { kind: "VolumeSnapshot", name: "s" } }]) }],
    ["a volume by hand of the class", { claims: claims(["data", { storageClassName: "by-hand" }]), classesOfVolumes: ["by-hand"] }],
    ["a volume by hand without a class", { claims: claims(["data", { storageClassName: "" }]), classesOfVolumes: [""] }],
    ["a volume by hand that it names", { claims: claims(["data", { volumeName: "pv-1" }]), volumes: ["pv-1"] }],
    ["nothing of the cluster's volumes", undefined],
  ])("%s", (_, volumes) => {
    const of = scheduler(volumes);
    const p = pod("one", using("data"));
    expect(of.unmodelledRules(p)).toEqual(["spec.volumes[0]"]);
    expect(places(of, p)).toEqual(["a1"]);
  });

  it("and what is known is not", () => {
    expect(scheduler({ claims: claims(["data", {}]) }).unmodelledRules(pod("one", [...using("data"), ephemeral("e")]))).toEqual([]);
  });
});
