/**
 * What the charts of the GPU Operator and of the DRA driver put into a cluster, as far as it matters to nodes: daemon sets, which the real daemon set
 * controller starts and removes by node labels, and device classes. What their pods do is played by the fleet, which knows them by their labels.
 */
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { draDriverValues } from "../../releases/helm/dra-driver";
import { GPU_TAINT } from "../../well-known/labels";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import { draDriverClasses } from "../../dra/device-classes";
import { defaultRelease } from "../../releases/find";
import { DAEMON_LABELS, DCGM_EXPORTER_NODES, MIG_MANAGER_NODES } from "../../well-known/gpu-daemons";

/** The device classes that the DRA driver's chart brings, in the version of a stack that chooses none. */
export const DRIVER_CLASSES: readonly KubernetesObject[] = draDriverClasses(defaultRelease().draDriver).map(({ name, selectors }) => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "DeviceClass",
  metadata: { name },
  spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) },
}));

interface DaemonSetOptions {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeSelector: object;
  readonly tolerations: readonly object[];
}

/** @param namespace has to exist. */
export function operatorObjects(namespace = GPU_OPERATOR_NAMESPACE): readonly KubernetesObject[] {
  const tolerations = [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }];
  const common = { namespace, tolerations };
  return [
    daemonSet({ ...common, name: "gpu-feature-discovery", labels: DAEMON_LABELS.featureDiscovery, nodeSelector: {} }),
    daemonSet({ ...common, name: "nvidia-mig-manager", labels: DAEMON_LABELS.migManager, nodeSelector: MIG_MANAGER_NODES }),
    daemonSet({ ...common, name: "nvidia-dcgm-exporter", labels: DAEMON_LABELS.dcgmExporter, nodeSelector: DCGM_EXPORTER_NODES }),
  ];
}

/** @param namespace has to exist. @param values of the chart. */
export function driverObjects(
  namespace = DRA_DRIVER_NAMESPACE,
  values: ReturnType<typeof draDriverValues> = draDriverValues({ extraValues: {} }),
): readonly KubernetesObject[] {
  const { nodeSelector = {}, tolerations = [] } = values["kubeletPlugin"] as Partial<DaemonSetOptions>;
  return [
    ...DRIVER_CLASSES,
    daemonSet({
      namespace,
      name: "nvidia-dra-driver-gpu-kubelet-plugin",
      labels: DAEMON_LABELS.draPlugin,
      nodeSelector,
      tolerations,
    }),
  ];
}

/** Installs both, with namespaces where there are none. */
export async function installOperators(api: ApiServer): Promise<void> {
  for (const name of [GPU_OPERATOR_NAMESPACE, DRA_DRIVER_NAMESPACE]) {
    await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const object of [...operatorObjects(), ...driverObjects()]) {
    await api.apply(object);
  }
}

function daemonSet({ namespace, name, labels, nodeSelector, tolerations }: DaemonSetOptions): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { nodeSelector, tolerations, containers: [{ name: "main", image: "stand-in" }], terminationGracePeriodSeconds: 1 },
      },
    },
  };
}
