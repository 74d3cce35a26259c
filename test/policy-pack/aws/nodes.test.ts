import type { ResourceValidationPolicy } from "@pulumi/policy";
import { nodesImdsv2OneHop } from "../../../policy-pack/aws/nodes/nodes-imdsv2-one-hop";
import { nodesWithoutPublicAddresses } from "../../../policy-pack/aws/nodes/nodes-without-public-addresses";
import { volumesEncrypted } from "../../../policy-pack/aws/nodes/volumes-encrypted";
import { UNKNOWN, violations } from "../verdict";

const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const INSTANCE = "aws:ec2/instance:Instance";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";

const GOOD_TEMPLATE = {
  metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
  blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: 200 } }],
  userData: UNKNOWN,
};

const judge = (policy: ResourceValidationPolicy, type: string, props: object) =>
  violations(policy, props as Record<string, unknown>, {}, type).join("\n");

test.each<[string, string, object]>([
  ["a launch template is as the stack makes it", TEMPLATE, GOOD_TEMPLATE],
  ["the metadata service is off", TEMPLATE, { ...GOOD_TEMPLATE, metadataOptions: { httpEndpoint: "disabled" } }],
  [
    "a disk is the instance's own",
    TEMPLATE,
    { ...GOOD_TEMPLATE, blockDeviceMappings: [...GOOD_TEMPLATE.blockDeviceMappings, { virtualName: "ephemeral0" }] },
  ],
  ["a network interface has no public address", TEMPLATE, { ...GOOD_TEMPLATE, networkInterfaces: [{ associatePublicIpAddress: "false" }] }],
  ["a node group has a launch template, though its id is unknown", NODE_GROUP, { launchTemplate: { id: UNKNOWN, version: UNKNOWN } }],
  [
    "an instance is closed and encrypted",
    INSTANCE,
    { ...GOOD_TEMPLATE, rootBlockDevice: { encrypted: true }, associatePublicIpAddress: false },
  ],
  ["a volume is encrypted", "aws:ebs/volume:Volume", { encrypted: true }],
  ["a StorageClass encrypts", STORAGE_CLASS, { provisioner: "ebs.csi.aws.com", parameters: { encrypted: "true" } }],
  ["a StorageClass is not of EBS", STORAGE_CLASS, { provisioner: "efs.csi.aws.com" }],
])("Should pass if %s", (_, type, props) => {
  for (const policy of [nodesImdsv2OneHop, volumesEncrypted, nodesWithoutPublicAddresses]) {
    expect([policy.name, judge(policy, type, props)]).toEqual([policy.name, ""]);
  }
});

describe("nodes-imdsv2-one-hop: Should fail if", () => {
  test.each<[string, unknown, RegExp]>([
    ["nothing is said", undefined, /httpTokens" is not set\. Set it to "required"/],
    ["version 1 is answered", { httpTokens: "optional", httpPutResponseHopLimit: 1 }, /httpTokens" is "optional"/],
    ["the answer travels two hops", { httpTokens: "required", httpPutResponseHopLimit: 2 }, /HopLimit" is 2\. Set it to 1/],
    ["the hop limit is the image's", { httpTokens: "required" }, /HopLimit" is not set/],
    ["the options are unknown", UNKNOWN, /httpTokens" is unknown until/],
    ["one option is unknown", { httpTokens: "required", httpPutResponseHopLimit: UNKNOWN }, /HopLimit" is unknown until/],
  ])("%s", (_, metadataOptions, words) => {
    for (const type of [TEMPLATE, INSTANCE, "aws:ec2/launchConfiguration:LaunchConfiguration"]) {
      expect(judge(nodesImdsv2OneHop, type, { metadataOptions })).toMatch(words);
      expect(judge(nodesImdsv2OneHop, type, { metadataOptions })).toMatchSnapshot();
    }
  });

  test("a node group leaves it to EKS", () => {
    expect(judge(nodesImdsv2OneHop, NODE_GROUP, {})).toMatch(/no launch template/);
    expect(judge(nodesImdsv2OneHop, NODE_GROUP, {})).toMatchSnapshot();
  });
});

describe("volumes-encrypted: Should fail if", () => {
  test.each<[string, string, object, RegExp]>([
    [
      "a template's disk is not",
      TEMPLATE,
      { blockDeviceMappings: [{ ebs: { encrypted: "false" } }] },
      /blockDeviceMappings\[0\]\.ebs\.encrypted" is "false"/,
    ],
    ["a template's disk says nothing", TEMPLATE, { blockDeviceMappings: [{ ebs: { volumeSize: 1 } }] }, /is not set\. Set it to true/],
    ["the second disk is not", TEMPLATE, { blockDeviceMappings: [{ ebs: { encrypted: true } }, { ebs: {} }] }, /blockDeviceMappings\[1\]/],
    ["a template names no disk", TEMPLATE, {}, /lists no disk/],
    ["the disks are unknown", TEMPLATE, { blockDeviceMappings: UNKNOWN }, /"blockDeviceMappings" is unknown/],
    ["the answer is unknown", TEMPLATE, { blockDeviceMappings: [{ ebs: { encrypted: UNKNOWN } }] }, /unknown until/],
    ["a node group leaves it to EKS", NODE_GROUP, {}, /no launch template/],
    ["an instance's root disk is not", INSTANCE, {}, /rootBlockDevice\.encrypted/],
    [
      "another disk of an instance is not",
      INSTANCE,
      { rootBlockDevice: { encrypted: true }, ebsBlockDevices: [{}] },
      /ebsBlockDevices\[0\]/,
    ],
    ["a volume is not", "aws:ebs/volume:Volume", {}, /"encrypted" is not set/],
    [
      "a StorageClass makes such volumes",
      STORAGE_CLASS,
      { provisioner: "ebs.csi.aws.com", parameters: { type: "gp3" } },
      /parameters\.encrypted/,
    ],
    ["an old StorageClass does", STORAGE_CLASS, { provisioner: "kubernetes.io/aws-ebs" }, /parameters\.encrypted/],
  ])("%s", (_, type, props, words) => {
    expect(judge(volumesEncrypted, type, props)).toMatch(words);
    expect(judge(volumesEncrypted, type, props)).toMatchSnapshot();
  });
});

describe("nodes-without-public-addresses: Should fail if", () => {
  test.each<[string, string, object, RegExp]>([
    [
      "a template asks for one",
      TEMPLATE,
      { networkInterfaces: [{ associatePublicIpAddress: "true" }] },
      /networkInterfaces\[0\]\.associatePublicIpAddress" is "true"/,
    ],
    ["an instance asks for one", INSTANCE, { associatePublicIpAddress: true }, /get public addresses/],
    ["it is unknown", TEMPLATE, { networkInterfaces: [{ associatePublicIpAddress: UNKNOWN }] }, /unknown until/],
    ["the interfaces are unknown", TEMPLATE, { networkInterfaces: UNKNOWN }, /unknown until/],
  ])("%s", (_, type, props, words) => {
    expect(judge(nodesWithoutPublicAddresses, type, props)).toMatch(words);
    expect(judge(nodesWithoutPublicAddresses, type, props)).toMatchSnapshot();
  });
});
