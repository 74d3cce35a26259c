/** What a supervisor left behind that was itself killed: its processes, by their own ids, and its folder. */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const FOLDER_PREFIX = "shared-gpu-cluster-";

/** Ends and removes every control plane whose supervisor is gone. Those of runs that are alive are left alone. */
export function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    const folder = join(tmpdir(), name);
    const supervisor = pidIn(join(folder, "supervisor.pid"));
    if (supervisor === undefined || isOf(supervisor, folder)) {
      continue;
    }
    for (const process of filesIn(join(folder, "pids"))) {
      const pid = pidIn(join(folder, "pids", process));
      if (pid !== undefined && isOf(pid, folder)) {
        kill(pid);
      }
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether a process was started for a folder. An id may have been given to another process since, and a process that nobody waited for keeps its id. */
function isOf(pid: number, folder: string): boolean {
  return commandLineOf(pid).includes(folder);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // No such process, or a system without /proc.
    return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";
  }
}
