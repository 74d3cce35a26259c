/** What the instances of a pool look like. Pure. */
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { Capacity } from "../config/types";
import type { ImageKind } from "./ami";
import { purchaseOf } from "./capacity";
import { namePrefix } from "../well-known/name-prefix";
import { CONTAINER_TOOLKIT, LOCAL_STORAGE, userData } from "./user-data";

export interface NodeTemplate {
  /** Cluster and pool that the instances are of: the template's name, and the `Name` tag of instances and volumes. */
  readonly clusterName: string;
  readonly poolName: string;
  /** Size of the encrypted gp3 root volume. */
  readonly volumeGiB: number;
  /** Local NVMe of the instance type, 0 without. */
  readonly nvmeGB: number;
  /** What is in the image that EKS chooses. */
  readonly image: ImageKind;
  /** How the instances are bought. */
  readonly capacity: Capacity;
  /** EC2's name of the instance type. */
  readonly instanceType: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The launch template of a managed node group. It has no image id on purpose: EKS then keeps choosing the image by the node group's AMI type
 * and pinned release, and merges its own user data with ours.
 */
export function launchTemplateArgs(node: NodeTemplate): LaunchTemplateArgs {
  const tags = { ...node.tags, Name: `${node.clusterName}-${node.poolName}` };
  return {
    ...purchaseOf(node.capacity, node.instanceType).launchTemplate,
    namePrefix: namePrefix(node.clusterName, node.poolName, "launchTemplate"),
    updateDefaultVersion: true,
    // IMDSv2 only, and not from pods: a packet to a container takes a second hop.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        // The root device of AL2023 images.
        deviceName: "/dev/xvda",
        ebs: { volumeSize: node.volumeGiB, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    userData: userData([...(node.nvmeGB > 0 ? [LOCAL_STORAGE] : []), ...(node.image === "nvidia" ? [CONTAINER_TOOLKIT] : [])]),
    // Tags of a node group stay with the node group; what costs money is the instance and its volumes.
    tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
    tags: { ...node.tags },
  };
}
