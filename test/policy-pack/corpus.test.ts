/** Every manifest of test/corpus, through every policy of the pack. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy-pack/policies";
import { corpusCases } from "../corpus/corpus";
import type { CorpusCase } from "../corpus/corpus";
import { violations } from "./verdict";
import type { Origin } from "./verdict";

const TENANT = "urn:pulumi:dev::team-a::kubernetes:core/v1:Pod::manifest";
/** What a program of a team can make of its URNs, too. */
const IMITATED = "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:GpuOperator$kubernetes:core/v1:Pod::manifest";

const resourcePolicies = policies.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
const cases = corpusCases();
const bad = cases.filter(({ verdict }) => verdict === "bad");
const good = cases.filter(({ verdict }) => verdict === "good");

const titled = (list: readonly CorpusCase[]) =>
  list.map((item): [string, CorpusCase] => [`${item.policy}: ${item.name}: ${item.comment}`, item]);

function denials({ manifest }: CorpusCase, names: readonly string[], origin: Origin = { urn: TENANT }): readonly string[] {
  const apiVersion = String(manifest["apiVersion"]);
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(manifest["kind"])}`;
  return resourcePolicies
    .filter(({ name }) => names.includes(name))
    .flatMap((policy) => violations(policy, manifest, {}, type, origin).map((message) => `${policy.name}: ${message}`));
}

test("the corpus is as large as it is said to be", () => {
  expect(bad.length).toBeGreaterThanOrEqual(120);
  expect(good.length).toBeGreaterThanOrEqual(60);
});

describe("A bad manifest is denied by the policy that it is about", () => {
  test.each(titled(bad))("%s", (_, item) => {
    const messages = denials(item, [item.policy]);
    expect(messages).not.toEqual([]);
    expect(messages).toMatchSnapshot();
  });
});

describe("A good manifest passes the whole pack", () => {
  const mandatory = resourcePolicies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory").map(({ name }) => name);
  test.each(titled(good))("%s", (_, item) => {
    expect(denials(item, mandatory)).toEqual([]);
  });
});

describe("A bad pod, claim or Service in a team's namespace is denied even where its URN is the platform's", () => {
  /** What these policies reject, only the platform creates. */
  const decidedByUrn = [
    ...["reserve-platform-objects", "reserve-cluster-rights", "network-policies-stay-in-namespace", "forbid-unknown-resources"],
    ...["storage-known", "service-accounts-without-roles", "monitors-read-no-files", "monitors-stay-in-namespace"],
  ];
  const inTeams = bad.filter(
    ({ policy, manifest }) =>
      !decidedByUrn.includes(policy) && (manifest["metadata"] as { readonly namespace?: string }).namespace !== "gpu-operator",
  );
  test.each(titled(inTeams))("%s", (_, item) => {
    expect(denials(item, [item.policy], { urn: IMITATED })).not.toEqual([]);
  });
});
