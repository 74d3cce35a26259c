/** Whatever a program registers, a policy answers: one that throws stops `pulumi up` for everybody. */
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import fc from "fast-check";
import { policies } from "../../../policy-pack/policies";
import { stackViolations } from "../stack-verdict";
import { UNKNOWN, violations } from "../verdict";

const resourcePolicies = policies.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
const stackPolicies = policies.filter((policy): policy is StackValidationPolicy => "validateStack" in policy);

const type = fc.constantFrom(
  ...["aws:eks/cluster:Cluster", "eks:index:Cluster", "aws:eks/nodeGroup:NodeGroup", "eks:index:ManagedNodeGroup", "eks:index:NodeGroupV2"],
  ...["aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance", "aws:ebs/volume:Volume", "aws:ec2/route:Route"],
  ...["aws:ec2/routeTable:RouteTable", "aws:iam/role:Role", "aws:iam/policy:Policy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
  ...["kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v4:Chart", "kubernetes:storage.k8s.io/v1:StorageClass"],
);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    UNKNOWN,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e9,
    "",
    "*",
    "0.0.0.0/0",
    "::/0",
    "gpu-operator",
    "p4d.24xlarge",
    "all-balanced",
  ),
  fc.string(),
  fc.double(),
);
const KEYS = ["vpcConfig", "publicAccessCidrs", "accessConfig", "encryptionConfig", "instanceTypes", "labels", "taints", "scalingConfig"]
  .concat(["minSize", "desiredSize", "metadataOptions", "blockDeviceMappings", "ebs", "networkInterfaces", "policy", "Statement", "Action"])
  .concat(["Resource", "Effect", "Principal", "inlinePolicies", "managedPolicyArns", "chart", "version", "values", "migManager", "config"])
  .concat(["data", "config.yaml", "mig-configs", "mine", "devices", "mig-enabled", "mig-devices", "1g.5gb", "nvidia.com/mig.config"])
  .concat(["kubeletPlugin", "tolerations", "releaseVersion", "amiType", "subnetIds", "routes", "gatewayId", "policyArn", "key", "effect"]);
const { props } = fc.letrec<{ value: unknown; props: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, fc.array(tie("value"), { maxLength: 3 }), tie("props")),
  props: fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 6 }),
}));

test("a resource policy answers on any properties", () => {
  fc.assert(
    fc.property(type, props, (kind, properties) => {
      for (const policy of resourcePolicies) violations(policy, properties, {}, kind);
    }),
    { numRuns: 400 },
  );
});

test("a stack policy answers on any resources", () => {
  const resource = fc.record({ type, name: fc.constantFrom("a", "b"), props });
  fc.assert(
    fc.property(fc.array(resource, { maxLength: 4 }), (resources) => {
      for (const policy of stackPolicies) stackViolations(policy, resources, { maxUsdPerHour: 1 });
    }),
    { numRuns: 200 },
  );
});

test("mig-layouts-fit answers on any layout of one's own", () => {
  const rule = fc.record({
    devices: fc.oneof(fc.constant("all"), fc.array(fc.oneof(fc.integer({ min: -1, max: 9 }), leaf), { maxLength: 8 }), leaf),
    "mig-enabled": fc.boolean(),
    "mig-devices": fc.oneof(
      fc.dictionary(fc.constantFrom("1g.5gb", "3g.20gb", "x"), leaf),
      fc.array(fc.constantFrom("1g.5gb", "7g.40gb", "x")),
      leaf,
    ),
    "device-filter": fc.option(fc.oneof(leaf, fc.array(leaf)), { nil: undefined }),
  });
  const layoutsFit = stackPolicies.filter(({ name }) => name === "mig-layouts-fit");
  expect(layoutsFit).toHaveLength(1);
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.boolean(), (rules, asText) => {
      const file = { "mig-configs": { mine: rules } };
      const data = { "config.yaml": asText ? JSON.stringify(file) : file };
      const resources = [
        {
          type: "kubernetes:helm.sh/v3:Release",
          name: "operator",
          props: { chart: "gpu-operator", values: { migManager: { config: { create: true, name: "layouts", data } } } },
        },
        {
          type: "aws:eks/nodeGroup:NodeGroup",
          name: "pool",
          props: { instanceTypes: ["p4d.24xlarge"], labels: { "nvidia.com/mig.config": "mine" } },
        },
      ];
      for (const policy of layoutsFit) stackViolations(policy, resources);
    }),
    { numRuns: 200 },
  );
});
