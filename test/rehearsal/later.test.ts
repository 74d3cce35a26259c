/** `--then`: what happens to a rehearsed stack after `pulumi up`, in the report, the text and the page. */
import { join } from "node:path";
import { judgeAsOf } from "../../policy-pack/evaluation/clock";
import { parseLife } from "../../src/planner/life/steps";
import type { LifeStep } from "../../src/planner/life/steps";
import { rehearse } from "../../src/rehearsal/rehearse";
import { formatHtml } from "../../src/rehearsal/report/html";
import type { LaterReport, Report } from "../../src/rehearsal/report/report";
import { PLAIN } from "../../src/rehearsal/report/style";
import { formatReport } from "../../src/rehearsal/report/text";
import { ROOT } from "../support/program";
import { projectPack } from "../support/project-pack";

const TODAY = new Date("2026-11-23T12:00:00Z");

async function run(life: readonly LifeStep[]): Promise<Report> {
  judgeAsOf(TODAY);
  const pack = await projectPack();
  return rehearse({
    root: ROOT,
    stack: "dev",
    manifests: [join(ROOT, "docs/examples/team-notebook.yaml")],
    namespace: "mig-test",
    strict: false,
    policyPackConfig: undefined,
    loadPack: () => Promise.resolve(pack),
    today: TODAY,
    life,
  });
}
afterAll(() => {
  judgeAsOf(undefined);
});

const steps = (text: string): readonly LifeStep[] => {
  const reading = parseLife(text);
  return reading.type === "steps" ? reading.steps : [];
};

const text = (report: Report): string => formatReport(report, { style: PLAIN, width: 110 });
const parts = ({ nodes }: Pick<LaterReport, "nodes">) => nodes.flatMap(({ gpus }) => (gpus?.list ?? []).flatMap((gpu) => gpu.parts));
const layouts = ({ nodes }: Pick<LaterReport, "nodes">) => nodes.flatMap(({ gpus }) => (gpus === undefined ? [] : [gpus.layout]));

describe("a life of the dev stack with a manifest", () => {
  let report: Report;
  let later: readonly LaterReport[];
  beforeAll(async () => {
    report = await run(steps("reboot,relayout=all-1g.5gb,upgrade=1.35"));
    later = report.later ?? [];
  });

  test("has each step in its order, with the GPUs after it", () => {
    expect(later.map(({ step }) => step)).toEqual(["reboot", "relayout=all-1g.5gb", "upgrade=1.35"]);
    expect(later.map(layouts)).toEqual([["all-balanced"], ["all-1g.5gb"], ["all-1g.5gb"]]);
    // The first step changes no slice of what `up` has made.
    const shape = (all: ReturnType<typeof parts>) => all.map(({ start, profile }) => [start, profile]);
    expect(later[0] && shape(parts(later[0]))).toEqual(shape(parts(report)));
    expect(later.slice(1).map((step) => new Set(parts(step).map(({ profile }) => profile)))).toEqual([
      new Set(["1g.5gb", ""]),
      new Set(["1g.5gb", ""]),
    ]);
  });

  test("names every running pod that loses its slice, the manifest's too, and what becomes of it", () => {
    const claimants = report.pods.filter(({ slices, status }) => status === "placed" && slices.length > 0);
    const stopped = (step: LaterReport | undefined) => (step?.stopped ?? []).filter(({ slices }) => slices.length > 0);
    const names = claimants.map(({ namespace, name }) => `${namespace}/${name}`).sort();
    expect(names.some((name) => name.includes("notebook"))).toBe(true);
    expect(
      stopped(later[0])
        .map(({ pod }) => pod)
        .sort(),
    ).toEqual(names);
    for (const { pod, slices } of stopped(later[0])) {
      const own = claimants.find(({ namespace, name }) => `${namespace}/${name}` === pod);
      expect([pod, [...slices].sort()]).toEqual([pod, own?.slices.map(({ profile }) => profile).sort()]);
    }
    expect(later[0]?.verdict).toBe("keeps");
    // In the new layout nothing but the smallest slices is left.
    const lost = stopped(later[1]).filter(({ fate }) => fate === "never");
    expect(lost.map(({ slices }) => slices)).not.toContainEqual(["1g.5gb"]);
    expect(lost.length).toBeGreaterThan(0);
    expect(later[1]?.verdict).toBe("loses");
    expect(report.result).toBe("findings");
    expect(report.findings.filter(({ kind }) => kind === "later").map(({ subject, place }) => `${place}: ${subject}`)).toEqual(
      expect.arrayContaining(lost.map(({ pod }) => `--then relayout=all-1g.5gb: Pod ${pod}`)),
    );
  });

  test("is in the text and on the page, step by step", () => {
    const said = text(report);
    const html = formatHtml(report);
    const [lost] = later[1]?.stopped.filter(({ fate }) => fate === "never") ?? [];
    expect(lost).toBeDefined();
    for (const { step, change } of later) {
      expect(said.replaceAll(/\s+/g, " ")).toContain(`Then ${step} ${change.replaceAll(/\s+/g, " ")}`);
      expect(html).toContain(`<h3>${step}</h3>`);
    }
    expect(said.replaceAll(/\s+/g, " ")).toContain(`${lost?.pod ?? ""} loses ${lost?.slices.join(", ") ?? ""} on`);
    expect(html).toContain("after step 3");
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({ format: 1, later: [{ step: "reboot" }, {}, {}] });
  });
});

test("a step that the cluster cannot do is refused, with what to write", async () => {
  await expect(run(steps("reboot,upgrade=1.36"))).rejects.toThrow(
    "--then upgrade=1.36: EKS goes from one version to the next: write upgrade=1.35,upgrade=1.36",
  );
});
