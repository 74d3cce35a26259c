import type { VolumeArgs } from "@pulumi/aws/ebs/volume";
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { StorageClassArgs } from "@pulumi/kubernetes/storage/v1/storageClass";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { LAUNCH_TEMPLATE } from "../../../src/well-known/resource-types";
import { ifKnown, undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { entries, field } from "../../evaluation/properties";
import type { PropertiesOf } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { INSTANCES, isOn, onNodeGroupsWithoutTemplate } from "../../resources/instances";
import type { InstanceArgs } from "../../resources/instances";

const WHAT = "whether disks are encrypted";

/** Checks that data on disk cannot be read without a key: disks of nodes, volumes, and the volumes that a StorageClass creates. */
export const volumesEncrypted: ResourceValidationPolicy = {
  name: "volumes-encrypted",
  displayName: "Volumes are encrypted",
  description: "Checks that EBS volumes are encrypted, including those of nodes and of StorageClasses.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "ebs", "encryption"],
  remediationSteps:
    'Set encrypted to true: in blockDeviceMappings[].ebs of a launch template, on the volume, or in the parameters of the StorageClass ("true").',
  validateResource: onResources(
    onType<LaunchTemplateArgs>(LAUNCH_TEMPLATE, templateFindings),
    onType<InstanceArgs>(INSTANCES, instanceFindings),
    onType<VolumeArgs>("aws:ebs/volume:Volume", (volume) => encryptionFindings("encrypted", volume.encrypted)),
    onType<StorageClassArgs>("kubernetes:storage.k8s.io/v1:StorageClass", ({ provisioner, parameters }) =>
      provisioner === "ebs.csi.aws.com" || provisioner === "kubernetes.io/aws-ebs"
        ? encryptionFindings("parameters.encrypted", field(parameters, "encrypted"))
        : [],
    ),
    onNodeGroupsWithoutTemplate(WHAT),
  ),
};

function templateFindings({ blockDeviceMappings }: PropertiesOf<LaunchTemplateArgs>): readonly Finding[] {
  if (blockDeviceMappings === UNKNOWN) {
    return [undetermined("blockDeviceMappings", WHAT)];
  }
  const disks = entries(blockDeviceMappings);
  if (disks.length === 0) {
    return [
      `"blockDeviceMappings" lists no disk, so the image decides whether the root volume is encrypted. Add the disk with "encrypted"`,
    ];
  }
  return disks.flatMap((disk, index) => {
    // An entry without `ebs` removes a disk, or names one of the instance's own.
    const ebs = field(disk, "ebs");
    return ebs === undefined ? [] : encryptionFindings(`blockDeviceMappings[${index}].ebs.encrypted`, field(ebs, "encrypted"));
  });
}

function instanceFindings({ rootBlockDevice, ebsBlockDevices }: PropertiesOf<InstanceArgs>): readonly Finding[] {
  return [
    ...encryptionFindings("rootBlockDevice.encrypted", field(rootBlockDevice, "encrypted")),
    ...(ebsBlockDevices === UNKNOWN ? [undetermined("ebsBlockDevices", WHAT)] : []),
    ...entries(ebsBlockDevices).flatMap((disk, index) =>
      encryptionFindings(`ebsBlockDevices[${index}].encrypted`, field(disk, "encrypted")),
    ),
  ];
}

function encryptionFindings(path: string, value: unknown): readonly Finding[] {
  return isOn(value) ? [] : [ifKnown(value, path, "whether the volume is encrypted", `"${path}" is ${show(value)}. Set it to true`)];
}
