/** Steps after `pulumi up`: how they are written, and what they do to what runs, one after the other. */
import type { JsonObject } from "../../../src/cluster/objects";
import { resolveLayout } from "../../../src/hardware/layouts";
import { play } from "../../../src/planner/life/play";
import type { Played, Playing } from "../../../src/planner/life/play";
import { parseLife } from "../../../src/planner/life/steps";
import type { LifeStep } from "../../../src/planner/life/steps";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { RELEASES } from "../../../src/releases/find";
import { claim, clusterOf, devicesOf, gpuNode, pod, using } from "../clusters";

const SMALL = "mig-small.nvidia.com";
const LARGE = "mig-large.nvidia.com";
const tolerations = [{ operator: "Exists", key: "nvidia.com/gpu" }];
const A100 = { pool: "a100" };

function steps(text: string): readonly LifeStep[] {
  const reading = parseLife(text);
  if (reading.type === "invalid") {
    throw new Error(reading.reason);
  }
  return reading.steps;
}

function running(node: readonly JsonObject[], profile: string, deviceClass: string, name: string): readonly JsonObject[] {
  const [held = ""] = devicesOf(node, profile);
  return [
    claim("team-a", `claim-${name}`, deviceClass, { held, users: [name] }),
    pod("team-a", name, { ...using({ resourceClaimName: `claim-${name}` }), tolerations, nodeName: held.split("/")[0] ?? "" }),
  ];
}

const playing = (cluster: PlannedCluster, text: string): Playing => play(cluster, steps(text), resolveLayout);

function played(cluster: PlannedCluster, text: string): readonly Played[] {
  const found = playing(cluster, text);
  if (found.type === "invalid") {
    throw new Error(found.reason);
  }
  return found.played;
}

const fates = (all: readonly Played[]) => all.map(({ whatIf }) => whatIf.stopped.map(({ pod: name, fate }) => `${name} ${fate}`).sort());

const a = gpuNode("a", A100);
const b = gpuNode("b", A100);
const one = () => clusterOf([...a, ...running(a, "1g.5gb", SMALL, "small"), ...running(a, "3g.20gb", LARGE, "large")]);

describe("steps", () => {
  test.each<[string, readonly object[]]>([
    [
      "reboot,relayout=all-1g.5gb,upgrade=1.35",
      [
        { type: "reboot", pool: undefined },
        { type: "relayout", layout: "all-1g.5gb", pool: undefined },
        { type: "upgrade", kubernetesVersion: "1.35" },
      ],
    ],
    ["reboot=a100", [{ type: "reboot", pool: "a100", text: "reboot=a100" }]],
    ["relayout=a100:all-1g.5gb", [{ type: "relayout", layout: "all-1g.5gb", pool: "a100" }]],
    [" reboot , reboot ", [{ text: "reboot" }, { text: "reboot" }]],
  ])("%s", (text, expected) => {
    expect(steps(text)).toMatchObject(expected);
  });

  test.each([
    ["rebot", '"rebot" is no step; did you mean "reboot"?'],
    ["re-layout=a", '"re-layout" is no step; did you mean "relayout"?'],
    ["constructor=1", '"constructor" is no step'],
    ["reboot,,reboot", "a step is empty: write reboot, or reboot=POOL; relayout="],
    ["", "a step is empty"],
    ["reboot=", "write reboot, or reboot=POOL"],
    ["relayout", "write relayout=LAYOUT, or relayout=POOL:LAYOUT"],
    ["relayout=", "write relayout=LAYOUT"],
    ["relayout=a:b:c", "write relayout=LAYOUT"],
    ["relayout=:b", "write relayout=LAYOUT"],
    ["upgrade", "write upgrade=VERSION"],
    ["upgrade=v1.35", "write upgrade=VERSION"],
    ["upgrade=1.35.2", "write upgrade=VERSION"],
    ["Reboot", 'did you mean "reboot"?'],
  ])("%j is refused", (text, reason) => {
    expect(parseLife(text)).toEqual({ type: "invalid", reason: expect.stringContaining(reason) as string });
  });
});

