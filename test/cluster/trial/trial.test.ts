/** A stack with two teams, and manifests that end in every way, on a real control plane: it and the models say the same of each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import type { AskControlPlane, Rehearsed } from "../../../src/rehearsal/control-plane";
import { loadPack } from "../../../src/rehearsal/policy/load-pack";
import { rehearse } from "../../../src/rehearsal/rehearse";
import { formatHtml } from "../../../src/rehearsal/report/html";
import type { Report } from "../../../src/rehearsal/report/report";
import { PLAIN } from "../../../src/rehearsal/report/style";
import { formatReport } from "../../../src/rehearsal/report/text";
import { differenceFile } from "../../../src/trial/difference-file";
import { SENDER } from "../../../src/trial/platform";
import { tryOut } from "../../../src/trial/trial";
import { startControlPlane } from "../../harness/control-plane/start";
import { makeFolder } from "../../support/folder";
import { ROOT } from "../../support/program";

const WRONG = "a rule that the control plane does not have";

let plane: ControlPlane;
let report: Report;
let file: string;
const steps: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ users: [SENDER], clientRate: "unlimited" });
  const root = makeFolder({
    "Pulumi.yaml": readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"),
    "Pulumi.two.yaml": readFileSync(join(__dirname, "two-teams.yaml"), "utf8"),
    "index.ts": readFileSync(join(ROOT, "index.ts"), "utf8").replaceAll('"./', `"${ROOT}/`),
  });
  // The model is made to refuse one object that is right.
  const broken = (rehearsed: Rehearsed): Rehearsed => {
    const wronged = rehearsed.manifestObjects.filter(({ name }) => name === "placed");
    return { ...rehearsed, denied: new Map([...rehearsed.denied, ...wronged.map((object) => [object, [{ message: WRONG }]] as const)]) };
  };
  const askControlPlane: AskControlPlane = async (rehearsed) => {
    const options = {
      answeredBy: ["kube-apiserver"],
      signal: new AbortController().signal,
      onProgress: (text: string) => steps.push(text),
    };
    const answered = await tryOut(plane, broken(rehearsed), options);
    file = differenceFile(rehearsed, answered.report);
    return answered;
  };
  report = await rehearse({
    ...{ root, stack: "two", manifests: [join(__dirname, "manifests.yaml")], namespace: "default", strict: false },
    ...{ policyPackConfig: undefined, loadPack: () => loadPack(join(ROOT, "policy-pack")), today: new Date("2026-11-28T12:00:00Z") },
    askControlPlane,
  });
});
afterAll(() => plane.stop());

test("the control plane and the models say the same of every object but the one on which the model is made to err", () => {
  expect(report.controlPlane?.differences).toEqual([
    {
      subject: "Pod alpha/placed",
      place: expect.stringContaining("manifests.yaml:2") as string,
      rehearsal: `refuses it: ${WRONG}`,
      controlPlane: "places 1 of 1 pods, which hold 1g.5gb",
    },
  ]);
  expect(report.controlPlane).toMatchObject({ bothRefuse: 10 });
  // A kind that a manifest defines is one of the cluster from then on, and the policy pack does not know it.
  expect(report.controlPlane?.stricter.map(({ subject }) => subject)).toEqual([
    "CustomResourceDefinition widgets.example.com",
    "Widget alpha/of-defined-kind",
  ]);
});

test.each([
  ["by-pod-security", 'violates PodSecurity "restricted:latest"'],
  ["by-admission-policy", "ValidatingAdmissionPolicy"],
  ["by-quota", "exceeded quota: team"],
  ["not-served", 'no matches for kind "CronJob" in version "batch/v1beta1"'],
  ["invalid", "must be between 1 and 65535, inclusive"],
  ["its-pods-by-pod-security", 'violates PodSecurity "restricted:latest"'],
  ["partly-by-quota", "exceeded quota: team"],
  ["against-its-definition", "should be less than or equal to 3"],
  ["pending-by-scheduler", "0/3 nodes are available"],
  ["beyond-its-volumes", "node(s) exceed max volume count"],
  ["waits-for-claim", "ResourceClaim beta/nobodys does not exist"],
  ["volumes-for-many-nodes", "an EBS volume is for one node at a time"],
])("the finding about %s has the words of the part that refuses it", (name, message) => {
  const messages = report.findings
    .filter(({ kind, subject }) => kind !== "policy" && subject.endsWith(`/${name}`))
    .map((each) => each.message);
  expect(messages.join("\n")).toContain(message);
});

test("pods that have a node are in the report with what they hold", () => {
  const placed = (owner: string) =>
    report.pods
      .filter((pod) => pod.owner.endsWith(` ${owner}`) && pod.status === "placed")
      .map(({ slices }) => slices.map(({ profile }) => profile).join());
  expect(placed("placed")).toEqual(["1g.5gb"]);
  expect(placed("partly-by-quota")).toEqual(["1g.5gb", "1g.5gb", "1g.5gb"]);
  expect(placed("with-volumes")).toEqual(["", ""]);
  expect(placed("on-system-nodes")).toEqual(["", ""]);
  expect(placed("nightly")).toEqual(["", ""]);
  expect(placed("without-its-operator")).toEqual(["2g.10gb", "2g.10gb"]);
});

test("what the control plane cannot judge is named with the reason", () => {
  const notJudged = report.controlPlane?.notJudged.map(({ subject, message }) => `${subject}: ${message}`);
  expect(notJudged).toEqual([
    "PrometheusRule monitoring/shared-gpu: the API server has no definition of this kind: a chart brings it",
    "ServiceMonitor monitoring/shared-gpu-slices: the API server has no definition of this kind: a chart brings it",
    "Job default/too-many: it asks for 100000 pods, and the control plane makes at most 300 of an object",
    "LocalQueue beta/not-judged: the API server has no definition of this kind: a chart brings it",
    "Widget alpha/against-its-definition: the definition of its kind refuses it, and the rehearsal does not read definitions",
  ]);
  expect(report.objectWarnings.map(({ message }) => message)).toContain(
    "its operator does not run on the control plane: its pods were created directly",
  );
});

test("text and page show the answers and the difference", () => {
  const text = formatReport(report, { style: PLAIN, width: 110 });
  expect(text).toContain("Where the rehearsal and the control plane differ\n  Pod alpha/placed");
  expect(text).toContain("Answered by kube-apiserver.");
  expect(formatHtml(report)).toContain('<td class="short">places 1 of 1 pods, which hold 1g.5gb</td>');
});

test("the steps are told while they are done", () => {
  expect(steps).toContain("control plane: 3 nodes");
  expect(steps.some((step) => /object \d+ of \d+, Pod alpha\/placed/.test(step))).toBe(true);
});

test("the file of the difference repeats it, and names no person, account, address or secret", () => {
  const content = parse(file) as { readonly manifests: readonly { readonly metadata: { readonly name: string } }[] };
  expect(content).toMatchObject({
    kubernetes: "1.34",
    differences: [
      { subject: "Pod alpha/placed", rehearsal: `refuses it: ${WRONG}`, controlPlane: "places 1 of 1 pods, which hold 1g.5gb" },
    ],
    configuration: {
      "shared-gpu:gpuPools": [{ instanceType: "p4d.24xlarge", layout: "all-balanced" }],
      "shared-gpu:teams": [{ name: "alpha" }, { name: "beta" }],
    },
  });
  expect(content.manifests.map(({ metadata }) => metadata.name)).toEqual(["placed"]);
  expect(file).not.toMatch(/jane|123456789012|203\.0\.113|hunter2|s3cr3t/);
  expect(file).toContain("shared-gpu:adminPrincipalArns");
});
