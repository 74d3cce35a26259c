/** The planner's answers as pages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import loadHighs from "highs";
import { askPage } from "../../../src/cli/plan/page/ask";
import { chart } from "../../../src/cli/plan/page/chart";
import { designPage } from "../../../src/cli/plan/page/design";
import { replayPage } from "../../../src/cli/plan/page/replay";
import { statusPage } from "../../../src/cli/plan/page/status";
import { whatIfPage } from "../../../src/cli/plan/page/what-if";
import type { JsonObject } from "../../../src/cluster/objects";
import { answerTo } from "../../../src/planner/ask/ask";
import { parseDemand } from "../../../src/planner/ask/demand";
import { design } from "../../../src/planner/design/design";
import { highsSolver } from "../../../src/planner/design/highs";
import type { Solver } from "../../../src/planner/design/integer-program";
import { offersOf } from "../../../src/planner/design/offers";
import { parseFleet } from "../../../src/planner/replay/fleet";
import { replay } from "../../../src/planner/replay/replay";
import { readTrace } from "../../../src/planner/replay/trace";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { statusOf } from "../../../src/planner/status/status";
import { changeOf } from "../../../src/planner/what-if/change";
import type { ChangeText } from "../../../src/planner/what-if/change";
import { consequencesOf } from "../../../src/planner/what-if/what-if";
import { claim, clusterOf, devicesOf, gpuNode, pod, using } from "../../planner/clusters";
import { pageProblems } from "../../support/html";
import { ROOT } from "../../support/program";

const SMALL = "mig-small.nvidia.com";
const LARGE = "mig-large.nvidia.com";
const H100 = { instanceType: "p5.4xlarge", pool: "h100" };
const HOSTILE = '<img src=x onerror="alert(1)">&';

function itemsOf(text: string) {
  const reading = parseDemand(text);
  if (reading.type === "invalid") {
    throw new Error(reading.reason);
  }
  return reading.items;
}

function asked(cluster: PlannedCluster, demand: string, namespace = "team-b"): string {
  return askPage(answerTo(cluster, { items: itemsOf(demand), namespace, arrangement: "separate" }), cluster);
}

function changed(cluster: PlannedCluster, text: ChangeText): string {
  const reading = changeOf(cluster, text);
  if (reading.type === "invalid") {
    throw new Error(reading.reason);
  }
  return whatIfPage(consequencesOf(cluster, reading.change), cluster);
}

/** A running pod with a slice. */
function running(name: string, namespace: string, deviceClass: string, held: string): readonly JsonObject[] {
  return [
    claim(namespace, `claim-${name}`, deviceClass, { held, users: [name] }),
    pod(namespace, name, { ...using({ resourceClaimName: `claim-${name}` }), nodeName: held.split("/")[0] ?? "" }),
  ];
}

const a = gpuNode("a", H100);
const b = gpuNode("b", H100);
const [large = ""] = devicesOf(a, "3g.40gb");
const [small = ""] = devicesOf(b, "1g.10gb");
const cluster = clusterOf([...a, ...b, ...running("train", "team-a", LARGE, large), ...running("serve", "team-a", SMALL, small)]);

/** The cells of the pictures: by list item its class and its texts. */
function cells(page: string): readonly string[] {
  return [...page.matchAll(/<li class="([^"]*)" style="[^"]*" title="([^"]*)">/g)].map(
    ([, kind, title]) => `${kind ?? ""}: ${title ?? ""}`,
  );
}

