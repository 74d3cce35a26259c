/** A cluster that runs already (kind, a spare one), in place of a control plane of our own. */
import { ApiServer } from "../live/api/api-server";
import type { KubernetesObject, User } from "../live/api/api-server";
import { accessOf } from "../live/api/context";
import { Created } from "../live/api/created";
import { kubeconfig } from "./kubeconfig";
import type { ControlPlane } from "./control-plane";
import { UnusableError } from "../live/unusable";
import { TEAM_LABEL } from "../well-known/labels";
import type { Release } from "../releases/types";
import { removeCreated } from "./removal";

/**
 * The cluster of a kubectl context. What is made there is removed at the end, and gone when `stop` answers. Meanwhile the cluster's own nodes take no
 * pods: those are for simulated nodes.
 * @param release says of which Kubernetes version it must be.
 * @throws UnusableError for a context that cannot be used, for another Kubernetes version, and for a cluster that has
 * GPUs or this platform: device classes and nodes are made and removed, which no cluster in use should see.
 */
export async function useSpareCluster(context: string, users: readonly User[], release: Release): Promise<ControlPlane> {
  const access = accessOf(context);
  const created = new Created();
  const api = new ApiServer(access, created);
  const others: ApiServer[] = [];
  const nodes = await checkSpare(context, api, release);
  const cordoned = nodes.filter(({ spec }) => spec.unschedulable !== true);
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
      throw new Error("a cluster of somebody's gives no tokens to users that are made up: use `as`");
    },
    restart: () => Promise.reject(new Error("the processes of somebody's cluster are not ours to restart")),
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

/** Collections of which a spare cluster has nothing: devices, what allocates them, and what the stack's admission is made of. */
const EMPTY = [
  "/apis/resource.k8s.io/v1/resourceslices",
  "/apis/resource.k8s.io/v1/deviceclasses",
  "/apis/resource.k8s.io/v1/resourceclaims",
] as const;

/** @returns the cluster's nodes. */
async function checkSpare(context: string, api: ApiServer, release: Release): Promise<readonly KubernetesObject[]> {
  const refuse = (reason: string): never => {
    throw new UnusableError(`context ${context}: ${reason}`);
  };
  const version = await api.get("/version").catch((error: unknown) => refuse(`the cluster does not answer (${messageOf(error)})`));
  const { major, minor } = version as { readonly major: string; readonly minor: string };
  if (`${major}.${minor.replace(/\D+$/, "")}` !== release.kubernetesVersion) {
    refuse(
      `the cluster runs Kubernetes ${major}.${minor}, and the stack is about ${release.kubernetesVersion}. Name a cluster of that version`,
    );
  }
  for (const path of EMPTY) {
    if ((await api.list(path)).length > 0) {
      refuse(`the cluster has ${path.split("/").at(-1) ?? ""} already. Name a spare cluster, without GPUs and without this platform`);
    }
  }
  const teams = await api.list("/api/v1/namespaces", `labelSelector=${encodeURIComponent(TEAM_LABEL)}`);
  if (teams.length > 0) {
    refuse(`the namespace ${String(teams[0]?.metadata["name"])} is one of this platform. Name a spare cluster, without this platform`);
  }
  const nodes = await api.list("/api/v1/nodes");
  const gpuNode = nodes.find((node) => hasGpus(node));
  return gpuNode === undefined
    ? nodes
    : refuse(`the node ${String(gpuNode.metadata["name"])} has GPUs. Name a spare cluster, without GPUs`);
}

/** Whether NVIDIA's device plugin, its operator or an image of AWS's says so of a node. */
function hasGpus({ metadata, status }: KubernetesObject): boolean {
  const labels = Object.keys((metadata["labels"] ?? {}) as object);
  const resources = Object.keys((status?.capacity ?? {}) as object);
  return [...labels, ...resources].some((name) => name.startsWith("nvidia.com/"));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function setUnschedulable(api: ApiServer, nodes: readonly KubernetesObject[], unschedulable: boolean): Promise<void> {
  const patch = { spec: { unschedulable: unschedulable ? true : null } };
  await Promise.all(nodes.map(({ metadata }) => api.merge({ apiVersion: "v1", kind: "Node", metadata }, patch)));
}
