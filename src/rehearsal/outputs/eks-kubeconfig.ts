import { UNKNOWN, asMap } from "../monitor/wire";
import type { WireMap } from "../monitor/wire";
import type { World } from "./world";

/** The kubeconfig of the plugin's `generateKubeconfig`: no credential in it, `aws eks get-token` fetches one. */
export function kubeconfigOf(cluster: WireMap, world: World, extra: readonly string[] = []): WireMap {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "kubernetes",
        cluster: { server: cluster.endpoint ?? UNKNOWN, "certificate-authority-data": asMap(cluster.certificateAuthority).data ?? UNKNOWN },
      },
    ],
    contexts: [{ name: "aws", context: { cluster: "kubernetes", user: "aws" } }],
    "current-context": "aws",
    users: [
      {
        name: "aws",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["--region", world.region, "eks", "get-token", "--cluster-name", cluster.name ?? UNKNOWN, "--output", "json", ...extra],
            env: [{ name: "KUBERNETES_EXEC_INFO", value: '{"apiVersion": "client.authentication.k8s.io/v1beta1"}' }],
          },
        },
      },
    ],
  };
}
