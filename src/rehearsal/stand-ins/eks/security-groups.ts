/** The security groups that `eks:index:Cluster` makes unless it is told not to (pulumi-eks 7bf0c1b, nodejs/eks/cluster/cluster.ts and nodes/securitygroup.ts). */
import { apply } from "../../monitor/output-values";
import { asMap } from "../../monitor/wire";
import type { WireMap, WireValue } from "../../monitor/wire";
import type { Child, ChildInputs, MakeChild } from "../component";

// The descriptions of the groups are the SDK's.
const group = (title: string, vpcId: WireValue | undefined, tags: WireValue | undefined, make: MakeChild) =>
  make("aws:ec2/securityGroup:SecurityGroup", title, { description: "Managed by Pulumi", vpcId, revokeRulesOnDelete: true, tags });

const rule = (title: string, inputs: ChildInputs, make: MakeChild) => make("aws:ec2/securityGroupRule:SecurityGroupRule", title, inputs);

const ANYTHING = { fromPort: 0, toPort: 0, protocol: "-1" };
const HTTPS = { fromPort: 443, toPort: 443, protocol: "tcp" };

/** The control plane's group. */
export async function clusterSecurityGroup(name: string, inputs: WireMap, make: MakeChild): Promise<Child> {
  const title = `${name}-eksClusterSecurityGroup`;
  const { tags = null, clusterSecurityGroupTags = null } = inputs;
  const all = apply([tags, clusterSecurityGroupTags], (own, more) => ({ Name: title, ...asMap(more), ...asMap(own) }));
  const made = await group(title, inputs.vpcId, all, make);
  await rule(
    `${name}-eksClusterInternetEgressRule`,
    { description: "Allow internet access.", type: "egress", ...ANYTHING, cidrBlocks: ["0.0.0.0/0"], securityGroupId: made.id },
    make,
  );
  return made;
}

/** The nodes' group, and the rules between the two. @returns the group, and the rule that lets nodes into the control plane's. */
export async function nodeSecurityGroup(
  name: string,
  inputs: WireMap,
  control: Child,
  cluster: Child,
  make: MakeChild,
): Promise<{ readonly group: Child; readonly ingress: Child }> {
  const title = `${name}-nodeSecurityGroup`;
  const { tags = null, nodeSecurityGroupTags = null } = inputs;
  const all = apply([tags, nodeSecurityGroupTags, cluster.output("name")], (own, more, clusterName) => ({
    Name: title,
    [`kubernetes.io/cluster/${String(clusterName)}`]: "owned",
    ...asMap(more),
    ...asMap(own),
  }));
  const made = await group(title, inputs.vpcId, all, make);
  const ofNodes = { securityGroupId: made.id };
  const fromControl = { type: "ingress", ...ofNodes, sourceSecurityGroupId: control.id };
  await rule(
    `${name}-eksNodeIngressRule`,
    { description: "Allow nodes to communicate with each other", type: "ingress", ...ANYTHING, ...ofNodes, self: true },
    make,
  );
  await rule(
    `${name}-eksNodeClusterIngressRule`,
    {
      description: "Allow worker Kubelets and pods to receive communication from the cluster control plane",
      ...fromControl,
      fromPort: 1025,
      toPort: 65535,
      protocol: "tcp",
    },
    make,
  );
  await rule(
    `${name}-eksExtApiServerClusterIngressRule`,
    {
      description: "Allow pods running extension API servers on port 443 to receive communication from cluster control plane",
      ...fromControl,
      ...HTTPS,
    },
    make,
  );
  await rule(
    `${name}-eksNodeInternetEgressRule`,
    { description: "Allow internet access.", type: "egress", ...ANYTHING, cidrBlocks: ["0.0.0.0/0"], ...ofNodes },
    make,
  );
  const ingress = await rule(
    `${name}-eksClusterIngressRule`,
    {
      description: "Allow pods to communicate with the cluster API Server",
      type: "ingress",
      ...HTTPS,
      securityGroupId: control.id,
      sourceSecurityGroupId: made.id,
    },
    make,
  );
  return { group: made, ingress };
}
