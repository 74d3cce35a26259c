/** Evidence for CNCF's AI conformance: its points, its verdicts, and what it must not have in it. */
import { objectAt } from "../../src/cluster/objects";
import type { ActiveRun, Outcome } from "../../src/doctor/active/attempt";
import { activeNames } from "../../src/doctor/active/places";
import { planActive } from "../../src/doctor/active/plan";
import { examine } from "../../src/doctor/diagnose";
import { anonymizer } from "../../src/doctor/evidence/anonymous";
import { evidenceOf } from "../../src/doctor/evidence/evidence";
import type { Evidence, Verdict } from "../../src/doctor/evidence/evidence";
import { evidencePage } from "../../src/doctor/evidence/page";
import { OBSERVED_KIND_NAMES } from "../../src/doctor/observation/kinds";
import type { Observation } from "../../src/doctor/observation/observation";
import { recordedProgram } from "../support/recordings/recorded-program";
import { byKind, claimingPod, devicesOn, healthy, observed } from "./healthy";
import type { Healthy } from "./healthy";

let dev: Healthy;
let gpuNode = "";
beforeAll(async () => {
  dev = healthy(await recordedProgram());
  gpuNode = dev.nodes.find(({ layout }) => layout !== undefined)?.name ?? "";
});

const examined = (objects: Observation["objects"] = dev.objects, more: Partial<Observation> = {}) =>
  examine(observed(objects, more), dev.declaration, "prod");
const evidence = (objects?: Observation["objects"], more?: Partial<Observation>, run?: ActiveRun): Evidence =>
  evidenceOf(examined(objects, more), run);
const verdicts = ({ requirements }: Evidence): Readonly<Record<string, Verdict>> =>
  Object.fromEntries(requirements.map(({ id, verdict }) => [id, verdict]));
const levels = ({ requirements }: Evidence) => requirements.map(({ level }) => level);

function runWith(outcome: Outcome): ActiveRun {
  const { attempts, unchecked } = planActive({ examined: examined(), names: activeNames("test") });
  return { tried: attempts.map((attempt) => ({ attempt, judgement: attempt.judge(outcome) })), untried: unchecked, unchecked: [] };
}

test("without a trial, what has to be tried is not observed", () => {
  expect(verdicts(evidence())).toEqual({
    dra_support: "not observed",
    gpu_sharing: "not observed",
    secure_accelerator_access: "not observed",
    accelerator_metrics: "not observed",
  });
});

test.each([
  ["1.33", ["SHOULD", null, "MUST", "MUST"]],
  ["1.34", ["MUST", null, "MUST", "MUST"]],
  ["1.35", ["MUST", "SHOULD", "MUST", "MUST"]],
  ["1.36", [null, "SHOULD", "MUST", "MUST"]],
  ["1.37", [null, "SHOULD", "MUST", "MUST"]],
  ["1.99", [null, null, null, null]],
])("the checklist of Kubernetes %s", (kubernetesVersion, expected) => {
  const found = evidence(undefined, { kubernetesVersion });
  expect(levels(found)).toEqual(expected);
  expect(found.checklist?.kubernetesVersion).toBe(kubernetesVersion === "1.99" ? undefined : kubernetesVersion);
});

test("what is broken is not met, and what could not be tried is not observed", () => {
  expect(verdicts(evidence(undefined, {}, runWith({ type: "accepted" })))["secure_accelerator_access"]).toBe("not met");
  expect(verdicts(evidence(undefined, {}, runWith({ type: "pending", reason: "no place" })))["secure_accelerator_access"]).toBe(
    "not observed",
  );
});

test("nothing is met where nothing could be read", () => {
  const gaps = OBSERVED_KIND_NAMES.map((kind) => ({ kind, reason: 'forbidden: User "alice" cannot list' }));
  const found = evidence(byKind([]), { gaps });
  expect(found.requirements.flatMap(({ points }) => points.map(({ verdict }) => verdict))).not.toContain("met");
  expect(JSON.stringify(found)).not.toContain("alice");
});

test("an exporter that is not ready is not met", () => {
  const Pod = dev.objects.Pod.filter((pod) => !JSON.stringify(pod).includes("nvidia-dcgm-exporter"));
  expect(verdicts(evidence({ ...dev.objects, Pod }))["accelerator_metrics"]).toBe("not met");
});

test("sharing is met where several claims use one GPU", () => {
  const claims = devicesOn(dev.objects, gpuNode)
    .slice(0, 2)
    .flatMap((device, index) => claimingPod("mig-test", `run-${String(index)}`, "mig-large.nvidia.com", 10, `${gpuNode}/${device}`));
  const found = evidence(byKind([...Object.values(dev.objects).flat(), ...claims]));
  const points = found.requirements.find(({ id }) => id === "gpu_sharing")?.points ?? [];
  expect(points.find(({ what }) => /Several claims/.test(what))).toMatchObject({
    verdict: "met",
    observed: "1 GPUs are used by several claims",
  });
});

test("neither file names a node, a team, a context or an image, and the page has every point", () => {
  const found = evidence(undefined, { source: "context prod" }, runWith({ type: "accepted" }));
  const [json, page] = [JSON.stringify(found), evidencePage(found)];
  for (const secret of [gpuNode, "mig-test", "prod", "stand-in"]) {
    expect([secret, json.includes(secret), page.includes(secret)]).toEqual([secret, false, false]);
  }
  const points = found.requirements.flatMap((requirement) => requirement.points);
  expect(page.match(/\| (met|not met|not observed) \|$/gm)).toHaveLength(points.length + found.requirements.length);
  expect(points.map(({ request }) => request)).not.toContain("");
  expect(page).toContain("https://github.com/cncf/k8s-ai-conformance");
});

test("names that begin with one another keep their numbers apart", () => {
  const node = (name: string) => ({ ...objectAt({}), apiVersion: "v1", kind: "Node", metadata: { name } });
  const anonymous = anonymizer(observed(byKind([node("a"), node("a-b")])));
  expect(anonymous("on a-b, on a, at a.b and in data")).toBe("on node-2, on node-1, at node-1.b and in data");
});
