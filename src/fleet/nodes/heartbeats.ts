/**
 * Signs of life of nodes that have no kubelet: a Lease in `kube-node-lease`, renewed every ten seconds, and the condition `Ready`. Without them the node
 * lifecycle controller, which runs in every live cluster, takes a node for dead after 50 s: it taints the node, and its pods are evicted.
 */
import { ApiError } from "../../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import { conditions, isReady, isTaintedAsSilent } from "./conditions";
import { waitFor } from "../../live/wait";

/** As a kubelet does by default. */
const RENEWAL_MS = 10_000;
const LEASE_SECONDS = 40;

export class Heartbeats {
  private readonly nodes = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly api: ApiServer) {}

  /** Begins with a node that has been created, and waits until the control plane takes it for ready. A node that is gone meanwhile is left alone. */
  async begin(name: string): Promise<void> {
    const node = await this.find(name);
    if (node === undefined) {
      return;
    }
    this.nodes.add(name);
    await this.applyLease(name, String(node.metadata["uid"]));
    await this.reportReady(node);
    this.timer ??= setInterval(() => void this.renewAll(), RENEWAL_MS);
    const isAccepted = async () => {
      const seen = await this.find(name);
      return seen === undefined || !isTaintedAsSilent(seen);
    };
    await waitFor(`node ${name} without a taint`, isAccepted, { describe: async () => JSON.stringify((await this.find(name))?.["spec"]) });
  }

  /** The kubelet of a node falls silent. */
  end(name: string): void {
    this.nodes.delete(name);
  }

  /** All fall silent. */
  stop(): void {
    clearInterval(this.timer);
    this.nodes.clear();
  }

  /** One round for all. What does not get through is tried again with the next, and otherwise shows in the node. */
  private async renewAll(): Promise<void> {
    const nodes = await this.api.list("/api/v1/nodes").catch(() => undefined);
    const existing = new Map(nodes?.map((node) => [String(node.metadata["name"]), node]));
    await Promise.allSettled(
      [...this.nodes].map(async (name) => {
        const node = existing.get(name);
        if (node !== undefined) {
          await this.api.merge(lease(name), { spec: { renewTime: now() } });
          await this.reportReady(node);
        } else if (nodes !== undefined) {
          this.nodes.delete(name);
        }
      }),
    );
  }

  /** The control plane removes it with the node. */
  private async applyLease(name: string, uid: string): Promise<void> {
    const { metadata, ...rest } = lease(name);
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: now() };
    await this.api.apply({ ...rest, metadata: { ...metadata, ownerReferences }, spec });
  }

  private async reportReady(node: KubernetesObject): Promise<void> {
    const name = String(node.metadata["name"]);
    if (!isReady(node) && this.nodes.has(name)) {
      await this.api
        .merge(nodeNamed(name), { status: { conditions: conditions("ready") } }, { subresource: "status" })
        .catch((error: unknown) => {
          if (!(error instanceof ApiError && error.status === 404)) {
            throw error;
          }
        });
    }
  }

  private find(name: string): Promise<KubernetesObject | undefined> {
    return this.api.find(nodeNamed(name));
  }
}

function nodeNamed(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}

function lease(name: string): KubernetesObject {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: "kube-node-lease" } };
}

/** To the microsecond, as the API server wants it of a lease. */
function now(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
