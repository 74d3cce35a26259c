/** What `eks:index:Cluster` makes besides the cluster itself. */
import { createHash } from "node:crypto";
import { UNKNOWN, asMap, present } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";
import type { Child, MakeChild } from "./component";
import type { World } from "./world";

/** The role of the control plane. @returns its ARN. */
export async function serviceRole(name: string, world: World, tags: WireMap, make: MakeChild): Promise<WireValue> {
  const component = await make("eks:index:ServiceRole", `${name}-eksRole`, {}, undefined, "component");
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Action: ["sts:AssumeRole", "sts:TagSession"], Effect: "Allow", Principal: { Service: ["eks.amazonaws.com"] } }],
  };
  const role = await make(
    "aws:iam/role:Role",
    `${name}-eksRole-role`,
    { description: "Allows EKS to manage clusters on your behalf.", assumeRolePolicy: JSON.stringify(trust), tags },
    component,
  );
  const policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
  const digest = createHash("sha1").update(policy).digest("hex").slice(0, 8);
  await make(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    `${name}-eksRole-${digest}`,
    { policyArn: policy.replace("arn:aws:", `arn:${world.partition}:`), role: role.id },
    component,
  );
  return role.outputs.arn ?? UNKNOWN;
}

/** The groups that the plugin makes unless it is told not to. */
export async function securityGroups(
  name: string,
  inputs: WireMap,
  tags: WireMap,
  make: MakeChild,
): Promise<{ readonly cluster: Child; readonly node: Child; readonly ingress: Child }> {
  const vpcId = inputs.vpcId ?? UNKNOWN;
  const group = (title: string) =>
    make("aws:ec2/securityGroup:SecurityGroup", `${name}-${title}`, {
      vpcId,
      revokeRulesOnDelete: true,
      tags: { Name: `${name}-${title}`, ...tags },
    });
  const rule = (title: string, args: WireMap) => make("aws:ec2/securityGroupRule:SecurityGroupRule", `${name}-${title}`, args);
  const cluster = await group("eksClusterSecurityGroup");
  await rule("eksClusterInternetEgressRule", {
    type: "egress",
    fromPort: 0,
    toPort: 0,
    protocol: "-1",
    cidrBlocks: ["0.0.0.0/0"],
    securityGroupId: cluster.id,
  });
  const node = await group("nodeSecurityGroup");
  await rule("eksNodeIngressRule", { type: "ingress", fromPort: 0, toPort: 0, protocol: "-1", self: true, securityGroupId: node.id });
  await rule("eksNodeClusterIngressRule", {
    type: "ingress",
    fromPort: 1025,
    toPort: 65535,
    protocol: "tcp",
    sourceSecurityGroupId: cluster.id,
    securityGroupId: node.id,
  });
  await rule("eksExtApiServerClusterIngressRule", {
    type: "ingress",
    fromPort: 443,
    toPort: 443,
    protocol: "tcp",
    sourceSecurityGroupId: cluster.id,
    securityGroupId: node.id,
  });
  await rule("eksNodeInternetEgressRule", {
    type: "egress",
    fromPort: 0,
    toPort: 0,
    protocol: "-1",
    cidrBlocks: ["0.0.0.0/0"],
    securityGroupId: node.id,
  });
  const ingress = await rule("eksClusterIngressRule", {
    type: "ingress",
    fromPort: 443,
    toPort: 443,
    protocol: "tcp",
    sourceSecurityGroupId: node.id,
    securityGroupId: cluster.id,
  });
  return { cluster, node, ingress };
}

/** The add-ons that the plugin makes unless it is told not to, and CoreDNS where it is asked to. */
export async function addons(name: string, inputs: WireMap, clusterName: WireValue, make: MakeChild): Promise<void> {
  const addon = (title: string, addonName: string, parent?: Child) =>
    make(
      "aws:eks/addon:Addon",
      title,
      { clusterName, addonName, preserve: true, resolveConflictsOnCreate: "OVERWRITE", resolveConflictsOnUpdate: "OVERWRITE" },
      parent,
    );
  if (asMap(inputs.kubeProxyAddonOptions).enabled !== false) {
    await addon(`${name}-kube-proxy`, "kube-proxy");
  }
  if (inputs.useDefaultVpcCni !== true) {
    const component = await make("eks:index:VpcCniAddon", `${name}-vpc-cni`, {}, undefined, "component");
    await addon(`${name}-vpc-cni`, "vpc-cni", component);
  }
  if (asMap(inputs.corednsAddonOptions).enabled === true) {
    await addon(`${name}-coredns`, "coredns");
  }
}

/** An access entry, and its policies, per entry of `accessEntries`. */
export async function accessEntries(name: string, inputs: WireMap, clusterName: WireValue, make: MakeChild): Promise<void> {
  for (const [key, value] of Object.entries(asMap(inputs.accessEntries))) {
    const { accessPolicies, username, ...entry } = asMap(value);
    const parent = await make("aws:eks/accessEntry:AccessEntry", `${name}-${key}`, {
      ...entry,
      ...present({ userName: username }),
      clusterName,
    });
    for (const [policy, association] of Object.entries(asMap(accessPolicies))) {
      await make(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        `${name}-${key}-${policy}`,
        { ...asMap(association), principalArn: entry.principalArn ?? UNKNOWN, clusterName },
        parent,
      );
    }
  }
}
