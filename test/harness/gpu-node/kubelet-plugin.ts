/** The kubelet plugin of NVIDIA's DRA driver, as the user has it, on a simulated node. */
import { spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeconfig } from "../../../src/control-plane/kubeconfig";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { KubeletClient } from "./kubelet-client";
import type { NodeFiles } from "./node-files";

const SLICES = "/apis/resource.k8s.io/v1/resourceslices";
const START_LIMIT_MS = 60_000;

/** The version that a program says of itself, such as `v0.4.1`. */
export function versionOf(program: string): string {
  const { stdout, error } = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error(`${program} cannot be started: ${error.message}`);
  }
  return stdout.trim().split(" ").at(-1) ?? "";
}

/** How one run of a plugin went. */
export type Publication =
  | { readonly type: "published"; readonly slices: readonly KubernetesObject[] }
  /** It ended by itself before it published. */
  | { readonly type: "ended"; readonly log: string };

export class KubeletPlugin {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #log: string[] = [];
  #kubelet: KubeletClient | undefined;

  constructor(
    private readonly api: ApiServer,
    private readonly files: NodeFiles,
    program: string,
    private readonly nodeName: string,
  ) {
    this.#process = start(api, files, program, nodeName);
    this.#process.stdout?.on("data", (data: Buffer) => this.#log.push(data.toString()));
    this.#process.stderr?.on("data", (data: Buffer) => this.#log.push(data.toString()));
    this.#closed = once(this.#process, "close");
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** The end of what it has printed. */
  get log(): string {
    return this.#log.join("").slice(-2_000);
  }

  /** Waits until it has registered with its kubelet. @throws Error when it ends instead. */
  async registered(): Promise<KubeletClient> {
    this.#kubelet = await this.#eventually("registered", () => KubeletClient.register(this.files.registrar).catch(() => undefined));
    return this.#kubelet;
  }

  /** Waits until it has published, or has ended. */
  async publication(): Promise<Publication> {
    const query = `fieldSelector=spec.nodeName%3D${this.nodeName}`;
    const look = async () => {
      const slices = await this.api.list(SLICES, query);
      return slices.length > 0 ? slices : undefined;
    };
    try {
      return { type: "published", slices: await this.#eventually("published", look) };
    } catch (error) {
      if (this.hasEnded) {
        return { type: "ended", log: this.log };
      }
      throw error;
    }
  }

  /** Waits until it ends by itself. @throws Error always, with what it has printed. */
  async ended(): Promise<never> {
    await this.#closed;
    throw new Error(`the plugin has ended: ${this.log}`);
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.#kubelet?.close();
    this.#process.kill(signal);
    await this.#closed;
  }

  async #eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + START_LIMIT_MS;
    while (!this.hasEnded) {
      const found = await look();
      if (found !== undefined) {
        return found;
      }
      if (Date.now() > deadline) {
        throw new Error(`the plugin has not ${what} in ${String(START_LIMIT_MS / 1_000)} s: ${this.log}`);
      }
      await sleep(50);
    }
    return this.ended();
  }
}

/** Runs the plugin until it has published, and removes what it published. */
export async function publish(api: ApiServer, files: NodeFiles, program: string, nodeName: string): Promise<Publication> {
  await api.apply({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } });
  const plugin = new KubeletPlugin(api, files, program, nodeName);
  try {
    return await plugin.publication();
  } finally {
    await plugin.stop();
    await api.deleteAll(SLICES);
  }
}

function start(api: ApiServer, files: NodeFiles, program: string, nodeName: string): ChildProcess {
  const at = (name: string): string => join(files.folder, name);
  writeFileSync(at("kubeconfig"), kubeconfig(api.access));
  writeFileSync(files.cdiHook, "");
  return files.start(program, [
    `--kubeconfig=${at("kubeconfig")}`,
    `--node-name=${nodeName}`,
    `--nvidia-driver-root=${files.driverRoot}`,
    `--container-driver-root=${files.driverRoot}`,
    `--cdi-root=${files.cdi}`,
    `--kubelet-registrar-directory-path=${dirname(files.registrar)}`,
    `--kubelet-plugins-directory-path=${at("plugins")}`,
    `--nvidia-cdi-hook-path=${files.cdiHook}`,
    "--image-name=none",
  ]);
}