describe("--status", () => {
  const page = statusPage(statusOf(cluster), cluster);

  it("draws every GPU with who holds what, and says the same as a table", () => {
    expect(pageProblems(page)).toEqual([]);
    expect(page.match(/class="gpu"/g)).toHaveLength(2);
    expect(cells(page).filter((cell) => cell.startsWith("held"))).toEqual([
      expect.stringMatching(/^held t0: 3g\.40gb, device gpu-0-.*: team-a\/train$/),
      expect.stringMatching(/^held t0: 1g\.10gb, device gpu-0-.*: team-a\/serve$/),
    ]);
    expect(page).toMatch(/Who holds what, as a table[^]*<td class="short">team-a\/train<\/td>/);
  });

  it("names a claim that holds a slice for no pod, and shows its slice as held", () => {
    const idle = clusterOf([...a, claim("team-a", "idle", LARGE, { held: large })]);
    expect(cells(statusPage(statusOf(idle), idle))).toContainEqual(expect.stringMatching(/^held t0: .*claim team-a\/idle$/));
  });

  it("draws nothing where it is unknown who holds what", () => {
    const blind = clusterOf([...a], { gaps: [{ kind: "ResourceClaim", reason: "forbidden" }] });
    const blindPage = statusPage(statusOf(blind), blind);
    expect(cells(blindPage)).toEqual([]);
    expect(blindPage).toContain("The GPUs are not drawn, because the cluster's ResourceClaims could not be read.");
    expect(blindPage).toContain("resourceclaims: forbidden");
  });

  it("draws as many nodes as a person looks at, and says how many there are", () => {
    const many = clusterOf(Array.from({ length: 66 }, (_, index) => gpuNode(`n-${String(index)}`, H100)).flat());
    const manyPage = statusPage(statusOf(many), many);
    expect(manyPage.match(/class="gpu"/g)).toHaveLength(64);
    expect(manyPage).toContain("64 of 66 nodes are drawn. The table of slices by node has all.");
  });
});

describe("--ask", () => {
  it("draws the nodes that a demand fits on, before and after", () => {
    const page = asked(cluster, "large,small");
    expect(pageProblems(page)).toEqual([]);
    const own = cells(page);
    expect(own.filter((cell) => cell.includes("team-b/"))).toEqual([
      expect.stringMatching(/^held t1 changed: .*: team-b\/ask-/),
      expect.stringMatching(/^held t1 changed: .*: team-b\/ask-/),
    ]);
    expect(own.filter((cell) => cell.startsWith("free changed"))).toHaveLength(2);
    expect(page.match(/class="when"/g)?.length).toBe(2 * (page.match(/<article/g)?.length ?? 0));
  });

  it("draws each way out with its price, and what it adds", () => {
    const page = asked(cluster, "5xlarge");
    expect(pageProblems(page)).toEqual([]);
    const headings = [...page.matchAll(/<h2 id="way-\d+">([^<]*)</g)].map(([, text]) => text);
    expect(headings.length).toBeGreaterThan(0);
    expect(headings).toContainEqual(expect.stringMatching(/\$\d+\.\d\d an hour more$/));
    expect(page).toMatch(/<h3>new-node-0<\/h3>[^]*<p>not there<\/p>/);
  });

  it("gives pending pods their places before the demand gets its own", () => {
    const waiting = [claim("team-a", "waits", LARGE), pod("team-a", "next", using({ resourceClaimName: "waits" }))];
    const page = asked(clusterOf([...a, ...waiting]), "large");
    expect(cells(page).filter((cell) => cell.startsWith("held"))).toEqual([
      expect.stringMatching(/: team-a\/next$/),
      expect.stringMatching(/: team-b\/ask-large-0$/),
    ]);
  });

  it("says what is missing", () => {
    const page = asked(clusterOf([], { gaps: [{ kind: "ResourceSlice", reason: "forbidden" }] }), "large");
    expect(pageProblems(page)).toEqual([]);
    expect(page).toMatch(/<p class="verdict partly">Cannot tell<\/p>[^]*resourceslices: forbidden/);
  });
});

describe("--what-if", () => {
  it("draws what another layout makes of GPUs, and what happens to pods", () => {
    const page = changed(cluster, { type: "layout", layout: "all-1g.10gb", pool: "h100" });
    expect(pageProblems(page)).toEqual([]);
    expect(page).toContain('<p class="verdict bad">Some pods do not run again</p>');
    expect(page).toMatch(/team-a\/train<\/td>.*can never be placed again/);
    expect(page).toMatch(/team-a\/serve<\/td>.*runs again/);
    expect(page).toMatch(/<h2 id="steps">Drain in this order/);
  });

  it("draws a node that is gone, and leaves out what stays as it is", () => {
    const c = gpuNode("c", { ...H100, pool: "other" });
    const page = changed(clusterOf([...a, ...b, ...c]), { type: "nodes", count: -1, pool: "h100" });
    expect([...page.matchAll(/<h3>([^<]*)</g)].map(([, name]) => name)).toEqual(["a"]);
    expect(page).toContain("<p>not there</p>");
  });

  it("says so where no slice changes", () => {
    expect(changed(clusterOf([...a]), { type: "drain", node: "a" })).toContain("No slice changes.");
  });
});

