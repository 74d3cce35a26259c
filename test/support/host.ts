/** Runs a program and a policy pack in Pulumi's own hosts, as the pulumi CLI starts them. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { Recording } from "../../src/rehearsal/monitor/recording";
import { makeMonitor } from "../../src/rehearsal/run-program";
import type { RunOptions } from "../../src/rehearsal/run-program";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { runNode } from "./child";
import type { Finished } from "./child";
import { packAt } from "./wire-pack";
import type { WirePack } from "./wire-pack";

export interface HostRun {
  readonly recording: Recording;
  readonly host: Finished;
}

/** How a host's process is started, besides what Pulumi decides. */
export interface Launch {
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** More environment, such as `PULUMI_NODEJS_TRANSPILE_ONLY`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** `runtime.options.nodeargs` of Pulumi.yaml, which Pulumi's language host gives to Node. */
function nodeArgsOf(root: string): readonly string[] {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
    readonly runtime?: { readonly options?: { readonly nodeargs?: string } };
  };
  return (project.runtime?.options?.nodeargs ?? "").split(" ").filter((arg) => arg !== "");
}

/** Runs a program in `@pulumi/pulumi/cmd/run`, with the arguments and environment that Pulumi's language host gives it. */
export async function runInHost(
  options: RunOptions & { readonly program: string },
  { nodeArgs = [], env = {} }: Launch = {},
): Promise<HostRun> {
  const { program, project, stack, config, secretKeys = [], mode = "known", parallel = 16 } = options;
  const monitor = makeMonitor(options);
  const address = await monitor.listen();
  const root = dirname(program);
  const flags = [
    "--monitor",
    address,
    "--engine",
    address,
    "--project",
    project,
    "--stack",
    stack,
    "--pwd",
    root,
    "--parallel",
    String(parallel),
  ];
  try {
    const host = await runNode(
      [
        ...nodeArgsOf(root),
        ...nodeArgs,
        require.resolve("@pulumi/pulumi/cmd/run"),
        ...flags,
        ...(mode === "preview" ? ["--dry-run"] : []),
        ".",
      ],
      {
        cwd: root,
        env: {
          PULUMI_NODEJS_TYPESCRIPT: "true",
          PULUMI_CONFIG: JSON.stringify(config),
          PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
          ...env,
        },
      },
    );
    return { recording: monitor.recording(), host };
  } finally {
    monitor.close();
  }
}

export interface ServedInHost {
  readonly pack: ServedPack;
  /** From the start of the process to the line with its port. */
  readonly wallMs: number;
  /** Ends the process. @returns what it wrote to standard error. */
  stop(): Promise<string>;
}

/**
 * Starts a policy pack in `@pulumi/pulumi/cmd/run-policy-pack`.
 * @param folder the working directory: that of the pack, as the engine has it.
 * @param main entry point, relative to the folder or absolute.
 */
export function servePackInHost(folder: string, main = ".", { nodeArgs = [], env = {} }: Launch = {}): Promise<ServedInHost> {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(process.execPath, [...nodeArgs, require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:0", main], {
      cwd: folder,
      env: { ...process.env, ...env },
    });
    const stderr: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk.toString()));
    child.stdout.once("data", (chunk: Buffer) => {
      const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
      const pack = packAt(`127.0.0.1:${chunk.toString().trim()}`);
      resolve({ pack, wallMs, stop: () => stop(child, pack, stderr) });
    });
    child.once("close", (code) => {
      reject(new Error(`the policy pack ended with code ${code ?? "?"}: ${stderr.join("")}`));
    });
  });
}

function stop(child: ChildProcess, pack: WirePack, stderr: readonly string[]): Promise<string> {
  pack.close();
  return new Promise((resolve) => {
    child.removeAllListeners("close");
    child.once("close", () => {
      resolve(stderr.join(""));
    });
    child.kill("SIGINT");
  });
}
