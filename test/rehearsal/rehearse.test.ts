/** The whole rehearsal: real program, real stack files, real policy pack, manifests of the user's own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeAsOf } from "../../policy-pack/evaluation/clock";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { rehearse } from "../../src/rehearsal/rehearse";
import type { RehearseOptions } from "../../src/rehearsal/rehearse";
import { formatHtml } from "../../src/rehearsal/report/html";
import type { Report } from "../../src/rehearsal/report/report";
import { COLOUR, PLAIN } from "../../src/rehearsal/report/style";
import { formatReport } from "../../src/rehearsal/report/text";
import { RELEASES } from "../../src/releases/find";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";
import { projectPack } from "../support/project-pack";

let pack: ServedPack;
beforeAll(async () => {
  pack = await projectPack();
});

// A rehearsal that does not say otherwise judges as on this day, whatever the clock says.
const TODAY = new Date("2026-11-23T12:00:00Z");
beforeEach(() => {
  judgeAsOf(TODAY);
});
afterAll(() => {
  judgeAsOf(undefined);
});

const run = (options: Partial<RehearseOptions> = {}): Promise<Report> =>
  rehearse({
    root: ROOT,
    stack: "dev",
    manifests: [],
    namespace: "mig-test",
    strict: false,
    policyPackConfig: undefined,
    loadPack: () => Promise.resolve(pack),
    today: TODAY,
    ...options,
  });

const text = (report: Report): string => formatReport(report, { style: PLAIN, width: 110 });

let dev: Report;
beforeAll(async () => {
  judgeAsOf(TODAY);
  dev = await run();
});

describe("the dev stack", () => {
  test("has no finding", () => {
    expect(dev).toMatchObject({ format: 1, project: "shared-gpu", stack: "dev", date: "2026-11-23", result: "ok", findings: [] });
    expect(text(dev)).toContain("OK: no mandatory violation, every layout is legal (8 GPUs), all 5 pods are placed");
  });

  test("leaves out no rule of its own workloads, which share a volume and a node", () => {
    expect(dev.notModelled.filter((sentence) => /rule that the scheduler follows|volumes a node can attach/.test(sentence))).toEqual([]);
    const own = dev.pods.filter(({ owner }) => owner.includes("mig-"));
    expect(own.length).toBeGreaterThanOrEqual(3);
    expect(new Set(own.map(({ node }) => node)).size).toBe(1);
  });

  test("counts resources by kind, those of remote components apart", () => {
    const { total, madeBy, types } = dev.resources;
    expect(types.reduce((sum, { count }) => sum + count, 0)).toBe(total);
    expect(types).toEqual(
      expect.arrayContaining([
        { type: "aws:eks/nodeGroup:NodeGroup", count: 2 },
        { type: "aws:ec2/subnet:Subnet", count: 6 },
      ]),
    );
    expect(Object.keys(madeBy)).toEqual(["awsx:ec2:Vpc", "eks:index:Cluster"]);
  });

  test("names what is known of its versions, nothing severe of it mended in a release, and when that was read", () => {
    expect(dev.advisories.advisories.map(({ id, severity, isMended }) => [id, severity, isMended])).toEqual([
      ["CVE-2026-95837", "high", false],
      ["CVE-2026-95839", "high", false],
      ["hook-fails-on-read-only-etc-nvidia", "medium", false],
      ["CVE-2026-76154", "medium", true],
      ["CVE-2026-41579", "low", false],
    ]);
    expect(text(dev)).toContain(`advisories as read on ${dev.advisories.readOn}: 2 high, 2 medium, 1 low (4 without a mended release)\n`);
    for (const part of ["Nothing published was found on 2026-11-28 for: add-on aws-ebs-csi-driver", "CVE-2026-2270, closed here: "]) {
      expect(text(dev).replaceAll(/\s+/g, " ")).toContain(part);
    }
    expect(formatHtml(dev)).toContain("hook-fails-on-read-only-etc-nvidia");
  });

  test("the policy pack looked at everything", () => {
    expect(dev.policy.pack).toBe("shared-gpu-guardrails");
    expect(dev.policy.policies.map(({ name }) => name)).toContain("enforce-balanced-mig-profiles");
    expect(dev.policy.violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")).toEqual([]);
    expect(dev.policy.resources).toBeGreaterThan(dev.resources.total);
  });

  test("draws every GPU to scale, with the slices that are held and by whom", () => {
    const [gpus] = dev.nodes.flatMap((node) => node.gpus ?? []);
    expect(gpus?.list).toHaveLength(8);
    for (const { parts } of gpus?.list ?? []) {
      expect(parts.reduce((sum, part) => sum + part.memorySlices, 0)).toBe(8);
    }
    const held = gpus?.list.flatMap(({ parts }) => parts).filter(({ holders }) => holders.length > 0);
    expect(held?.map(({ profile, holders }) => [profile, ...holders]).sort()).toEqual([
      ["1g.5gb", "mig-test/mig-small-inference-0"],
      ["2g.10gb", "mig-test/mig-medium-training-0"],
      ["3g.20gb", "mig-test/mig-large-training-0"],
    ]);
    const lines = text(dev)
      .split("\n")
      .filter((line) => line.includes("│"));
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  test("says what is free, and what used and idle slices cost", () => {
    expect(dev.profiles).toEqual([
      { gpuModel: "A100-SXM4-40GB", profile: "3g.20gb", total: 8, held: 1, free: 7 },
      { gpuModel: "A100-SXM4-40GB", profile: "2g.10gb", total: 8, held: 1, free: 7 },
      { gpuModel: "A100-SXM4-40GB", profile: "1g.5gb", total: 16, held: 1, free: 15 },
    ]);
    const { gpuUsed, gpuIdle, systemNodes, controlPlane, total } = dev.cost;
    // Six of the node's 56 compute slices are held.
    expect(gpuUsed).toBeCloseTo((21.957642 * 6) / 56, 3);
    expect(gpuUsed + gpuIdle).toBeCloseTo(21.957642, 3);
    expect(total).toBeCloseTo(gpuUsed + gpuIdle + systemNodes + controlPlane, 3);
    expect(text(dev)).toContain("us-east-1 list price of");
  });

  test("lists what is left to do before deploying", () => {
    const list = dev.beforeYouDeploy;
    expect(list[0]?.commands).toEqual([
      "pulumi config set apiServerAccess private --stack dev",
      'pulumi config set apiServerAccess "$(curl -s https://checkip.amazonaws.com)/32" --stack dev',
    ]);
    const all = JSON.stringify(list);
    for (const part of [
      "L-417A185B",
      "192 vCPUs",
      "describe-instance-type-offerings",
      "p4d.24xlarge",
      "2026-12-02, in 9 days",
      "deletionProtection",
      "never fall back to Spot",
    ]) {
      expect(all).toContain(part);
    }
  });

  test("as a page, it carries everything in itself and nothing that could break out of it", () => {
    const page = formatHtml({ ...dev, stack: '<img src=x onerror="alert(1)">' });
    expect(/<(script|link|img|iframe|object)|href=|url\(|@import/.exec(page)?.[0]).toBeUndefined();
    expect(page.match(/class="gpu"/g)).toHaveLength(8);
    for (const part of ["prefers-color-scheme: dark", "mig-large-training-0", "&lt;img src=x"]) {
      expect(page.includes(part)).toBe(true);
    }
  });

  test("colours the text only when asked to", () => {
    const escape = "\u001b";
    expect(text(dev)).not.toContain(escape);
    const coloured = formatReport(dev, { style: COLOUR, width: 110 });
    expect(coloured.replaceAll(new RegExp(`${escape}\\[\\d+m`, "g"), "")).toBe(text(dev));
  });

  test("fits a narrow terminal, but for commands and names that cannot be broken", () => {
    const lines = formatReport(dev, { style: PLAIN, width: 72 }).split("\n");
    const long = lines.filter((line) => line.length > 72 && !/^ {7}|^ {2}ip-|^ {2}without GPUs/.test(line));
    expect(long.filter((line) => line.trim().includes("  ") === false && line.trim().split(" ").length > 3)).toEqual([]);
  });
});

describe("manifests of the user's own", () => {
  const selector = (expression: string) => `selectors: [{cel: {expression: ${JSON.stringify(expression)}}}]`;
  const profile = "device.attributes['gpu.nvidia.com'].profile";
  const claims: Readonly<Record<string, string>> = {
    plain: `deviceClassName: mig.nvidia.com, ${selector('device.attributes["gpu.nvidia.com"].profile == "7g.40gb"')}`,
    "whole-gpu": "deviceClassName: gpu.nvidia.com",
    "any-mig": "deviceClassName: mig.nvidia.com",
    "single-quotes": `deviceClassName: mig.nvidia.com, ${selector(`${profile} == '7g.40gb'`)}`,
    "in-list": `deviceClassName: mig.nvidia.com, ${selector(`${profile} in ['7g.40gb', '1g.5gb']`)}`,
    concatenated: `deviceClassName: mig.nvidia.com, ${selector(`${profile} == '7g' + '.40gb'`)}`,
    "not-equal": `deviceClassName: mig.nvidia.com, ${selector(`${profile} != '1g.5gb'`)}`,
  };
  const template = (name: string, exactly: string) =>
    `apiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: ${name}}\nspec: {spec: {devices: {requests: [{name: request-of-${name}, exactly: {${exactly}}}]}}}`;
  const inOldForm = `apiVersion: resource.k8s.io/v1beta1\nkind: ResourceClaim\nmetadata: {name: beta}\nspec: {devices: {requests: [{name: request-of-beta, ${claims["single-quotes"] ?? ""}}]}}`;
  const allowed = template("allowed", `deviceClassName: mig-small.nvidia.com, ${selector(`${profile} == '1g.5gb'`)}`);

  const ephemeral = (name: string) =>
    `{name: ${name}, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}`;
  const withVolumes = `apiVersion: v1
kind: Pod
metadata: {name: with-volumes}
spec:
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  volumes: [${ephemeral("one")}, ${ephemeral("two")}]
  containers:
    - {name: main, image: "busybox:1.37", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}, resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}}`;

  let report: Report;
  beforeAll(async () => {
    const documents = [withVolumes, ...Object.entries(claims).map(([name, exactly]) => template(name, exactly)), inOldForm, allowed];
    report = await run({ manifests: [join(makeFolder({ "team.yaml": documents.join("\n---\n") }), "team.yaml")] });
  });

  test.each([...Object.keys(claims), "beta"])("a forbidden claim is refused by the pack, which names the request: %s", (name) => {
    const violations = report.policy.violations.filter(
      ({ policy, subject }) => policy === "enforce-balanced-mig-profiles" && subject.endsWith(`mig-test/${name}`),
    );
    expect(violations).toMatchObject([
      {
        policy: "enforce-balanced-mig-profiles",
        enforcementLevel: "mandatory",
        place: expect.stringMatching(/team\.yaml:\d+$/) as string,
        message: expect.stringContaining(`request-of-${name}`) as string,
      },
    ]);
    expect(report.findings).toEqual(expect.arrayContaining([expect.objectContaining({ kind: "policy", subject: violations[0]?.subject })]));
  });

  test("the pack knows the Kubernetes version of the stack's cluster, and assumes none", () => {
    expect(report.policy.violations.filter(({ message }) => message.includes("judged by the rules of"))).toEqual([]);
  });

  test("nodes with several volumes are named where network interfaces take attachments, too", () => {
    expect(report.pods.filter(({ name }) => name === "with-volumes")).toMatchObject([{ status: "placed" }]);
    expect(report.notModelled).toContainEqual(
      expect.stringMatching(
        /^How many volumes a node can attach whose network interfaces take attachments, too: node ip-\S+ would have 2\./,
      ),
    );
  });

  test("an allowed claim is not", () => {
    expect(report.findings.filter(({ subject }) => subject.endsWith("/allowed"))).toEqual([]);
    expect(report.result).toBe("findings");
  });
});

/** The dev stack with one line more in its file. */
const stackWith = (line: string): string =>
  makeFolder({
    "Pulumi.yaml": readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"),
    "Pulumi.dev.yaml": `${readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8").trimEnd()}\n  ${line}\n`,
    "index.ts": `module.exports = require(${JSON.stringify(join(ROOT, "index.ts"))});`,
  });

