/** Published kinds of workloads and other objects: what uses slices passes the whole pack, and what reaches for more is denied by the policy that its comment names. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { join } from "node:path";
import { policies } from "../../../policy-pack/policies";
import { readManifests } from "../../corpus/corpus";
import { verdictOf } from "../verdict";

const TENANT = "urn:pulumi:dev::team-a::kubernetes:core/v1:Pod::manifest";

const resourcePolicies = policies.filter(
  (policy): policy is ResourceValidationPolicy => "validateResource" in policy && policy.enforcementLevel === "mandatory",
);

const casesOf = (verdict: "good" | "bad") =>
  readManifests(join(__dirname, `manifests/${verdict}.yaml`)).map(({ name, comment, manifest }): [string, string, Manifest] => [
    `${String(manifest["kind"])} ${name}`,
    comment,
    manifest,
  ]);

type Manifest = Readonly<Record<string, unknown>>;

function denials(manifest: Manifest): readonly string[] {
  const apiVersion = String(manifest["apiVersion"]);
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(manifest["kind"])}`;
  return resourcePolicies.flatMap((policy) =>
    verdictOf(policy, { type, props: manifest, urn: TENANT }).refused.map((message) => `${policy.name}: ${message}`),
  );
}

const good = casesOf("good");
const bad = casesOf("bad");

test("there are enough of them", () => {
  expect(good.length).toBeGreaterThanOrEqual(60);
  expect(bad.length).toBeGreaterThanOrEqual(60);
});

describe("Should pass if", () => {
  test.each(good)("%s: %s", (_, __, manifest) => {
    expect(denials(manifest)).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each(bad)("%s: %s", (_, comment, manifest) => {
    const [policy = ""] = comment.split(":");
    const messages = denials(manifest).filter((message) => message.startsWith(`${policy}: `));
    expect(messages).not.toEqual([]);
    expect(messages).toMatchSnapshot();
  });
});
