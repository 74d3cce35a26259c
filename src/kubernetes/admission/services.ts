/** AdmissionPolicy for the Services of teams: a team leads its own traffic, and nobody else's. */
import { admissionPolicy } from "./policy";
import type { AdmissionPolicy } from "./policy";

/**
 * Keeps the Services of teams inside the cluster, at addresses that the cluster assigns. It lists the allowed types, so a new type is rejected until somebody adds it.
 *
 * - `externalIPs`: every node would route traffic for any address, another team's or the API server's, to the author's pods. Kubernetes allows that (CVE-2020-8554,
 *   kubernetes/kubernetes issue 97076), and EKS does not let you enable DenyServiceExternalIPs. An address in the status does the same, but needs type LoadBalancer.
 * - LoadBalancer and NodePort open pods to other networks, by default to the internet. The quota is zero for both; this message adds what to do instead.
 * - ExternalName presents a foreign host as the team's to proxies and controllers that follow Services.
 *
 * An update without a change of the spec passes, so controllers can remove finalizers from a Service that is older than the policy.
 */
export const SERVICE_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-services",
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["services"] }],
  when: { name: "new-or-changed", expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
  checks: [
    {
      expression: "!has(object.spec.type) || object.spec.type == 'ClusterIP'",
      message: "A team's Service must have the type ClusterIP. From outside the cluster, use kubectl port-forward",
    },
    {
      expression: "!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0",
      message: "Remove externalIPs. The Service would get the traffic of others to these addresses",
    },
  ],
  scope: "teams",
});
