/** Requests that guardrails stand before, for the case that somebody has the rights for them. */
import type { TenantRequest } from "./requests";
import { POD_SPEC, TEAM } from "./requests";

const restricted = POD_SPEC.containers[0]?.securityContext;
const ephemeral = {
  spec: { ephemeralContainers: [{ name: "debug", image: "registry.example.com/debug:1", securityContext: restricted }] },
};
const pod = (namespace: string, rest: string) => `/api/v1/namespaces/${namespace}/pods/${namespace === TEAM ? "pod" : "driver"}/${rest}`;
const namespacePatch = (labels: object, subresource = "") => ({
  method: "PATCH" as const,
  path: `/api/v1/namespaces/${TEAM}${subresource}?dryRun=All`,
  body: { metadata: { labels } },
});
const adminAccess = { "resource.kubernetes.io/admin-access": "true" };
const privileged = { "pod-security.kubernetes.io/enforce": "privileged" };

/** What is asked, and by which policy it is refused to somebody with every right, and to a cluster administrator. */
export const GUARDED: readonly (readonly [what: string, request: TenantRequest, operator: string, admin: string])[] = [
  ...["gpu-operator", "nvidia-dra-driver", "kube-system"].flatMap((namespace) =>
    (
      [
        ["POST", "exec?command=sh"],
        ["GET", "exec?command=sh"],
        ["POST", "attach"],
        ["POST", "portforward"],
        ["GET", "proxy/metrics"],
      ] as const
    ).map(
      ([method, rest]) =>
        [
          `${method} ${rest} in ${namespace}`,
          { method, path: pod(namespace, rest) },
          "policy shared-gpu-system-pods",
          "no policy",
        ] as const,
    ),
  ),
  [
    "an ephemeral container in a pod of the platform",
    { method: "PATCH", path: pod("gpu-operator", "ephemeralcontainers?dryRun=All"), body: ephemeral },
    "policy shared-gpu-system-pods",
    "no policy",
  ],
  [
    "an ephemeral container in a pod of a team",
    { method: "PATCH", path: pod(TEAM, "ephemeralcontainers?dryRun=All"), body: ephemeral },
    "policy shared-gpu-ephemeral-containers",
    "policy shared-gpu-ephemeral-containers",
  ],
  ...[{ externalIPs: ["192.0.2.10"] }, { type: "LoadBalancer" }, { type: "NodePort" }].map(
    (spec) =>
      [
        `a team's Service changed to ${JSON.stringify(spec)}`,
        { method: "PATCH", path: `/api/v1/namespaces/${TEAM}/services/web?dryRun=All`, body: { spec } },
        "policy shared-gpu-services",
        "policy shared-gpu-services",
      ] as const,
  ),
  ["the kubelet's API", { method: "GET", path: "/api/v1/nodes/node-1/proxy/pods" }, "policy shared-gpu-node-proxy", "no policy"],
  ["the team's label taken off", namespacePatch({ "shared-gpu/team": null }), "policy shared-gpu-namespaces", "no policy"],
  ["the same by the status", namespacePatch({ "shared-gpu/team": null }, "/status"), "policy shared-gpu-namespaces", "no policy"],
  ["admin access for a team", namespacePatch(adminAccess), "policy shared-gpu-namespaces", "policy shared-gpu-namespaces"],
  ["the same by the status", namespacePatch(adminAccess, "/status"), "policy shared-gpu-namespaces", "policy shared-gpu-namespaces"],
  ["another Pod Security level for a team", namespacePatch(privileged), "policy shared-gpu-namespaces", "policy shared-gpu-namespaces"],
  ["a label that decides nothing", namespacePatch({ owner: "x" }), "no policy", "no policy"],
];
