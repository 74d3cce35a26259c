/** The security controls of the AWS half, each read off what the program registers. Kubernetes-side controls are tested with their components. */
import type { RecordedResource, Recording } from "../support/program";
import { ofType, only, runComponents } from "../support/program";
import { buildPlatform, CONFIG } from "./platform";

const ADMIN = "arn:aws:iam::111122223333:role/platform-admin";

let recording: Recording;
let cluster: RecordedResource;
let nodeGroups: readonly RecordedResource[];
let launchTemplates: readonly RecordedResource[];

beforeAll(async () => {
  const controlPlane = { ...CONFIG.controlPlane, adminPrincipalArns: [ADMIN] };
  recording = await runComponents(async () => {
    await buildPlatform({ controlPlane });
  });
  cluster = only(recording, "aws:eks/cluster:Cluster");
  nodeGroups = ofType(recording, "aws:eks/nodeGroup:NodeGroup");
  launchTemplates = ofType(recording, "aws:ec2/launchTemplate:LaunchTemplate");
});

const policiesOf = (role: RecordedResource): string[] =>
  ofType(recording, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter(({ inputs }) => inputs.role === role.outputs.name)
    .map(({ inputs }) => String(inputs.policyArn).replace("arn:aws:iam::aws:policy/", ""))
    .sort();

const trustOf = (role: RecordedResource) => JSON.parse(String(role.inputs.assumeRolePolicy)) as { Statement: Record<string, unknown>[] };

describe("API server", () => {
  test("knows access entries alone, not the aws-auth ConfigMap", () => {
    expect(cluster.inputs.accessConfig.authenticationMode).toBe("API");
  });

  test("gives cluster-wide administration to the named principals and nobody else", () => {
    const entries = ofType(recording, "aws:eks/accessEntry:AccessEntry");
    expect(entries.map(({ inputs }) => inputs.principalArn)).toEqual([ADMIN]);
    expect(only(recording, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation").inputs).toMatchObject({
      principalArn: ADMIN,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    });
  });

  test("has a private endpoint, and a public one for the named CIDR blocks alone", () => {
    expect(cluster.inputs.vpcConfig).toMatchObject({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    });
  });

  test("encrypts Secrets with a key of the stack that rotates", () => {
    const key = only(recording, "aws:kms/key:Key");
    expect(key.inputs.enableKeyRotation).toBe(true);
    expect(cluster.inputs.encryptionConfig).toEqual({ provider: { keyArn: key.outputs.arn }, resources: ["secrets"] });
  });

  test("writes all five logs", () => {
    expect([...cluster.inputs.enabledClusterLogTypes].sort()).toEqual(["api", "audit", "authenticator", "controllerManager", "scheduler"]);
  });
});

describe("nodes", () => {
  test("have one role per pool, with the right to join and to pull images and no other", () => {
    const roles = nodeGroups.map(({ inputs }) =>
      ofType(recording, "aws:iam/role:Role").find((role) => role.outputs.arn === inputs.nodeRoleArn),
    );
    expect(new Set(roles).size).toBe(2);
    for (const role of roles as RecordedResource[]) {
      expect(policiesOf(role)).toEqual(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"]);
      expect(trustOf(role).Statement).toEqual([{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }]);
    }
  });

  test("answer IMDSv2 only, and not to pods", () => {
    expect(launchTemplates).toHaveLength(2);
    for (const { inputs } of launchTemplates) {
      expect(inputs.metadataOptions).toEqual({ httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 });
    }
  });

  test("have encrypted root volumes", () => {
    for (const { inputs } of launchTemplates) {
      expect(inputs.blockDeviceMappings).toEqual([
        {
          deviceName: "/dev/xvda",
          ebs: expect.objectContaining({ encrypted: "true", volumeType: "gp3", deleteOnTermination: "true" }) as object,
        },
      ]);
    }
  });

  test("are in private subnets", () => {
    const privateSubnets = ofType(recording, "aws:ec2/subnet:Subnet")
      .filter(({ inputs }) => inputs.mapPublicIpOnLaunch === false)
      .map(({ id }) => id);
    for (const { inputs } of nodeGroups) expect(privateSubnets).toEqual(expect.arrayContaining(inputs.subnetIds as string[]));
  });

  test("allow nobody to log in", () => {
    for (const { inputs } of nodeGroups) expect(inputs).not.toHaveProperty("remoteAccess");
    for (const { inputs } of launchTemplates) expect(inputs).not.toHaveProperty("keyName");
  });

  test("use the security group that EKS makes: the stack makes none", () => {
    expect(ofType(recording, "aws:ec2/securityGroup:SecurityGroup")).toEqual([]);
    for (const { inputs } of launchTemplates) expect(inputs).not.toHaveProperty("vpcSecurityGroupIds");
  });

  test("run a pinned AMI release", () => {
    expect(nodeGroups.map(({ inputs }) => [inputs.amiType, inputs.version, inputs.releaseVersion])).toEqual([
      ["AL2023_x86_64_STANDARD", "1.34", "1.34.9-20260701"],
      ["AL2023_x86_64_NVIDIA", "1.34", "1.34.9-20260714"],
    ]);
    for (const { inputs } of launchTemplates) expect(inputs).not.toHaveProperty("imageId");
  });
});

describe("add-ons", () => {
  test("are all pinned to the release", () => {
    const versions = ofType(recording, "aws:eks/addon:Addon").map(({ inputs }) => [inputs.addonName, inputs.addonVersion]);
    expect(Object.fromEntries(versions)).toEqual({
      "vpc-cni": "v1.1.0-eksbuild.1",
      "kube-proxy": "v1.2.0-eksbuild.1",
      "eks-pod-identity-agent": "v1.3.0-eksbuild.1",
      coredns: "v1.4.0-eksbuild.1",
      "metrics-server": "v1.5.0-eksbuild.1",
      "aws-ebs-csi-driver": "v1.6.0-eksbuild.1",
      "eks-node-monitoring-agent": "v1.7.0-eksbuild.1",
    });
  });

  test.each([
    ["vpc-cni", "aws-node", "AmazonEKS_CNI_Policy"],
    ["aws-ebs-csi-driver", "ebs-csi-controller-sa", "AmazonEBSCSIDriverPolicyV2"],
  ])("%s has a role that its service account %s of this cluster alone may take on", (addonName, serviceAccount, policy) => {
    const addon = ofType(recording, "aws:eks/addon:Addon").find(({ inputs }) => inputs.addonName === addonName);
    const [association] = addon?.inputs.podIdentityAssociations as { serviceAccount: string; roleArn: string }[];
    const role = ofType(recording, "aws:iam/role:Role").find(({ outputs }) => outputs.arn === association?.roleArn) as RecordedResource;
    expect(association?.serviceAccount).toBe(serviceAccount);
    expect(policiesOf(role)).toEqual([policy]);
    expect(trustOf(role).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-name": "shared-gpu",
            "aws:RequestTag/kubernetes-namespace": "kube-system",
            "aws:RequestTag/kubernetes-service-account": serviceAccount,
          },
        },
      },
    ]);
  });

  test("the others have no AWS permissions", () => {
    const others = ofType(recording, "aws:eks/addon:Addon").filter(
      ({ inputs }) => !["vpc-cni", "aws-ebs-csi-driver"].includes(String(inputs.addonName)),
    );
    for (const { inputs } of others) {
      expect(inputs).not.toHaveProperty("podIdentityAssociations");
      expect(inputs).not.toHaveProperty("serviceAccountRoleArn");
    }
  });

  test("vpc-cni enforces network policies: the STRING true, as its schema wants", () => {
    const [cni] = ofType(recording, "aws:eks/addon:Addon").filter(({ inputs }) => inputs.addonName === "vpc-cni");
    expect(JSON.parse(String(cni?.inputs.configurationValues))).toMatchObject({ enableNetworkPolicy: "true" });
  });
});
