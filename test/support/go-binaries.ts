/**
 * The real programs that the tests of `test/cluster` and `test/engine` start: taken from the machine where it has them, else built once from their
 * published Go modules into a cache outside the tree.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../src/control-plane/programs/executables";
import { built } from "../../src/control-plane/programs/go-program";
import type { GoProgram } from "../../src/control-plane/programs/go-program";
import { CONTROL_PLANE_PROGRAMS, fits, kubernetesVersionSettings, sourceOf, versionOf } from "../../src/control-plane/programs/kubernetes";
import type { ControlPlanePaths, ControlPlaneProgram } from "../../src/control-plane/programs/kubernetes";
import { pathFolders, pluginFolder, sdkVersion } from "./installed";
import { testedRelease } from "./tested-release";

export const PULUMI_VERSION = "v3.259.0";
/** The release that the pinned commit of the provider's module became. */
const KUBERNETES_PROVIDER_VERSION = "v4.25.0";

/** How a program is built, and how it is recognized on the machine. */
interface Source extends Omit<GoProgram, "name"> {
  /** Whether one that was found has a version that the tests are about. */
  readonly isAccepted: (path: string) => boolean;
}

const { kubernetesVersion: TESTED } = testedRelease();
const [MAJOR = "", MINOR = ""] = TESTED.split(".");
const TESTS = join(__dirname, "..");

function controlPlaneProgram(name: ControlPlaneProgram, kubernetesVersion: string = TESTED): Source {
  const isAccepted = (path: string) => {
    const version = versionOf(name, path);
    return version !== undefined && fits(name, version, kubernetesVersion);
  };
  return { ...sourceOf(name, kubernetesVersion), isAccepted };
}

/** @param args print the version. */
const says =
  (args: readonly string[], accepted: RegExp) =>
  (path: string): boolean =>
    accepted.test(spawnSync(path, [...args], { encoding: "utf8", timeout: 30_000 }).stdout);

const SOURCES = {
  etcd: controlPlaneProgram("etcd"),
  "kube-apiserver": controlPlaneProgram("kube-apiserver"),
  "kube-controller-manager": controlPlaneProgram("kube-controller-manager"),
  "kube-scheduler": controlPlaneProgram("kube-scheduler"),
  pulumi: {
    module: join(TESTS, "engine/go/pulumi"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    settings: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${PULUMI_VERSION}`],
    isAccepted: says(["version"], /^v3\.(24[89]|2[5-9]\d|[3-9]\d\d)\./m),
  },
  "pulumi-resource-kubernetes": {
    module: join(TESTS, "engine/go/kubernetes-provider"),
    package: ".",
    settings: [`github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${KUBERNETES_PROVIDER_VERSION}`],
    // It has no way to print its version.
    isAccepted: () => true,
  },
  kubectl: {
    module: join(TESTS, "engine/go/kubectl"),
    package: ".",
    settings: kubernetesVersionSettings(TESTED),
    // One minor version away from the server's is what Kubernetes supports.
    isAccepted: says(
      ["version", "--client"],
      new RegExp(`Client Version: v${MAJOR}\\.(${[-1, 0, 1].map((step) => Number(MINOR) + step).join("|")})\\.`),
    ),
  },
  // What Kubernetes' own packages make of selectors, of the version in the go.mod of its folder.
  "selector-verdicts": { module: join(TESTS, "cluster/go/selectors"), package: ".", settings: [], isAccepted: () => true },
  prometheus: prometheusProgram("prometheus"),
  promtool: prometheusProgram("promtool"),
  amtool: {
    module: join(TESTS, "cluster/go/alertmanager"),
    package: "github.com/prometheus/alertmanager/cmd/amtool",
    settings: [],
    isAccepted: says(["--version"], /^amtool, version 0\.(3[4-9]|[4-9]\d)\./m),
  },
  "kube-state-metrics": {
    module: join(TESTS, "cluster/go/kube-state-metrics"),
    package: "k8s.io/kube-state-metrics/v2",
    settings: [],
    isAccepted: says(["version"], /v2\.(1[89]|[2-9]\d)\./),
  },
} as const satisfies Readonly<Record<string, Source>>;

/** Without the ways to find targets in clouds, which are most of its code and which no test uses. */
function prometheusProgram(name: "prometheus" | "promtool"): Source {
  return {
    module: join(TESTS, "cluster/go/prometheus"),
    package: `github.com/prometheus/prometheus/cmd/${name}`,
    settings: [],
    tags: ["remove_all_sd"],
    isAccepted: says(["--version"], new RegExp(`^${name}, version 3\\.(1[4-9]|[2-9]\\d)\\.`, "m")),
  };
}

export type BinaryName = keyof typeof SOURCES;

export const CONTROL_PLANE_BINARIES: readonly BinaryName[] = CONTROL_PLANE_PROGRAMS;
export const ENGINE_BINARIES: readonly BinaryName[] = ["pulumi", "pulumi-resource-kubernetes"];
export const MONITORING_BINARIES = ["prometheus", "promtool", "amtool", "kube-state-metrics"] as const satisfies readonly BinaryName[];
/** What a person has besides, to do what docs/operations.md says. */
export const OPERATOR_BINARIES: readonly BinaryName[] = [...ENGINE_BINARIES, "kubectl"];

/**
 * Paths of the programs, those that have to be built first built one after the other with their progress on standard error.
 * Looked for in `KUBEBUILDER_ASSETS` (where envtest's users have them), on PATH, among Pulumi's installed plugins, in the cache.
 * @throws Error where a program is not there and cannot be built.
 */
export async function ensureBinaries<Name extends BinaryName>(names: readonly Name[]): Promise<Readonly<Record<Name, string>>> {
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) {
    paths[name] = findInstalled(name) ?? (await built({ name, ...SOURCES[name] }));
  }
  return paths as Record<Name, string>;
}

/** The programs of a control plane of another version than the one that the tests are about, found or built in the same way. */
export async function ensureControlPlane(kubernetesVersion: string): Promise<ControlPlanePaths> {
  const paths: Partial<Record<ControlPlaneProgram, string>> = {};
  for (const name of CONTROL_PLANE_PROGRAMS) {
    const source = controlPlaneProgram(name, kubernetesVersion);
    paths[name] = findInstalled(name, source) ?? (await built({ name, ...source }));
  }
  return paths as ControlPlanePaths;
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
export function findInstalled(name: BinaryName, { isAccepted }: Pick<Source, "isAccepted"> = SOURCES[name]): string | undefined {
  const [, plugin] = /^pulumi-resource-(.+)$/.exec(name) ?? [];
  const plugins = plugin === undefined ? [] : [pluginFolder(plugin, sdkVersion(plugin))];
  const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
  return findProgram(name, [...(assets === "" ? [] : [assets]), ...pathFolders(), ...plugins], isAccepted);
}
