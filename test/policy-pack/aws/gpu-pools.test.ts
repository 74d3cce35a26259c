import type { ResourceValidationPolicy } from "@pulumi/policy";
import { gpuAmiIgnoresVisibleDevices } from "../../../policy-pack/aws/gpu-pools/gpu-ami-ignores-visible-devices";
import { nodeAmiReleasePinned } from "../../../policy-pack/aws/nodes/node-ami-release-pinned";
import { gpuPoolKeepsANode } from "../../../policy-pack/aws/gpu-pools/gpu-pool-keeps-a-node";
import { gpuPoolLabelsLeftToAgents } from "../../../policy-pack/aws/gpu-pools/gpu-pool-labels-left-to-agents";
import { gpuPoolLayoutLegal } from "../../../policy-pack/aws/gpu-pools/gpu-pool-layout-legal";
import { nodeRepairSparesTeams } from "../../../policy-pack/aws/gpu-pools/node-repair-spares-teams";
import { noRepairAfter } from "../../../src/well-known/node-repair";
import { gpuPoolTainted } from "../../../policy-pack/aws/gpu-pools/gpu-pool-tainted";
import { UNKNOWN, violations } from "../verdict";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const COMPONENT = "eks:index:ManagedNodeGroup";
const SELF_MANAGED = "eks:index:NodeGroupV2";

