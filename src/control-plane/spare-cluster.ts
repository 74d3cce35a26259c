/** A cluster that runs already (kind, a spare one), in place of a control plane of the tests' own. */
import { execFileSync } from "node:child_process";
import { ApiServer } from "../live/api/api-server";
import type { Access, KubernetesObject, User } from "../live/api/api-server";
import { Created } from "../live/api/created";
import { kubeconfig } from "./kubeconfig";
import type { ControlPlane } from "./control-plane";
import { removeCreated } from "./removal";

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
 * The cluster of a kubectl context. What a test makes there is removed at its end, and gone when `stop` answers. Meanwhile the cluster's own nodes take no
 * pods: the tests are about nodes that they make up.
 * @throws Error for a context whose credentials are neither a token nor a certificate, for another Kubernetes version than 1.34, and for a cluster that has
 * GPUs or this platform: the tests change device classes and nodes, and are no guests of a cluster in use.
 */
export async function useLiveCluster(context: string, users: readonly User[]): Promise<ControlPlane> {
  const access = accessOf(context);
  const created = new Created();
  const api = new ApiServer(access, created);
  const others: ApiServer[] = [];
  const { major, minor } = (await api.get("/version")) as { readonly major: string; readonly minor: string };
  if (major !== "1" || !minor.startsWith("34")) {
    throw new Error(`context ${context}: the cluster runs Kubernetes ${major}.${minor}, the tests are about 1.34`);
  }
  for (const path of ["/apis/resource.k8s.io/v1/resourceslices", "/apis/resource.k8s.io/v1/deviceclasses"]) {
    if ((await api.list(path)).length > 0) {
      throw new Error(`context ${context}: the cluster has ${path.split("/").at(-1) ?? ""} already; the tests need a spare one`);
    }
  }
  const cordoned = (await api.list("/api/v1/nodes")).filter(({ spec }) => spec.unschedulable !== true);
  await setUnschedulable(api, cordoned, true);
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
      const asked = new ApiServer({ ...access, impersonated: user }, created);
      others.push(asked);
      return asked;
    },
    token: () => {
      throw new Error("a live cluster gives no tokens to users that the tests make up: use `as`");
    },
    restart: () => Promise.reject(new Error("the processes of a live cluster are not the tests' to restart")),
    stop: async () => {
      try {
        await removeCreated(api, created);
      } finally {
        await setUnschedulable(api, cordoned, false);
        [api, ...others].forEach((each) => each.close());
      }
    },
  };
}

async function setUnschedulable(api: ApiServer, nodes: readonly KubernetesObject[], unschedulable: boolean): Promise<void> {
  const patch = { spec: { unschedulable: unschedulable ? true : null } };
  await Promise.all(nodes.map(({ metadata }) => api.merge({ apiVersion: "v1", kind: "Node", metadata }, patch)));
}

function accessOf(context: string): Access {
  const args = ["config", "view", "--raw", "--minify", "--flatten", "--context", context, "--output", "json"];
  // Said, because the environment that a child inherits by itself is jest's, not the test file's.
  const text = execFileSync("kubectl", args, { env: process.env });
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
