/**
 * The real programs that the tests of `test/cluster` and `test/engine` start: taken from the machine where it has them, else built once from their
 * published Go modules into a cache outside the tree.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findProgram, isExecutable, pathFolders, pluginFolder, sdkVersion } from "./installed";

const KUBERNETES_VERSION = "v1.34.4";
export const PULUMI_VERSION = "v3.259.0";
/** The release that the pinned commit of the provider's module became. */
const KUBERNETES_PROVIDER_VERSION = "v4.25.0";

/** A program, how it is recognized on the machine, and how it is built. */
interface Source {
  /** Folder with go.mod, below `test`. */
  readonly module: string;
  /** Import path of the main package. */
  readonly package: string;
  /** `-X` settings of the linker: what the program says its version is. */
  readonly settings: readonly string[];
  /** Arguments that print the version; undefined where the program has no such way. */
  readonly versionArgs: readonly string[] | undefined;
  /** What a version found on the machine has to look like to be taken. */
  readonly accepted: RegExp;
}

const [, MAJOR = "", MINOR = ""] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION) ?? [];

/** Makes a program of Kubernetes say which version it is. */
function kubernetesVersionSettings(): readonly string[] {
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    `${path}.gitVersion=${KUBERNETES_VERSION}`,
    `${path}.gitMajor=${MAJOR}`,
    `${path}.gitMinor=${MINOR}`,
    `${path}.gitTreeState=clean`,
  ]);
}

function kubernetesServer(command: string): Source {
  return {
    module: "cluster/go/kubernetes",
    package: `k8s.io/kubernetes/cmd/${command}`,
    settings: kubernetesVersionSettings(),
    versionArgs: ["--version"],
    accepted: new RegExp(`Kubernetes v${MAJOR}\\.${MINOR}\\.`),
  };
}

const SOURCES = {
  etcd: {
    module: "cluster/go/etcd",
    package: "go.etcd.io/etcd/server/v3",
    settings: [],
    versionArgs: ["--version"],
    accepted: /etcd Version: 3\.[5-9]\./,
  },
  "kube-apiserver": kubernetesServer("kube-apiserver"),
  "kube-controller-manager": kubernetesServer("kube-controller-manager"),
  "kube-scheduler": kubernetesServer("kube-scheduler"),
  pulumi: {
    module: "engine/go/pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    settings: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${PULUMI_VERSION}`],
    versionArgs: ["version"],
    accepted: /^v3\.(24[89]|2[5-9]\d|[3-9]\d\d)\./m,
  },
  "pulumi-resource-kubernetes": {
    module: "engine/go/kubernetes-provider",
    package: ".",
    settings: [`github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${KUBERNETES_PROVIDER_VERSION}`],
    versionArgs: undefined,
    accepted: /^/,
  },
  kubectl: {
    module: "engine/go/kubectl",
    package: ".",
    settings: kubernetesVersionSettings(),
    versionArgs: ["version", "--client"],
    // One minor version away from the server's is what Kubernetes supports.
    accepted: new RegExp(`Client Version: v${MAJOR}\\.(${[-1, 0, 1].map((step) => Number(MINOR) + step).join("|")})\\.`),
  },
  // What Kubernetes' own packages make of selectors, of the version in the go.mod of its folder.
  "selector-verdicts": { module: "cluster/go/selectors", package: ".", settings: [], versionArgs: undefined, accepted: /^/ },
} as const satisfies Readonly<Record<string, Source>>;

export type BinaryName = keyof typeof SOURCES;

export const CONTROL_PLANE_BINARIES: readonly BinaryName[] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
export const ENGINE_BINARIES: readonly BinaryName[] = ["pulumi", "pulumi-resource-kubernetes"];
/** What a person has besides, to do what docs/operations.md says. */
export const OPERATOR_BINARIES: readonly BinaryName[] = [...ENGINE_BINARIES, "kubectl"];

/**
 * Paths of the programs, those that have to be built first built one after the other with their progress on standard error.
 * Looked for in `KUBEBUILDER_ASSETS` (where envtest's users have them), on PATH, among Pulumi's installed plugins, in the cache.
 * @throws Error where a program is not there and cannot be built.
 */
export async function ensureBinaries(names: readonly BinaryName[]): Promise<Readonly<Record<string, string>>> {
  const paths: Record<string, string> = {};
  for (const name of names) {
    paths[name] = findInstalled(name) ?? (await fromCache(name));
  }
  return paths;
}

/** A folder in which each of the programs stands under its own name, for a PATH. It is made below `parent`. */
export async function linkBinaries(names: readonly BinaryName[], parent: string): Promise<string> {
  const folder = join(parent, "bin");
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(await ensureBinaries(names))) {
    symlinkSync(path, join(folder, name));
  }
  return folder;
}

/** The program where the machine has it already; undefined where it has to be built. */
export function findInstalled(name: BinaryName): string | undefined {
  const [, plugin] = /^pulumi-resource-(.+)$/.exec(name) ?? [];
  const plugins = plugin === undefined ? [] : [pluginFolder(plugin, sdkVersion(plugin))];
  const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
  return findProgram(name, [...(assets === "" ? [] : [assets]), ...pathFolders(), ...plugins], (path) => isAccepted(path, SOURCES[name]));
}

function isAccepted(path: string, { versionArgs, accepted }: Source): boolean {
  if (versionArgs === undefined) {
    return true;
  }
  const { stdout } = spawnSync(path, [...versionArgs], { encoding: "utf8", timeout: 30_000 });
  return accepted.test(stdout);
}

async function fromCache(name: BinaryName): Promise<string> {
  const source: Source = SOURCES[name];
  const module = join(__dirname, "..", source.module);
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "shared-gpu", keyOf(name, module));
  const path = join(folder, name);
  if (!isExecutable(path)) {
    mkdirSync(folder, { recursive: true });
    await build(name, source, module, path);
  }
  return path;
}

/** Changes with everything that the program is made of. */
function keyOf(name: BinaryName, module: string): string {
  const hash = createHash("sha256").update(JSON.stringify(SOURCES[name]));
  for (const file of ["go.mod", "go.sum", "main.go"].map((base) => join(module, base)).filter((path) => existsSync(path))) {
    hash.update(readFileSync(file));
  }
  return `${name}-${hash.digest("hex").slice(0, 16)}`;
}

async function build(name: BinaryName, source: Source, module: string, path: string): Promise<void> {
  const { status, error } = spawnSync("go", ["version"]);
  if (error !== undefined || status !== 0) {
    throw new Error(
      `${name} is neither in KUBEBUILDER_ASSETS nor on PATH, and there is no Go to build it with: install Go 1.26 or later, or put released ` +
        `binaries on PATH (docs/testing.md says where they are)`,
    );
  }
  const started = Date.now();
  const say = (text: string) => process.stderr.write(`${name}: ${text}\n`);
  say("not found; building it once from its Go module, which takes minutes ...");
  const heartbeat = setInterval(() => {
    say(`still building, ${Math.round((Date.now() - started) / 1000)} s`);
  }, 30_000);
  // Built beside its place and renamed: whoever else needs it meanwhile never sees half a program.
  const partial = `${path}.${process.pid}`;
  try {
    const flags = [
      "-trimpath",
      "-buildvcs=false",
      "-ldflags",
      ["-s", "-w", ...source.settings.map((setting) => `-X ${setting}`)].join(" "),
    ];
    await run("go", ["build", ...flags, "-o", partial, source.package], module);
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
