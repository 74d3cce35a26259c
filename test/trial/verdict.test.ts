/** When a model and a control plane say the same of an object. */
import type { Refusal } from "../../src/cluster/judgement/checks";
import { compare, describeVerdict } from "../../src/trial/verdict";
import type { Verdict } from "../../src/trial/verdict";

const refused = (...refusals: readonly (string | Refusal)[]): Verdict => ({
  type: "refused",
  refusals: refusals.map((refusal) => (typeof refusal === "string" ? { message: refusal } : refusal)),
});
const byPack: Refusal = { message: "policy forbid-node-access", onPurpose: "policyPack" };
const placed = (pods: readonly string[], unplaced = 0, ...reasons: readonly string[]): Verdict => ({
  ...{ type: "accepted", placed: pods, unplaced, reasons },
});

test.each<[string, Verdict, Verdict, string]>([
  ["accepted without pods by both", placed([]), placed([]), "bothPlace"],
  ["the same devices, in another order of pods", placed(["1g.5gb", "2g.10gb"]), placed(["2g.10gb", "1g.5gb"]), "bothPlace"],
  ["refused by both, in other words", refused("a"), refused("b"), "bothRefuse"],
  ["a pod refused here, and not made by its controller there", refused("Pod Security"), placed([], 2, "FailedCreate"), "bothRefuse"],
  ["pending here, refused there", placed([], 1, "quota"), refused("exceeded quota"), "bothRefuse"],
  ["partly placed by both", placed(["a"], 2), placed(["a"], 2), "bothPlace"],
  ["one more placed there", placed(["a"], 2), placed(["a", "a"], 1), "differ"],
  ["other devices", placed(["1g.5gb"]), placed(["2g.10gb"]), "differ"],
  ["refused here only", refused("metadata.name: must be a name"), placed([]), "differ"],
  ["refused there only", placed([]), refused("is invalid"), "differ"],
  ["refused here, partly placed there", refused("a"), placed(["a"], 1), "differ"],
  ["refused by the policy pack only", refused(byPack), placed(["a"]), "stricter"],
  ["refused by the policy pack and by a rule that is none there", refused(byPack, "a"), placed(["a"]), "differ"],
  ["a claim that nothing can satisfy", refused({ message: "no device matches", onPurpose: "neverSatisfied" }), placed([]), "stricter"],
  ["a request that nobody made", refused({ message: "gets no device", onPurpose: "requestUnknown" }), placed(["a"]), "stricter"],
])("%s", (_, model, real, expected) => {
  expect(compare(model, real).type).toBe(expected);
});

test.each<[Verdict, string]>([
  [refused("a", "b"), "refuses it: a; b"],
  [placed([]), "accepts it"],
  [placed(["", ""]), "places 2 of 2 pods"],
  [placed(["1g.5gb"], 2, "exceeded quota"), "places 1 of 3 pods, which hold 1g.5gb. The rest: exceeded quota"],
])("%j is told as %s", (verdict, text) => {
  expect(describeVerdict(verdict)).toBe(text);
});
