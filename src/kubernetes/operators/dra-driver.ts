import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import type { Chart } from "../../config/types";
import { draDriverValues } from "../../releases/helm/dra-driver";
import { DRA_DRIVER_NAMESPACE } from "../../well-known/namespaces";
import { chartRelease } from "./chart-release";
import { namespace } from "../namespaces";

export interface DraDriverArgs {
  /** Chart dra-driver-nvidia-gpu, which was nvidia-dra-driver-gpu before 0.4. */
  readonly chart: Chart;
}

/**
 * NVIDIA's DRA driver: the kubelet plugin that publishes MIG devices as ResourceSlices and prepares them for pods.
 * Its daemon set selects nodes whose MIG layout has been applied, so that on a new cluster Helm's wait is over at once with no pod running; the PartitionGate
 * waits for the slices. The plugin is privileged, hence the Pod Security level.
 */
export class DraDriver extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: DraDriverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:DraDriver", name, {}, opts);

    const ns = new Namespace(name, namespace(DRA_DRIVER_NAMESPACE, "privileged"), { parent: this });
    this.namespace = ns.metadata.name;

    new Release(
      name,
      chartRelease({
        chart: args.chart,
        // Not the chart's present name: that of a release cannot be changed, and the values keep its former name too.
        name: "nvidia-dra-driver-gpu",
        namespace: this.namespace,
        values: draDriverValues({ extraValues: args.chart.values }),
        timeoutMinutes: 10,
      }),
      { parent: this },
    );
    this.registerOutputs({ namespace: this.namespace });
  }
}
