/**
 * The corpus of the policy pack as requests to a real API server, with RBAC, guardrails, quotas and Pod Security as the stack makes them: what the pack denies
 * somebody here refuses too, and it is said who; what the pack lets pass is admitted.
 */
import { ADMISSION_POLICIES } from "../../../src/kubernetes/admission/policies";
import type { CorpusCase } from "../../corpus/corpus";
import { corpusCases } from "../../corpus/corpus";
import { BY_TIER_ONLY, keyOf } from "../../corpus/differences";
import type { Expected } from "./expectations";
import { expectedOfMember, expectedOfOperator } from "./expectations";
import type { Answer, ApiServer } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { CORPUS_TEAM, PATCHED, RUNTIME_CLASSES, ask } from "./corpus-requests";
import { admissionPoliciesInForce } from "../../../src/fleet/settled";
import { OPERATOR, makeOperator } from "../operator";
import { verdictOf } from "../refuser";
import { applyStack, stackObjects } from "../../support/stack-objects";
import { lost } from "../../harness/api/stored";

const MEMBER = "member";
const cases = corpusCases();

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane({
    users: [
      { name: MEMBER, groups: [CORPUS_TEAM.group] },
      { name: OPERATOR, groups: [] },
    ],
  });
  const team = { ...CORPUS_TEAM, slices: { small: 8, medium: 4, large: 4 } };
  await applyStack(cluster.api, await stackObjects({ fashionMnist: { type: "none" }, teams: [team] }));
  for (const object of [...PATCHED, ...RUNTIME_CLASSES]) {
    await cluster.api.apply(object);
  }
  await makeOperator(cluster.api);
  await admissionPoliciesInForce(cluster.api);
});
afterAll(() => cluster.stop());

test("a team's member is told what is expected for each case", async () => {
  expect(await askedBy(cluster.as(MEMBER), cases, expectedOfMember)).toEqual(expectedFor(cases, expectedOfMember));
});

test("bad cases are stopped, all of them; good ones that a team has rights for are admitted, but for slices that are not asked for by their tier", () => {
  const admitted = cases.filter((each) => expectedOfMember(each).type === "admitted");
  expect(admitted.filter(({ verdict }) => verdict === "bad").map(keyOf)).toEqual([]);
  const refused = cases.filter((each) => each.verdict === "good" && isByPolicy(expectedOfMember(each)));
  expect(refused.map(keyOf).sort()).toEqual([...BY_TIER_ONLY].sort());
});

test("who has every right but to change the guardrails is told what is expected", async () => {
  expect(await askedBy(cluster.as(OPERATOR), cases, expectedOfOperator)).toEqual(expectedFor(cases, expectedOfOperator));
});

test("rules for claims and pods hold for cluster administrators too", async () => {
  const inTeams = new Set(
    ADMISSION_POLICIES.filter(({ binding }) => JSON.stringify(binding).includes("shared-gpu/team")).map(({ name }) => `policy ${name}`),
  );
  const judged = cases.filter((each) => {
    const expected = expectedOfOperator(each);
    return expected.type === "refused" && inTeams.has(expected.by);
  });
  expect(judged.length).toBeGreaterThan(100);
  expect(await askedBy(cluster.api, judged, expectedOfOperator)).toEqual(expectedFor(judged, expectedOfOperator));
});

function isByPolicy(expected: Expected): boolean {
  return expected.type === "refused" && expected.by.startsWith("policy ");
}

type Of = (each: CorpusCase) => Expected;

function expectedFor(list: readonly CorpusCase[], of: Of): Readonly<Record<string, Expected>> {
  return Object.fromEntries(list.map((each) => [`${each.verdict} ${keyOf(each)}`, of(each)]));
}

/** What each case is told, in the words of the expectation where it is met. */
async function askedBy(api: ApiServer, list: readonly CorpusCase[], of: Of): Promise<Readonly<Record<string, unknown>>> {
  const told: [string, unknown][] = [];
  for (const each of list) {
    const answer = await ask(api, each);
    const expected = of(each);
    told.push([`${each.verdict} ${keyOf(each)}`, meets(answer, expected) ? expected : verdictOf(answer)]);
  }
  return Object.fromEntries(told);
}

function meets(answer: Answer, expected: Expected): boolean {
  const verdict = verdictOf(answer);
  switch (expected.type) {
    case "admitted":
      return verdict.type === "admitted";
    case "warned":
      return verdict.type === "admitted" && verdict.warnings.some((text) => text.includes("would violate PodSecurity"));
    case "dropped":
      return (
        verdict.type === "admitted" &&
        !JSON.stringify({ spec: answer.body.spec, status: answer.body.status }).includes(`"${expected.field}"`)
      );
    case "unchanged":
      return (
        verdict.type === "admitted" &&
        PATCHED.some(({ metadata, spec }) => metadata["name"] === answer.body.metadata.name && lost(spec, answer.body.spec).length === 0)
      );
    case "refused":
      return verdict.type === "refused" && verdict.by === expected.by && saysAsWritten(verdict.message, expected);
  }
}

/** A policy's message reaches the user as it is written; of the API server's own a part is enough. */
function saysAsWritten(message: string, { by, message: expected }: Expected & { readonly type: "refused" }): boolean {
  return expected === undefined || (by.startsWith("policy ") ? message === expected : message.includes(expected));
}
