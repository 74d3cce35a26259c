/** Whether more slices fit, and what to do where they do not. */
import { afterAll } from "../../../src/planner/ask/actions";
import { answerTo, ask } from "../../../src/planner/ask/ask";
import type { Answer } from "../../../src/planner/ask/ask";
import { parseDemand } from "../../../src/planner/ask/demand";
import type { DemandItem } from "../../../src/planner/ask/demand";
import type { Arrangement } from "../../../src/planner/ask/pods";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import type { JsonObject } from "../../../src/cluster/objects";
import { claim, clusterOf, devicesOf, gpuNode, pod, quotaKey, team, using } from "../clusters";

const SMALL = "mig-small.nvidia.com";
const LARGE = "mig-large.nvidia.com";
const ONE_GPU = { instanceType: "p5.4xlarge", pool: "h100" };

function itemsOf(demand: string): readonly DemandItem[] {
  const reading = parseDemand(demand);
  if (reading.type === "invalid") {
    throw new Error(reading.reason);
  }
  return reading.items;
}

function asked(cluster: PlannedCluster, demand: string, namespace = "default", arrangement: Arrangement = "separate"): Answer {
  return ask(cluster, { items: itemsOf(demand), namespace, arrangement });
}

/** Claims that hold every device of a profile on a node, each used by a pod or by none. */
function holding(node: readonly JsonObject[], profile: string, deviceClass: string, used: boolean): readonly JsonObject[] {
  return devicesOf(node, profile).map((held, index) =>
    claim("other", `${profile.replace(".", "-")}-${String(index)}`, deviceClass, { held, users: used ? [`user-${String(index)}`] : [] }),
  );
}

describe("a demand that fits", () => {
  it("says where, and what is left", () => {
    const answer = asked(clusterOf(gpuNode("a")), "3x1g.5gb,1xlarge");
    expect(answer).toMatchObject({ verdict: "fits", pinned: false, blocks: [], ways: [], missing: [] });
    expect(answer.places.map(({ node, wants }) => `${node} ${wants}`)).toEqual(["a 1g.5gb", "a 1g.5gb", "a 1g.5gb", "a large"]);
    expect(answer.left).toEqual(
      expect.arrayContaining([
        { gpuModel: "A100-SXM4-40GB", profile: "1g.5gb", free: 13 },
        { gpuModel: "A100-SXM4-40GB", profile: "3g.20gb", free: 7 },
      ]),
    );
  });

  it("is asked for through the class of the tier that the profile is, which teams may use, and otherwise through the vendor's", () => {
    const classOf = (node: readonly JsonObject[], demand: string) =>
      JSON.stringify(asked(clusterOf(node), demand).manifests).match(/"deviceClassName":"([^"]+)"/)?.[1];
    expect(classOf(gpuNode("a"), "1g.5gb")).toBe(SMALL);
    expect(classOf(gpuNode("a", { layout: "all-1g.10gb" }), "1g.10gb")).toBe("mig.nvidia.com");
    expect(classOf(gpuNode("a", { layout: "all-7g.40gb" }), "7g.40gb")).toBe("mig.nvidia.com");
  });

  it("comes from one GPU where that is asked for", () => {
    const cluster = clusterOf(gpuNode("a"));
    expect(asked(cluster, "2x1g.5gb,2g.10gb", "default", "together").verdict).toBe("fits");
    expect(asked(cluster, "3x1g.5gb", "default", "together")).toMatchObject({ verdict: "doesNotFit", blocks: [{ kind: "constraint" }] });
  });

  it("says so when it depends on order and nodes, and gives manifests that keep to both", () => {
    // One small slice is a 1g.5gb, the other a 1g.10gb: who asks for small may take either.
    const nodes = [
      ...gpuNode("a", { layout: { name: "one-small", gpus: [{ devices: "all", profiles: { "1g.5gb": 1 } }] }, allocatable: { pods: "1" } }),
      ...gpuNode("b", {
        ...ONE_GPU,
        layout: { name: "one-small", gpus: [{ devices: "all", profiles: { "1g.10gb": 1 } }] },
        allocatable: { pods: "1" },
      }),
    ];
    const answer = asked(clusterOf(nodes), "small,1g.5gb");
    expect(answer).toMatchObject({ verdict: "fits", pinned: true });
    const pods = answer.manifests.filter(({ kind }) => kind === "Pod").map((each) => JSON.stringify(each));
    expect(pods.map((each) => [/"name":"(ask-[a-z0-9-]+)"/.exec(each)?.[1], /"values":\["(.)"\]/.exec(each)?.[1]]).sort()).toEqual([
      ["ask-1g-5gb-0", "a"],
      ["ask-small-0", "b"],
    ]);
  });
});

