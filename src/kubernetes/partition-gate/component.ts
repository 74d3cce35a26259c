import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Namespace, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Charts, GpuPool, PartitionGate as GateConfig } from "../../config/types";
import { PARTITION_GATE_NAMESPACE } from "../../well-known/namespaces";
import { namespace } from "../namespaces";
import { gateExpectation } from "./expectation";
import { GATE_NAME, gateClusterRole, gateConfigMap, gateJob, gateTimeout } from "./job";

export interface PartitionGateArgs {
  /** All GPU pools: their layouts and desired sizes are what is waited for. */
  readonly pools: readonly GpuPool[];
  /** Image and timeout of the gate. */
  readonly gate: GateConfig;
  /** The charts in effect: the gate runs again when the GPU Operator or the DRA driver changes. */
  readonly charts: Charts;
}

/**
 * Lets `pulumi up` continue only when the cluster publishes every slice of the configuration. Otherwise it reports which node is stuck in which state.
 * Helm cannot: it deploys charts long before MIG Manager has rebooted a node and the DRA driver has listed its devices.
 * A Job in the cluster waits, so Pulumi needs no more access than it has.
 */
export class PartitionGate extends pulumi.ComponentResource {
  constructor(name: string, args: PartitionGateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:PartitionGate", name, {}, opts);
    const child = { parent: this };
    const metadata = { name: GATE_NAME, namespace: PARTITION_GATE_NAMESPACE };

    const ns = new Namespace(name, namespace(PARTITION_GATE_NAMESPACE, "restricted"), child);
    const inNamespace = { parent: this, dependsOn: [ns] };
    const serviceAccount = new ServiceAccount(name, { metadata }, inNamespace);
    const role = new ClusterRole(name, gateClusterRole(), child);
    const binding = new ClusterRoleBinding(
      name,
      {
        metadata: { name: GATE_NAME },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", ...metadata }],
      },
      child,
    );

    const expectation = gateExpectation(args.pools, args.gate);
    const configMapArgs = gateConfigMap(expectation);
    const configMap = new ConfigMap(name, configMapArgs, inNamespace);
    const timeout = gateTimeout(expectation);
    new Job(
      name,
      gateJob({
        expectation,
        configMapName: configMapArgs.metadata.name,
        image: args.gate.image,
        installed: [args.charts.gpuOperator, args.charts.draDriver].map(({ chart, version }) => `${chart} ${version}`),
      }),
      {
        parent: this,
        dependsOn: [serviceAccount, binding, configMap],
        customTimeouts: { create: timeout, update: timeout },
        // A Job's spec cannot be changed, and its name is fixed.
        replaceOnChanges: ["spec"],
        deleteBeforeReplace: true,
      },
    );
    this.registerOutputs({});
  }
}