test.each(RELEASES.slice(1).map(({ kubernetesVersion }) => kubernetesVersion))(
  "the dev stack on Kubernetes %s has no finding",
  async (version) => {
    const report = await run({ root: stackWith(`shared-gpu:kubernetesVersion: "${version}"`) });
    expect(report).toMatchObject({ result: "ok", findings: [] });
    expect(text(report)).toContain("OK: no mandatory violation, every layout is legal (8 GPUs), all 5 pods are placed");
  },
);

describe("advisories", () => {
  const CVES = ["CVE-2026-24260", "CVE-2026-47483", "CVE-2026-47501", "CVE-2026-53488", "CVE-2026-53492"];
  const root = () => stackWith('shared-gpu:gpuSoftware: "25.10"');
  /** Settings of the pack that accept these until a day. */
  const accepting = (ids: readonly string[], until: string) =>
    join(
      makeFolder({
        "pack.json": JSON.stringify({
          "no-known-vulnerabilities": { allow: ids.map((id) => ({ id, reason: "waits for a window", until })) },
        }),
      }),
      "pack.json",
    );
  const severe = ({ advisories }: Report) =>
    advisories.advisories
      .filter(({ severity, isMended }) => isMended && (severity === "high" || severity === "critical"))
      .map(({ id }) => id)
      .sort();

  test("the pair of December 2025 has three and its image two, each a finding with its remedy", async () => {
    const report = await run({ root: root() });
    expect(severe(report)).toEqual(CVES);
    expect(report.findings.map(({ kind, message }) => `${kind} ${/CVE-[\d-]+/.exec(message)?.[0] ?? ""}`).sort()).toEqual(
      CVES.map((id) => `policy ${id}`),
    );
    expect(text(report)).toContain("1 critical, 8 high, 1 medium, 2 low (6 without a mended release)");
    for (const { message } of report.findings) {
      expect(message).toMatch(/Use (?:DRA driver|GPU Operator|a release of the image)/);
    }
  });

  test("what is accepted is no finding, and stays in the report with reason and day", async () => {
    const report = await run({ root: root(), policyPackConfig: accepting(CVES, "2999-12-31") });
    expect(report.result).toBe("ok");
    expect(severe(report)).toEqual(CVES);
    expect(report.advisories.advisories[0]).toMatchObject({
      id: "CVE-2026-53488",
      exception: { until: "2999-12-31", reason: "waits for a window" },
    });
    expect(text(report).replaceAll(/\s+/g, " ")).toContain("Accepted until 2999-12-31: waits for a window.");
  });

  test("an exception counts until its last day, by the date of the rehearsal and not by the clock", async () => {
    const on = (day: string): Promise<Report> =>
      run({
        ...{ root: root(), policyPackConfig: accepting(CVES, "2031-03-31"), today: new Date(day) },
        loadPack: (today) => {
          judgeAsOf(today);
          return Promise.resolve(pack);
        },
      });
    expect((await on("2031-03-31")).findings).toEqual([]);
    const { findings, advisories } = await on("2031-04-01");
    expect(findings).toHaveLength(CVES.length);
    for (const { message } of findings) {
      expect(message).toMatch(/The exception for CVE-[\d-]+ ended on 2031-03-31\. Use /);
    }
    expect(advisories).toMatchObject({ isOld: true });
    expect(advisories.advisories.map(({ exception }) => exception)).toEqual(advisories.advisories.map(() => null));
  });
});

