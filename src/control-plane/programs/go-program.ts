/** Programs that are built once from published Go modules, into a cache outside the tree. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isExecutable } from "./executables";

export interface GoProgram {
  readonly name: string;
  /** Folder with go.mod. */
  readonly module: string;
  /** Import path of the main package. */
  readonly package: string;
  /** `-X` settings of the linker: what the program says its version is. */
  readonly settings: readonly string[];
  /** Build tags. @default none */
  readonly tags?: readonly string[];
}

/** While a program is built, a line this often says so. */
const HEARTBEAT_MS = 30_000;

/** Where a program is once it is built: below `XDG_CACHE_HOME`, in a folder whose name changes with everything that the program is made of. */
export function cachedPath({ name, module, package: main, settings, tags }: GoProgram): string {
  const hash = createHash("sha256").update(JSON.stringify({ main, settings, tags }));
  for (const file of ["go.mod", "go.sum", "main.go"].map((base) => join(module, base)).filter((path) => existsSync(path))) {
    hash.update(readFileSync(file));
  }
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(cache, "shared-gpu", `${name}-${hash.digest("hex").slice(0, 16)}`, name);
}

/**
 * Builds a program unless the cache has it, with progress on standard error: minutes for a program of Kubernetes.
 * @returns its path.
 * @throws Error where there is no Go, or the build fails.
 */
export async function built(program: GoProgram): Promise<string> {
  const path = cachedPath(program);
  if (!isExecutable(path)) {
    mkdirSync(dirname(path), { recursive: true });
    await build(program, path);
  }
  return path;
}

async function build({ name, module, package: main, settings, tags = [] }: GoProgram, path: string): Promise<void> {
  const { status, error } = spawnSync("go", ["version"]);
  if (error !== undefined || status !== 0) {
    throw new Error(
      `there is no Go to build ${name} with: install Go 1.26 or later, or use released binaries (docs/testing.md says where they are)`,
    );
  }
  const started = Date.now();
  const say = (text: string) => process.stderr.write(`${name}: ${text}\n`);
  say("building it once from its Go module, which takes minutes ...");
  const heartbeat = setInterval(() => {
    say(`still building, ${Math.round((Date.now() - started) / 1000)} s`);
  }, HEARTBEAT_MS);
  // Built beside its place and renamed: whoever else needs it meanwhile never sees half a program.
  const partial = `${path}.${process.pid}`;
  try {
    const flags = ["-trimpath", "-buildvcs=false", "-ldflags", ["-s", "-w", ...settings.map((setting) => `-X ${setting}`)].join(" ")];
    await run("go", ["build", ...flags, "-tags", tags.join(","), "-o", partial, main], module);
    renameSync(partial, path);
  } finally {
    clearInterval(heartbeat);
    rmSync(partial, { force: true });
  }
  say(`built in ${Math.round((Date.now() - started) / 1000)} s: ${path}`);
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" };
    const child = spawn(command, [...args], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${command} ${args.slice(0, 1).join(" ")} in ${cwd} failed:\n${stderr.slice(-4000)}`));
      }
    });
  });
}
