/** What a change does to what runs. */
import type { JsonObject } from "../../../src/cluster/objects";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { resolveLayout } from "../../../src/hardware/layouts";
import { changeOf, layoutChange } from "../../../src/planner/what-if/change";
import type { ChangeText } from "../../../src/planner/what-if/change";
import { whatIf } from "../../../src/planner/what-if/what-if";
import type { WhatIf } from "../../../src/planner/what-if/what-if";
import { claim, clusterOf, devicesOf, gpuNode, labelled, pod, rule, spreadOver, team, using } from "../clusters";

const SMALL = "mig-small.nvidia.com";
const LARGE = "mig-large.nvidia.com";
/** Not of a cordon. */
const tolerations = [{ operator: "Exists", key: "nvidia.com/gpu" }];
const H100 = { instanceType: "p5.4xlarge", pool: "h100" };

function after(cluster: PlannedCluster, text: ChangeText): WhatIf {
  const reading = changeOf(cluster, text);
  if (reading.type === "invalid") {
    throw new Error(reading.reason);
  }
  return whatIf(cluster, reading.change);
}

/** Pods on a node, each with a claim for one of its devices. */
function running(
  node: readonly JsonObject[],
  profile: string,
  deviceClass: string,
  count: number,
  namespace = "team-a",
): readonly JsonObject[] {
  return devicesOf(node, profile)
    .slice(0, count)
    .flatMap((held) => {
      const name = held.replaceAll(/[^a-z0-9]+/g, "-");
      return [
        claim(namespace, `claim-${name}`, deviceClass, { held, users: [`pod-${name}`] }),
        pod(namespace, `pod-${name}`, {
          ...using({ resourceClaimName: `claim-${name}` }),
          tolerations,
          nodeName: held.split("/")[0] ?? "",
        }),
      ];
    });
}

const fates = ({ stopped }: WhatIf) => stopped.map(({ fate, from, to }) => `${fate} ${from} ${to ?? ""}`.trim()).sort();

describe("another layout", () => {
  const a = gpuNode("a", H100);
  const b = gpuNode("b", H100);

  it("stops the pods that hold slices, each once, and names those that have no place any more", () => {
    const objects = [
      ...a,
      ...b,
      ...running(a, "1g.10gb", SMALL, 1),
      ...running(b, "1g.10gb", SMALL, 1),
      ...running(b, "3g.40gb", LARGE, 1),
    ];
    const answer = after(clusterOf(objects), { type: "layout", layout: "all-1g.10gb", pool: "h100" });
    expect(answer).toMatchObject({ verdict: "loses", claims: { running: 3, kept: 0, moved: 2, lost: 1 } });
    expect(answer.steps).toEqual([
      { nodes: ["a"], stops: 1, waiting: 0 },
      { nodes: ["b"], stops: 2, waiting: 1 },
    ]);
    expect(fates(answer)).toEqual(["moves a a", "moves b a", "never b"]);
    expect(answer.slices).toContainEqual({
      ...{ gpuModel: "H100 80GB", profile: "1g.10gb" },
      ...{ before: { published: 4, free: 2 }, after: { published: 14, free: 12 } },
    });
    expect(answer.slices).toContainEqual({
      ...{ gpuModel: "H100 80GB", profile: "3g.40gb" },
      ...{ before: { published: 2, free: 1 }, after: { published: 0, free: 0 } },
    });
  });

  it("has a pod that no room is left for wait, which is not never", () => {
    const objects = [...a, ...running(a, "3g.40gb", LARGE, 1), ...gpuNode("c", { ...H100, pool: "other" })];
    const c = objects.slice(-2);
    const answer = after(clusterOf([...objects, ...running(c, "3g.40gb", LARGE, 1)]), {
      type: "layout",
      layout: "all-1g.10gb",
      pool: "h100",
    });
    expect(fates(answer)).toEqual(["waits a"]);
    expect(answer.stopped[0]?.reason).toMatch(/taken/);
  });

  it("begins with the node after which the fewest pods wait", () => {
    const c = gpuNode("c", H100);
    const two = gpuNode("b", { ...H100, layout: "all-3g.40gb" });
    const answer = after(clusterOf([...a, ...two, ...c, ...running(a, "1g.10gb", SMALL, 1), ...running(two, "3g.40gb", LARGE, 2)]), {
      ...{ type: "layout", layout: "all-3g.40gb", pool: "h100" },
    });
    expect(answer.steps).toEqual([
      { nodes: ["c"], stops: 0, waiting: 0 },
      { nodes: ["b"], stops: 2, waiting: 0 },
      { nodes: ["a"], stops: 1, waiting: 1 },
    ]);
  });

  it("ends no pod without a claim, and leaves other pools alone", () => {
    const objects = [
      ...a,
      ...gpuNode("c", { ...H100, pool: "other" }),
      ...running(gpuNode("c", H100), "1g.10gb", SMALL, 1),
      pod("team-a", "web", { nodeName: "a", tolerations: [{ operator: "Exists" }] }),
    ];
    const answer = after(clusterOf(objects), { type: "layout", layout: "all-1g.10gb", pool: "h100" });
    expect(answer).toMatchObject({ verdict: "keeps", stopped: [], claims: { running: 1, kept: 1 } });
  });

  it("may stop a pod twice where only the node of the moment is cordoned, and names it once", () => {
    const cluster = clusterOf([...a, ...b, ...running(a, "1g.10gb", SMALL, 1), pod("team-a", "web", { tolerations, nodeName: "b" })]);
    const reading = layoutChange(cluster, { layout: "all-1g.10gb", pool: "h100" }, resolveLayout);
    if (reading.type === "invalid") {
      throw new Error(reading.reason);
    }
    const answer = whatIf(cluster, { ...reading, roll: "oneByOne" });
    expect(answer.verdict).toBe("keeps");
    // The pod without a claim stops too, since the whole node is drained.
    expect(answer.steps).toEqual([
      { nodes: ["b"], stops: 1, waiting: 0 },
      { nodes: ["a"], stops: 2, waiting: 0 },
    ]);
    expect(fates(answer)).toEqual(["moves a b", "moves b b"]);
  });

  it("keeps a node cordoned that somebody had cordoned", () => {
    const objects = [...gpuNode("a", { ...H100, spec: { unschedulable: true } }), ...running(a, "1g.10gb", SMALL, 1)];
    expect(fates(after(clusterOf(objects), { type: "layout", layout: "all-1g.10gb", pool: undefined }))).toEqual(["waits a"]);
  });
});

