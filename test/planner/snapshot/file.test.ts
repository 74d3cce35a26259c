/** Snapshots as files: what kubectl prints, and what is saved to be given away. */
import { ask } from "../../../src/planner/ask/ask";
import { parseDemand } from "../../../src/planner/ask/demand";
import { readSnapshot, snapshotFile } from "../../../src/planner/snapshot/file";
import type { Snapshot } from "../../../src/planner/snapshot/snapshot";
import { redacted } from "../../../src/planner/snapshot/redact";
import type { JsonObject } from "../../../src/cluster/objects";
import { readCluster } from "../../../src/planner/state/read";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { statusOf } from "../../../src/planner/status/status";
import {
  ZONE,
  claim,
  classes,
  clusterOf,
  devicesOf,
  gpuNode,
  inZone,
  labelled,
  pod,
  quotaKey,
  rule,
  spreadOver,
  storageClass,
  team,
  using,
  volume,
  volumeClaim,
} from "../clusters";

function read(content: unknown): Snapshot {
  const reading = readSnapshot(JSON.parse(JSON.stringify(content)), "file");
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("\n"));
  }
  return reading.snapshot;
}

const node = gpuNode("alice-node");
const [held = ""] = devicesOf(node, "1g.5gb");
const cluster = clusterOf([
  ...node.map((object) =>
    object["kind"] === "Node"
      ? {
          ...object,
          metadata: {
            ...(object["metadata"] as object),
            labels: { ...(object["metadata"] as { labels: object }).labels, owner: "alice" },
            annotations: { token: "hunter2" },
          },
        }
      : object,
  ),
  ...team("alice", { [quotaKey("mig-small.nvidia.com")]: "4" }),
  claim("alice", "alice-claim", "mig-small.nvidia.com", { held, users: ["alice-pod"] }),
  pod("alice", "alice-pod", { ...using({ resourceClaimName: "alice-claim" }), nodeName: "alice-node" }),
  pod("alice", "alice-waits", {
    ...using({ resourceClaimName: "alice-other" }),
    nodeSelector: { owner: "alice" },
    containers: [
      {
        name: "main",
        image: "alice.example.com/app",
        env: [{ name: "PASSWORD", value: "hunter2" }],
        resources: { requests: { cpu: "1500m" } },
      },
    ],
  }),
  {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "alice" },
    involvedObject: { kind: "ReplicaSet", name: "alice-web", namespace: "alice" },
    reason: "FailedCreate",
    message: 'pods "alice-web-x" is forbidden: exceeded quota: alice-quota, requested: pods=1, used: pods=2, limited: pods=2',
  },
]);

describe("a saved cluster", () => {
  const file = snapshotFile(redacted(cluster));
  const again = readCluster(read(file));

  it("has no name of a person and no secret in it", () => {
    expect(JSON.stringify(file)).not.toMatch(/alice|hunter2/);
  });

  it("gives the same answers", () => {
    const numbers = (of: PlannedCluster) => {
      const { profiles, tiers, cost, pending, missing, doubts } = statusOf(of);
      return { profiles, tiers, cost, pending: pending.length, missing, doubts };
    };
    expect(numbers(again)).toEqual(numbers(cluster));
    const demand = parseDemand("9xlarge,3xsmall");
    const answer = (of: PlannedCluster, namespace: string) => {
      const { verdict, ways, blocks } = ask(of, {
        items: demand.type === "demand" ? demand.items : [],
        namespace,
        arrangement: "separate",
      });
      return { verdict, ways: ways.map(({ usdPerHour, actions }) => [usdPerHour, actions.length]), kinds: blocks.map(({ kind }) => kind) };
    };
    expect(answer(again, "namespace-1")).toEqual(answer(cluster, "alice"));
  });

  it("saved again is the same", () => {
    expect(snapshotFile(redacted(again))).toEqual(file);
  });

  it("says what was missing, without the reason, which can name the user", () => {
    const { gaps } = snapshotFile(redacted(clusterOf(node, { gaps: [{ kind: "Pod", reason: 'User "alice" cannot list' }] })));
    expect(gaps).toEqual([{ kind: "Pod", reason: "it could not be read" }]);
  });
});

