/** The add-ons that `eks:index:Cluster` makes unless it is told not to, and CoreDNS where it is asked to (pulumi-eks 7bf0c1b, nodejs/eks/cluster/cluster.ts and addons). */
import { apply } from "../../monitor/output-values";
import { asMap } from "../../monitor/wire";
import type { WireMap, WireValue } from "../../monitor/wire";
import { isGiven } from "../component";
import type { Child, Component, MakeChild } from "../component";
import { MOST_RECENT_ADDON } from "../invokes";

/** What the plugin says to the vpc-cni add-on where nobody says anything. */
const VPC_CNI_CONFIGURATION = {
  env: {
    AWS_VPC_ENI_MTU: "9001",
    AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "false",
    AWS_VPC_K8S_CNI_EXTERNALSNAT: "false",
    AWS_VPC_K8S_CNI_LOGLEVEL: "DEBUG",
    AWS_VPC_K8S_CNI_LOG_FILE: "/host/var/log/aws-routed-eni/ipamd.log",
    AWS_VPC_K8S_CNI_VETHPREFIX: "eni",
    AWS_VPC_K8S_PLUGIN_LOG_FILE: "/var/log/aws-routed-eni/plugin.log",
    AWS_VPC_K8S_PLUGIN_LOG_LEVEL: "DEBUG",
    ENABLE_POD_ENI: "false",
    WARM_ENI_TARGET: "1",
  },
  init: { env: { DISABLE_TCP_EARLY_DEMUX: "false" } },
};

/** @returns the component of the vpc-cni add-on, where there is one. @throws Error for options of add-ons that are not built here. */
export async function addons({ name, inputs }: Component, cluster: Child, make: MakeChild): Promise<Child | undefined> {
  const kubeProxy = asMap(inputs.kubeProxyAddonOptions);
  const coredns = asMap(inputs.corednsAddonOptions);
  const clusterName = cluster.output("name");
  const addon = (title: string, addonName: string, options: WireMap, configuration?: object, parent?: Child) =>
    make(
      "aws:eks/addon:Addon",
      title,
      {
        clusterName,
        addonName,
        preserve: true,
        tags: inputs.tags,
        resolveConflictsOnCreate: options.resolveConflictsOnCreate ?? "OVERWRITE",
        resolveConflictsOnUpdate: options.resolveConflictsOnUpdate ?? "OVERWRITE",
        addonVersion: isGiven(options.version) ? options.version : mostRecent(cluster),
        configurationValues: configuration === undefined ? undefined : JSON.stringify(configuration),
      },
      parent === undefined ? {} : { parent },
    );
  refuse("kubeProxyAddonOptions", kubeProxy);
  refuse("corednsAddonOptions", coredns);
  if (kubeProxy.enabled !== false) {
    await addon(`${name}-kube-proxy`, "kube-proxy", kubeProxy);
  }
  let vpcCni: Child | undefined;
  if (!isGiven(inputs.useDefaultVpcCni)) {
    vpcCni = await make(
      "eks:index:VpcCniAddon",
      `${name}-vpc-cni`,
      { clusterName, clusterVersion: cluster.output("version"), tags: inputs.tags },
      { kind: "component" },
    );
    const made = await addon(`${name}-vpc-cni`, "vpc-cni", {}, VPC_CNI_CONFIGURATION, vpcCni);
    await vpcCni.complete({ addon: made.reference });
  }
  // Without a default node group CoreDNS has nowhere to run, and comes only where it is asked for.
  if (coredns.enabled === true) {
    await addon(`${name}-coredns`, "coredns", coredns);
  }
  return vpcCni;
}

function refuse(option: string, options: WireMap): void {
  if (isGiven(options.configurationValues)) {
    throw new Error(`the rehearsal does not build eks:index:Cluster with ${option}.configurationValues`);
  }
}

/** What `getAddonVersion` answers. An SDK asks once the cluster exists, also where its version is known before. */
function mostRecent(cluster: Child): WireValue | undefined {
  return apply([cluster.output("version"), cluster.id], () => MOST_RECENT_ADDON);
}
