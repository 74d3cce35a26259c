/**
 * Manifests in the form in which projects publish theirs, for a team of the dev stack: with its claim templates, and with what Pod Security wants. A cluster
 * takes each of them and gives all of its pods a place (`test/cluster/trial/published.test.ts`), and so do the pack and the rehearsal.
 */
import { join, relative } from "node:path";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy-pack/policies";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { readManifest } from "../../src/rehearsal/manifests";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../src/rehearsal/recorded/objects";
import { defaultRelease } from "../../src/releases/find";
import { violations } from "../policy-pack/verdict";
import { publishedManifests } from "../support/published-manifests";
import { recordedProgram } from "../support/recordings/recorded-program";

const TEAM = "mig-test";
const URN = "urn:pulumi:dev::team-a::kubernetes:core/v1:Pod::manifest";

const files = publishedManifests.map((path) => relative(__dirname, path));

const mandatory = policies.filter(
  (policy): policy is ResourceValidationPolicy => "validateResource" in policy && policy.enforcementLevel === "mandatory",
);

/** Warnings that depend on settings of operators, which no manifest shows. */
const OF_OPERATORS = /^its operator adds containers/;

test("there are at least a hundred", () => {
  expect(files.length).toBeGreaterThanOrEqual(100);
});

let dev: ReturnType<typeof nodesOf> & { readonly objects: ReturnType<typeof objectsOf> };
beforeAll(async () => {
  const recording = await recordedProgram();
  dev = { ...nodesOf(recording), objects: objectsOf(recording) };
});

test.each(files)("%s", (file) => {
  const own = readManifest(join(__dirname, file), TEAM);
  const { problems, warnings, pods } = judgeAndSimulate(dev.nodes, dev.shapes, [...dev.objects, ...own], defaultRelease());
  const messages = warnings.filter(({ object }) => object.origin.type === "manifest").map(({ message }) => message);
  const denied = own.flatMap(({ apiVersion, kind, body }) => {
    const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
    return mandatory.flatMap((policy) => violations(policy, body, {}, type, { urn: URN }));
  });
  expect({
    problems: problems.map(({ message }) => message),
    warnings: messages.filter((message) => !OF_OPERATORS.test(message)),
    pending: pods.flatMap((outcome) => (outcome.type === "pending" ? [outcome.reason] : [])),
    denied,
  }).toEqual({ problems: [], warnings: [], pending: [], denied: [] });
});
