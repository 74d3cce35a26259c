import { ControlPlane, endpointArgs } from "../../src/aws/control-plane";
import { Network } from "../../src/aws/network";
import type { Recording } from "../support/program";
import { ofType, only, runComponents, UNKNOWN } from "../support/program";
import { buildPlatform, CONFIG } from "./platform";

describe("endpointArgs", () => {
  test("a private API server has no public endpoint and no list of CIDR blocks, which the component would refuse", () => {
    expect(endpointArgs({ type: "private" })).toStrictEqual({ endpointPrivateAccess: true, endpointPublicAccess: false });
  });

  test("a public API server is open to the named CIDR blocks, and still has its private endpoint", () => {
    expect(endpointArgs({ type: "cidrs", cidrs: ["203.0.113.7/32"] })).toStrictEqual({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.7/32"],
    });
  });
});

describe("ControlPlane", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await runComponents(() => {
      const { kubeconfig } = new ControlPlane("control-plane", { ...CONFIG, network: new Network("network", CONFIG) });
      return { kubeconfig };
    });
  });

  test("hands out the kubeconfig as a secret and passes it on as one", () => {
    expect(recording.secretOutputs).toContain("kubeconfig");
    expect(only(recording, "pulumi:providers:kubernetes", "control-plane").secretInputs).toContain("kubeconfig");
    expect(only(recording, "shared-gpu:aws:ControlPlane").secretOutputs).toContain("kubeconfig");
  });

  test("makes the certificate secret that the component's kubeconfigs are made of, and with it all of them", () => {
    expect(only(recording, "aws:eks/cluster:Cluster").options.additionalSecretOutputs).toContain("certificateAuthority");
  });

  test("stays in the subnets that it was created in: EKS refuses another zone", () => {
    expect(only(recording, "aws:eks/cluster:Cluster").options.ignoreChanges).toContain("vpcConfig.subnetIds");
  });

  test("makes the log group before the cluster, with an end to retention, and deletes it after", () => {
    const logGroup = only(recording, "aws:cloudwatch/logGroup:LogGroup");
    expect(logGroup.inputs).toMatchObject({ name: "/aws/eks/shared-gpu/cluster", retentionInDays: 90 });
    expect(only(recording, "eks:index:Cluster").dependencies).toContain(logGroup.urn);
  });

  test("makes members of teams by access entries with their group, and with no rights of their own", async () => {
    const principalArns = ["arn:aws:iam::111122223333:role/vision"];
    const slices = { small: 1, medium: 0, large: 0 };
    const teams = [
      {
        name: "vision",
        slices,
        group: "vision-engineers",
        principalArns,
        pods: 30,
        cpu: 8,
        memoryGiB: 64,
        storageGiB: 500,
        ephemeralStorageGiB: 300,
        objects: 30,
      },
    ];
    const { resources } = await runComponents(() => {
      const stack = { ...CONFIG, teams };
      const { kubeconfig } = new ControlPlane("control-plane", { ...stack, network: new Network("network", stack) });
      return { kubeconfig };
    });
    const entries = resources
      .filter(({ type }) => type === "aws:eks/accessEntry:AccessEntry")
      .filter(({ inputs }) => inputs.kubernetesGroups);
    expect(entries.map(({ inputs }) => inputs)).toMatchObject([
      { principalArn: principalArns[0], kubernetesGroups: ["vision-engineers"], type: "STANDARD", clusterName: "shared-gpu" },
    ]);
    expect(resources.map(({ type }) => type)).not.toContain("aws:eks/accessPolicyAssociation:AccessPolicyAssociation");
  });

  describe("administrators", () => {
    const ENTRY = "aws:eks/accessEntry:AccessEntry";
    const ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
    let administered: Recording;
    beforeAll(async () => {
      const controlPlane = { ...CONFIG.controlPlane, adminPrincipalArns: ["arn:aws:iam::111122223333:role/platform-admin"] };
      administered = await runComponents(() => {
        const { kubeconfig } = new ControlPlane("control-plane", { ...CONFIG, controlPlane, network: new Network("network", CONFIG) });
        return { kubeconfig };
      });
    });

    test("can be taken out of a protected cluster", () => {
      for (const { options } of [only(administered, ENTRY), only(administered, ASSOCIATION)]) {
        expect(options.protect).toBe(false);
      }
    });

    test("administer the whole cluster", () => {
      expect(only(administered, ASSOCIATION).inputs).toEqual({
        clusterName: "shared-gpu",
        region: "us-east-1",
        principalArn: "arn:aws:iam::111122223333:role/platform-admin",
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      });
    });

    test("keep the entries that the component made for them, since EKS refuses a second one", () => {
      const was = "urn:pulumi:test::shared-gpu::shared-gpu:aws:ControlPlane$eks:index:Cluster$aws:eks/accessEntry:AccessEntry";
      // The engine derives the association's former name from that of its parent.
      expect(only(administered, ENTRY).options.aliases).toEqual([`${was}::control-plane-111122223333:role/platform-admin`]);
      expect(only(administered, ASSOCIATION)).toMatchObject({
        name: "control-plane-111122223333:role/platform-admin-admin",
        parent: only(administered, ENTRY).urn,
      });
    });

    test("have access until everything in the cluster is gone", () => {
      const { dependencies } = only(administered, "pulumi:providers:kubernetes", "control-plane");
      expect(dependencies).toEqual(expect.arrayContaining([only(administered, ENTRY).urn, only(administered, ASSOCIATION).urn]));
    });
  });

  test("keeps the network until the cluster is gone", () => {
    expect(only(recording, "eks:index:Cluster").dependencies).toContain(only(recording, "awsx:ec2:Vpc").urn);
  });

  test("creates neither nodes nor add-ons nor an OIDC provider nor security groups of its own", () => {
    const types = new Set(recording.resources.map(({ type }) => type.split(":").at(-1)));
    for (const absent of ["NodeGroup", "Addon", "OpenIdConnectProvider", "SecurityGroup"]) expect(types).not.toContain(absent);
    expect(only(recording, "aws:eks/cluster:Cluster").inputs.bootstrapSelfManagedAddons).toBe(false);
  });

  test("puts the control plane's network interfaces into the private subnets", () => {
    const subnets = recording.resources.filter(({ type, inputs }) => type === "aws:ec2/subnet:Subnet" && !inputs.mapPublicIpOnLaunch);
    expect(only(recording, "aws:eks/cluster:Cluster").inputs.vpcConfig.subnetIds).toEqual(subnets.map(({ id }) => id));
  });

  test("passes version and support type on", () => {
    expect(only(recording, "aws:eks/cluster:Cluster").inputs).toMatchObject({
      version: "1.34",
      upgradePolicy: { supportType: "STANDARD" },
    });
  });

  test("retains nothing on destroy", () => {
    expect(recording.resources.filter(({ options }) => options.retainOnDelete)).toEqual([]);
  });

  test("protects cluster and key in Pulumi, and the cluster in EKS", () => {
    expect(only(recording, "eks:index:Cluster")).toMatchObject({ inputs: { deletionProtection: true }, options: { protect: true } });
    expect(only(recording, "aws:kms/key:Key").options.protect).toBe(true);
  });

  test("in a preview of a new stack everything that carries the cluster's name knows it, though all that is computed is unknown", async () => {
    const preview = await runComponents(
      async () => {
        const { controlPlane } = await buildPlatform();
        return { clusterName: controlPlane.clusterName, clusterSecurityGroupId: controlPlane.clusterSecurityGroupId };
      },
      { mode: "preview" },
    );
    expect(preview.outputs).toMatchObject({ clusterName: "shared-gpu", clusterSecurityGroupId: UNKNOWN });
    expect(only(preview, "pulumi:providers:kubernetes", "control-plane").inputs.clusterIdentifier).toBe("us-east-1/shared-gpu");
    const inside = ["aws:eks/nodeGroup:NodeGroup", "aws:eks/addon:Addon"].flatMap((type) => ofType(preview, type));
    expect(inside).toHaveLength(9);
    expect(new Set(inside.map(({ inputs }) => inputs.clusterName))).toEqual(new Set(["shared-gpu"]));
    expect(only(preview, "aws:eks/nodeGroup:NodeGroup", "a100").inputs.subnetIds).toContain(UNKNOWN);
  });
});