test("a layout whose profiles MIG Manager creates in either order is an assumption, with their names", async () => {
  const layout = "layout: { name: two-sizes, gpus: [{ devices: all, profiles: { 1g.5gb: 1, 1g.5gb+me: 1, 2g.10gb: 1, 3g.20gb: 1 } }] }";
  const root = makeFolder({
    "Pulumi.yaml": readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"),
    "Pulumi.dev.yaml": readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8").replace("layout: all-balanced", layout),
    "index.ts": `module.exports = require(${JSON.stringify(join(ROOT, "index.ts"))});`,
  });
  const { assumptions } = await run({ root });
  expect(assumptions).toContain(
    "layout two-sizes: MIG Manager creates 1g.5gb and 1g.5gb+me in either order, so on some GPUs they lie at each other's places",
  );
  expect(dev.assumptions.filter((text) => text.startsWith("layout"))).toEqual([]);
});

test("a stack that the program refuses is not rehearsed, and its problems are told without a stack trace", async () => {
  const settings = readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8").replace("layout: all-balanced", "layout: all-2g.40gb");
  const root = makeFolder({
    "Pulumi.yaml": readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"),
    "Pulumi.dev.yaml": settings,
    "index.ts": `module.exports = require(${JSON.stringify(join(ROOT, "index.ts"))});`,
  });
  const message = await run({ root }).then(
    () => "",
    (error: Error) => `${error.name}: ${error.message}`,
  );
  expect(message).toMatch(
    /^UserError: Invalid stack configuration. No resources were created:\n.*gpuPools\[0\]\.layout: .*2g\.40gb.*did you mean/,
  );
  expect(message).not.toContain("    at ");
});

