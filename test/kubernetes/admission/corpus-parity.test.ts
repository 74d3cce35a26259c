/** The corpus of the policy pack, put to the admission policies of the cluster as requests of a team's member. Where the two differ, `differences.ts` says why. */
import { BY_TIER_ONLY, keyOf, seenCases, stopOf } from "../../corpus/differences";
import type { SeenCase } from "../../corpus/differences";
import { refusals } from "./refusals";

const seen = seenCases();

function messages({ admissionPolicy, manifest }: SeenCase): readonly string[] {
  return refusals({ policy: admissionPolicy, object: manifest });
}

test("most of the corpus is of kinds that the admission policies see", () => {
  expect(seen.length).toBeGreaterThan(150);
});

test("what the pack denies the admission policies refuse, but for what something else in the cluster stops", () => {
  const admitted = seen.filter((each) => each.verdict === "bad" && messages(each).length === 0);
  const unexplained = admitted.filter((each) => stopOf(each) === undefined);
  expect(unexplained.map(({ policy, name, comment }) => ({ policy, name, comment }))).toEqual([]);
});

test("what passes the pack passes the admission policies, but for slices that are not asked for by their tier", () => {
  const refused = seen.filter((each) => each.verdict === "good" && messages(each).length > 0);
  expect(refused.map(keyOf).filter((key) => !BY_TIER_ONLY.includes(key))).toEqual([]);
  for (const each of refused) {
    expect(messages(each)).toEqual([expect.stringContaining("A claim can request these device classes only")]);
  }
});
