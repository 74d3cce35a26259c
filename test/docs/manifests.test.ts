/** The manifests of the documents do what the documents say, on the dev stack. The cluster tier puts them to a real API server. */
import { join } from "node:path";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { defaultRelease } from "../../src/releases/find";
import { readManifest } from "../../src/rehearsal/manifests";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../src/rehearsal/recorded/objects";
import { documentedManifests } from "../support/documented-manifests";
import { makeFolder } from "../support/folder";
import { recordedProgram } from "../support/recordings/recorded-program";

/** Claims that the policy pack exists to refuse; the page that shows them says so. */
const REFUSED = ["docs/examples/whole-gpu.yaml"];

const manifests = documentedManifests().map(({ place, text }): [string, string] => [place, text]);

test("the README has one", () => {
  expect(manifests.map(([place]) => place)).toContain("README.md, block 1");
});

test.each(manifests.filter(([place]) => !REFUSED.includes(place)))("%s is accepted, and its pods are placed", async (_, text) => {
  const recording = await recordedProgram();
  const { nodes, shapes } = nodesOf(recording);
  const own = readManifest(join(makeFolder({ "m.yaml": text }), "m.yaml"), "mig-test");
  const { problems, pods, outcomes } = judgeAndSimulate(nodes, shapes, [...objectsOf(recording), ...own], defaultRelease());
  expect(problems.map(({ message }) => message)).toEqual([]);
  expect(pods.filter(({ type }) => type === "pending")).toEqual([]);
  expect(outcomes.map(({ outcome }) => outcome.type).filter((type) => type !== "modelled")).toEqual([]);
});
