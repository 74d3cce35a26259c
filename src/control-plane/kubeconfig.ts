import type { Access } from "../live/api/api-server";

/** A kubeconfig for one user of one cluster, as JSON, which YAML readers take. */
export function kubeconfig({ server, ca, credentials }: Access): string {
  const user =
    credentials.type === "token"
      ? { token: credentials.token }
      : { "client-certificate-data": base64(credentials.certificate), "client-key-data": base64(credentials.key) };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "shared-gpu", cluster: { server, "certificate-authority-data": base64(ca) } }],
    users: [{ name: "shared-gpu", user }],
    contexts: [{ name: "shared-gpu", context: { cluster: "shared-gpu", user: "shared-gpu" } }],
    "current-context": "shared-gpu",
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