describe("a demand that does not fit", () => {
  it("can have a GPU that nobody uses divided otherwise, or a further node", () => {
    const answer = asked(clusterOf(gpuNode("a")), "9x3g.20gb");
    expect(answer).toMatchObject({ verdict: "doesNotFit", blocks: [{ kind: "devices" }] });
    expect(answer.ways.map(({ usdPerHour }) => usdPerHour)).toEqual([0, 21.9576]);
    expect(answer.ways[0]?.actions[0]).toMatch(/^divide GPU 0 of node a, which nobody uses, into 3g\.20gb x2 in place of /);
    expect(answer.ways[1]?.actions).toEqual(["add a node to pool a100 (p4d.24xlarge)"]);
    expect(answer.ways.map(({ places }) => places.length)).toEqual([9, 9]);
  });

  it("divides no GPU of which a slice is held, and ends no claim that a pod uses", () => {
    const node = gpuNode("a", { layout: "all-3g.20gb" });
    const held = holding(node, "3g.20gb", LARGE, true);
    expect(asked(clusterOf([...node, ...held]), "1g.5gb").ways.flatMap(({ actions }) => actions)).toEqual([]);
    expect(asked(clusterOf([...node, ...held]), "3g.20gb").ways.flatMap(({ actions }) => actions)).toEqual([
      "add a node to pool a100 (p4d.24xlarge)",
    ]);
  });

  it("can end a claim that no pod uses", () => {
    const node = gpuNode("a", { layout: "all-3g.20gb" });
    const held = [...holding(node, "3g.20gb", LARGE, true).slice(1), ...holding(node, "3g.20gb", LARGE, false).slice(0, 1)];
    expect(asked(clusterOf([...node, ...held]), "3g.20gb").ways[0]).toMatchObject({
      usdPerHour: 0,
      actions: ["delete ResourceClaim other/3g-20gb-0, which holds 1 device and is used by no pod"],
    });
  });

  /** Pods that wait for a slice of a class. */
  const waiting = (deviceClass: string, count: number) =>
    Array.from({ length: count }, (_, index) => [
      claim("other", `waits-${String(index)}`, deviceClass),
      pod("other", `next-${String(index)}`, using({ resourceClaimName: `waits-${String(index)}` })),
    ]).flat();

  it("needs room for the pods that are pending now, too, which get places first", () => {
    const node = gpuNode("a", ONE_GPU);
    const cluster = clusterOf([...node, ...holding(node, "3g.40gb", LARGE, true), ...waiting(LARGE, 3)]);
    const { ways } = asked(cluster, "2xlarge");
    const [way] = ways.filter(({ actions }) => actions.every((action) => action.startsWith("add a node")));
    expect(way?.actions).toHaveLength(5);
    expect(way?.usdPerHour).toBeCloseTo(5 * 6.88, 2);
  });

  it("leaves pending pods alone whose place does not matter to it", () => {
    const node = gpuNode("a", ONE_GPU);
    const held = [...holding(node, "3g.40gb", LARGE, false), ...holding(node, "1g.10gb", SMALL, false)];
    const { ways } = asked(clusterOf([...node, ...held, ...waiting(SMALL, 1)]), "large");
    expect(ways[0]?.actions).toEqual([expect.stringMatching(/^delete ResourceClaim other\/3g-40gb-0,/)]);
  });

  it("says of a way out that it is uncertain where a pending pod gets a place by it that its volume may rule out", () => {
    const node = gpuNode("a", ONE_GPU);
    const [claimed, waits] = waiting(LARGE, 1) as [JsonObject, JsonObject];
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
    const bound = { ...waits, spec: { ...(waits["spec"] as JsonObject), volumes } };
    const ways = (pods: readonly JsonObject[]) =>
      asked(
        clusterOf([...node, ...holding(node, "3g.40gb", LARGE, false), ...pods], {
          gaps: [{ kind: "PersistentVolume", reason: "forbidden" }],
        }),
        "large",
      ).ways.map(({ uncertain }) => uncertain);
    expect(new Set(ways([claimed, bound]).flat())).toEqual(
      new Set(["pending Pod other/next-0 has rules that are not modelled (spec.volumes[0])"]),
    );
    expect(ways([claimed, waits]).flat()).toEqual([]);
  });

  it("has no way out after which it fits in some orders only", () => {
    const a = gpuNode("a", { ...ONE_GPU, layout: { name: "one", gpus: [{ devices: "all", profiles: { "2g.20gb": 1 } }] } });
    const b = gpuNode("b", { instanceType: "g7e.2xlarge", pool: "g7e", layout: "all-2g.48gb" });
    const held = [...holding(a, "2g.20gb", "mig-medium.nvidia.com", false), ...holding(b, "2g.48gb", "mig-medium.nvidia.com", false)];
    const cluster = clusterOf([...a, ...b, ...held]);
    const items = itemsOf("2xmedium,1x2g.20gb");
    const question = { items, namespace: "default", arrangement: "separate" as const };
    const { ways } = answerTo(cluster, question);
    for (const { actions } of ways) {
      expect(ask(afterAll(cluster, actions), question)).toMatchObject({ verdict: "fits", pinned: false });
    }
  });

  it("can have a further node like one whose taint goes", () => {
    const node = gpuNode("a", { ...ONE_GPU, spec: { taints: [{ key: "team", value: "b", effect: "NoSchedule" }] } });
    const { ways } = asked(clusterOf(node), "2xlarge");
    expect(ways.map(({ actions }) => actions)).toContainEqual(["remove taint team from node a", "add a node to pool h100 (p5.4xlarge)"]);
  });

  it("can have a further node whose GPUs are divided otherwise", () => {
    const { ways } = asked(clusterOf(gpuNode("a")), "9xlarge,1x7g.40gb");
    expect(ways.map(({ actions }) => actions.map((action) => action.slice(0, 8)))).toContainEqual(["add a no", "divide G"]);
  });

  it("does not count on what a pending pod gets first", () => {
    const node = gpuNode("a", { layout: "all-3g.20gb" });
    const held = [...holding(node, "3g.20gb", LARGE, true).slice(1), ...holding(node, "3g.20gb", LARGE, false).slice(0, 1)];
    const waiting = [claim("other", "waits", LARGE), pod("other", "first", using({ resourceClaimName: "waits" }))];
    expect(asked(clusterOf([...node, ...held, ...waiting]), "3g.20gb").ways.flatMap(({ actions }) => actions)).toEqual([
      "add a node to pool a100 (p4d.24xlarge)",
    ]);
  });

  it.each([
    ["cordoned", { unschedulable: true }, "uncordon node a"],
    ["tainted by somebody", { taints: [{ key: "team", value: "b", effect: "NoSchedule" }] }, "remove taint team from node a"],
  ])("can have a node opened that is %s", (_, spec, action) => {
    const answer = asked(clusterOf(gpuNode("a", { spec })), "1g.5gb");
    expect(answer).toMatchObject({ verdict: "doesNotFit", blocks: [{ kind: "taint" }] });
    expect(answer.ways[0]).toMatchObject({ usdPerHour: 0, actions: [action] });
  });

  it("is not helped by removing a taint that Kubernetes puts back", () => {
    const spec = { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute" }] };
    const answer = asked(clusterOf(gpuNode("a", { spec })), "1g.5gb");
    expect(answer.ways.flatMap(({ actions }) => actions)).toEqual(["add a node to pool a100 (p4d.24xlarge)"]);
  });

  it("can be let in by the quota, or by pending pods of the team that go", () => {
    const objects = [
      ...gpuNode("a"),
      ...team("team-a", { [quotaKey(SMALL)]: "1", [quotaKey("gpu.nvidia.com")]: "9" }),
      { ...claim("team-a", "wait-slice", "gpu.nvidia.com"), metadata: {} },
      {
        ...claim("team-a", "wait-slice", SMALL, {
          spec: {
            devices: {
              requests: [{ name: "x", exactly: { deviceClassName: SMALL, count: 1, selectors: [{ cel: { expression: "false" } }] } }],
            },
          },
        }),
        metadata: { name: "wait-slice", namespace: "team-a", ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "wait" }] },
      },
      pod("team-a", "wait", using({ resourceClaimTemplateName: "t" }), {
        resourceClaimStatuses: [{ name: "slice", resourceClaimName: "wait-slice" }],
      }),
    ].filter(({ metadata }) => Object.keys(metadata as object).length > 0);
    const answer = asked(clusterOf(objects), "small", "team-a");
    expect(answer.blocks).toEqual([
      { kind: "quota", message: `quota "team" allows 1 devices of class ${SMALL}, 1 used, 1 more asked for` },
    ]);
    expect(answer.ways.map(({ actions }) => actions)).toEqual([
      [`raise ${quotaKey(SMALL)} of ResourceQuota team-a/team from 1 to 2`],
      ["delete the pending Pod team-a/wait: its claims count on the quota"],
    ]);
  });

  it("names what a quota wants pods to say", () => {
    const answer = asked(clusterOf([...gpuNode("a"), ...team("team-a", { "limits.memory": "1Gi" })]), "small", "team-a");
    expect(answer.blocks[0]?.message).toMatch(/refuses pods that do not name limits\.memory/);
  });
});