describe("a life", () => {
  test("goes on from what each step has left", () => {
    const all = played(one(), "reboot,relayout=all-1g.5gb,relayout=all-balanced");
    expect(fates(all)).toEqual([
      ["team-a/large moves", "team-a/small moves"],
      // No slice of 20 GB is left.
      ["team-a/large never", "team-a/small moves"],
      // It stands still in between, and runs again.
      ["team-a/small moves"],
    ]);
    expect(all.map(({ whatIf }) => whatIf.verdict)).toEqual(["keeps", "loses", "keeps"]);
    expect(all[2]?.whatIf.started).toEqual(["team-a/large"]);
    expect(all.map(({ before, after }) => [before.state.slices.length > 0, after.state.slices.length > 0])).toEqual(
      all.map(() => [true, true]),
    );
  });

  test("a restart gives back the same slices, and takes one node at a time", () => {
    const cluster = clusterOf([...a, ...b, ...running(a, "1g.5gb", SMALL, "small")]);
    const [reboot] = played(cluster, "reboot");
    expect(reboot?.whatIf).toMatchObject({ change: "restart of 2 nodes of pool a100, one after the other" });
    expect(reboot?.whatIf.steps.map(({ nodes }) => nodes.length)).toEqual([1, 1]);
    const names = ({ state }: PlannedCluster) =>
      state.slices.flatMap(({ spec }) => spec.devices.map(({ name }) => `${spec.nodeName ?? ""}/${name}`)).sort();
    expect(reboot && names(reboot.after)).toEqual(names(cluster));
    expect(reboot?.after.state.nodes).toEqual(cluster.state.nodes);
  });

  test("an upgrade is what the cluster has from then on", () => {
    const [first, second] = RELEASES.slice(1).map(({ kubernetesVersion }) => kubernetesVersion);
    const from = { ...one(), release: RELEASES[0] };
    const all = played(from, `upgrade=${String(first)},upgrade=${String(second)}`);
    expect(all.map(({ after }) => [after.kubernetesVersion, after.release.kubernetes.version])).toEqual([
      [first, first],
      [second, second],
    ]);
    expect(all.map(({ after }) => after.release.draDriver)).toEqual([from.release.draDriver, from.release.draDriver]);
    expect(fates(all)[0]).toEqual(["team-a/large moves", "team-a/small moves"]);
  });

  test("names a pool where there are several", () => {
    const cluster = clusterOf([...a, ...gpuNode("h", { instanceType: "p5.4xlarge", pool: "h100" })]);
    expect(playing(cluster, "relayout=all-1g.5gb")).toMatchObject({
      type: "invalid",
      reason: expect.stringMatching(/several pools/) as string,
    });
    expect(
      played(cluster, "relayout=h100:all-1g.10gb,reboot=h100").map(({ whatIf }) => whatIf.steps.flatMap(({ nodes }) => nodes)),
    ).toEqual([["h"], ["h"]]);
    expect(played(cluster, "reboot")[0]?.whatIf.change).toContain("pools a100, h100");
  });

  test.each([
    ["relayout=all-1g.5bg", /"all-1g.5bg" is not a layout.*did you mean "all-1g.5gb"/],
    ["reboot=b200", /there is no pool "b200"/],
    ["upgrade=1.99", /knows no Kubernetes 1\.99; it knows 1\.34/],
    ["upgrade=1.34", /has Kubernetes 1\.34 by then, and EKS does not go back: write upgrade=1\.35/],
    ["upgrade=1.36", /from one version to the next: write upgrade=1\.35,upgrade=1\.36/],
    ["upgrade=1.35,upgrade=1.35", /has Kubernetes 1\.35 by then/],
  ])("%s is refused", (text, reason) => {
    const found = playing({ ...one(), release: RELEASES[0] }, text);
    expect(found).toMatchObject({ type: "invalid", reason: expect.stringMatching(reason) as string });
  });

  test("a cluster without GPUs restarts none", () => {
    expect(playing(clusterOf([]), "reboot")).toMatchObject({ type: "invalid", reason: "no node has GPUs" });
  });
});
