import { apply } from "../../monitor/output-values";
import { asMap } from "../../monitor/wire";
import type { WireMap, WireValue } from "../../monitor/wire";
import type { Child } from "../component";

/** The kubeconfig of the plugin's `generateKubeconfig`: no credential in it, `aws eks get-token` fetches one. Known as a whole or not at all. @param output answers the cluster's outputs. */
export function kubeconfigOf(output: Child["output"], roleArn?: WireValue): WireValue {
  const names = ["name", "endpoint", "certificateAuthority", "arn"];
  const values = names.map((name) => output(name));
  const made = apply([...values, roleArn ?? null], (name, endpoint, authority, arn, role) =>
    render(
      String(name),
      endpoint ?? null,
      asMap(authority).data ?? null,
      regionOf(String(arn)),
      typeof role === "string" ? ["--role", role] : [],
    ),
  );
  return made ?? null;
}

function regionOf(arn: string): string {
  return arn.split(":")[3] ?? "";
}

function render(name: string, server: WireValue, authority: WireValue, region: string, extra: readonly string[]): WireMap {
  return {
    apiVersion: "v1",
    clusters: [{ cluster: { server, "certificate-authority-data": authority }, name: "kubernetes" }],
    contexts: [{ context: { cluster: "kubernetes", user: "aws" }, name: "aws" }],
    "current-context": "aws",
    kind: "Config",
    users: [
      {
        name: "aws",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json", ...extra],
            env: [{ name: "KUBERNETES_EXEC_INFO", value: '{"apiVersion": "client.authentication.k8s.io/v1beta1"}' }],
          },
        },
      },
    ],
  };
}
