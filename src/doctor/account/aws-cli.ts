/** The AWS CLI of whoever asks: with their credentials, profile and configuration. */
import { spawn } from "node:child_process";
import { parseJson } from "../../json/parse";
import type { AwsAnswer, AwsCli } from "./observe";

/** The CLI tries a request again by itself, with pauses. */
const LIMIT_MS = 60_000;

/** An answer with the instances of a large account. */
const MAX_BYTES = 256 * 1024 * 1024;

/** @param region of the cluster: the one of the profile can be another. */
export function awsCli(region: string): AwsCli {
  return (...args) => {
    const all = [...args, "--region", region, "--output", "json", "--no-cli-pager", "--no-cli-auto-prompt"];
    return new Promise((resolve) => {
      const child = spawn("aws", all, { env: { ...process.env }, stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT_MS });
      const output = { stdout: "", stderr: "" };
      const fail = (reason: string) => {
        resolve({ type: "failed", reason: `aws ${args.slice(0, 2).join(" ")}: ${reason}` });
      };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (chunk: string) => {
          output[name] += chunk;
          if (output[name].length > MAX_BYTES) {
            child.kill();
          }
        });
      }
      child.on("error", (error: NodeJS.ErrnoException) => {
        fail(error.code === "ENOENT" ? "the program aws is not on your PATH. Install the AWS CLI 2" : error.message);
      });
      child.on("close", (code, signal) => {
        if (code !== 0) {
          fail(
            code === null ? `it was ended by ${String(signal)}, after ${String(LIMIT_MS / 1000)} s at most` : reasonIn(output.stderr, code),
          );
          return;
        }
        const json = parseJson(output.stdout);
        resolve(json === undefined ? notJson(args) : { type: "answer", json });
      });
    });
  };
}

/** The line in which the CLI says why, of some that can be about the command line in general. */
function reasonIn(stderr: string, code: number): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const found = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  return found ?? `it ended with code ${String(code)}, and said nothing`;
}

function notJson(args: readonly string[]): AwsAnswer {
  return { type: "failed", reason: `aws ${args.slice(0, 2).join(" ")}: its answer is not JSON` };
}
