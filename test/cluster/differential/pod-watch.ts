/** The pods of a cluster as they change. */
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";

/** A limit against hanging, not a measurement. */
const TIMEOUT_MS = 120_000;

export class PodWatch {
  private readonly pods = new Map<string, KubernetesObject>();
  private readonly listeners = new Set<() => void>();
  private readonly end = new AbortController();
  private failure: unknown;

  constructor(private readonly api: ApiServer) {
    void this.follow();
  }

  stop(): void {
    this.end.abort();
  }

  /** Waits until something can be told of a pod. @throws Error with the pod as it is when that takes too long. */
  async until<T>({ namespace, name }: KubernetesObject["metadata"], tell: (pod: KubernetesObject) => T | undefined): Promise<T> {
    const key = `${String(namespace)}/${String(name)}`;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.listeners.delete(look);
        settle();
      };
      const look = (): void => {
        const pod = this.pods.get(key);
        const told = pod && tell(pod);
        if (told !== undefined) {
          finish(() => resolve(told));
        } else if (this.failure !== undefined) {
          finish(() => reject(new Error("the watch of pods ended", { cause: this.failure })));
        }
      };
      const timer = setTimeout(() => {
        const seen = JSON.stringify(this.pods.get(key)?.["status"]);
        finish(() => reject(new Error(`waited ${TIMEOUT_MS / 1000} s in vain for a verdict on pod ${key}; its status: ${seen}`)));
      }, TIMEOUT_MS);
      this.listeners.add(look);
      look();
    });
  }

  private async follow(): Promise<void> {
    try {
      while (!this.end.signal.aborted) {
        // The server ends a watch when it likes; the next one begins with the pods that there are.
        await this.api.watch(
          "/api/v1/pods",
          ({ type, object }) => {
            this.note(type, object);
          },
          this.end.signal,
        );
      }
    } catch (error) {
      if (!this.end.signal.aborted) {
        this.failure = error;
        this.tellAll();
      }
    }
  }

  private note(type: string, object: KubernetesObject): void {
    const key = `${String(object.metadata["namespace"])}/${String(object.metadata["name"])}`;
    if (type === "DELETED") {
      this.pods.delete(key);
    } else if (type === "ADDED" || type === "MODIFIED") {
      this.pods.set(key, object);
      this.tellAll();
    }
  }

  private tellAll(): void {
    for (const listener of [...this.listeners]) {
      listener();
    }
  }
}