describe("a saved cluster with rules between pods", () => {
  const tolerations = [{ operator: "Exists" }];
  const inTeams = { namespaceSelector: { matchLabels: { "alice/stage": "alice-live" } } };
  const saved = clusterOf([
    ...node,
    ...team("alice", {}),
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "bob", labels: { "alice/stage": "alice-live" } } },
    labelled(pod("bob", "alice-web", { nodeName: "alice-node" }), { app: "alice-app", secret: "hunter2" }),
    pod("alice", "alice-loner", { nodeName: "alice-node", ...rule("podAntiAffinity", { app: "alice-db" }) }),
    pod("alice", "alice-near", { tolerations, ...rule("podAffinity", { app: "alice-app" }, inTeams) }),
    pod("alice", "alice-elsewhere", { tolerations, ...rule("podAffinity", { app: "alice-app" }) }),
    labelled(pod("alice", "alice-db", { tolerations }), { app: "alice-db" }),
  ]);
  const file = snapshotFile(redacted(saved));

  it("has no name of a person and no secret in it", () => {
    expect(JSON.stringify(file)).not.toMatch(/alice|bob|hunter2/);
  });

  it("gives the same answers", () => {
    const words = (of: PlannedCluster) => statusOf(of).pending.map(({ reason }) => reason.split(":")[0]?.split(" on node")[0]);
    expect(words(saved)).toEqual(["fits", "didn't match pod affinity rules", "didn't satisfy existing pods anti-affinity rules"]);
    expect(words(readCluster(read(file)))).toEqual(words(saved));
  });
});

describe("a saved cluster with pods that want to be spread", () => {
  const tolerations = [{ operator: "Exists" }];
  const app = { app: "alice-app" };
  const nodes = ["alice-1", "alice-2"].flatMap((name, index) => inZone(gpuNode(name), index === 0 ? "us-east-1a" : "us-east-1b"));
  const like = (name: string, spec: JsonObject) => labelled(pod("alice", name, { tolerations, ...spec }), app);
  const going = like("alice-going", { nodeName: "alice-2" });
  const saved = clusterOf([
    ...nodes,
    ...team("alice", {}),
    like("alice-here", { nodeName: "alice-1" }),
    { ...going, metadata: { ...(going["metadata"] as JsonObject), deletionTimestamp: "2026-11-28T09:00:00Z" } },
    like("alice-beside", { nodeSelector: { "kubernetes.io/hostname": "alice-1" }, ...spreadOver(app, { nodeAffinityPolicy: "Ignore" }) }),
    like("alice-beside-alone", { nodeSelector: { "kubernetes.io/hostname": "alice-1" }, ...spreadOver(app) }),
    like("alice-few", spreadOver(app, { topologyKey: ZONE, minDomains: 3, maxSkew: 1, matchLabelKeys: ["app"] })),
    like("alice-tainted", spreadOver(app, { nodeTaintsPolicy: "Honor", topologyKey: "alice/rack" })),
  ]);
  const file = snapshotFile(redacted(saved));
  const words = (of: PlannedCluster) =>
    statusOf(of).pending.map(({ reason }) => /^fits|which has \d|missing required label/.exec(reason)?.[0]);

  it("has no name of a person in it", () => {
    expect(JSON.stringify(file)).not.toMatch(/alice/);
  });

  it("gives the same answers, and is the same when it is saved again", () => {
    expect(words(saved)).toEqual(["which has 1", "fits", "fits", "missing required label"]);
    const again = readCluster(read(file));
    expect(words(again)).toEqual(words(saved));
    expect(snapshotFile(redacted(again))).toEqual(file);
  });
});

