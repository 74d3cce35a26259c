/** From which Kubernetes version to which EKS takes a cluster that runs. Pure. */
import { RELEASES } from "../releases/find";
import type { Problem } from "./reading/problem";

const KEY = "kubernetesVersion";

/**
 * Why a running cluster cannot become one of the wanted version in one step; undefined if it can, or if it has that version already.
 *
 * EKS upgrades a control plane by one minor version at a time. It can take one back for seven days, and only once every node group and add-on has been taken
 * back: a program that updates the control plane first cannot do that.
 * Source: Amazon EKS user guide, "Update existing cluster to new Kubernetes version" and "Rollback cluster to previous Kubernetes version" (read 2026-11-28).
 * @param running `1.34`, as the control plane says. @param wanted as the stack says, a version of the catalogue.
 */
export function versionStepProblem(running: string, wanted: string): Problem | undefined {
  const [from, to] = [minorOf(running), minorOf(wanted)];
  if (from === undefined || to === undefined) {
    return { key: KEY, value: wanted, reason: `the cluster runs Kubernetes ${JSON.stringify(running)}, which is no version of EKS` };
  }
  if (to === from || to === from + 1) {
    return undefined;
  }
  const cluster = `the cluster runs Kubernetes ${running}`;
  return to < from
    ? { key: KEY, value: wanted, reason: `${cluster}, and this program does not take a control plane back${remedyFor(from)}` }
    : { key: KEY, value: wanted, reason: `${cluster}, and EKS upgrades one minor version at a time${remedyFor(from + 1)}` };
}

/** What the stack has to say instead. */
function remedyFor(minor: number): string {
  const version = `1.${minor}`;
  const isKnown = RELEASES.some(({ kubernetesVersion }) => kubernetesVersion === version);
  return isKnown
    ? `. Set it to "${version}", and run pulumi up`
    : `. This release of the project does not know ${version}: use one that does`;
}

/** 34 of `1.34`. */
function minorOf(version: string): number | undefined {
  const [, minor] = /^1\.(\d+)$/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}
