/** What a cluster holds at the moment, kept up to date by watches: the nodes, pods and claims that kubelets and operators act on. */
import { EventEmitter, once, setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";

interface Collection {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly keyOf: (object: KubernetesObject) => string;
  readonly items: Map<string, KubernetesObject>;
}

const RETRY_MS = 200;

export class ClusterView {
  /** By name. */
  readonly nodes = new Map<string, KubernetesObject>();
  /** By uid: a pod that is recreated under an old name is another one. */
  readonly pods = new Map<string, KubernetesObject>();
  /** By `namespace/name`. */
  readonly claims = new Map<string, KubernetesObject>();
  private readonly changes = new EventEmitter();
  private changeCount = 0;

  constructor(
    private readonly api: ApiServer,
    private readonly signal: AbortSignal,
  ) {
    setMaxListeners(0, this.changes, signal);
  }

  /** Reads everything once and then follows the changes in the background. */
  async start(): Promise<void> {
    const collections: readonly Collection[] = [
      { path: "/api/v1/nodes", apiVersion: "v1", kind: "Node", keyOf: ({ metadata }) => String(metadata["name"]), items: this.nodes },
      { path: "/api/v1/pods", apiVersion: "v1", kind: "Pod", keyOf: ({ metadata }) => String(metadata["uid"]), items: this.pods },
      {
        path: "/apis/resource.k8s.io/v1/resourceclaims",
        apiVersion: "resource.k8s.io/v1",
        kind: "ResourceClaim",
        keyOf: ({ metadata }) => claimKey(String(metadata["namespace"]), String(metadata["name"])),
        items: this.claims,
      },
    ];
    await Promise.all(
      collections.map(async (collection) => {
        const version = await this.read(collection);
        void this.follow(collection, version);
      }),
    );
  }

  onChange(listener: () => void): void {
    this.changes.on("change", listener);
  }

  /** Lets everybody look again: something has changed that no object says. */
  touch(): void {
    this.changeCount++;
    this.changes.emit("change");
  }

  /** Waits until there is something to see. @throws AbortError when the signal ends the waiting. */
  async until<T>(look: () => T | undefined | Promise<T | undefined>, signal: AbortSignal): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      const before = this.changeCount;
      const found = await look();
      if (found !== undefined) {
        return found;
      }
      // What has changed while it looked, it may not have seen.
      if (this.changeCount === before) {
        await once(this.changes, "change", { signal });
      }
    }
  }

  private async read({ path, apiVersion, kind, keyOf, items }: Collection): Promise<string> {
    const list = await this.api.get(path);
    items.clear();
    for (const item of list.items as readonly KubernetesObject[]) {
      const object = { ...item, apiVersion, kind };
      items.set(keyOf(object), object);
    }
    this.touch();
    return String(list.metadata.resourceVersion);
  }

  /** The server ends watches when it likes, and forgets old versions: whatever happens, everything is read again. */
  private async follow(collection: Collection, version: string): Promise<void> {
    let next: string | undefined = version;
    while (!this.signal.aborted) {
      try {
        next ??= await this.read(collection);
        await this.watch(collection, next);
      } catch {
        await sleep(RETRY_MS, undefined, { signal: this.signal }).catch(() => undefined);
      }
      next = undefined;
    }
  }

  private async watch({ path, keyOf, items }: Collection, version: string): Promise<void> {
    const end = new AbortController();
    await this.api.watch(
      path,
      ({ type, object }) => {
        if (type === "ERROR") {
          end.abort();
          return;
        }
        if (type === "DELETED") {
          items.delete(keyOf(object));
        } else {
          items.set(keyOf(object), object);
        }
        this.touch();
      },
      AbortSignal.any([this.signal, end.signal]),
      `resourceVersion=${version}`,
    );
  }
}

export function claimKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