describe("a saved cluster with volumes", () => {
  const tolerations = [{ operator: "Exists" }];
  const from = (claimName: string) => ({ tolerations, volumes: [{ name: "v", persistentVolumeClaim: { claimName } }] });
  const ephemeral = { name: "alice-scratch", ephemeral: { volumeClaimTemplate: { spec: { storageClassName: "alice-slow" } } } };
  const objects = [
    ...inZone(gpuNode("alice-node", { instanceType: "p5.4xlarge", pool: "h100" }), "us-east-1a"),
    ...team("alice", {}),
    storageClass("alice-fast", { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["us-east-1b"] }] }] }),
    storageClass("alice-slow", { metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } }),
    volume("alice-here", "us-east-1a", "alice/alice-here"),
    volume("alice-there", "us-east-1b", "alice/alice-there"),
    volume("alice-free", "us-east-1a"),
    volumeClaim("alice", "alice-here", { volumeName: "alice-here" }),
    volumeClaim("alice", "alice-there", { volumeName: "alice-there" }),
    volumeClaim("alice", "alice-lost", { volumeName: "alice-gone" }),
    volumeClaim("alice", "alice-waits", { storageClassName: "alice-slow" }),
    volumeClaim("alice", "alice-elsewhere", { storageClassName: "alice-fast" }),
    volumeClaim("alice", "alice-owner-alice-scratch", { storageClassName: "alice-slow" }, "alice-owner"),
    volumeClaim("alice", "alice-other-alice-scratch", { storageClassName: "alice-slow" }),
    ...["here", "there", "lost", "waits", "elsewhere", "nowhere"].map((name) => pod("alice", `alice-${name}`, from(`alice-${name}`))),
    ...["owner", "other", "new"].map((name) => pod("alice", `alice-${name}`, { tolerations, volumes: [ephemeral] })),
  ];
  const saved = clusterOf(objects);
  const file = snapshotFile(redacted(saved));
  const words = (of: PlannedCluster) =>
    statusOf(of).pending.map(({ reason }) => /^fits|not found|non-existent|affinity|allows no volume|not owner/.exec(reason)?.[0]);

  it("has no name of a person in it", () => {
    expect(JSON.stringify(file)).not.toMatch(/alice/);
  });

  it("gives the same answers, and is the same when it is saved again", () => {
    expect(words(saved)).toEqual([
      ...["fits", "affinity", "non-existent", "fits", "allows no volume", "not found"],
      ...["fits", "not owner", "fits"],
    ]);
    const again = readCluster(read(file));
    expect(words(again)).toEqual(words(saved));
    expect(snapshotFile(redacted(again))).toEqual(file);
  });

  it("of a version that read no volumes says what is unknown, where a pod depends on it", () => {
    const old = (items: readonly JsonObject[]) => statusOf(readCluster(read({ ...file, items, read: file.read.slice(0, 10) })));
    const { isComplete, missing } = old(file.items);
    expect(isComplete).toBe(false);
    expect(missing).toContainEqual(expect.stringMatching(/^persistentvolumes: .*Unknown: on which nodes volumes can be used$/));
    expect(old(file.items.filter(({ kind }) => kind !== "Pod"))).toMatchObject({ isComplete: true, missing: [] });
  });
});

