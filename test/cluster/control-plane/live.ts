/** A cluster that runs already (kind, a spare one), in place of a control plane of the tests' own. */
import { execFileSync } from "node:child_process";
import { ApiServer } from "../api-server";
import type { Access, User } from "../api-server";
import { kubeconfig } from "./kubeconfig";
import type { ControlPlane } from "./control-plane";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly "certificate-authority-data"?: string } }[];
  readonly users: readonly {
    readonly user: {
      readonly token?: string;
      readonly "client-certificate-data"?: string;
      readonly "client-key-data"?: string;
    };
  }[];
}

/**
 * The cluster of a kubectl context. What a test makes there it removes at its end.
 * @throws Error for a context whose credentials are neither a token nor a certificate, for another Kubernetes version than 1.34, and for a cluster that has
 * GPUs or this platform: the tests change device classes and nodes, and are no guests of a cluster in use.
 */
export async function useLiveCluster(context: string, users: readonly User[]): Promise<ControlPlane> {
  const access = accessOf(context);
  const api = new ApiServer(access);
  const { major, minor } = (await api.get("/version")) as { readonly major: string; readonly minor: string };
  if (major !== "1" || !minor.startsWith("34")) {
    throw new Error(`context ${context}: the cluster runs Kubernetes ${major}.${minor}, the tests are about 1.34`);
  }
  for (const path of ["/apis/resource.k8s.io/v1/resourceslices", "/apis/resource.k8s.io/v1/deviceclasses"]) {
    if ((await api.list(path)).length > 0) {
      throw new Error(`context ${context}: the cluster has ${path.split("/").at(-1) ?? ""} already; the tests need a spare one`);
    }
  }
  return {
    api,
    server: access.server,
    ca: access.ca,
    kubeconfig: kubeconfig(access),
    as: (name) => {
      const user = users.find((candidate) => candidate.name === name);
      if (user === undefined) {
        throw new Error(`there is no user ${name}`);
      }
      return new ApiServer({ ...access, impersonated: user });
    },
    token: () => {
      throw new Error("a live cluster gives no tokens to users that the tests make up: use `as`");
    },
    restart: () => Promise.reject(new Error("the processes of a live cluster are not the tests' to restart")),
    stop: async () => {
      await api.removeCreated();
      api.close();
    },
  };
}

function accessOf(context: string): Access {
  const text = execFileSync("kubectl", ["config", "view", "--raw", "--minify", "--flatten", "--context", context, "--output", "json"]);
  const { clusters, users } = JSON.parse(text.toString()) as Kubeconfig;
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
  const certificate = user?.["client-certificate-data"];
  const key = user?.["client-key-data"];
  const common = { server: cluster?.server ?? "", ca: decode(cluster?.["certificate-authority-data"] ?? "") };
  if (user?.token !== undefined) {
    return { ...common, credentials: { type: "token", token: user.token } };
  }
  if (certificate !== undefined && key !== undefined) {
    return { ...common, credentials: { type: "certificate", certificate: decode(certificate), key: decode(key) } };
  }
  throw new Error(`context ${context}: log in by a token or a client certificate; the tests run no credential plugins`);
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
