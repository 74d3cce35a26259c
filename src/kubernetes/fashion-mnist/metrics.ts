import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { NetworkPolicyArgs } from "@pulumi/kubernetes/networking/v1";
import { NAMESPACE_NAME_LABEL } from "../../well-known/labels";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";

interface Target {
  /** Name of the Service; its pods carry it as `app.kubernetes.io/name`. */
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
}

/** Has Prometheus scrape `/metrics` of the inference service: latency histogram, throughput, accuracy on held-out data. */
export function serviceMonitor({ name, namespace }: Target): CustomResourceArgs {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      endpoints: [{ port: "http", path: "/metrics", interval: "15s" }],
    },
  };
}

/** Lets Prometheus in: a team's namespace takes connections from nowhere else. */
export function scrapePolicy({ name, namespace, port }: Target): NetworkPolicyArgs {
  return {
    metadata: { name: `${name}-metrics`, namespace },
    spec: {
      podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: MONITORING_NAMESPACE } } }],
          ports: [{ protocol: "TCP", port }],
        },
      ],
    },
  };
}
