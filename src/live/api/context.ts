/** Where the cluster of a kubectl context is, and who asks: kubectl reads the kubeconfig. */
import { spawnSync } from "node:child_process";
import type { Access, Credentials } from "./connection";
import { UnusableError } from "../unusable";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly "certificate-authority-data"?: string } }[];
  readonly users: readonly { readonly user: KubeconfigUser }[];
}

interface KubeconfigUser {
  readonly token?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key-data"?: string;
  readonly exec?: CredentialPlugin;
}

/** A program that logs in, such as `aws eks get-token`. */
interface CredentialPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** @throws UnusableError for a context that does not exist, or that logs in with neither a token, a client certificate nor a credential plugin. */
export function accessOf(context: string): Access {
  const args = ["config", "view", "--raw", "--minify", "--flatten", "--context", context, "--output", "json"];
  const { clusters, users } = JSON.parse(
    run("kubectl", args, {}, (reason) => `kubectl cannot read it (${reason}). kubectl config get-contexts lists the contexts`, context),
  ) as Kubeconfig;
  const cluster = clusters[0]?.cluster;
  return {
    server: cluster?.server ?? "",
    ca: decode(cluster?.["certificate-authority-data"] ?? ""),
    credentials: credentialsOf(users[0]?.user ?? {}, context),
  };
}

function credentialsOf(user: KubeconfigUser, context: string): Credentials {
  const [certificate, key] = [user["client-certificate-data"], user["client-key-data"]];
  if (user.token !== undefined) {
    return { type: "token", token: user.token };
  }
  if (certificate !== undefined && key !== undefined) {
    return { type: "certificate", certificate: decode(certificate), key: decode(key) };
  }
  if (user.exec !== undefined) {
    return pluginCredentials(user.exec, context);
  }
  throw new UnusableError(`context ${context}: log in with a token, a client certificate or a credential plugin`);
}

/** Runs a credential plugin as kubectl does (client.authentication.k8s.io, `ExecCredential`). It may not ask anything. */
function pluginCredentials({ apiVersion, command, args, env }: CredentialPlugin, context: string): Credentials {
  const request = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const variables = {
    ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(request),
  };
  const explain = (reason: string) =>
    `the credential plugin ${command} fails (${reason}). kubectl --context ${context} get nodes runs it too`;
  const answer = JSON.parse(run(command, args ?? [], variables, explain, context)) as {
    readonly status?: { readonly token?: string; readonly clientCertificateData?: string; readonly clientKeyData?: string };
  };
  const { token, clientCertificateData: certificate, clientKeyData: key } = answer.status ?? {};
  if (token !== undefined) {
    return { type: "token", token };
  }
  if (certificate !== undefined && key !== undefined) {
    return { type: "certificate", certificate, key };
  }
  throw new UnusableError(`context ${context}: ${explain("it gives neither a token nor a certificate")}`);
}

/** What a program prints. */
function run(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  explain: (reason: string) => string,
  context: string,
): string {
  // The environment is named because jest gives children another than it gives the code that starts them.
  const { error, status, stdout, stderr } = spawnSync(command, args, { env: { ...process.env, ...variables }, encoding: "utf8" });
  if (error !== undefined || status !== 0) {
    const isAbsent = (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
    throw new UnusableError(
      `context ${context}: ${isAbsent ? `the program ${command} is not on your PATH. Install it` : explain(error?.message ?? stderr.trim())}`,
    );
  }
  return stdout;
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
