/** By which Kubernetes version the pack judges. */
import { defaultRelease, findRelease } from "../../src/releases/find";
import type { Release } from "../../src/releases/types";
import { currentRun } from "../engine/run";

export interface JudgedRelease {
  readonly release: Release;
  /** Why it is a guess, for a message; undefined: the stack's EKS cluster has this version. */
  readonly assumption: string | undefined;
}

/**
 * The release of the Kubernetes version that the stack's EKS cluster registered. If that is not one version that the pack knows, it is the default release,
 * and a rejection by its rules says so: a stack of claims alone registers no cluster.
 */
export function judgedRelease(): JudgedRelease {
  const { clusterVersions } = currentRun();
  const [version, ...others] = clusterVersions;
  const release = version === undefined || others.length > 0 ? undefined : findRelease(version);
  if (release !== undefined) {
    return { release, assumption: undefined };
  }
  const assumed = defaultRelease();
  const reason =
    others.length > 0
      ? `the EKS clusters of this stack have different Kubernetes versions (${clusterVersions.map((each) => each ?? "unknown").join(", ")})`
      : version === undefined
        ? "no EKS cluster of this stack says its Kubernetes version"
        : `this pack does not know Kubernetes ${version}`;
  return { release: assumed, assumption: `judged by the rules of Kubernetes ${assumed.kubernetesVersion}: ${reason}` };
}
