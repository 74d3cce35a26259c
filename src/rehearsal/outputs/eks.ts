/**
 * `eks:index:Cluster` as its plugin builds it (pulumi-eks 7bf0c1b, nodejs/eks/cluster/cluster.ts) for what this project
 * asks of it: API authentication and no default node group.
 */
import { UNKNOWN, asMap, hasUnknown, isWireMap, present } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";
import type { Child, Construct } from "./component";
import { accessEntries, addons, securityGroups, serviceRole } from "./eks-children";
import { kubeconfigOf } from "./eks-kubeconfig";
import type { Registration } from "./world";

/** Options whose consequences are not built here. */
const NOT_BUILT = [
  "autoMode",
  "fargate",
  "instanceRole",
  "instanceRoles",
  "roleMappings",
  "userMappings",
  "storageClasses",
  "creationRoleProvider",
];

/** @throws Error for options that would make something else than is built here. */
function refuse(inputs: Registration["inputs"]): void {
  const reasons = [
    ...NOT_BUILT.filter((option) => inputs[option] !== undefined),
    ...(inputs.skipDefaultNodeGroup === true ? [] : ["a default node group"]),
    ...(inputs.authenticationMode === "API" ? [] : [`authenticationMode ${JSON.stringify(inputs.authenticationMode ?? "CONFIG_MAP")}`]),
  ];
  if (reasons.length > 0) {
    throw new Error(`the rehearsal does not build eks:index:Cluster with ${reasons.join(", ")}`);
  }
}

export const eksCluster: Construct = async (component, world, _zones, make) => {
  const { inputs, name } = component;
  refuse(inputs);
  const wire = inputs as WireMap;
  const tags = asMap(wire.tags);
  const roleArn =
    isWireMap(wire.serviceRole) || typeof wire.serviceRole === "string" ? wire.serviceRole : await serviceRole(name, world, tags, make);
  const groups = inputs.skipDefaultSecurityGroups === true ? undefined : await securityGroups(name, wire, tags, make);
  const subnetIds = subnetsOf(wire);
  const cluster = await make("aws:eks/cluster:Cluster", `${name}-eksCluster`, {
    ...present({
      name: wire.name,
      version: wire.version,
      enabledClusterLogTypes: wire.enabledClusterLogTypes,
      upgradePolicy: wire.upgradePolicy,
      deletionProtection: wire.deletionProtection,
    }),
    roleArn,
    bootstrapSelfManagedAddons: wire.bootstrapSelfManagedAddons ?? true,
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
    vpcConfig: present({
      subnetIds,
      securityGroupIds: groups === undefined ? undefined : [groups.cluster.id],
      endpointPrivateAccess: wire.endpointPrivateAccess,
      endpointPublicAccess: wire.endpointPublicAccess,
      publicAccessCidrs: wire.publicAccessCidrs,
    }),
    ...(wire.encryptionConfigKeyArn === undefined
      ? {}
      : { encryptionConfig: { provider: { keyArn: wire.encryptionConfigKeyArn }, resources: ["secrets"] } }),
    tags: { Name: `${name}-eksCluster`, ...asMap(wire.clusterTags), ...tags },
  });
  const clusterName = cluster.outputs.name ?? UNKNOWN;
  await addons(name, wire, clusterName, make);
  await accessEntries(name, wire, clusterName, make);

  // As the plugin: known as a whole or not at all.
  const built = kubeconfigOf(cluster.outputs, world);
  const [kubeconfig, kubeconfigJson] = hasUnknown(built) ? [UNKNOWN, UNKNOWN] : [built, JSON.stringify(built)];
  const provider = await make("pulumi:providers:kubernetes", `${name}-eks-k8s`, { kubeconfig: kubeconfigJson }, undefined, "provider");
  const eksGroup = asMap(cluster.outputs.vpcConfig).clusterSecurityGroupId ?? UNKNOWN;
  const oidc =
    wire.createOidcProvider === true
      ? await make("aws:iam/openIdConnectProvider:OpenIdConnectProvider", `${name}-oidcProvider`, {
          clientIdLists: ["sts.amazonaws.com"],
          url: issuerOf(cluster),
        })
      : undefined;
  return {
    eksCluster: cluster.reference,
    kubeconfig,
    kubeconfigJson,
    clusterSecurityGroupId: groups?.cluster.id ?? eksGroup,
    nodeSecurityGroupId: groups?.node.id ?? eksGroup,
    clusterIngressRuleId: groups?.ingress.id ?? "",
    instanceRoles: [],
    defaultNodeGroupAsgName: "",
    fargateProfileId: "",
    fargateProfileStatus: "",
    autoModeNodeRoleName: "",
    oidcProviderArn: oidc?.outputs.arn ?? "",
    oidcProviderUrl: issuerOf(cluster),
    oidcIssuer: issuerOf(cluster) === UNKNOWN ? UNKNOWN : issuerOf(cluster).replace(/^https:\/\//, ""),
    core: {
      cluster: cluster.reference,
      endpoint: cluster.outputs.endpoint ?? UNKNOWN,
      kubeconfig,
      provider: provider.reference,
      vpcId: wire.vpcId ?? UNKNOWN,
      subnetIds,
      instanceRoles: [],
      nodeGroupOptions: {},
      tags,
    },
  };
};

function subnetsOf(inputs: WireMap): WireValue {
  if (inputs.subnetIds !== undefined) {
    return inputs.subnetIds;
  }
  const lists = [inputs.publicSubnetIds, inputs.privateSubnetIds].filter((list) => list !== undefined);
  return lists.some((list) => list === UNKNOWN) ? UNKNOWN : lists.flatMap((list) => list as readonly WireValue[]);
}

function issuerOf(cluster: Child): string {
  const { identities } = cluster.outputs;
  if (!Array.isArray(identities)) {
    return UNKNOWN;
  }
  const [identity] = identities as readonly { readonly oidcs: readonly { readonly issuer: string }[] }[];
  return identity?.oidcs[0]?.issuer ?? UNKNOWN;
}
