/** Starts and ends the process that records runs of the program for all test files of a jest run. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";

/** Names the environment variable with the address of the recorder. */
export const RECORDER_VARIABLE = "SHARED_GPU_TEST_RECORDER";

let recorder: ChildProcess | undefined;

/** For all processes that this one starts from now on. The recorder ends with this process at the latest. */
export async function startRecorder(): Promise<void> {
  const started = fork(join(__dirname, "recorder.ts"), {
    execArgv: ["--max-semi-space-size=64", "--require", join(__dirname, "../../../transpile.js")],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  recorder = started;
  const port = await new Promise((resolve, reject) => {
    started.once("message", resolve);
    started.once("exit", (code) => {
      reject(new Error(`The process that records runs of the program ended with ${String(code)} before it listened`));
    });
  });
  process.env[RECORDER_VARIABLE] = `http://127.0.0.1:${String(port)}`;
}

export function endRecorder(): void {
  recorder?.kill();
}
