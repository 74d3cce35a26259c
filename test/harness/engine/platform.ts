/** A small program over every stand-in: a network, a cluster, a pool of nodes, a password. Its settings change between two runs. */
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import { Key } from "@pulumi/aws/kms/key";
import { Cluster } from "@pulumi/eks/cluster";
import { RandomPassword } from "@pulumi/random";

export interface PlatformSettings {
  nodes: number;
  amiType: string;
  volumeGiB: number;
  logClass: string;
  zones: string[];
}

export const SETTINGS: PlatformSettings = {
  nodes: 1,
  amiType: "AL2023_x86_64_STANDARD",
  volumeGiB: 50,
  logClass: "STANDARD",
  zones: ["us-east-1a", "us-east-1b"],
};

/** What a stack made of the settings consists of. @param settings are read anew at every run. */
export function platform(settings: PlatformSettings): () => Promise<Record<string, unknown>> {
  return () => {
    const logs = new LogGroup("logs", { name: "/aws/eks/small/cluster", logGroupClass: settings.logClass });
    const key = new Key("secrets", { enableKeyRotation: true });
    const vpc = new Vpc("network", {
      availabilityZoneNames: settings.zones,
      subnetStrategy: "Auto",
      subnetSpecs: [
        { type: "Private", cidrBlocks: settings.zones.map((_, index) => `10.0.${index * 16}.0/20`) },
        { type: "Public", cidrBlocks: settings.zones.map((_, index) => `10.0.${128 + index}.0/24`) },
      ],
      natGateways: { strategy: "Single" },
    });
    const cluster = new Cluster(
      "cluster",
      {
        name: "small",
        vpcId: vpc.vpcId,
        privateSubnetIds: vpc.privateSubnetIds,
        encryptionConfigKeyArn: key.arn,
        authenticationMode: "API",
        skipDefaultNodeGroup: true,
        skipDefaultSecurityGroups: true,
        useDefaultVpcCni: true,
      },
      { dependsOn: logs },
    );
    const role = new Role("nodes", { assumeRolePolicy: "{}" });
    const attachment = new RolePolicyAttachment("nodes", {
      role: role.name,
      policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    });
    const template = new LaunchTemplate("nodes", {
      updateDefaultVersion: true,
      blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: settings.volumeGiB } }],
    });
    const nodes = new NodeGroup(
      "nodes",
      {
        clusterName: cluster.urn.apply(() => "small"),
        nodeGroupNamePrefix: "nodes-",
        nodeRoleArn: role.arn,
        subnetIds: vpc.privateSubnetIds,
        amiType: settings.amiType,
        scalingConfig: { minSize: 0, desiredSize: settings.nodes, maxSize: 4 },
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        tags: { pool: "nodes" },
      },
      { dependsOn: attachment },
    );
    const password = new RandomPassword("password", { length: 20 });
    return Promise.resolve({ kubeconfig: cluster.kubeconfig, nodeGroup: nodes.nodeGroupName, password: password.result });
  };
}
