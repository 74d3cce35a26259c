/** What a cluster has, who holds it and what waits. */
import type { JsonObject } from "../../../src/cluster/objects";
import { statusOf } from "../../../src/planner/status/status";
import { claim, clusterOf, devicesOf, gpuNode, labelled, pod, quotaKey, rule, spreadOver, team, using } from "../clusters";

const SMALL = "mig-small.nvidia.com";
const node = gpuNode("a");
const [first = "", second = ""] = devicesOf(node, "1g.5gb");
const [large = ""] = devicesOf(node, "3g.20gb");
const template = (namespace: string, deviceClassName: string): JsonObject => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceClaimTemplate",
  metadata: { name: "template", namespace },
  spec: { spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName } }] } } },
});

const held = [
  ...node,
  ...team("team-a", { [quotaKey(SMALL)]: "2" }),
  claim("team-a", "used", SMALL, { held: first, users: ["train"] }),
  claim("team-a", "idle", SMALL, { held: second }),
  claim("other", "large", "mig-large.nvidia.com", { held: large, users: ["serve"] }),
];

describe("slices", () => {
  const status = statusOf(clusterOf(held));

  it("are counted by profile, tier, node and team", () => {
    expect(status.profiles).toEqual([
      { gpuModel: "A100-SXM4-40GB", profile: "3g.20gb", published: 8, allocated: 1, free: 7 },
      { gpuModel: "A100-SXM4-40GB", profile: "2g.10gb", published: 8, allocated: 0, free: 8 },
      { gpuModel: "A100-SXM4-40GB", profile: "1g.5gb", published: 16, allocated: 2, free: 14 },
    ]);
    expect(status.tiers[0]).toEqual({ tier: "small", deviceClass: SMALL, published: 16, allocated: 2, free: 14, reservedByQuota: 2 });
    expect(status.nodes).toEqual([
      {
        node: "a",
        pool: "a100",
        published: 32,
        allocated: 3,
        free: 29,
        usdPerHour: 21.957642,
        usdPerHourIdle: expect.closeTo(20.389, 3) as number,
      },
    ]);
    expect(status.teams.map(({ namespace, team: name, allocated, quota }) => [namespace, name, allocated, quota["small"]])).toEqual([
      ["team-a", "team-a", 2, { limit: 2, claimed: 2 }],
      ["other", null, 1, null],
    ]);
  });

  it("cost what their part of the GPU does, used, held idle or free", () => {
    const perSlice = 21.957642 / 8 / 7;
    expect(status.cost.used).toBeCloseTo(4 * perSlice, 3);
    expect(status.cost.heldIdle).toBeCloseTo(perSlice, 3);
    expect(status.cost.free).toBeCloseTo(21.957642 - 5 * perSlice, 3);
    expect(status.idleClaims).toEqual([{ claim: "team-a/idle", devices: 1, usdPerHour: expect.closeTo(perSlice, 3) as number }]);
  });

  it("are not said to be free where claims could not be read", () => {
    const { profiles, cost, missing } = statusOf(clusterOf(held, { gaps: [{ kind: "ResourceClaim", reason: "forbidden" }] }));
    expect(profiles[0]).toMatchObject({ published: 8, allocated: null, free: null });
    expect(cost).toMatchObject({ used: null, free: null });
    expect(missing).toEqual(["resourceclaims: forbidden. Unknown: which slices are held, and by whom"]);
  });

  it("of an older generation of a pool do not count, and a pool that is published in part is named", () => {
    const renewed = node.map((object) =>
      object["kind"] === "ResourceSlice"
        ? { ...object, spec: { ...(object["spec"] as JsonObject), pool: { name: "a", generation: 2, resourceSliceCount: 2 } } }
        : object,
    );
    const { profiles, notes } = statusOf(clusterOf([...node, ...renewed.filter(({ kind }) => kind === "ResourceSlice")]));
    expect(profiles[2]?.published ?? 0).toBeLessThanOrEqual(16);
    expect(notes).toEqual([
      expect.stringMatching(/^pool gpu\.nvidia\.com\/a is published in part: 1 of 2 ResourceSlices of generation 2, and 1 of older ones/),
    ]);
  });

  it("of v1beta1 are those of v1", () => {
    const old = node.map((object) => {
      const spec = object["spec"] as { readonly devices: readonly { readonly name: string }[] };
      return object["kind"] === "ResourceSlice"
        ? {
            ...object,
            apiVersion: "resource.k8s.io/v1beta1",
            spec: { ...spec, devices: spec.devices.map(({ name, ...basic }) => ({ name, basic })) },
          }
        : object;
    });
    expect(statusOf(clusterOf(old)).profiles).toEqual(statusOf(clusterOf(node)).profiles);
  });
});

