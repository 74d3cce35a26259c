/** Runs the command of a pod's container as a process of this machine, with its volumes, its service account and a termination message. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiServer, KubernetesObject } from "../../../../src/live/api/api-server";
import type { Container, Exit } from "../../../../src/fleet/pods/container";
import { mountVolumes } from "./volumes";

const SERVICE_ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
/** What a kubelet keeps of a termination message, and of a log in its place (`pkg/kubelet/container/runtime.go`). */
const MAX_MESSAGE_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

export interface Process extends Container {
  /** What it has printed. */
  readonly log: () => string;
}

interface ContainerSpec {
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly terminationMessagePolicy?: "File" | "FallbackToLogsOnError";
}

/**
 * Starts the first container of a pod. What differs from a real one: it sees the whole machine, and paths of mounts in its command line, and the two paths
 * that every container has (service account, termination log), are those of temporary folders.
 */
export async function spawnContainer(api: ApiServer, pod: KubernetesObject): Promise<Process> {
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-pod-"));
  const terminationLog = join(folder, "termination-log");
  const mounts = await mountVolumes(api, pod, join(folder, "volumes"));
  const { command, args = [], env = [], terminationMessagePolicy } = pod["spec"].containers[0] as ContainerSpec;
  const local = (text: string) => [...mounts].reduce((result, [path, target]) => result.replaceAll(path, target), text);
  const [program = "", ...rest] = [...command, ...args].map(local);
  const { hostname, port } = new URL(api.access.server);
  const child = spawn(program, rest, {
    env: {
      PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      SERVICE_ACCOUNT_DIR: mounts.get(SERVICE_ACCOUNT_PATH) ?? "",
      TERMINATION_LOG: terminationLog,
      ...Object.fromEntries(env.map(({ name, value = "" }) => [name, value])),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  }
  const log = () => chunks.join("");
  const exit = once(child, "close").then(
    ([code, signal]) => {
      const exitCode = (code as number | null) ?? (signal === "SIGKILL" ? 137 : 143);
      const message = messageOf(terminationLog, log(), exitCode, terminationMessagePolicy);
      rmSync(folder, { recursive: true, force: true });
      return { exitCode, message };
    },
    (error: unknown): Exit => ({ exitCode: 128, message: String(error) }),
  );
  const stop = async (graceMs: number) => {
    child.kill("SIGTERM");
    const patience = new AbortController();
    const killing = sleep(graceMs, undefined, { signal: patience.signal }).then(
      () => child.kill("SIGKILL"),
      () => undefined,
    );
    const result = await exit;
    patience.abort();
    await killing;
    return result;
  };
  return { exit, stop, log };
}

function messageOf(terminationLog: string, log: string, exitCode: number, policy: ContainerSpec["terminationMessagePolicy"]): string {
  const written = readIfThere(terminationLog).subarray(0, MAX_MESSAGE_BYTES).toString("utf8");
  if (written !== "" || policy !== "FallbackToLogsOnError" || exitCode === 0) {
    return written;
  }
  const lines = log.split("\n").slice(-MAX_LOG_LINES - 1);
  return Buffer.from(lines.join("\n")).subarray(-MAX_LOG_BYTES).toString("utf8");
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