test.each([
  ["a value", "shared-gpu:clusterName: shared-gpu-dev", "shared-gpu:clusterName: { secure: v1:abc }", "clusterName: its value is stored"],
  ["a value in a list", "- name: a100", "- name: { secure: v1:abc }", "gpuPools: a value in it is stored"],
  ["the region", "aws:region: us-east-1", "aws:region: { secure: v1:abc }", "aws:region: its value is stored"],
])("%s that is stored as a secret is refused as in a run of the CLI", async (_, written, secret, words) => {
  const root = makeFolder({
    "Pulumi.yaml": readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"),
    "Pulumi.dev.yaml": readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8").replace(written, secret),
    "index.ts": `module.exports = require(${JSON.stringify(join(ROOT, "index.ts"))});`,
  });
  await expect(run({ root })).rejects.toThrow(words);
});

describe("what cannot be rehearsed is refused as the user's to mend", () => {
  const folder = () =>
    makeFolder({
      "broken.yaml": "a: [",
      "pack.json": '{"all": "severe"}',
      "misfit.json": '{"enforce-balanced-mig-profiles": {"gpuModels": ["A1000"]}}',
    });
  test.each<[string, Partial<RehearseOptions>, RegExp]>([
    ["an unknown stack", { stack: "prod" }, /^no stack "prod"/],
    ["a broken manifest", { manifests: [join(folder(), "broken.yaml")] }, /broken\.yaml:1:\d+: is not YAML/],
    [
      "a wrong level in the pack's configuration",
      { policyPackConfig: join(folder(), "pack.json") },
      /pack\.json: "all": "severe" is not a valid enforcement level/,
    ],
    [
      "a value that the pack's schema does not take",
      { policyPackConfig: join(folder(), "misfit.json") },
      /misfit\.json: enforce-balanced-mig-profiles: gpuModels/,
    ],
  ])("%s", async (_, options, message) => {
    const refusal = run(options);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toMatchObject({ name: "UserError" });
  });
});