describe("what is not known", () => {
  const gap = (kind: "Pod" | "Node" | "ResourceQuota" | "Event") => ({ gaps: [{ kind, reason: "forbidden" }] });

  it("leaves no answer without nodes", () => {
    const answer = asked(clusterOf(gpuNode("a"), gap("Node")), "small");
    expect(answer).toMatchObject({ verdict: "unknown", places: [] });
    expect(answer.missing).toEqual([expect.stringMatching(/^nodes: forbidden\. Unknown: which nodes there are/)]);
  });

  it.each(["Pod", "ResourceQuota"] as const)("makes no 'fits' without kind %s, and leaves 'does not fit'", (kind) => {
    expect(asked(clusterOf(gpuNode("a"), gap(kind)), "small").verdict).toBe("unknown");
    expect(asked(clusterOf(gpuNode("a"), gap(kind)), "99xsmall").verdict).toBe("doesNotFit");
  });

  it("does not matter where it is about events", () => {
    expect(asked(clusterOf(gpuNode("a"), gap("Event")), "small").verdict).toBe("fits");
  });

  it.each([undefined, "1.33", "1.99"])("is a Kubernetes version that is not modelled: %s", (kubernetesVersion) => {
    expect(asked(clusterOf(gpuNode("a"), { kubernetesVersion }), "small").verdict).toBe("unknown");
  });

  it("is what a claim asks for that has a field of a later version. What it holds counts", () => {
    const node = gpuNode("a", { layout: "all-3g.20gb" });
    const [held] = devicesOf(node, "3g.20gb");
    const later = claim("other", "later", LARGE, { held: held ?? "", spec: { devices: { requests: [], sharing: "new" } } });
    const answer = asked(clusterOf([...node, later]), "15x3g.20gb");
    expect(answer).toMatchObject({ verdict: "unknown", blocks: [] });
    expect(answer.missing[0]).toMatch(/cannot read ResourceClaim other\/later/);
    expect(asked(clusterOf([...node, later]), "16x3g.20gb").verdict).toBe("doesNotFit");
  });

  it("are devices of NVIDIA's driver that share counters, and no others", () => {
    const shared = (driver: string) => ({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: { name: driver },
      spec: {
        driver,
        nodeName: "a",
        pool: { name: "x", generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "d", consumesCounters: [{}] }],
      },
    });
    expect(asked(clusterOf([...gpuNode("a"), shared("gpu.nvidia.com")]), "99xsmall").verdict).toBe("unknown");
    expect(asked(clusterOf([...gpuNode("a"), shared("net.example.com")]), "99xsmall").verdict).toBe("doesNotFit");
  });

  it("is a quota with scopes, in its namespace only", () => {
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "q", namespace: "team-b" },
      spec: { hard: { pods: "0" }, scopes: ["BestEffort"] },
    };
    expect(asked(clusterOf([...gpuNode("a"), quota]), "small", "team-b").verdict).toBe("unknown");
    expect(asked(clusterOf([...gpuNode("a"), quota]), "small").verdict).toBe("fits");
  });
});

describe("a demand in words", () => {
  it.each([
    ["2x1g.5gb, 1x1g.5gb", [{ count: 3, wanted: { type: "profile", profile: "1g.5gb" } }]],
    ["large", [{ count: 1, wanted: { type: "tier", tier: "large" } }]],
    ["gpu", [{ count: 1, wanted: { type: "gpu" } }]],
  ])("%s", (text, items) => {
    expect(parseDemand(text)).toEqual({ type: "demand", items });
  });

  it.each([
    ["3x1g.6gbb", /neither a MIG profile nor a tier/],
    ["", /is no number and name/],
    ["0xlarge", /neither/],
    ["99999xlarge", /more than 10000/],
    ["6000xlarge,5000xsmall", /it asks for 11000 slices together: ask for 10000 at most/],
  ])("%j is refused", (text, reason) => {
    expect(parseDemand(text)).toMatchObject({ type: "invalid", reason: expect.stringMatching(reason) as string });
  });
});
