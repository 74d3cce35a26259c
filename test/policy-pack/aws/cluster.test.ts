import type { ResourceValidationPolicy } from "@pulumi/policy";
import { eksApiAuthenticationOnly } from "../../../policy-pack/aws/cluster/eks-api-authentication-only";
import { eksApiServerNotOpenToWorld } from "../../../policy-pack/aws/cluster/eks-api-server-not-open-to-world";
import { eksControlPlaneLogsOn } from "../../../policy-pack/aws/cluster/eks-control-plane-logs-on";
import { eksSecretsEncrypted } from "../../../policy-pack/aws/cluster/eks-secrets-encrypted";
import { UNKNOWN, verdictOf, violations } from "../verdict";
import { policies } from "../../../policy-pack/policies";

const CLUSTER = "aws:eks/cluster:Cluster";
const COMPONENT = "eks:index:Cluster";

/** A component that registers inputs always has one, its name. */
const judge = (policy: ResourceValidationPolicy, type: string, props: object, config?: object) =>
  violations(policy, { ...(type === COMPONENT ? { name: "shared-gpu" } : {}), ...props }, config, type).join("\n");

describe("eks-api-server-not-open-to-world", () => {
  const endpoint = (vpcConfig: unknown) => judge(eksApiServerNotOpenToWorld, CLUSTER, { vpcConfig });
  const component = (props: object) => judge(eksApiServerNotOpenToWorld, COMPONENT, props);

  test.each([
    ["the public endpoint is off", { endpointPublicAccess: false, subnetIds: UNKNOWN }],
    ["it is open to one address", { endpointPublicAccess: true, publicAccessCidrs: ["203.0.113.7/32"] }],
    ["it is open to one provider", { publicAccessCidrs: ["203.0.0.0/8", "2001:db8::/32"] }],
    ["a block has a space beside it", { publicAccessCidrs: ["203.0.113.7/32 "] }],
    ["many blocks are few addresses", { publicAccessCidrs: Array.from({ length: 40 }, (_, at) => `203.0.${at}.0/24`) }],
    ["a block is named again within a wide one", { publicAccessCidrs: ["203.0.0.0/8", "203.0.0.0/8", "203.1.0.0/16", "203.1.2.3/32"] }],
    ["both halves of a wide one are named", { publicAccessCidrs: ["203.0.0.0/9", "203.128.0.0/9"] }],
  ])("Should pass if %s", (_, vpcConfig) => {
    expect(endpoint(vpcConfig)).toBe("");
    expect(component(vpcConfig)).toBe("");
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["nothing is said, which means everybody", {}, /open to the whole internet/],
    ["no block is named", { endpointPublicAccess: true, publicAccessCidrs: [] }, /lists no address block/],
    [
      "everybody is named",
      { endpointPublicAccess: true, publicAccessCidrs: ["0.0.0.0/0"] },
      /publicAccessCidrs\[0\]" is "0\.0\.0\.0\/0"\. Use a block of \/8 or narrower/,
    ],
    ["everybody is among others", { publicAccessCidrs: ["203.0.113.7/32", "0.0.0.0/0"] }, /publicAccessCidrs\[1\]/],
    ["everybody is named in halves", { publicAccessCidrs: ["0.0.0.0/1", "128.0.0.0/1"] }, /publicAccessCidrs\[1\]/],
    ["everybody is written with host bits", { publicAccessCidrs: ["10.1.2.3/0"] }, /narrower/],
    [
      "two wide blocks are named",
      { publicAccessCidrs: ["3.0.0.0/8", "52.0.0.0/8"] },
      /more addresses together than one block of \/8.*NAT gateway/,
    ],
    ["forty of them are", { publicAccessCidrs: Array.from({ length: 40 }, (_, at) => `${at + 11}.0.0.0/8`) }, /more addresses together/],
    ["one address more than a wide block is named", { publicAccessCidrs: ["3.0.0.0/8", "52.1.2.3/32"] }, /more addresses together/],
    [
      "a wide block is named in two families",
      { publicAccessCidrs: ["2001:db8::/32", "2001:db9::/64"] },
      /more addresses together than one block of \/32/,
    ],
    ["all of IPv6 is named", { publicAccessCidrs: ["::/0"] }, /Use a block of \/32 or narrower/],
    ["all of routed IPv6 is named", { publicAccessCidrs: ["2000::/3"] }, /Use a block of \/32 or narrower/],
    ["a block is a number", { publicAccessCidrs: [7] }, /is 7, which is not an address block/],
    ["a block is not one", { publicAccessCidrs: ["world"] }, /not an address block/],
    ["false is a text", { endpointPublicAccess: "false" }, /open to the whole internet/],
    ["whether it is public is unknown", { endpointPublicAccess: UNKNOWN }, /endpointPublicAccess" is unknown until/],
    ["the blocks are unknown", { endpointPublicAccess: true, publicAccessCidrs: UNKNOWN }, /publicAccessCidrs" is unknown until/],
    ["one block is unknown", { publicAccessCidrs: ["203.0.113.7/32", UNKNOWN] }, /publicAccessCidrs\[1\]" is unknown/],
  ])("Should fail if %s", (_, vpcConfig, words) => {
    expect(endpoint(vpcConfig)).toMatch(words);
    expect(endpoint(vpcConfig)).toMatchSnapshot();
    expect(component(vpcConfig)).toMatch(words);
    expect(component(vpcConfig)).toMatchSnapshot();
  });

  test("Should fail if the whole vpcConfig is unknown", () => {
    expect(endpoint(UNKNOWN)).toMatch(/is unknown until/);
    expect(endpoint(UNKNOWN)).toMatchSnapshot();
  });

  test("a narrower limit can be configured", () => {
    const two = { publicAccessCidrs: ["203.0.113.0/24", "198.51.100.7/32"] };
    expect(judge(eksApiServerNotOpenToWorld, COMPONENT, two, { widestIpv4Prefix: 24 })).toMatch(/one block of \/24/);
    expect(judge(eksApiServerNotOpenToWorld, COMPONENT, two)).toBe("");
    const props = { publicAccessCidrs: ["203.0.0.0/16"] };
    expect(judge(eksApiServerNotOpenToWorld, COMPONENT, props, { widestIpv4Prefix: 24 })).toMatch(/Use a block of \/24 or narrower/);
    expect(judge(eksApiServerNotOpenToWorld, COMPONENT, props, { widestIpv4Prefix: 24 })).toMatchSnapshot();
  });

  test("other resources are none of its business", () => {
    expect(judge(eksApiServerNotOpenToWorld, "aws:eks/nodeGroup:NodeGroup", {})).toBe("");
  });
});

describe("eks-secrets-encrypted", () => {
  test.each<[string, string, object]>([
    ["a key is named", CLUSTER, { encryptionConfig: { provider: { keyArn: "arn:aws:kms:x" }, resources: ["secrets"] } }],
    ["the key is made by the same program", CLUSTER, { encryptionConfig: { provider: { keyArn: UNKNOWN }, resources: ["secrets"] } }],
    ["the component has a key", COMPONENT, { encryptionConfigKeyArn: UNKNOWN }],
  ])("Should pass if %s", (_, type, props) => {
    expect(judge(eksSecretsEncrypted, type, props)).toBe("");
  });

  test.each<[string, string, object, RegExp]>([
    ["nothing is said", CLUSTER, {}, /keyArn" is not set/],
    ["the provider is missing", CLUSTER, { encryptionConfig: { resources: ["secrets"] } }, /keyArn" is not set/],
    ["secrets are not named", CLUSTER, { encryptionConfig: { provider: { keyArn: "a" }, resources: [] } }, /Add "secrets"/],
    ["all of it is unknown", CLUSTER, { encryptionConfig: UNKNOWN }, /unknown until/],
    ["the component has no key", COMPONENT, {}, /encryptionConfigKeyArn" is not set/],
    ["the component's key is empty", COMPONENT, { encryptionConfigKeyArn: "" }, /is not set/],
  ])("Should fail if %s", (_, type, props, words) => {
    expect(judge(eksSecretsEncrypted, type, props)).toMatch(words);
    expect(judge(eksSecretsEncrypted, type, props)).toMatchSnapshot();
  });
});

describe("eks-control-plane-logs-on", () => {
  const ALL = ["scheduler", "api", "audit", "authenticator", "controllerManager"];

  test.each([CLUSTER, COMPONENT])("Should pass if all logs of a %s are on", (type) => {
    expect(judge(eksControlPlaneLogsOn, type, { enabledClusterLogTypes: ALL })).toBe("");
  });

  test.each<[string, object, RegExp]>([
    [
      "no log is on, which is the default",
      {},
      /is not set\. Add these logs, which are off: api, audit, authenticator, controllerManager, scheduler/,
    ],
    ["audit is missing", { enabledClusterLogTypes: ALL.filter((type) => type !== "audit") }, /off: audit/],
    ["the list is unknown", { enabledClusterLogTypes: UNKNOWN }, /unknown until/],
  ])("Should fail if %s", (_, props, words) => {
    expect(judge(eksControlPlaneLogsOn, CLUSTER, props)).toMatch(words);
    expect(judge(eksControlPlaneLogsOn, CLUSTER, props)).toMatchSnapshot();
    expect(judge(eksControlPlaneLogsOn, COMPONENT, props)).toMatch(words);
    expect(judge(eksControlPlaneLogsOn, COMPONENT, props)).toMatchSnapshot();
  });

  test("fewer logs can be asked for", () => {
    expect(judge(eksControlPlaneLogsOn, CLUSTER, { enabledClusterLogTypes: ["audit"] }, { logTypes: ["audit"] })).toBe("");
  });
});

describe("eks-api-authentication-only", () => {
  test.each<[string, object]>([
    [CLUSTER, { accessConfig: { authenticationMode: "API" } }],
    [COMPONENT, { authenticationMode: "API" }],
  ])("Should pass if the mode of a %s is API", (type, props) => {
    expect(judge(eksApiAuthenticationOnly, type, props)).toBe("");
  });

  test.each<[string, string, object, RegExp]>([
    ["nothing is said", CLUSTER, {}, /accessConfig\.authenticationMode" is not set/],
    ["aws-auth counts too", CLUSTER, { accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" } }, /aws-auth/],
    ["aws-auth alone counts", COMPONENT, { authenticationMode: "CONFIG_MAP" }, /aws-auth/],
    ["it is unknown", CLUSTER, { accessConfig: UNKNOWN }, /unknown until/],
  ])("Should fail if %s", (_, type, props, words) => {
    expect(judge(eksApiAuthenticationOnly, type, props)).toMatch(words);
    expect(judge(eksApiAuthenticationOnly, type, props)).toMatchSnapshot();
  });
});

test.each([false, true])(
  "a component that registers no inputs is not judged by any policy: what it makes is (in a preview: %s)",
  (isPreview) => {
    const resourcePolicies = policies.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
    const judged = resourcePolicies.filter(({ validateResource }) => typeof validateResource === "function");
    expect(judged.length).toBeGreaterThan(20);
    for (const policy of judged) {
      expect({ [policy.name]: verdictOf(policy, { type: COMPONENT, props: {} }, { isPreview }) }).toEqual({
        [policy.name]: { refused: [], warned: [] },
      });
    }
  },
);
