/** Pools and add-ons of a stack with every kind of GPU pool, in a partition of its own. */
import { purchaseOf } from "../../src/aws/capacity";
import type { RecordedResource, Recording } from "../support/program";
import { ofType, only, runComponents } from "../support/program";
import { buildPlatform, CONFIG, GPU_POOL } from "./platform";

const BLOCK = { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate: undefined } as const;
const ZONES = ["us-gov-west-1a", "us-gov-west-1b"];

let recording: Recording;
const nodeGroup = (name: string): RecordedResource => only(recording, "aws:eks/nodeGroup:NodeGroup", name);
const addon = (addonName: string): RecordedResource => {
  const [found] = ofType(recording, "aws:eks/addon:Addon").filter(({ inputs }) => inputs.addonName === addonName);
  if (found === undefined) throw new Error(`no add-on ${addonName}`);
  return found;
};

beforeAll(async () => {
  recording = await runComponents(
    async () => {
      const { network } = await buildPlatform({
        region: "us-gov-west-1",
        network: { ...CONFIG.network, availabilityZones: ZONES, natGateways: "none" },
        apiServerAccess: { type: "private" },
        controlPlane: { ...CONFIG.controlPlane, deletionProtection: false },
        gpuPools: [
          GPU_POOL,
          { ...GPU_POOL, name: "pinned", availabilityZone: "us-gov-west-1b" },
          { ...GPU_POOL, name: "block", availabilityZone: "us-gov-west-1b", capacity: BLOCK },
        ],
      });
      expect(() => network.privateSubnetIn("us-gov-west-1c")).toThrow(
        "us-gov-west-1c is none of the VPC's zones: us-gov-west-1a, us-gov-west-1b",
      );
    },
    { config: { "aws:region": "us-gov-west-1" } },
  );
});

describe("a GPU pool", () => {
  test("tells MIG Manager its layout, keeps other pods away, and claims no GPU that nobody has seen yet", () => {
    expect(nodeGroup("a100").inputs).toMatchObject({
      labels: { "node-role": "gpu", "nvidia.com/mig.config": "all-balanced" },
      taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" }],
    });
    expect(nodeGroup("a100").inputs.labels).not.toHaveProperty("nvidia.com/gpu.present");
  });

  test("ends an old node before it starts a new one, one at a time, and is repaired", () => {
    expect(nodeGroup("a100").inputs).toMatchObject({
      updateConfig: { maxUnavailable: 1, updateStrategy: "MINIMAL" },
      nodeRepairConfig: { enabled: true },
    });
  });

  test("is not rebooted for an error that one team's container can cause", () => {
    const { nodeRepairConfigOverrides: overrides } = nodeGroup("a100").inputs.nodeRepairConfig as {
      readonly nodeRepairConfigOverrides: readonly object[];
    };
    expect(overrides).toEqual(
      ["NvidiaXID13Error", "NvidiaXID31Error"].map((nodeUnhealthyReason) => ({
        ...{ nodeMonitoringCondition: "AcceleratedHardwareReady", nodeUnhealthyReason },
        ...{ minRepairWaitTimeMins: 10, repairAction: "NoAction" },
      })),
    );
  });

  test("follows every edit of its size", () => {
    expect(nodeGroup("a100").inputs.scalingConfig).toEqual({ minSize: 1, desiredSize: 1, maxSize: 2 });
    expect(nodeGroup("a100").options.ignoreChanges.filter((path) => path.startsWith("scalingConfig"))).toEqual([]);
  });

  test("stays where it is when AWS offers its type elsewhere, unless it is pinned", () => {
    expect(nodeGroup("a100").options.ignoreChanges).toContain("subnetIds");
    expect(nodeGroup("pinned").options.ignoreChanges).not.toContain("subnetIds");
  });

  test("is in the one private subnet of its zone", () => {
    const subnetIn = (zone: string) =>
      ofType(recording, "aws:ec2/subnet:Subnet").find(({ inputs }) => inputs.availabilityZone === zone && !inputs.mapPublicIpOnLaunch)?.id;
    expect(nodeGroup("a100").inputs.subnetIds).toEqual([subnetIn("us-gov-west-1a")]);
    expect(nodeGroup("pinned").inputs.subnetIds).toEqual([subnetIn("us-gov-west-1b")]);
  });

  test("has a name that leaves room for its replacement", () => {
    expect(nodeGroup("a100").inputs).toMatchObject({ nodeGroupNamePrefix: "shared-gpu-a100-" });
    expect(nodeGroup("a100").inputs).not.toHaveProperty("nodeGroupName");
  });

  test("has time to boot and to drain", () => {
    expect(nodeGroup("a100").options.customTimeouts).toEqual({ create: "60m", update: "120m", delete: "60m" });
  });
});

