import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Chart, GpuPool, Monitoring } from "../../config/types";
import { gpuOperatorValues } from "../../releases/helm/gpu-operator";
import { GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { chartRelease } from "./chart-release";
import { PROMETHEUS_RELEASE } from "../monitoring/monitoring";
import { dcgmNetworkPolicy } from "../monitoring/network";
import { namespace } from "../namespaces";

export interface GpuOperatorArgs {
  /** Chart gpu-operator. */
  readonly chart: Chart;
  /** All GPU pools; layouts that the operator does not ship are given to MIG Manager through the values. */
  readonly pools: readonly GpuPool[];
  /** Whether something scrapes DCGM Exporter. */
  readonly monitoring: Monitoring;
}

/**
 * NVIDIA GPU Operator: feature discovery, MIG Manager and the DCGM exporter.
 * It needs system nodes only and is installed while GPU nodes still boot. Helm's wait covers the operator and Node Feature Discovery; whether MIG Manager
 * has divided the GPUs is the PartitionGate's to say. All its node agents are privileged, hence the Pod Security level.
 */
export class GpuOperator extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: GpuOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:GpuOperator", name, {}, opts);

    const ns = new Namespace(name, namespace(GPU_OPERATOR_NAMESPACE, "privileged"), { parent: this });
    this.namespace = ns.metadata.name;
    new NetworkPolicy(`${name}-dcgm-exporter`, dcgmNetworkPolicy(), { parent: this, dependsOn: [ns] });

    new Release(
      name,
      chartRelease({
        chart: args.chart,
        name: "gpu-operator",
        namespace: this.namespace,
        values: gpuOperatorValues({
          layouts: args.pools.map(({ layout }) => layout),
          prometheusRelease: args.monitoring.type === "none" ? undefined : PROMETHEUS_RELEASE,
          extraValues: args.chart.values,
        }),
        timeoutMinutes: 15,
      }),
      { parent: this },
    );
    this.registerOutputs({ namespace: this.namespace });
  }
}