describe("what waits", () => {
  const reasonsOf = (objects: readonly JsonObject[]) =>
    statusOf(clusterOf([...node, ...objects])).pending.map(({ subject, reason }) => `${subject}: ${reason}`);

  it("is a pod that names a claim which does not exist: the cluster itself says nothing of it", () => {
    expect(reasonsOf([pod("team-a", "train", using({ resourceClaimName: "absent" }))])).toEqual([
      "Pod team-a/train: ResourceClaim team-a/absent does not exist; there is none",
    ]);
  });

  it("is a pod whose claim a quota refuses, whether or not the event is still there", () => {
    const objects = [
      ...team("team-a", { [quotaKey(SMALL)]: "0" }),
      template("team-a", SMALL),
      pod("team-a", "train", using({ resourceClaimTemplateName: "template" })),
    ];
    expect(reasonsOf(objects)).toEqual([
      `Pod team-a/train: its claim slice does not exist: quota "team" allows 0 devices of class ${SMALL}, 0 used, 1 more asked for`,
    ]);
  });

  it("is a pod whose claim could not be created, as an event says", () => {
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "e", namespace: "team-a" },
      involvedObject: { kind: "Pod", name: "train", namespace: "team-a" },
      reason: "FailedResourceClaimCreation",
      message: "PodResourceClaim slice: failed to create ResourceClaim: denied by policy",
    };
    const objects = [template("team-a", SMALL), pod("team-a", "train", using({ resourceClaimTemplateName: "template" })), event];
    expect(reasonsOf(objects)).toEqual([
      expect.stringMatching(/its claim slice does not exist yet\. The last attempt failed: .*denied by policy/),
    ]);
  });

  it("is what cannot create its pods: it is known by an event only", () => {
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "e", namespace: "team-a" },
      involvedObject: { kind: "ReplicaSet", name: "web-1", namespace: "team-a" },
      reason: "FailedCreate",
      message: 'Error creating: pods "web-1-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2',
    };
    expect(reasonsOf([event])).toEqual([expect.stringMatching(/^ReplicaSet team-a\/web-1: cannot create its pods: .*exceeded quota/)]);
  });

  it("is a claim, with what its pod waits for", () => {
    const objects = [
      claim("team-a", "free", SMALL),
      claim("team-a", "gpu", "gpu.nvidia.com"),
      pod("team-a", "train", using({ resourceClaimName: "gpu" })),
    ];
    expect(reasonsOf(objects)).toEqual([
      expect.stringMatching(/^Pod team-a\/train: claim slice, request slice needs /),
      "ResourceClaim team-a/free: no pending pod names it, and a claim gets devices only with a pod",
      expect.stringMatching(/^ResourceClaim team-a\/gpu: waits for pod train: claim slice/),
    ]);
  });
});

test("a pod that is being deleted gets nothing, so it waits for nothing", () => {
  const waiting = [claim("other", "free", SMALL), pod("other", "going", using({ resourceClaimName: "free" }))];
  const going = waiting.map((object) => ({
    ...object,
    metadata: { ...(object["metadata"] as JsonObject), deletionTimestamp: "2026-11-28T09:00:00Z" },
  }));
  const subjects = (objects: readonly JsonObject[]) => statusOf(clusterOf([...node, ...objects])).pending.map(({ subject }) => subject);
  expect(subjects(waiting)).toContain("Pod other/going");
  expect(subjects(going)).not.toContain("Pod other/going");
});

describe("pods that wait", () => {
  const tolerations = [{ operator: "Exists" }];
  const reasons = (...pods: readonly JsonObject[]) =>
    statusOf(clusterOf([...node, ...team("team-a", {}), ...pods])).pending.map(({ subject, reason }) => `${subject}: ${reason}`);

  it("for one that waits too have a place beside it, whatever their order", () => {
    const follower = pod("team-a", "follower", { tolerations, ...rule("podAffinity", { app: "web" }) });
    const web = labelled(pod("team-a", "web", { tolerations }), { app: "web" });
    expect(reasons(follower)).toEqual([expect.stringContaining("didn't match pod affinity rules")]);
    expect(reasons(follower, web)).toEqual([
      expect.stringContaining("Pod team-a/follower: fits on node a"),
      expect.stringContaining("Pod team-a/web: fits on node a"),
    ]);
  });

  it("for others to be as evenly spread as they have a place once these have, whatever their order", () => {
    const spread = (name: string) => labelled(pod("team-a", name, { tolerations, ...spreadOver({ app: "web" }) }), { app: "web" });
    const others = gpuNode("b");
    const held = labelled(pod("team-a", "held", { nodeName: "a", tolerations }), { app: "web" });
    const onA = labelled(
      pod("team-a", "on-a", {
        tolerations,
        nodeSelector: { "kubernetes.io/hostname": "a" },
        ...spreadOver({ app: "web" }, { nodeAffinityPolicy: "Ignore" }),
      }),
      { app: "web" },
    );
    expect(reasons(...others, held, onA)).toEqual([expect.stringContaining("would have over 1 more such pods (maxSkew)")]);
    expect(reasons(...others, held, onA, spread("second"))).toEqual([
      expect.stringContaining("Pod team-a/on-a: fits on node a"),
      expect.stringContaining("Pod team-a/second: fits on node b"),
    ]);
  });

  it("are kept away by those that run", () => {
    const loner = pod("team-a", "loner", { nodeName: "a", ...rule("podAntiAffinity", { app: "web" }) });
    expect(reasons(loner, labelled(pod("team-a", "web", { tolerations }), { app: "web" }))).toEqual([
      expect.stringContaining("didn't satisfy existing pods anti-affinity rules: pod team-a/loner"),
    ]);
  });

  it("say which of their rules are not modelled", () => {
    const topologySpreadConstraints = [{ whenUnsatisfiable: "DoNotSchedule" }];
    expect(reasons(pod("team-a", "web", { tolerations, topologySpreadConstraints }))).toEqual([
      expect.stringMatching(/\(not modelled: spec\.topologySpreadConstraints\[0\]\)$/),
    ]);
  });
});