describe("other nodes", () => {
  const a = gpuNode("a", { ...H100, layout: "all-3g.40gb" });
  const b = gpuNode("b", { ...H100, layout: "all-3g.40gb" });
  const waiting = [claim("team-a", "waits", LARGE), pod("team-a", "next", using({ resourceClaimName: "waits" }))];

  it("more of them have room for pods that wait", () => {
    const cluster = clusterOf([...a, ...running(a, "3g.40gb", LARGE, 2), ...waiting]);
    const answer = after(cluster, { type: "nodes", count: 1, pool: "h100" });
    expect(answer).toMatchObject({ verdict: "keeps", started: ["team-a/next"], usdPerHour: { before: 6.88, after: 13.76 } });
    expect(answer.slices).toEqual([
      { gpuModel: "H100 80GB", profile: "3g.40gb", before: { published: 2, free: 0 }, after: { published: 4, free: 1 } },
    ]);
  });

  it("fewer of them are those with the fewest pods", () => {
    const cluster = clusterOf([...a, ...b, ...running(a, "3g.40gb", LARGE, 1), ...running(b, "3g.40gb", LARGE, 2)]);
    const answer = after(cluster, { type: "nodes", count: -1, pool: "h100" });
    expect(answer.steps).toEqual([{ nodes: ["a"], stops: 1, waiting: 1 }]);
    expect(answer).toMatchObject({ verdict: "loses", claims: { running: 3, kept: 2, moved: 0, lost: 1 } });
  });

  it("a drained node keeps the pods that are tied to it", () => {
    const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }];
    const tied = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
    const cluster = clusterOf([
      ...[...a, ...b, ...running(a, "3g.40gb", LARGE, 1)],
      pod("system", "agent", { nodeName: "a", affinity: tied }),
      pod("team-a", "web", { nodeName: "a", tolerations }),
    ]);
    const answer = after(cluster, { type: "drain", node: "a" });
    expect(fates(answer)).toEqual(["moves a b", "moves a b"]);
  });

  it.each([
    ["counts for pods that are evenly spread whatever its taints", {}, ["waits a"]],
    ["does not count for those that go by taints", { nodeTaintsPolicy: "Honor" }, ["moves a b"]],
  ])("a drained node %s", (_, more, expected) => {
    const web = (node: string) =>
      labelled(pod("team-a", `web-${node}`, { nodeName: node, tolerations, ...spreadOver({ app: "web" }, more) }), { app: "web" });
    const answer = after(clusterOf([...a, ...gpuNode("b", H100), ...gpuNode("c", H100), ...["a", "b", "c"].map(web)]), {
      type: "drain",
      node: "a",
    });
    expect(fates(answer)).toEqual(expected);
  });
});

