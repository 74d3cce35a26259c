/** Every bad manifest of the corpus with each of its parts unknown in turn: what is bad is not let through because something of it is unknown. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { corpusCases } from "../../../corpus/corpus";
import type { CorpusCase } from "../../../corpus/corpus";
import { verdictOf } from "../../verdict";
import { resourcePolicies } from "./refusals";
import { pathsOf, withUnknown } from "./values";
import type { Path } from "./values";

const bad = corpusCases().filter(({ verdict }) => verdict === "bad");

/** The parts of a manifest, but for what says which kind it is: another kind is another manifest. */
function partsOf({ manifest }: CorpusCase): readonly Path[] {
  return pathsOf(manifest).filter(([first, ...rest]) => rest.length > 0 || (first !== "apiVersion" && first !== "kind"));
}

function denials({ manifest }: CorpusCase, part: Path, policies: readonly ResourceValidationPolicy[]): readonly string[] {
  const apiVersion = String(manifest["apiVersion"]);
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(manifest["kind"])}`;
  const urn = `urn:pulumi:dev::team-a::${type}::manifest`;
  const props = withUnknown(manifest, [part]);
  return policies.flatMap((policy) => verdictOf(policy, { type, props, urn }).refused);
}

function isDenied(item: CorpusCase, part: Path): boolean {
  const byItsOwn = resourcePolicies.filter(({ name }) => name === item.policy);
  return denials(item, part, byItsOwn).length > 0 || denials(item, part, resourcePolicies).length > 0;
}

describe("A bad manifest is denied with any one part unknown", () => {
  test.each(bad.map((item) => [`${item.policy}: ${item.name}`, item] as const))("%s", (_, item) => {
    expect(partsOf(item).filter((part) => !isDenied(item, part))).toEqual([]);
  });
});

describe("What a policy says of unknown parts", () => {
  const names = [...new Set(bad.map(({ policy }) => policy))];
  test.each(names)("%s", (name) => {
    const own = resourcePolicies.filter((policy) => policy.name === name);
    const messages = bad
      .filter(({ policy }) => policy === name)
      .flatMap((item) => partsOf(item).flatMap((part) => denials(item, part, own)));
    expect([...new Set(messages)].filter((message) => message.includes("unknown")).sort()).toMatchSnapshot();
  });
});