describe("capacity", () => {
  test("on demand: the node group names the instance type", () => {
    expect(purchaseOf(GPU_POOL.capacity, GPU_POOL.instanceType.name).nodeGroup).toStrictEqual({
      capacityType: "ON_DEMAND",
      instanceTypes: ["p4d.24xlarge"],
    });
  });

  test("capacity block: the launch template names it, and the node group does not", () => {
    expect(purchaseOf(BLOCK, GPU_POOL.instanceType.name).nodeGroup).toStrictEqual({ capacityType: "CAPACITY_BLOCK" });
    expect(nodeGroup("block").inputs).not.toHaveProperty("instanceTypes");
    expect(only(recording, "aws:ec2/launchTemplate:LaunchTemplate", "block").inputs).toMatchObject({
      instanceType: "p4d.24xlarge",
      instanceMarketOptions: { marketType: "capacity-block" },
    });
  });
});

describe("the system pool", () => {
  test("is spread over all private subnets, with its label and without a taint", () => {
    const { inputs } = nodeGroup("system");
    expect(inputs).toMatchObject({
      labels: { "node-role": "system" },
      instanceTypes: ["m6i.large"],
      scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 4 },
      nodeRepairConfig: { enabled: true },
    });
    expect(inputs).not.toHaveProperty("taints");
    expect(inputs.subnetIds).toHaveLength(ZONES.length);
  });
});

describe("order", () => {
  test.each(["a100", "system"])("the pool %s waits for its role's policies and for the networking add-ons", (pool) => {
    const { dependencies } = nodeGroup(pool);
    const policies = ofType(recording, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").filter(({ name }) =>
      name.startsWith(`${pool}-`),
    );
    expect(policies).toHaveLength(2);
    for (const { urn } of [...policies, addon("vpc-cni"), addon("kube-proxy"), addon("eks-pod-identity-agent")]) {
      expect(dependencies).toContain(urn);
    }
  });

  test.each(["coredns", "metrics-server", "aws-ebs-csi-driver", "eks-node-monitoring-agent"])("%s waits for the system pool", (name) => {
    expect(addon(name).dependencies).toContain(nodeGroup("system").urn);
  });

  test("networking add-ons wait for no node, and GPU pools not for the system pool", () => {
    for (const name of ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
      expect(addon(name).dependencies.join()).not.toContain("NodeGroup");
    expect(nodeGroup("a100").dependencies).not.toContain(nodeGroup("system").urn);
  });

  test("everything in the cluster is deleted before the cluster", () => {
    const cluster = only(recording, "eks:index:Cluster").urn;
    const inside = [...ofType(recording, "aws:eks/addon:Addon"), ...ofType(recording, "aws:eks/nodeGroup:NodeGroup")];
    for (const { dependencies } of inside) expect(dependencies).toContain(cluster);
  });

  test("an add-on with a role waits for the role's policy", () => {
    const attachment = only(recording, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "networking-vpc-cni");
    expect(addon("vpc-cni").propertyDependencies.podIdentityAssociations).toContain(attachment.urn);
  });
});

test("the node monitoring agent does not judge GPUs by a DCGM host engine that the taint keeps away", () => {
  expect(JSON.parse(String(addon("eks-node-monitoring-agent").inputs.configurationValues))).toEqual({
    nodeAgent: { monitors: { nvidia: { enabled: false } } },
  });
});

test("volumes that the EBS driver makes carry the stack's tags", () => {
  expect(JSON.parse(String(addon("aws-ebs-csi-driver").inputs.configurationValues))).toEqual({
    controller: { extraVolumeTags: CONFIG.tags },
  });
});

test("nothing is protected once deletion protection is off", () => {
  expect(only(recording, "eks:index:Cluster").inputs.deletionProtection).toBe(false);
  expect(recording.resources.filter(({ options }) => options.protect)).toEqual([]);
});

test("every ARN is in the region's partition", () => {
  // Of what AWS is told: the eks component names its policies by another partition's ARNs.
  const sent = recording.resources.filter(({ kind }) => kind === "custom");
  expect(JSON.stringify(sent.map(({ inputs }) => inputs))).not.toContain("arn:aws:");
});

test("every resource that takes tags carries the stack's", () => {
  const untaggable = /RolePolicyAttachment|kms\/alias|routeTableAssociation|ec2\/route:|accessPolicyAssociation|securityGroupRule/;
  const untagged = recording.resources
    .filter(({ type, kind }) => kind === "custom" && !untaggable.test(type))
    .filter(({ inputs }) => !(inputs.tags?.Team === "platform" && inputs.tags.CostCenter === "4711"));
  expect(untagged.map(({ urn }) => urn)).toEqual([]);
});

test("components are the parents of what they make", () => {
  const parentsOf = (type: string) => new Set(ofType(recording, type).map(({ parent }) => parent?.split("::").at(-2)?.split("$").at(-1)));
  expect(parentsOf("aws:eks/nodeGroup:NodeGroup")).toEqual(new Set(["shared-gpu:aws:SystemPool", "shared-gpu:aws:GpuPool"]));
  expect(parentsOf("aws:eks/addon:Addon")).toEqual(new Set(["shared-gpu:aws:NetworkingAddons", "shared-gpu:aws:ClusterAddons"]));
  expect(parentsOf("awsx:ec2:Vpc")).toEqual(new Set(["shared-gpu:aws:Network"]));
  expect(parentsOf("eks:index:Cluster")).toEqual(new Set(["shared-gpu:aws:ControlPlane"]));
});
