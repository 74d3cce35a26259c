/**
 * `eks:index:Cluster` as its plugin builds it (pulumi-eks 7bf0c1b, nodejs/eks/cluster/cluster.ts) for what this project asks of it: API authentication and
 * no default node group.
 */
import { apply } from "../../monitor/output-values";
import { asMap } from "../../monitor/wire";
import type { WireMap, WireValue } from "../../monitor/wire";
import { EKS_CLUSTER, KUBERNETES_PROVIDER } from "../../../well-known/resource-types";
import { isGiven, promptInput } from "../component";
import type { Child, Component, Construct, MakeChild } from "../component";
import { accessEntries } from "./access";
import { addons } from "./addons";
import { kubeconfigOf } from "./kubeconfig";
import { clusterSecurityGroup, nodeSecurityGroup } from "./security-groups";
import { serviceRole } from "./service-role";

/** Inputs that something is made of here, or that ask for nothing to be made. */
const BUILT: ReadonlySet<string> = new Set([
  "accessEntries",
  "authenticationMode",
  "bootstrapSelfManagedAddons",
  "clusterSecurityGroupTags",
  "clusterTags",
  "corednsAddonOptions",
  "deletionProtection",
  "enableConfigMapMutable",
  "enabledClusterLogTypes",
  "encryptionConfigKeyArn",
  "endpointPrivateAccess",
  "endpointPublicAccess",
  "ipFamily",
  "kubeProxyAddonOptions",
  "kubernetesServiceIpAddressRange",
  "name",
  "nodeSecurityGroupTags",
  "privateSubnetIds",
  "publicAccessCidrs",
  "publicSubnetIds",
  "skipDefaultNodeGroup",
  "skipDefaultSecurityGroups",
  "subnetIds",
  "tags",
  "upgradePolicy",
  "useDefaultVpcCni",
  "version",
  "vpcId",
]);

/** @throws Error for options that would make something else than is built here, and for those that the plugin itself refuses. */
function refuse(component: Component): void {
  const { type, inputs } = component;
  const mode = promptInput<string>(component, "authenticationMode");
  const reasons = [
    ...Object.keys(inputs).filter((name) => !BUILT.has(name) && isGiven(inputs[name])),
    ...(isGiven(inputs.skipDefaultNodeGroup) ? [] : ["a default node group"]),
    ...(isGiven(inputs.vpcId) ? [] : ["the default VPC"]),
    ...(mode === "API" ? [] : [`authenticationMode ${JSON.stringify(mode ?? "CONFIG_MAP")}`]),
  ];
  if (reasons.length > 0) {
    throw new Error(`the rehearsal does not build ${type} with ${reasons.join(", ")}`);
  }
  if (isGiven(inputs.subnetIds) && (isGiven(inputs.publicSubnetIds) || isGiven(inputs.privateSubnetIds))) {
    throw new Error("subnetIds, and the use of publicSubnetIds and/or privateSubnetIds are mutually exclusive. Choose a single approach.");
  }
}

export const eksCluster: Construct = async (component, account, _zones, make) => {
  const { inputs, name } = component;
  refuse(component);
  const role = await serviceRole(name, inputs.tags, account, make);
  const makesGroups = !isGiven(inputs.skipDefaultSecurityGroups);
  const group = makesGroups ? await clusterSecurityGroup(name, inputs, make) : undefined;
  const cluster = await make(EKS_CLUSTER, `${name}-eksCluster`, clusterInputs(name, inputs, role.role, group), {
    // Both are decided when the cluster is made, and never again.
    ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
    dependsOn: [role.role, ...role.attachments],
  });
  const vpcCni = await addons(component, cluster, make);
  const entries = await accessEntries(name, inputs, cluster, make);
  const nodes = group === undefined ? undefined : await nodeSecurityGroup(name, inputs, group, cluster, make);
  return outputs({
    inputs,
    cluster,
    role: role.role,
    group,
    nodes,
    vpcCni,
    entries,
    kubernetes: await kubernetesProvider(component, cluster, make),
  });
};

function clusterInputs(name: string, inputs: WireMap, role: Child, group: Child | undefined): Record<string, WireValue | undefined> {
  const { tags = null, clusterTags = null, publicAccessCidrs, endpointPublicAccess = true } = inputs;
  return {
    name: inputs.name,
    roleArn: role.output("arn"),
    kubernetesNetworkConfig: networkConfig(inputs),
    bootstrapSelfManagedAddons: inputs.bootstrapSelfManagedAddons ?? true,
    vpcConfig: defined({
      securityGroupIds: group === undefined ? undefined : [group.id],
      subnetIds: subnetsOf(inputs),
      endpointPrivateAccess: inputs.endpointPrivateAccess,
      endpointPublicAccess: inputs.endpointPublicAccess,
      publicAccessCidrs: isGiven(publicAccessCidrs)
        ? apply([publicAccessCidrs, endpointPublicAccess], (cidrs, isPublic) => {
            if (isPublic !== true) {
              throw new Error("`publicAccessCidrs` can only be set when `endpointPublicAccess` is true");
            }
            return cidrs;
          })
        : undefined,
    }),
    version: inputs.version,
    enabledClusterLogTypes: inputs.enabledClusterLogTypes,
    tags: apply([tags, clusterTags], (own, more) => ({ Name: `${name}-eksCluster`, ...asMap(more), ...asMap(own) })),
    encryptionConfig: encryptionConfig(inputs),
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
    upgradePolicy: inputs.upgradePolicy,
    deletionProtection: inputs.deletionProtection,
  };
}

