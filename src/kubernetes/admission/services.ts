/** AdmissionPolicy for the Services of teams: a team leads its own traffic, and nobody else's. */
import { admissionPolicy } from "./policy";
import type { AdmissionPolicy } from "./policy";

/**
 * Keeps the Services of teams inside the cluster, at addresses that the cluster gives out itself.
 *
 * With `externalIPs` every node sends what goes to an address of the author's choice, another team's or the API server's, to the author's pods. Kubernetes leaves
 * that open (CVE-2020-8554, kubernetes/kubernetes issue 97076): its plugin DenyServiceExternalIPs is off by default, and EKS lets nobody choose admission plugins.
 * The address in a Service's status does the same, but needs type LoadBalancer. Load balancers and node ports open pods to networks beyond the cluster, by default
 * to the internet; the quota is zero for both, and here the author learns what to do instead. An external name passes a host elsewhere off as the team's, to
 * proxies and controllers that follow Services. Types are named that are admitted, so that a new one has to be thought about first.
 *
 * A Service that is older than the policy can be updated as long as its spec stays as it is, so that controllers can take off finalizers.
 */
export const SERVICE_POLICY: AdmissionPolicy = admissionPolicy({
  name: "shared-gpu-services",
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["services"] }],
  when: { name: "new-or-changed", expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
  checks: [
    {
      expression: "!has(object.spec.type) || object.spec.type == 'ClusterIP'",
      message: "a team's Services are for use within the cluster; use type ClusterIP, and kubectl port-forward from outside",
    },
    {
      expression: "!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0",
      message: "the cluster would lead the traffic of others to these addresses to the Service's pods; leave externalIPs out",
    },
  ],
  scope: "teams",
});
