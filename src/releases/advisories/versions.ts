/** Versions as each publisher writes them, in one order: that of semantic versions. */
import { compare, parse } from "semver";
import type { SemVer } from "semver";
import type { AffectedRange, ComponentName } from "./types";

/** How a component's versions are written. */
const READERS: Readonly<Record<ComponentName, (text: string) => SemVer | null>> = {
  "gpu-operator": semantic,
  "dra-driver": draDriver,
  "container-toolkit": semantic,
  "dcgm-exporter": dcgmExporter,
  "mig-manager": semantic,
  "nvidia-driver": nvidiaDriver,
  "eks-ami": date,
  containerd: linuxPackage,
  runc: linuxPackage,
  "vpc-cni": semantic,
  coredns: eksBuild,
  prometheus: semantic,
  grafana: semantic,
};

/** What publishers append to a version without changing what is in it: base images, and builds of EKS add-ons and of packages. */
const BUILD = /-(?:ubuntu\d+\.\d+|ubi\d+|distroless|eksbuild\.\d+|\d+)$/;

/** A version in the order of its component; undefined if it is not written as the component's versions are. */
export function readVersion(component: ComponentName, text: string): SemVer | undefined {
  return READERS[component](text.trim()) ?? undefined;
}

/** Whether a version is in a range of its own component. */
export function isAffected(version: SemVer, { component, from, fixedIn }: AffectedRange): boolean {
  return (from === undefined || compare(version, bound(component, from)) >= 0) && compare(version, bound(component, fixedIn)) < 0;
}

function bound(component: ComponentName, text: string): SemVer {
  const version = readVersion(component, text);
  if (version === undefined) {
    throw new Error(`${text} is no version of ${component}`);
  }
  return version;
}

/** The branch of a driver: 580 of 580.159.03. */
export function driverBranch(version: SemVer): number {
  return version.major;
}

function semantic(text: string): SemVer | null {
  return parse(text.replace(BUILD, ""));
}

/**
 * The driver was numbered by the calendar up to 25.12, and starts again at 0.4 since it belongs to Kubernetes: every calendar version is older than every other.
 * Source: tags of kubernetes-sigs/dra-driver-nvidia-gpu (read 2026-11-28): v25.12.0 of 2026-02-12, v0.4.0 of 2026-05-15.
 */
function draDriver(text: string): SemVer | null {
  const version = semantic(text);
  return version !== null && version.major >= 25 && version.minor < 1000 && version.patch < 1000
    ? parse(`0.0.${version.major * 1_000_000 + version.minor * 1_000 + version.patch}`)
    : version;
}

/** `2.2.4-1.amzn2023.0.3`: the version of its authors. What Amazon Linux mends in a package of an older version is not seen. */
function linuxPackage(text: string): SemVer | null {
  return parse(text.replace(/-\d+\.amzn\d+(?:\.\d+)*$/, ""));
}

/** `v1.13.2-eksbuild.11`: EKS mends a version of CoreDNS in later builds of it, so the builds are in the order too. */
function eksBuild(text: string): SemVer | null {
  return /-eksbuild\.\d+$/.test(text) ? parse(text) : null;
}

/** `4.4.2-4.7.0-distroless`: the version of DCGM, then the exporter's own, by which the bulletins go. */
function dcgmExporter(text: string): SemVer | null {
  const [, own] = /^v?\d+\.\d+\.\d+-(\d+\.\d+\.\d+)$/.exec(text.replace(BUILD, "")) ?? [];
  return own === undefined ? null : parse(own);
}

/** `580.159.03`: branch, then numbers with leading zeros. */
function nvidiaDriver(text: string): SemVer | null {
  const [, branch, minor, patch = "0"] = /^(\d{3})\.(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text.replace(BUILD, "")) ?? [];
  return branch === undefined ? null : parse([branch, minor, patch].map(Number).join("."));
}

function date(text: string): SemVer | null {
  return /^20\d{6}$/.test(text) ? parse(`${text}.0.0`) : null;
}
