/** Where metrics go besides. */
import type { SecretArgs } from "@pulumi/kubernetes/core/v1";
import { secret } from "@pulumi/pulumi";
import type { RemoteWrite } from "../../config/types";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";

/** The Secret with the credentials. */
const SECRET = "remote-write";
const credential = (key: string) => ({ name: SECRET, key });

/** The credentials. Undefined: signed requests need none, because the pod's AWS role signs them. */
export function remoteWriteSecret({ auth }: RemoteWrite): SecretArgs | undefined {
  const metadata = { name: SECRET, namespace: MONITORING_NAMESPACE };
  switch (auth.type) {
    case "sigv4":
      return undefined;
    case "basic":
      return { metadata, stringData: { username: auth.username, password: secret(auth.password.value) } };
    case "bearer":
      return { metadata, stringData: { token: secret(auth.token.value) } };
  }
}

/**
 * An entry of `remoteWrite` of the Prometheus operator's kind Prometheus.
 * Source: `crd-prometheuses.yaml` of chart kube-prometheus-stack 88.5.3 (operator v0.93.1).
 */
export function remoteWriteSpec({ url, auth }: RemoteWrite): object {
  switch (auth.type) {
    case "sigv4":
      return { url, sigv4: { region: auth.region } };
    case "basic":
      return { url, basicAuth: { username: credential("username"), password: credential("password") } };
    case "bearer":
      return { url, authorization: { type: "Bearer", credentials: credential("token") } };
  }
}
