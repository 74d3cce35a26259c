import { findInstanceType } from "../../../src/hardware/instance-types";
import { resolveLayout } from "../../../src/hardware/layouts";
import type { LayoutSpec } from "../../../src/hardware/layouts";
import type { NodeLayout } from "../../../src/hardware/types";
import { draDriverValues } from "../../../src/releases/helm/dra-driver";
import { gpuOperatorValues } from "../../../src/releases/helm/gpu-operator";
import { kubePrometheusStackValues } from "../../../src/releases/helm/kube-prometheus-stack";
import type { HelmValues } from "../../../src/releases/helm/merge";
import { MONITORING_VALUES } from "../../support/monitoring-values";

function layoutOf(spec: LayoutSpec, instanceType = "p4d.24xlarge"): NodeLayout {
  const gpus = findInstanceType(instanceType)?.gpus;
  if (gpus?.type !== "mig") {
    throw new Error(`${instanceType} has no MIG`);
  }
  const result = resolveLayout(spec, gpus.model, gpus.count);
  if (result.type === "invalid") {
    throw new Error(result.reason);
  }
  return result.layout;
}

const BALANCED = layoutOf("all-balanced");
const HALVES = layoutOf({ name: "halves", gpus: [{ devices: "all", profiles: { "3g.20gb": 2 } }] });

const operator = (layouts: readonly NodeLayout[], extraValues: HelmValues = {}): HelmValues =>
  gpuOperatorValues({ layouts, prometheusRelease: "kps", extraValues });

describe("the GPU Operator", () => {
  it("leaves driver, toolkit and devices to the AMI and the DRA driver, and divides and measures GPUs", () => {
    expect(operator([BALANCED])).toEqual({
      driver: { enabled: false },
      toolkit: { enabled: false },
      devicePlugin: { enabled: false },
      gfd: { enabled: true },
      mig: { strategy: "mixed" },
      migManager: { env: [{ name: "WITH_REBOOT", value: "true" }] },
      dcgmExporter: { serviceMonitor: { enabled: true, additionalLabels: { release: "kps" } } },
      operator: { nodeSelector: { "node-role": "system" } },
      "node-feature-discovery": { master: { nodeSelector: { "node-role": "system" } }, gc: { nodeSelector: { "node-role": "system" } } },
    });
  });

  it("sets nothing that its chart does not have", () => {
    expect(operator([BALANCED]).operator).not.toHaveProperty("defaultRuntime");
  });

  it("gives MIG Manager a layout that it does not ship, beside all those that it does", () => {
    const { migManager } = operator([BALANCED, HALVES]) as {
      migManager: { config: { create: boolean; name: string; data: Record<string, string> } };
    };
    expect(migManager.config).toMatchObject({ create: true, name: expect.stringMatching(/^[a-z-]+$/) as string });
    const document = JSON.parse(migManager.config.data["config.yaml"] ?? "") as { version: string; "mig-configs": Record<string, unknown> };
    expect(document.version).toBe("v1");
    expect(document["mig-configs"]).toMatchObject({
      halves: [{ devices: "all", "mig-enabled": true, "mig-devices": { "3g.20gb": 2 } }],
      "all-disabled": [{ devices: "all", "mig-enabled": false }],
      "all-balanced": expect.any(Array) as unknown[],
    });
  });

  it("takes the user's values over its own, without losing those beside them", () => {
    const { migManager, dcgmExporter } = operator([HALVES], {
      migManager: { repository: "mirror" },
      dcgmExporter: { serviceMonitor: { interval: "30s" } },
    });
    expect(migManager).toMatchObject({ repository: "mirror", env: [{ name: "WITH_REBOOT" }], config: { create: true } });
    expect(dcgmExporter).toEqual({ serviceMonitor: { enabled: true, additionalLabels: { release: "kps" }, interval: "30s" } });
  });
});

describe("the DRA driver", () => {
  it("publishes GPUs of tainted nodes that MIG Manager has finished, with the host's driver, and no compute domains", () => {
    expect(draDriverValues({ extraValues: {} })).toEqual({
      nameOverride: "nvidia-dra-driver-gpu",
      nvidiaDriverRoot: "/",
      gpuResourcesEnabledOverride: true,
      resources: { gpus: { enabled: true }, computeDomains: { enabled: false } },
      kubeletPlugin: {
        nodeSelector: { "nvidia.com/mig.config.state": "success" },
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      },
    });
  });

  it("takes the user's values over its own", () => {
    expect(draDriverValues({ extraValues: { nvidiaDriverRoot: "/run/nvidia/driver", logVerbosity: "6" } })).toMatchObject({
      nvidiaDriverRoot: "/run/nvidia/driver",
      logVerbosity: "6",
      gpuResourcesEnabledOverride: true,
    });
  });
});

describe("kube-prometheus-stack", () => {
  const values = (extraValues: HelmValues = {}): HelmValues => kubePrometheusStackValues({ ...MONITORING_VALUES, extraValues });

  it("knows Grafana's password only by the name of its Secret", () => {
    expect(values().grafana).toMatchObject({
      admin: { existingSecret: "grafana-admin", userKey: "admin-user", passwordKey: "admin-password" },
    });
  });

  it("lets Grafana read its own namespace only, and show no dashboard of a team", () => {
    expect(values().grafana).toMatchObject({ rbac: { namespaced: true }, sidecar: { dashboards: { searchNamespace: "monitoring" } } });
  });

  it.each(["kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"])(
    "does not look for %s, which EKS does not let be scraped",
    (target) => {
      expect(values()[target]).toEqual({ enabled: false });
    },
  );

  it("counts every monitor and rule of the cluster, and keeps metrics on a volume that goes with the release", () => {
    expect(values().prometheus).toMatchObject({
      prometheusSpec: {
        serviceMonitorSelectorNilUsesHelmValues: false,
        podMonitorSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        storageSpec: { volumeClaimTemplate: { spec: { storageClassName: "gp3", accessModes: ["ReadWriteOnce"] } } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
      },
    });
  });

  it("keeps metrics for as long and as many as configured, and leaves a part of the volume free", () => {
    expect(kubePrometheusStackValues({ ...MONITORING_VALUES, retentionDays: 35, storageGiB: 100 }).prometheus).toMatchObject({
      prometheusSpec: {
        retention: "35d",
        retentionSize: "85GiB",
        storageSpec: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "100Gi" } } } } },
      },
    });
  });

  it("takes the user's values over its own", () => {
    expect(values({ prometheus: { prometheusSpec: { retention: "90d" } } })).toMatchObject({
      prometheus: { prometheusSpec: { retention: "90d", retentionSize: "42GiB" } },
    });
  });
});
