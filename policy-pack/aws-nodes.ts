/** Policies for what instances look like, however they are started. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_NODE_GROUP, LAUNCH_TEMPLATE } from "../src/well-known/resource-types";
import { ifKnown, undetermined } from "./findings";
import type { Finding } from "./findings";
import { onTypes } from "./on-types";
import { UNKNOWN, entries, field, show } from "./snapshot";
import type { Snapshot } from "./snapshot";

/** Everything that carries the metadata options, addresses and disks of instances, apart from launch templates. */
const INSTANCES: readonly string[] = [
  "aws:ec2/instance:Instance",
  "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
  "aws:ec2/launchConfiguration:LaunchConfiguration",
];

const isOn = (value: unknown): boolean => value === true || value === "true";

/**
 * Checks that pods do not get the node's credentials. Version 1 of the metadata service answers any request that a pod can be made to send;
 * version 2 answers a container only if the answer may travel two hops.
 */
export const nodesImdsv2OneHop: ResourceValidationPolicy = {
  name: "nodes-imdsv2-one-hop",
  displayName: "Instance metadata out of pods' reach",
  description: "Checks that instances require IMDSv2 and let its answers travel one hop.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "ec2", "identity"],
  remediationSteps:
    "Set metadataOptions to {httpEndpoint: enabled, httpTokens: required, httpPutResponseHopLimit: 1} in a launch template.",
  validateResource: onTypes([LAUNCH_TEMPLATE, ...INSTANCES, EKS_NODE_GROUP], (properties, args) => {
    if (args.type === EKS_NODE_GROUP) return withoutTemplate(properties, "instance metadata");
    const options = field(properties, "metadataOptions");
    if (field(options, "httpEndpoint") === "disabled") return [];
    return [
      ...expected("metadataOptions.httpTokens", field(options, "httpTokens"), "required"),
      ...expected("metadataOptions.httpPutResponseHopLimit", field(options, "httpPutResponseHopLimit"), 1),
    ];
  }),
};

function expected(path: string, value: unknown, wanted: unknown): readonly Finding[] {
  if (value === wanted) return [];
  return [ifKnown(value, path, "whether pods can get the node's credentials", `"${path}" is ${show(value)} and has to be ${show(wanted)}`)];
}

/** What a node group leaves to EKS, nobody here can see. */
function withoutTemplate(properties: Snapshot, subject: string): readonly Finding[] {
  return field(properties, "launchTemplate") === undefined
    ? [`it has no launch template, so that nothing here says what becomes of ${subject}`]
    : [];
}

/** Checks that what is on disk cannot be read without a key: disks of nodes, volumes, and the volumes that a StorageClass makes. */
export const volumesEncrypted: ResourceValidationPolicy = {
  name: "volumes-encrypted",
  displayName: "Volumes are encrypted",
  description: "Checks that EBS volumes are encrypted, those of nodes and of StorageClasses included.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "ebs", "encryption"],
  remediationSteps:
    'Set encrypted to true: in blockDeviceMappings[].ebs of a launch template, on the volume, in the parameters of the StorageClass ("true").',
  validateResource: onTypes(
    [LAUNCH_TEMPLATE, ...INSTANCES, EKS_NODE_GROUP, "aws:ebs/volume:Volume", "kubernetes:storage.k8s.io/v1:StorageClass"],
    (properties, args) => {
      switch (args.type) {
        case EKS_NODE_GROUP:
          return withoutTemplate(properties, "its volumes");
        case LAUNCH_TEMPLATE:
          return templateDisks(properties);
        case "aws:ebs/volume:Volume":
          return encrypted("encrypted", field(properties, "encrypted"));
        case "kubernetes:storage.k8s.io/v1:StorageClass":
          return storageClass(properties);
        default:
          return instanceDisks(properties);
      }
    },
  ),
};

function encrypted(path: string, value: unknown): readonly Finding[] {
  if (isOn(value)) return [];
  return [ifKnown(value, path, "whether the volume is encrypted", `"${path}" is ${show(value)} and has to be true`)];
}

function templateDisks(properties: Snapshot): readonly Finding[] {
  const mappings = field(properties, "blockDeviceMappings");
  if (mappings === UNKNOWN) return [undetermined("blockDeviceMappings", "whether disks are encrypted")];
  const disks = entries(mappings);
  if (disks.length === 0) return [`"blockDeviceMappings" names no disk, so that the root volume is as the image has it`];
  return disks.flatMap((disk, index) => {
    // Without `ebs` the entry takes a disk away or names one of the instance's own.
    const ebs = field(disk, "ebs");
    return ebs === undefined ? [] : encrypted(`blockDeviceMappings[${String(index)}].ebs.encrypted`, field(ebs, "encrypted"));
  });
}

function instanceDisks(properties: Snapshot): readonly Finding[] {
  const disks = field(properties, "ebsBlockDevices");
  return [
    ...encrypted("rootBlockDevice.encrypted", field(properties, "rootBlockDevice", "encrypted")),
    ...(disks === UNKNOWN ? [undetermined("ebsBlockDevices", "whether disks are encrypted")] : []),
    ...entries(disks).flatMap((disk, index) => encrypted(`ebsBlockDevices[${String(index)}].encrypted`, field(disk, "encrypted"))),
  ];
}

function storageClass(properties: Snapshot): readonly Finding[] {
  const provisioner = field(properties, "provisioner");
  return provisioner === "ebs.csi.aws.com" || provisioner === "kubernetes.io/aws-ebs"
    ? encrypted("parameters.encrypted", field(properties, "parameters", "encrypted"))
    : [];
}

/** Checks that nothing on the Internet can send a packet to a node. */
export const nodesWithoutPublicAddresses: ResourceValidationPolicy = {
  name: "nodes-without-public-addresses",
  displayName: "Nodes have no public addresses",
  description: "Checks that instances and launch templates do not ask for public IP addresses.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "ec2", "network"],
  remediationSteps: "Leave associatePublicIpAddress out or set it to false, and use private subnets.",
  validateResource: onTypes([LAUNCH_TEMPLATE, ...INSTANCES], (properties, args) => {
    if (args.type !== LAUNCH_TEMPLATE) return notPublic("associatePublicIpAddress", field(properties, "associatePublicIpAddress"));
    const interfaces = field(properties, "networkInterfaces");
    if (interfaces === UNKNOWN) return [undetermined("networkInterfaces", "whether nodes get public addresses")];
    return entries(interfaces).flatMap((one, index) =>
      notPublic(`networkInterfaces[${String(index)}].associatePublicIpAddress`, field(one, "associatePublicIpAddress")),
    );
  }),
};

function notPublic(path: string, value: unknown): readonly Finding[] {
  if (value === UNKNOWN) return [undetermined(path, "whether nodes get public addresses")];
  return isOn(value) ? [`"${path}" is ${show(value)}: nodes get public addresses`] : [];
}
