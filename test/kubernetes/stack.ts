/** The Kubernetes half of a stack, without the cluster. */
import { Provider } from "@pulumi/kubernetes/provider";
import { DeviceTiers } from "../../src/kubernetes/tiers/device-classes";
import { DraDriver } from "../../src/kubernetes/operators/dra-driver";
import { FashionMnist } from "../../src/kubernetes/fashion-mnist/fashion-mnist";
import { GpuOperator } from "../../src/kubernetes/operators/gpu-operator";
import { AdmissionPolicies } from "../../src/kubernetes/admission/component";
import { Monitoring } from "../../src/kubernetes/monitoring/monitoring";
import { PartitionGate } from "../../src/kubernetes/partition-gate/component";
import { Teams } from "../../src/kubernetes/teams/teams";
import type { Recording } from "../support/program";
import { runComponents } from "../support/program";
import { RULES } from "../support/rules";
import { CONFIG } from "./fixtures";
import type { KubernetesConfig } from "./fixtures";

/** Registers every component. */
export function runStack(overrides: Partial<KubernetesConfig> = {}): Promise<Recording> {
  const { charts, gpuPools: pools, partitionGate: gate, teams, fashionMnist, monitoring: config } = { ...CONFIG, ...overrides };
  return runComponents(() => {
    const providers = [new Provider("cluster", { kubeconfig: "{}" })];
    const monitoring = new Monitoring(
      "monitoring",
      {
        clusterName: "shared-gpu-dev",
        monitoring: config,
        chart: charts.kubePrometheusStack,
        storageClass: "gp3",
        stack: { pools, standardSupportEnds: "2026-12-02" },
        image: gate.image,
      },
      { providers },
    );
    new GpuOperator("gpu-operator", { chart: charts.gpuOperator, pools, monitoring: config }, { providers, dependsOn: monitoring });
    new DraDriver("dra-driver", { chart: charts.draDriver }, { providers });
    new PartitionGate("partition-gate", { pools, gate, charts }, { providers });
    new DeviceTiers("tiers", { providers });
    new AdmissionPolicies("admission-policies", { providers });
    new Teams("teams", { teams, pools, kubernetes: RULES }, { providers });
    new FashionMnist("fashion-mnist", { fashionMnist, monitoring: config }, { providers });
    return { grafana: monitoring.grafana };
  });
}
