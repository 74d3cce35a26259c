/** The kubelet plugin of NVIDIA's DRA driver, as the user has it, on a simulated node. */
import { spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import type { NodeFiles } from "./node-files";

const SLICES = "/apis/resource.k8s.io/v1/resourceslices";
const PUBLISHING_LIMIT_MS = 30_000;

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

/** Runs the plugin until it has published, and removes what it published. */
export async function publish(plane: ControlPlane, files: NodeFiles, plugin: string, nodeName: string): Promise<Publication> {
  await plane.api.apply({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } });
  const child = start(plane, files, plugin, nodeName);
  const log: string[] = [];
  child.stdout?.on("data", (data: Buffer) => log.push(data.toString()));
  child.stderr?.on("data", (data: Buffer) => log.push(data.toString()));
  const closed = once(child, "close");
  try {
    const slices = await publishedSlices(plane, child, log);
    return slices.length > 0 ? { type: "published", slices } : { type: "ended", log: log.join("").slice(-2_000) };
  } finally {
    child.kill("SIGTERM");
    await closed;
    await plane.api.deleteAll(SLICES);
  }
}

async function publishedSlices(plane: ControlPlane, child: ChildProcess, log: readonly string[]): Promise<readonly KubernetesObject[]> {
  const deadline = Date.now() + PUBLISHING_LIMIT_MS;
  while (child.exitCode === null) {
    const slices = await plane.api.list(SLICES);
    if (slices.length > 0) {
      return slices;
    }
    if (Date.now() > deadline) {
      throw new Error(`the plugin published nothing in ${String(PUBLISHING_LIMIT_MS / 1_000)} s: ${log.join("").slice(-2_000)}`);
    }
    await sleep(50);
  }
  return [];
}

function start(plane: ControlPlane, files: NodeFiles, plugin: string, nodeName: string): ChildProcess {
  const at = (name: string): string => join(files.folder, name);
  for (const name of ["cdi", "registrar", "plugins/gpu.nvidia.com"]) {
    mkdirSync(at(name), { recursive: true });
  }
  writeFileSync(at("kubeconfig"), plane.kubeconfig);
  writeFileSync(at("nvidia-cdi-hook"), "");
  return files.start(plugin, [
    `--kubeconfig=${at("kubeconfig")}`,
    `--node-name=${nodeName}`,
    `--nvidia-driver-root=${files.driverRoot}`,
    `--container-driver-root=${files.driverRoot}`,
    `--cdi-root=${at("cdi")}`,
    `--kubelet-registrar-directory-path=${at("registrar")}`,
    `--kubelet-plugins-directory-path=${at("plugins")}`,
    `--nvidia-cdi-hook-path=${at("nvidia-cdi-hook")}`,
    "--image-name=none",
  ]);
}
