/** The arguments that the components had when their children were recorded: the stack's program of 2026-11-26 with three configurations. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Key } from "@pulumi/aws/kms/key";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import type { VpcArgs } from "@pulumi/awsx/ec2/vpc";
import { Cluster } from "@pulumi/eks/cluster";
import type { ClusterArgs } from "@pulumi/eks/cluster";
import { ComponentResource } from "@pulumi/pulumi";
import type { ResourceTransform } from "@pulumi/pulumi";

export type RecordingName = "dev" | "protected" | "private";

interface Settings {
  readonly natGateways: "None" | "Single" | "OnePerAz";
  readonly interfaceEndpoints: readonly string[];
  readonly endpoint: Partial<Pick<ClusterArgs, "endpointPublicAccess" | "publicAccessCidrs">>;
  readonly supportType: "STANDARD" | "EXTENDED";
  readonly isProtected: boolean;
  readonly accessEntries: NonNullable<ClusterArgs["accessEntries"]>;
}

const DEV: Settings = {
  natGateways: "Single",
  interfaceEndpoints: [],
  endpoint: { endpointPublicAccess: false },
  supportType: "EXTENDED",
  isProtected: false,
  accessEntries: {},
};

const SETTINGS: Readonly<Record<RecordingName, Settings>> = {
  dev: DEV,
  protected: {
    ...DEV,
    natGateways: "OnePerAz",
    endpoint: { endpointPublicAccess: true, publicAccessCidrs: ["203.0.113.0/24"] },
    supportType: "STANDARD",
    isProtected: true,
    accessEntries: {
      "123456789012:role/ops": {
        principalArn: "arn:aws:iam::123456789012:role/ops",
        accessPolicies: {
          admin: {
            policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            accessScope: { type: "cluster" },
          },
        },
      },
    },
  },
  private: {
    ...DEV,
    natGateways: "None",
    interfaceEndpoints: ["ecr.api", "ecr.dkr", "sts", "eks", "eks-auth", "ec2", "logs"],
  },
};

/**
 * A program that makes the components of a recording, with the recorded arguments, below components of the recorded types.
 * @param transforms of both components; the recordings have none.
 */
export function recordedProgram(name: RecordingName, transforms: ResourceTransform[] = []): () => Promise<Record<string, unknown>> {
  return () => {
    const settings = SETTINGS[name];
    const vpc = new Vpc("network", vpcArgs(settings), {
      parent: new ComponentResource("shared-gpu:aws:Network", "network"),
      transforms,
    });
    const parent = new ComponentResource("shared-gpu:aws:ControlPlane", "control-plane");
    const protect = settings.isProtected;
    const key = new Key("control-plane-secrets", {}, { parent, protect });
    const logs = new LogGroup("control-plane-logs", { name: "/aws/eks/shared-gpu-dev/cluster" }, { parent });
    new Cluster("control-plane", clusterArgs(settings, vpc, key), { parent, protect, dependsOn: logs, transforms });
    return Promise.resolve({});
  };
}

function vpcArgs({ natGateways, interfaceEndpoints }: Settings): VpcArgs {
  const blocks = [0, 64, 128];
  return {
    cidrBlock: "10.0.0.0/16",
    availabilityZoneNames: ["us-east-1a", "us-east-1b", "us-east-1d"],
    enableDnsHostnames: true,
    enableDnsSupport: true,
    subnetStrategy: "Auto",
    subnetSpecs: [
      { type: "Private", cidrBlocks: blocks.map((block) => `10.0.${block}.0/19`), tags: { "kubernetes.io/role/internal-elb": "1" } },
      { type: "Public", cidrBlocks: blocks.map((block) => `10.0.${block + 32}.0/24`), tags: { "kubernetes.io/role/elb": "1" } },
    ],
    natGateways: { strategy: natGateways },
    vpcEndpointStrategy: "Auto",
    vpcEndpointSpecs: [
      { serviceName: "com.amazonaws.us-east-1.s3", vpcEndpointType: "Gateway" },
      ...interfaceEndpoints.map((service) => ({ serviceName: `com.amazonaws.us-east-1.${service}`, vpcEndpointType: "Interface" })),
    ],
    tags: { environment: "dev" },
  };
}

function clusterArgs(settings: Settings, vpc: Vpc, key: Key): ClusterArgs {
  return {
    name: "shared-gpu-dev",
    version: "1.34",
    upgradePolicy: { supportType: settings.supportType },
    deletionProtection: settings.isProtected,
    vpcId: vpc.vpcId,
    privateSubnetIds: vpc.privateSubnetIds,
    endpointPrivateAccess: true,
    ...settings.endpoint,
    authenticationMode: "API",
    accessEntries: settings.accessEntries,
    encryptionConfigKeyArn: key.arn,
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    skipDefaultNodeGroup: true,
    skipDefaultSecurityGroups: true,
    createOidcProvider: false,
    bootstrapSelfManagedAddons: false,
    useDefaultVpcCni: true,
    kubeProxyAddonOptions: { enabled: false },
    corednsAddonOptions: { enabled: false },
    tags: { environment: "dev" },
  };
}