/** A member of an input; the SDK leaves undefined ones out. */
function defined(map: Readonly<Record<string, WireValue | undefined>>): WireMap {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, WireValue] => entry[1] !== undefined));
}

/** Known as a whole or not at all. */
function encryptionConfig({ encryptionConfigKeyArn }: WireMap): WireValue | undefined {
  return isGiven(encryptionConfigKeyArn)
    ? apply([encryptionConfigKeyArn], (keyArn) => ({ provider: { keyArn: keyArn ?? null }, resources: ["secrets"] }))
    : undefined;
}

function networkConfig({ kubernetesServiceIpAddressRange = null, ipFamily = null }: WireMap): WireValue | undefined {
  return isGiven(kubernetesServiceIpAddressRange) || isGiven(ipFamily)
    ? apply([kubernetesServiceIpAddressRange, ipFamily], (range, given) => {
        const family = given ?? "ipv4";
        return defined({ serviceIpv4Cidr: family === "ipv4" ? (range ?? undefined) : undefined, ipFamily: family });
      })
    : undefined;
}

function subnetsOf({ subnetIds, publicSubnetIds, privateSubnetIds }: WireMap): WireValue {
  if (subnetIds !== undefined) {
    return subnetIds;
  }
  const joined = apply([publicSubnetIds ?? [], privateSubnetIds ?? []], (publicIds, privateIds) => [
    ...(publicIds as readonly WireValue[]),
    ...(privateIds as readonly WireValue[]),
  ]);
  return joined ?? [];
}

async function kubernetesProvider({ name, inputs }: Component, cluster: Child, make: MakeChild): Promise<Child> {
  return make(
    KUBERNETES_PROVIDER,
    `${name}-eks-k8s`,
    {
      kubeconfig: apply([kubeconfigOf(cluster.output)], (kubeconfig) => JSON.stringify(kubeconfig)),
      enableConfigMapMutable:
        inputs.enableConfigMapMutable === undefined ? undefined : apply([inputs.enableConfigMapMutable], (value) => JSON.stringify(value)),
    },
    { kind: "provider" },
  );
}

interface Made {
  readonly inputs: WireMap;
  readonly cluster: Child;
  readonly role: Child;
  readonly group: Child | undefined;
  readonly nodes: { readonly group: Child; readonly ingress: Child } | undefined;
  readonly vpcCni: Child | undefined;
  readonly entries: readonly WireValue[];
  readonly kubernetes: Child;
}

function outputs({ inputs, cluster, role, group, nodes, vpcCni, entries, kubernetes }: Made): WireMap {
  const kubeconfig = kubeconfigOf(cluster.output);
  const ofEks = apply([cluster.output("vpcConfig")], (config) => asMap(config).clusterSecurityGroupId ?? null) ?? null;
  const issuer = apply([cluster.output("identities")], issuerOf) ?? "";
  const subnetIds = subnetsOf(inputs);
  const endpoint = cluster.output("endpoint");
  const config = encryptionConfig(inputs);
  const references = {
    cluster: cluster.reference,
    provider: kubernetes.reference,
    clusterIamRole: role.reference,
    ...(group === undefined ? {} : { clusterSecurityGroup: group.reference }),
    ...(vpcCni === undefined ? {} : { vpcCni: vpcCni.reference }),
  };
  const { vpcId = null, publicSubnetIds = null, privateSubnetIds = null, tags = null, nodeSecurityGroupTags = null } = inputs;
  // Known as a whole or not at all.
  const core = apply(
    [
      {
        vpcId,
        subnetIds,
        publicSubnetIds,
        privateSubnetIds,
        endpoint,
        kubeconfig,
        tags,
        nodeSecurityGroupTags,
        encryptionConfig: config ?? null,
      },
      [...entries],
    ],
    (values, known) => ({
      ...Object.fromEntries(Object.entries(asMap(values)).filter(([, value]) => value !== null)),
      ...references,
      accessEntries: known ?? [],
      autoModeNodeRoleName: "",
      instanceRoles: [],
      nodeGroupOptions: {
        ...(inputs.version === undefined ? {} : { version: inputs.version }),
        ...(nodes === undefined ? {} : { nodeSecurityGroup: nodes.group.reference, clusterIngressRule: nodes.ingress.reference }),
      },
      storageClasses: {},
    }),
  );
  return defined({
    eksCluster: cluster.reference,
    kubeconfig,
    kubeconfigJson: apply([kubeconfig], (value) => JSON.stringify(value)),
    clusterSecurityGroup: group?.reference,
    nodeSecurityGroup: nodes?.group.reference,
    eksClusterIngressRule: nodes?.ingress.reference,
    clusterSecurityGroupId: group?.id ?? ofEks,
    nodeSecurityGroupId: nodes?.group.id ?? ofEks,
    clusterIngressRuleId: nodes === undefined ? "" : nodes.ingress.output("securityGroupRuleId"),
    instanceRoles: [],
    defaultNodeGroupAsgName: "",
    fargateProfileId: "",
    fargateProfileStatus: "",
    autoModeNodeRoleName: "",
    oidcProviderArn: "",
    oidcProviderUrl: issuer,
    oidcIssuer: apply([issuer], (url) => String(url).replace("https://", "")),
    core,
  });
}

function issuerOf(identities: WireValue | undefined): string {
  const [identity] = (identities ?? []) as readonly { readonly oidcs?: readonly { readonly issuer?: string }[] }[];
  return identity?.oidcs?.[0]?.issuer ?? "";
}