const TAINT = { key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" };
const GPU_POOL = {
  amiType: "AL2023_x86_64_NVIDIA",
  instanceTypes: ["p4d.24xlarge"],
  labels: { "node-role": "gpu", "nvidia.com/mig.config": "all-balanced" },
  taints: [TAINT],
  scalingConfig: { minSize: 1, desiredSize: 1, maxSize: 2 },
  releaseVersion: "1.34.9-20260714",
  subnetIds: UNKNOWN,
};
const SYSTEM_POOL = {
  amiType: "AL2023_x86_64_STANDARD",
  instanceTypes: ["m6i.large"],
  labels: { "node-role": "system" },
  scalingConfig: { minSize: 0, desiredSize: 2, maxSize: 4 },
  releaseVersion: "1.34.9-20260714",
};
const REPAIR = { enabled: true, nodeRepairConfigOverrides: [13, 31].map(noRepairAfter) };
const ALL = [
  nodeRepairSparesTeams,
  gpuPoolTainted,
  gpuPoolLayoutLegal,
  gpuPoolLabelsLeftToAgents,
  gpuPoolKeepsANode,
  nodeAmiReleasePinned,
  gpuAmiIgnoresVisibleDevices,
];

const judge = (policy: ResourceValidationPolicy, props: object, { type = NODE_GROUP, config = {} } = {}) =>
  violations(policy, props as Record<string, unknown>, config, type).join("\n");

describe("Should pass if", () => {
  test.each<[string, object]>([
    ["a GPU pool is as the stack makes it", GPU_POOL],
    ["a pool has no GPU", SYSTEM_POOL],
    ["a pool without GPUs is repaired", { ...SYSTEM_POOL, nodeRepairConfig: { enabled: true } }],
    ["node repair spares teams", { ...GPU_POOL, nodeRepairConfig: REPAIR }],
    ["node repair is off", { ...GPU_POOL, nodeRepairConfig: { enabled: false } }],
    ["node repair is the default, off", { ...GPU_POOL, nodeRepairConfig: {} }],
    [
      "the driver of the image has MIG on the GPU",
      { ...GPU_POOL, instanceTypes: ["p6-b300.48xlarge"], labels: { "nvidia.com/mig.config": "all-balanced" } },
    ],
    ["the instance type stands in the launch template", { ...GPU_POOL, instanceTypes: undefined }],
    ["another layout of the same GPU is named", { ...GPU_POOL, labels: { "nvidia.com/mig.config": "all-1g.5gb" } }],
    ["another GPU has its own slices", { ...GPU_POOL, instanceTypes: ["p5.48xlarge"], labels: { "nvidia.com/mig.config": "all-1g.10gb" } }],
    ["the layout is the user's own", { ...GPU_POOL, labels: { "nvidia.com/mig.config": "two-large" } }],
    ["the pool is parked", { ...GPU_POOL, scalingConfig: { minSize: 0, desiredSize: 0, maxSize: 1 } }],
    ["there are other taints too", { ...GPU_POOL, taints: [{ key: "team", value: "a", effect: "NO_EXECUTE" }, TAINT] }],
  ])("%s", (_, props) => {
    for (const policy of ALL) {
      expect([policy.name, judge(policy, props)]).toEqual([policy.name, ""]);
      expect([policy.name, judge(policy, props, { type: COMPONENT })]).toEqual([policy.name, ""]);
    }
  });

  test("a self-managed group has the taint in Kubernetes' spelling", () => {
    const props = {
      instanceType: "p4d.24xlarge",
      gpu: true,
      minSize: 1,
      taints: { "nvidia.com/gpu": { value: "true", effect: "NoSchedule" } },
    };
    expect(judge(gpuPoolTainted, props, { type: SELF_MANAGED })).toBe("");
  });
});

describe("gpu-pool-tainted: Should fail if", () => {
  test.each<[string, object, RegExp]>([
    ["there is no taint", { ...GPU_POOL, taints: undefined }, /its nodes have GPUs, and it has no taint nvidia\.com\/gpu/],
    ["the taint is another", { ...GPU_POOL, taints: [{ ...TAINT, key: "gpu" }] }, /no taint/],
    ["the taint only prefers", { ...GPU_POOL, taints: [{ ...TAINT, effect: "PREFER_NO_SCHEDULE" }] }, /no taint/],
    ["only the instance type tells", { instanceTypes: ["m6i.large", "p4d.24xlarge"] }, /its nodes have GPUs/],
    ["only the image tells", { amiType: "AL2023_ARM_64_NVIDIA" }, /its nodes have GPUs/],
    ["only the label tells", { labels: { "nvidia.com/mig.config": "all-balanced" } }, /its nodes have GPUs/],
    ["the GPU cannot be divided", { instanceTypes: ["g4dn.xlarge"] }, /its nodes have GPUs/],
    ["the family is newer than the catalogue", { instanceTypes: ["p9.48xlarge"] }, /its nodes have GPUs/],
    ["the image is one's own and the type in its template", { amiType: "CUSTOM" }, /its nodes may have GPUs, which this policy cannot see/],
    ["the instance types are unknown", { instanceTypes: UNKNOWN }, /may have GPUs/],
    ["the taints are unknown", { ...GPU_POOL, taints: UNKNOWN }, /"taints" is unknown/],
    ["a taint's key is unknown", { ...GPU_POOL, taints: [{ ...TAINT, key: UNKNOWN }] }, /"taints\[0\]\.key" is unknown/],
  ])("%s", (_, props, words) => {
    expect(judge(gpuPoolTainted, props)).toMatch(words);
    expect(judge(gpuPoolTainted, props)).toMatchSnapshot();
    expect(judge(gpuPoolTainted, props, { type: COMPONENT })).toMatch(words);
    expect(judge(gpuPoolTainted, props, { type: COMPONENT })).toMatchSnapshot();
  });

  test("a self-managed group has GPUs and no taint", () => {
    expect(judge(gpuPoolTainted, { instanceType: "p4d.24xlarge" }, { type: SELF_MANAGED })).toMatch(/no taint/);
    expect(judge(gpuPoolTainted, { instanceType: "p4d.24xlarge" }, { type: SELF_MANAGED })).toMatchSnapshot();
  });
});

describe("gpu-pool-layout-legal: Should fail if", () => {
  const labelled = (layout: unknown, more: object = {}) => ({ ...GPU_POOL, labels: { "nvidia.com/mig.config": layout }, ...more });

  test.each<[string, object, RegExp]>([
    [
      "the profile is of a larger GPU",
      labelled("all-7g.80gb"),
      /"all-7g\.80gb", which is not legal on a p4d\.24xlarge: .*nearest: all-7g\.40gb/,
    ],
    ["the GPU cannot be divided", labelled("all-balanced", { instanceTypes: ["g4dn.xlarge"] }), /T4.*cannot be divided/],
    ["there is no GPU", labelled("all-balanced", { instanceTypes: ["m6i.large"] }), /m6i\.large has no GPU/],
    ["one of two types cannot have it", labelled("all-1g.5gb", { instanceTypes: ["p4d.24xlarge", "p4de.24xlarge"] }), /p4de\.24xlarge/],
    ["the type is not in the catalogue", labelled("all-balanced", { instanceTypes: ["p9.48xlarge"] }), /not in the catalogue/],
    [
      "the image's driver has no MIG on the GPU",
      labelled("all-balanced", { instanceTypes: ["p6-b300.48xlarge"], releaseVersion: "1.34.1-20251016" }),
      /driver 570\.195\.03, without MIG on the B300 269GB of a p6-b300\.48xlarge\. Use a release of 20251023 or later/,
    ],
    ["the label is unknown", labelled(UNKNOWN), /mig\.config.*is unknown until/],
    ["the labels are unknown", { ...GPU_POOL, labels: UNKNOWN }, /"labels" is unknown/],
    ["the types are unknown", labelled("all-balanced", { instanceTypes: UNKNOWN }), /"instanceTypes" is unknown/],
  ])("%s", (_, props, words) => {
    expect(judge(gpuPoolLayoutLegal, props)).toMatch(words);
    expect(judge(gpuPoolLayoutLegal, props)).toMatchSnapshot();
  });
});

test.each([
  "nvidia.com/gpu.present",
  "nvidia.com/mig.config.state",
  "nvidia.com/mig.capable",
  "nvidia.com/gpu.deploy.mig-manager",
  "feature.node.kubernetes.io/pci-10de.present",
])("gpu-pool-labels-left-to-agents: Should fail if a pool sets %s", (label) => {
  expect(judge(gpuPoolLabelsLeftToAgents, { ...GPU_POOL, labels: { ...GPU_POOL.labels, [label]: "true" } })).toContain(label);
});

describe("node-repair-spares-teams: Should fail if", () => {
  const [first, second] = REPAIR.nodeRepairConfigOverrides as [object, object];
  const repaired = (nodeRepairConfigOverrides: unknown, enabled: unknown = true) => ({
    ...GPU_POOL,
    nodeRepairConfig: { enabled, nodeRepairConfigOverrides },
  });

  test.each<[string, object, RegExp]>([
    ["node repair is on as by default", { ...GPU_POOL, nodeRepairConfig: { enabled: true } }, /after XID 13.*\n.*after XID 31/],
    ["one error is left out", repaired([first]), /^node repair is on, and EKS reboots the node after XID 31,/],
    ["an error has an action", repaired([first, { ...second, repairAction: "Reboot" }]), /^node repair is on, .*XID 31,/],
    ["an override is of another condition", repaired([first, { ...second, nodeMonitoringCondition: "KernelReady" }]), /XID 31/],
    ["only the image tells of GPUs", { amiType: "AL2023_ARM_64_NVIDIA", nodeRepairConfig: { enabled: true } }, /XID 13/],
    ["the settings are unknown", { ...GPU_POOL, nodeRepairConfig: UNKNOWN }, /"nodeRepairConfig\.enabled" is unknown/],
    ["the switch is unknown", repaired([], UNKNOWN), /"nodeRepairConfig\.enabled" is unknown/],
    ["the overrides are unknown", repaired(UNKNOWN), /"nodeRepairConfig\.nodeRepairConfigOverrides" is unknown/],
    ["an action is unknown", repaired([first, { ...second, repairAction: UNKNOWN }]), /\.repairAction" is unknown/],
  ])("%s", (_, props, words) => {
    expect(judge(nodeRepairSparesTeams, props)).toMatch(words);
    expect(judge(nodeRepairSparesTeams, props)).toMatchSnapshot();
  });
});

describe("gpu-pool-keeps-a-node: Should fail if", () => {
  test.each<[string, object, RegExp]>([
    ["the minimum is 0 while a node is wanted", { minSize: 0, desiredSize: 1, maxSize: 1 }, /minimum is 0\. Set it to 1.*up from zero/],
    ["an autoscaler is to bring it back", { minSize: 0, desiredSize: 0, maxSize: 4 }, /minimum is 0/],
    ["there is no minimum", { desiredSize: 1, maxSize: 1 }, /minimum is not set/],
    ["the minimum is unknown", { minSize: UNKNOWN, desiredSize: 1, maxSize: 1 }, /unknown until/],
  ])("%s", (_, scalingConfig, words) => {
    expect(judge(gpuPoolKeepsANode, { ...GPU_POOL, scalingConfig })).toMatch(words);
    expect(judge(gpuPoolKeepsANode, { ...GPU_POOL, scalingConfig })).toMatchSnapshot();
  });
});

describe("the image", () => {
  test.each<[string, object, RegExp]>([
    ["there is no release", { ...SYSTEM_POOL, releaseVersion: undefined }, /is not set, so the nodes boot the newest image/],
    ["the release is unknown", { ...SYSTEM_POOL, releaseVersion: UNKNOWN }, /unknown until/],
    ["the release is empty", { ...SYSTEM_POOL, releaseVersion: "" }, /newest/],
  ])("node-ami-release-pinned: Should fail if %s", (_, props, words) => {
    expect(judge(nodeAmiReleasePinned, props)).toMatch(words);
    expect(judge(nodeAmiReleasePinned, props)).toMatchSnapshot();
  });

  test.each<[string, object, RegExp]>([
    ["it heeds the variable", { ...GPU_POOL, releaseVersion: "1.34.4-20260403" }, /older than 20260423.*sees every GPU/],
    ["nothing is known of it", { ...GPU_POOL, releaseVersion: "1.34.4-20260415" }, /older than/],
    ["there is no release", { ...GPU_POOL, releaseVersion: undefined }, /is not set.*20260423 or later/],
    ["the release is no AL2023 one", { ...GPU_POOL, releaseVersion: "latest" }, /not a release of the AL2023 image/],
    ["the release is unknown", { ...GPU_POOL, releaseVersion: UNKNOWN }, /unknown until/],
    ["it is one's own", { ...GPU_POOL, amiType: "CUSTOM" }, /cannot check whether it ignores/],
  ])("gpu-ami-ignores-visible-devices: Should fail if %s", (_, props, words) => {
    expect(judge(gpuAmiIgnoresVisibleDevices, props)).toMatch(words);
    expect(judge(gpuAmiIgnoresVisibleDevices, props)).toMatchSnapshot();
  });

  test("Bottlerocket ignores the variable by default, and another floor can be configured", () => {
    expect(judge(gpuAmiIgnoresVisibleDevices, { amiType: "BOTTLEROCKET_x86_64_NVIDIA" })).toBe("");
    expect(judge(gpuAmiIgnoresVisibleDevices, GPU_POOL, { config: { oldestRelease: "20261001" } })).toMatch(/older than 20261001/);
    expect(judge(gpuAmiIgnoresVisibleDevices, GPU_POOL, { config: { oldestRelease: "20261001" } })).toMatchSnapshot();
  });
});
