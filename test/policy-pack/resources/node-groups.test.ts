import { hasGpus, isKnownWithoutGpus, readNodeGroup } from "../../../policy-pack/resources/node-groups";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";
import { INSTANCE_TYPES } from "../../../src/hardware/instance-types";

const MANAGED = "aws:eks/nodeGroup:NodeGroup";
const SELF_MANAGED = "eks:index:NodeGroupV2";

test.each<[string, object, object]>([
  [
    SELF_MANAGED,
    {
      instanceType: "m6i.large",
      minSize: 1,
      desiredCapacity: 2,
      maxSize: 3,
      nodeSubnetIds: ["a"],
      gpu: true,
      taints: { a: { effect: "NoSchedule" } },
    },
    {
      ...{
        kind: "selfManaged",
        hasTemplate: false,
        instanceTypes: ["m6i.large"],
        taints: [{ key: "a", effect: "NoSchedule" }],
        saysGpu: true,
      },
      ...{ size: { min: 1, desired: 2, max: 3 }, subnets: { path: "nodeSubnetIds", value: ["a"] } },
    },
  ],
  [SELF_MANAGED, { instanceType: UNKNOWN, taints: UNKNOWN }, { instanceTypes: UNKNOWN, taints: UNKNOWN }],
  [SELF_MANAGED, { launchTemplate: {} }, { hasTemplate: false, instanceTypes: undefined, taints: [] }],
  [
    MANAGED,
    {
      ...{ instanceTypes: ["m6i.large"], launchTemplate: {}, taints: [{ key: "a", effect: "NO_SCHEDULE" }] },
      ...{ scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 3 }, subnetIds: ["a"] },
    },
    {
      ...{ kind: "managed", hasTemplate: true, instanceTypes: ["m6i.large"], taints: [{ key: "a", effect: "NO_SCHEDULE" }] },
      ...{ size: { min: 1, desired: 2, max: 3 }, subnets: { path: "subnetIds", value: ["a"] } },
    },
  ],
  [MANAGED, { instanceTypes: UNKNOWN, taints: UNKNOWN }, { hasTemplate: false, instanceTypes: UNKNOWN, taints: UNKNOWN }],
  [MANAGED, { instanceTypes: "p4d.24xlarge" }, { instanceTypes: undefined, taints: [] }],
])("a node group of type %s, %#", (type, props, group) => {
  expect(readNodeGroup({ type, props: props as never })).toMatchObject(group);
});

test.each<[object, string]>([
  [{ gpu: true }, "yes"],
  [{ amiType: "AL2023_x86_64_NVIDIA" }, "yes"],
  [{ amiType: "bottlerocket_x86_64_nvidia" }, "yes"],
  [{ instanceTypes: ["m6i.large", "p4d.24xlarge"] }, "yes"],
  [{ labels: { a: "b", "nvidia.com/mig.config": "all-balanced" } }, "yes"],
  [{ gpu: UNKNOWN, labels: { "nvidia.com/gpu": "x" } }, "yes"],
  [{ amiType: UNKNOWN, instanceTypes: ["m6i.large"] }, "unknown"],
  [{ gpu: UNKNOWN, instanceTypes: ["m6i.large"] }, "unknown"],
  [{ instanceTypes: UNKNOWN }, "unknown"],
  [{ instanceTypes: ["m6i.large", UNKNOWN] }, "unknown"],
  [{ amiType: "CUSTOM" }, "unknown"],
  [{ launchTemplate: {} }, "unknown"],
  [{ launchTemplate: {}, amiType: "AL2023_x86_64_STANDARD" }, "no"],
  [{ instanceTypes: ["m6i.large"], amiType: "CUSTOM" }, "no"],
  [{ instanceTypes: ["m6i.large", 7], gpu: "true" }, "no"],
  [{ labels: UNKNOWN }, "no"],
  [{ labels: { a: "b" } }, "no"],
  [{}, "no"],
])("whether a node group of EKS has GPUs, %#", (props, expected) => {
  expect(hasGpus(readNodeGroup({ type: MANAGED, props: props as never }))).toBe(expected);
});

test("types of which it is known that they have none", () => {
  const names = [
    "m6i.large",
    "m7i-flex.8xlarge",
    "xg4.large",
    "u-6tb1.metal",
    "p4d.24xlarge",
    "g7.xlarge",
    "gr6.4xlarge",
    "",
    "m6i",
    "xM6i.large",
    "m6i.large ",
  ];
  expect([...names, 7, UNKNOWN, undefined].filter(isKnownWithoutGpus)).toEqual([
    "m6i.large",
    "m7i-flex.8xlarge",
    "xg4.large",
    "u-6tb1.metal",
  ]);
});

test("types with GPUs are told by their families, as the catalogue has them", () => {
  const found = INSTANCE_TYPES.filter(({ name }) => hasGpus(readNodeGroup({ type: MANAGED, props: { instanceTypes: [name] } })) === "yes");
  expect(found).toEqual(INSTANCE_TYPES.filter(({ gpus }) => gpus.type !== "none"));
});
