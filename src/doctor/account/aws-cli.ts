/** The AWS CLI of whoever asks: with their credentials, profile and configuration. */
import { spawn } from "node:child_process";
import { parseJson } from "../../json/parse";
import type { AwsAnswer, AwsCli } from "./observe";

export interface Limits {
  readonly ms: number;
  readonly bytes: number;
}

/** The CLI tries a request again by itself, with pauses. An answer has the instances of a large account. */
const LIMITS: Limits = { ms: 60_000, bytes: 256 * 1024 * 1024 };

/** @param region of the cluster: the one of the profile can be another. @param limits of one call. @default enough for a large account */
export function awsCli(region: string, limits = LIMITS): AwsCli {
  return (...args) => {
    const all = [...args, "--region", region, "--output", "json", "--no-cli-pager", "--no-cli-auto-prompt"];
    return new Promise((resolve) => {
      const child = spawn("aws", all, { env: { ...process.env }, stdio: ["ignore", "pipe", "pipe"] });
      const output = { stdout: "", stderr: "" };
      const fail = (reason: string) => {
        resolve({ type: "failed", reason: `aws ${args.slice(0, 2).join(" ")}: ${reason}` });
      };
      // What the CLI has started, such as a program that has the credentials, can keep its output open after it.
      const giveUp = (reason: string) => {
        fail(reason);
        child.kill("SIGKILL");
        child.stdout.destroy();
        child.stderr.destroy();
      };
      const timer = setTimeout(() => {
        giveUp(`it has not answered within ${String(limits.ms / 1000)} s`);
      }, limits.ms);
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (chunk: string) => {
          output[name] += chunk;
          if (output[name].length > limits.bytes) {
            giveUp(`its answer is longer than ${String(limits.bytes)} bytes`);
          }
        });
      }
      child.on("error", (error: NodeJS.ErrnoException) => {
        fail(error.code === "ENOENT" ? "the program aws is not on your PATH. Install the AWS CLI 2" : error.message);
      });
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        if (code !== 0) {
          fail(code === null ? `it was ended by ${String(signal)}` : reasonIn(output.stderr, code));
          return;
        }
        const json = parseJson(output.stdout);
        resolve(json === undefined ? notJson(args) : { type: "answer", json });
      });
    });
  };
}

/** So much of what the CLI says is shown. */
const SHOWN = 500;

/** The line in which the CLI says why, of some that can be about the command line in general. */
function reasonIn(stderr: string, code: number): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const found = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  return found?.slice(0, SHOWN) ?? `it ended with code ${String(code)}, and said nothing`;
}

function notJson(args: readonly string[]): AwsAnswer {
  return { type: "failed", reason: `aws ${args.slice(0, 2).join(" ")}: its answer is not JSON` };
}