describe("--design and --replay", () => {
  let solve: Solver;
  beforeAll(async () => {
    solve = highsSolver(await loadHighs(), () => Promise.resolve());
  });

  it("draws the nodes to buy, and has the pools to copy", async () => {
    const offers = offersOf(["p4d.24xlarge", "p5.4xlarge"], "us-east-1", new Map());
    if (offers.type === "invalid") {
      throw new Error(offers.reason);
    }
    const page = designPage(await design({ items: itemsOf("20x1g.5gb,3x3g.20gb"), offers, zones: [], spare: 0 }, solve));
    expect(pageProblems(page)).toEqual([]);
    const rows = [...page.matchAll(/<h4>(\d+) GPUs?<\/h4>/g)].map(([, count]) => Number(count));
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(8);
    expect(page).toContain("shared-gpu:gpuPools:\n  - name: p4d-24xlarge");
  });

  it("draws a demand over time, with the same as tables", async () => {
    const trace = readTrace(readFileSync(join(ROOT, "docs/examples/trace.csv"), "utf8"));
    const fleet = parseFleet("1xp4d.24xlarge");
    if (trace.type === "invalid" || fleet.type === "invalid") {
      throw new Error("the example cannot be read");
    }
    const result = await replay(fleet.nodes, trace.pods, trace.withoutGpu, solve);
    const page = replayPage(result);
    expect(pageProblems(page)).toEqual([]);
    expect(page.match(/<svg class="chart"/g)).toHaveLength(4);
    expect(page.match(/, as a table<\/summary>/g)).toHaveLength(4);
    expect(page).toContain("all-balanced everywhere</span>");
    const unpriced = replayPage({ ...result, usdPerHour: null });
    expect(unpriced.match(/<svg class="chart"/g)).toHaveLength(3);
  });
});

test("a chart says in words between what its lines are, and interrupts a line where there is nothing to say", () => {
  const svg = chart({
    ...{ id: "wait", title: "Wait <minutes>", hours: 4 },
    lines: [
      { name: "one", values: [0, 10, null, 3] },
      { name: "none", values: [null, null, null, null] },
    ],
  });
  expect(svg).toContain('<title id="wait-title">Wait &lt;minutes&gt;</title>');
  expect(svg).toContain("one: from 0 to 10. none: nothing to say.");
  expect([...svg.matchAll(/ d="([^"]*)"/g)].map(([, path]) => path?.replaceAll(/[\d. ]+/g, ""))).toEqual(["MLMh", ""]);
  expect(svg).not.toContain("NaN");
});

test("what a name contains is text", () => {
  const name = HOSTILE;
  const [device = ""] = devicesOf(a, "3g.40gb");
  const objects = [
    ...a,
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "shared-gpu/team": name } } },
    claim(name, name, LARGE, { held: device, users: [name] }),
    claim(name, `${name}2`, LARGE),
    pod(name, name, { ...using({ resourceClaimName: name }), nodeName: "a" }),
    pod(name, `${name}3`, using({ resourceClaimName: `${name}2` })),
    pod(name, `${name}4`, using({ resourceClaimName: "absent" })),
  ];
  const hostile = clusterOf(objects, { source: name });
  for (const page of [
    statusPage(statusOf(hostile), hostile),
    asked(hostile, "3xlarge"),
    changed(hostile, { type: "layout", layout: "all-1g.10gb", pool: undefined }),
  ]) {
    expect(page).toContain("&lt;img src=x");
    expect(page).not.toContain("<img");
    expect(pageProblems(page)).toEqual([]);
  }
});
