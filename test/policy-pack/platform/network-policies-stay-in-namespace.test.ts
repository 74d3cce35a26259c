import { networkPoliciesStayInNamespace } from "../../../policy-pack/platform/network-policies-stay-in-namespace";
import { UNKNOWN, violations } from "../verdict";

const judge = (spec: unknown, urn?: string, kind = "NetworkPolicy", apiVersion = "networking.k8s.io/v1") =>
  violations(
    networkPoliciesStayInNamespace,
    { apiVersion, kind, metadata: { name: "x", namespace: "team-a" }, spec },
    {},
    undefined,
    urn === undefined ? {} : { urn },
  ).join("\n");

const PLATFORM = "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:Team$x::y";

describe("Should pass if", () => {
  test.each<[string, unknown]>([
    ["it allows nothing", { podSelector: {} }],
    [
      "pods of the namespace are named",
      { ingress: [{ from: [{ podSelector: {} }] }], egress: [{ to: [{ podSelector: { matchLabels: { a: "b" } } }] }] },
    ],
    ["what it selects is unknown", { podSelector: UNKNOWN, ingress: [{ from: [{ podSelector: { matchLabels: {} } }] }] }],
  ])("%s", (_, spec) => {
    expect(judge(spec)).toBe("");
  });
  test.each([
    ["another kind", "Ingress", "networking.k8s.io/v1"],
    ["a kind of that name in another group", "NetworkPolicy", "example.com/v1"],
  ])("it is %s", (_, kind, apiVersion) => {
    expect(judge({ ingress: [{}] }, undefined, kind, apiVersion)).toBe("");
  });
  test("it is a patch, which another policy denies", () => {
    const props = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "x" }, spec: { ingress: [{}] } };
    expect(violations(networkPoliciesStayInNamespace, props, {}, "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch")).toEqual([]);
  });
  test("the platform registers it", () => {
    expect(judge({ ingress: [{}] }, PLATFORM)).toBe("");
  });
});

describe("Should fail if", () => {
  test.each<[string, unknown, string]>([
    ["a rule has no peers", { ingress: [{}] }, "spec.ingress[0].from"],
    ["a rule has an empty list of peers", { egress: [{ to: [] }] }, "spec.egress[0].to"],
    ["peers are null", { egress: [{ to: null }] }, "spec.egress[0].to"],
    ["another namespace is named", { ingress: [{ from: [{ namespaceSelector: {} }] }] }, "spec.ingress[0].from[0]"],
    ["both selectors are named", { ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }] }] }, "spec.ingress[0].from[0]"],
    ["an address is named", { egress: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: "10.0.0.0/8" } }] }] }, "spec.egress[0].to[1]"],
    ["a peer has an address beside its pods", { egress: [{ to: [{ podSelector: {}, ipBlock: {} }] }] }, "spec.egress[0].to[0]"],
    ["a peer says nothing", { egress: [{ to: [{}] }] }, "spec.egress[0].to[0]"],
    ["the second rule opens", { ingress: [{ from: [{ podSelector: {} }] }, {}] }, "spec.ingress[1].from"],
    ["the rules are unknown", { ingress: UNKNOWN }, '"spec.ingress" is unknown'],
    ["the peers are unknown", { ingress: [{ from: UNKNOWN }] }, "is unknown"],
    ["a peer is unknown", { egress: [{ to: [{ podSelector: {} }, UNKNOWN] }] }, "is unknown"],
    ["the whole is unknown", UNKNOWN, "is unknown"],
  ])("%s", (_, spec, message) => {
    expect(judge(spec)).toContain(message);
  });
  test("it is of the API's older group", () => {
    expect(judge({ ingress: [{}] }, undefined, "NetworkPolicy", "extensions/v1beta1")).not.toBe("");
  });
});
