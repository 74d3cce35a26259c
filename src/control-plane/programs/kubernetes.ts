/** The four programs of a control plane: how each is built, and which version one says it is. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GoProgram } from "./go-program";

export const CONTROL_PLANE_PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

export type ControlPlaneProgram = (typeof CONTROL_PLANE_PROGRAMS)[number];

/** Paths by name. */
export type ControlPlanePaths = Readonly<Record<ControlPlaneProgram, string>>;

const MODULES = join(__dirname, "..", "go");

/** The Go module of a Kubernetes version such as `1.34`. */
function moduleOf(kubernetesVersion: string): string {
  return join(MODULES, "kubernetes", `v${kubernetesVersion.replace(".", "-")}`);
}

/** The patch release of a Kubernetes version that is built here, `v1.34.4`: what its module requires. */
function patchRelease(kubernetesVersion: string): string {
  const [, version] = /^require k8s\.io\/kubernetes (v\S+)$/m.exec(readFileSync(join(moduleOf(kubernetesVersion), "go.mod"), "utf8")) ?? [];
  if (version === undefined) {
    throw new Error(`the Go module of Kubernetes ${kubernetesVersion} requires no k8s.io/kubernetes`);
  }
  return version;
}

/** Makes a program of Kubernetes say which version it is. */
export function kubernetesVersionSettings(kubernetesVersion: string): readonly string[] {
  const version = patchRelease(kubernetesVersion);
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    `${path}.gitVersion=${version}`,
    `${path}.gitMajor=${major}`,
    `${path}.gitMinor=${minor}`,
    `${path}.gitTreeState=clean`,
  ]);
}

/** How a program is built for a Kubernetes version such as `1.34`. One etcd serves them all. */
export function sourceOf(name: ControlPlaneProgram, kubernetesVersion: string): GoProgram {
  return name === "etcd"
    ? { name, module: join(MODULES, "etcd"), package: "go.etcd.io/etcd/server/v3", settings: [] }
    : {
        name,
        module: moduleOf(kubernetesVersion),
        package: `k8s.io/kubernetes/cmd/${name}`,
        settings: kubernetesVersionSettings(kubernetesVersion),
      };
}

const VERSION_TIMEOUT_MS = 30_000;

/** What a program says its version is, `v1.34.4` or `3.6.13`; undefined for one that is something else. */
export function versionOf(name: ControlPlaneProgram, path: string): string | undefined {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: VERSION_TIMEOUT_MS });
  const pattern = name === "etcd" ? /^etcd Version: (\d+\.\d+\.\d+)/m : /^Kubernetes (v\d+\.\d+\.\d+\S*)/m;
  return pattern.exec(stdout ?? "")?.[1];
}

/** Whether a program's version fits a Kubernetes version such as `1.34`. Upstream tests every Kubernetes of today with etcd 3.5 and 3.6. */
export function fits(name: ControlPlaneProgram, version: string, kubernetesVersion: string): boolean {
  return name === "etcd" ? /^3\.([5-9]|\d\d)\./.test(version) : version.startsWith(`v${kubernetesVersion}.`);
}