/** Fields that no API server gives so. */
const ODD: readonly (readonly [kind: string, fields: JsonObject, message: RegExp])[] = [
  ["Node", { metadata: { name: "x", labels: "x" } }, /^items\[0\]\.metadata\.labels: "x": must be an object$/],
  ["Node", { metadata: { name: "x", labels: { a: 5 } } }, /metadata\.labels\.a: 5: must be a string/],
  ["Node", { spec: "x" }, /spec: "x": must be an object/],
  ["Node", { spec: { taints: [{ key: 5 }] } }, /spec\.taints\[0\]\.key: 5: must be a string/],
  ["Node", { spec: { unschedulable: "yes" } }, /spec\.unschedulable: "yes": must be a boolean/],
  ["Node", { status: { allocatable: { cpu: "many" } } }, /status\.allocatable\.cpu: "many": must be a quantity/],
  ["Pod", { metadata: { name: "x", namespace: 5 } }, /metadata\.namespace: 5: must be a string/],
  ["Pod", { metadata: { name: "--all" } }, /^items\[0\]\.metadata\.name: "--all": must be a name, which begins with no hyphen$/],
  ["Pod", { metadata: { name: "x", namespace: "-A" } }, /metadata\.namespace: "-A": must be a name/],
  ["ResourceQuota", { spec: { hard: { pods: "x" } } }, /spec\.hard\.pods: "x": must be a quantity/],
  ["LimitRange", { spec: { limits: [{ defaultRequest: { cpu: "lots" } }] } }, /spec\.limits\[0\]\.defaultRequest\.cpu: "lots"/],
  ["LimitRange", { spec: { limits: "x" } }, /spec\.limits: "x": must be a list/],
  ["Event", { involvedObject: "x" }, /involvedObject: "x": must be an object/],
  ["DeviceClass", { spec: { selectors: [{ cel: { expression: 5 } }] } }, /spec\.selectors\[0\]\.cel\.expression: 5: must be a string/],
  ["ResourceSlice", { spec: { devices: [{ name: "d", attributes: { profile: { string: 5 } } }] } }, /attributes\.profile\.string: 5/],
  ["ResourceSlice", { spec: { devices: [{ name: "d", taints: "x" }] } }, /spec\.devices\[0\]\.taints: "x": must be a list/],
  [
    "ResourceSlice",
    { apiVersion: "resource.k8s.io/v1beta1", spec: { devices: [{ name: "d", basic: { attributes: { uuid: { string: 5 } } } }] } },
    /basic\.attributes\.uuid\.string: 5: must be a string/,
  ],
  ["PersistentVolumeClaim", { spec: 5 }, /spec: 5: must be an object/],
];

describe("a List of kubectl", () => {
  it("is read; kinds that are not in it are missing", () => {
    const snapshot = read({ apiVersion: "v1", kind: "List", items: [...node, ...classes()] });
    expect(snapshot.gaps.map(({ kind }) => kind)).toEqual([
      ...["Namespace", "Pod", "ResourceQuota", "LimitRange", "Event", "ResourceClaim", "ResourceClaimTemplate"],
      ...["PersistentVolumeClaim", "PersistentVolume", "StorageClass"],
    ]);
    expect(snapshot.kubernetesVersion).toBeUndefined();
  });

  it("says of a thousand problems the first ten", () => {
    const items = Array.from({ length: 1000 }, (_, index) => ({ kind: "Node", metadata: { name: String(index) }, spec: 5 }));
    const reading = readSnapshot({ apiVersion: "v1", kind: "List", items }, "file");
    expect(reading.type === "invalid" ? reading.problems.length : 0).toBe(11);
    expect(reading.type === "invalid" ? reading.problems.at(-1) : "").toBe("990 more objects or fields are wrong");
  });

  it("tells the Kubernetes version by its kubelets", () => {
    const items = node.map((object) =>
      object["kind"] === "Node" ? { ...object, status: { nodeInfo: { kubeletVersion: "v1.35.2-eks-1" } } } : object,
    );
    expect(read({ apiVersion: "v1", kind: "List", items }).kubernetesVersion).toBe("1.35");
  });

  it.each([
    [undefined, /must be a List of v1, as kubectl get nodes,/],
    [[], /must be a List/],
    [{ apiVersion: "v1", kind: "Pod" }, /must be a List/],
    [{ apiVersion: "v1", kind: "List", items: ["x"] }, /items\[0\]/],
    [{ apiVersion: "v1", kind: "List", items: [], read: ["Pods"] }, /read: "Pods": must be one of/],
    [{ apiVersion: "v1", kind: "List", items: [], gaps: [{}] }, /gaps\[0\]/],
    [{ apiVersion: "v1", kind: "List", items: [], kubernetesVersion: 1.34 }, /kubernetesVersion/],
    ...ODD.map(([kind, fields, message]): [unknown, RegExp] => [
      { apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind, metadata: { name: "x" }, ...fields }] },
      message,
    ]),
    [{ apiVersion: "v1", kind: "List", items: [...node, ...node.slice(0, 1)] }, /items\[\d+\]: "Node alice-node": is in the file twice/],
  ])("%j is refused", (content, message) => {
    const reading = readSnapshot(content, "file");
    expect(reading.type === "invalid" && reading.problems.join("\n")).toMatch(message);
  });
});