describe("pods that want to be near others", () => {
  const a = gpuNode("a", H100);
  const near = pod("team-a", "near", { nodeName: "a", tolerations, ...rule("podAffinity", { app: "web" }) });
  const web = (spec: JsonObject = {}) => labelled(pod("team-a", "web", { nodeName: "a", tolerations, ...spec }), { app: "web" });

  it("move with them, whatever their order", () => {
    const answer = after(clusterOf([...a, ...gpuNode("b", H100), near, web()]), { type: "drain", node: "a" });
    expect(fates(answer)).toEqual(["moves a b", "moves a b"]);
  });

  it("wait where those do, which is not for ever", () => {
    const needy = web({ containers: [{ name: "main", resources: { requests: { cpu: "90" } } }] });
    const other = pod("team-a", "busy", {
      nodeName: "b",
      tolerations,
      containers: [{ name: "main", resources: { requests: { cpu: "50" } } }],
    });
    const answer = after(clusterOf([...a, ...gpuNode("b", H100), near, needy, other]), { type: "drain", node: "a" });
    expect(fates(answer)).toEqual(["waits a", "waits a"]);
  });
});

it("a team that goes leaves its slices to pods that wait", () => {
  const a = gpuNode("a", { ...H100, layout: "all-3g.40gb" });
  const cluster = clusterOf([
    ...[...a, ...team("gone", {}), ...running(a, "3g.40gb", LARGE, 2, "gone")],
    ...[claim("team-a", "waits", LARGE), pod("team-a", "next", using({ resourceClaimName: "waits" }))],
  ]);
  const answer = after(cluster, { type: "team", team: "gone" });
  expect(answer).toMatchObject({ verdict: "keeps", started: ["team-a/next"], claims: { running: 2, lost: 2 } });
});

it("says what cannot be told where pods could not be read", () => {
  const answer = after(clusterOf(gpuNode("a"), { gaps: [{ kind: "Pod", reason: "forbidden" }] }), { type: "drain", node: "a" });
  expect(answer).toMatchObject({ verdict: "unknown", stopped: [] });
  expect(answer.missing[0]).toMatch(/^pods: forbidden/);
});

it.each<[ChangeText, RegExp]>([
  [{ type: "layout", layout: "all-1g.5g", pool: "h100" }, /"all-1g\.5g" is not a layout/],
  [{ type: "layout", layout: "all-balanced", pool: "h200" }, /there is no pool "h200" with GPUs; did you mean "h100"\?/],
  [{ type: "layout", layout: "all-balanced", pool: undefined }, /there are several pools: write --pool with one of h100, a100/],
  [{ type: "layout", layout: "all-balanced", pool: "100" }, /in the names of several pools/],
  [{ type: "nodes", count: -2, pool: "h100" }, /has 1 nodes: write at most nodes=-1/],
  [{ type: "drain", node: "c" }, /there is no node "c"/],
  [{ type: "team", team: "a" }, /there is no team "a"/],
])("%j is not a change of a cluster without that", (text, message) => {
  const reading = changeOf(clusterOf([...gpuNode("a", H100), ...gpuNode("b")]), text);
  expect(reading.type === "invalid" ? reading.reason : "").toMatch(message);
});

it("cannot tell whether a pod runs elsewhere whose volume may tie it to its zone, where volumes cannot be read", () => {
  const [a, b] = [gpuNode("a", H100), gpuNode("b", H100)];
  const [held, user] = running(a, "1g.10gb", SMALL, 1) as [JsonObject, JsonObject];
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  const withVolume = { ...user, spec: { ...(user["spec"] as JsonObject), volumes } };
  const gaps = { gaps: [{ kind: "StorageClass" as const, reason: "forbidden" }] };
  const drained = (pods: readonly JsonObject[]) => after(clusterOf([...a, ...b, held, ...pods], gaps), { type: "drain", node: "a" });
  expect(drained([user])).toMatchObject({ verdict: "keeps", missing: [] });
  const { verdict, missing } = drained([withVolume]);
  expect(verdict).toBe("unknown");
  expect(missing).toEqual([
    expect.stringMatching(/^whether Pod team-a\/pod-a-\S+ runs on node b: it has rules that are not modelled \(spec\.volumes\[0\]\)$/),
  ]);
  const back = after(clusterOf([...a, held, withVolume], gaps), { type: "layout", layout: "all-1g.10gb", pool: "h100" });
  expect(back).toMatchObject({ verdict: "keeps", missing: [], stopped: [{ fate: "moves", to: "a" }] });
});
