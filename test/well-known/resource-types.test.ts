/** Type tokens are the SDKs' own, and the rehearsal has an answer for each. */
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import { Addon } from "@pulumi/aws/eks/addon";
import { Cluster } from "@pulumi/aws/eks/cluster";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import { Policy } from "@pulumi/aws/iam/policy";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import { Cluster as ClusterComponent } from "@pulumi/eks/cluster";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { Provider } from "@pulumi/kubernetes/provider";
import { AWS_OUTPUTS } from "../../src/rehearsal/stand-ins/aws";
import { pluginOf } from "../../src/rehearsal/stand-ins/plugins";
import * as types from "../../src/well-known/resource-types";

/** By the name of the constant; the compiler asks for a row for each. */
const SDK: Readonly<Record<keyof typeof types, unknown>> = {
  EKS_CLUSTER: Cluster,
  EKS_NODE_GROUP: NodeGroup,
  EKS_ADDON: Addon,
  LAUNCH_TEMPLATE: LaunchTemplate,
  SUBNET: Subnet,
  ROUTE: Route,
  ROUTE_TABLE: RouteTable,
  ROUTE_TABLE_ASSOCIATION: RouteTableAssociation,
  IAM_ROLE: Role,
  IAM_POLICY: Policy,
  IAM_ROLE_POLICY: RolePolicy,
  IAM_ROLE_POLICY_ATTACHMENT: RolePolicyAttachment,
  HELM_RELEASE: Release,
  HELM_CHART: Chart,
  KUBERNETES_PROVIDER: Provider,
  EKS_CLUSTER_COMPONENT: ClusterComponent,
  VPC_COMPONENT: Vpc,
};

test.each(Object.entries(types))("%s is %s", (name, token) => {
  const { __pulumiType: type } = SDK[name as keyof typeof types] as { readonly __pulumiType: string };
  expect(token).toBe(token.startsWith("pulumi:providers:") ? `pulumi:providers:${type}` : type);
});

test.each(Object.values(types).filter((token) => token.startsWith("aws:")))("the rehearsal answers %s", (token) => {
  expect(AWS_OUTPUTS).toHaveProperty([token]);
});

test.each([types.EKS_CLUSTER_COMPONENT, types.VPC_COMPONENT])("the rehearsal has a plugin for %s", (token) => {
  expect(pluginOf(token).construct).toBeInstanceOf(Function);
});
