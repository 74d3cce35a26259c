import type { NetworkPolicyArgs } from "@pulumi/kubernetes/networking/v1";
import { NAMESPACE_NAME_LABEL } from "../../well-known/labels";
import { KUBE_SYSTEM_NAMESPACE } from "../../well-known/namespaces";

/** Pods with this label may open HTTPS connections to addresses outside the cluster (image-less data sets, package registries). */
export const HTTPS_EGRESS_LABEL = { "shared-gpu/egress": "https" };

/** Instance metadata and the EKS pod identity agent: credentials of the node or of other pods. */
const LINK_LOCAL = "169.254.0.0/16";

/**
 * The network policies of a team's namespace: nothing in or out, except within the namespace, to the cluster's DNS, and HTTPS for pods that say so.
 * Enforced by the VPC CNI's network policy agent.
 */
export function teamNetworkPolicies(namespace: string): readonly (NetworkPolicyArgs & { readonly metadata: { readonly name: string } })[] {
  const everyPod = {};
  return [
    {
      metadata: { name: "default-deny", namespace },
      spec: { podSelector: everyPod, policyTypes: ["Ingress", "Egress"] },
    },
    {
      metadata: { name: "within-team", namespace },
      spec: {
        podSelector: everyPod,
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [{ podSelector: everyPod }] }],
        egress: [{ to: [{ podSelector: everyPod }] }],
      },
    },
    {
      metadata: { name: "dns", namespace },
      spec: {
        podSelector: everyPod,
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: KUBE_SYSTEM_NAMESPACE } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      },
    },
    {
      metadata: { name: "https", namespace },
      spec: {
        podSelector: { matchLabels: HTTPS_EGRESS_LABEL },
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: [LINK_LOCAL] } }], ports: [{ protocol: "TCP", port: 443 }] }],
      },
    },
  ];
}
