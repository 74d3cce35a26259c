import type { Release } from "./types";
import { V1_34 } from "./v1-34";
import { V1_35 } from "./v1-35";
import { V1_36 } from "./v1-36";

/** Every Kubernetes version this stack can be built on, oldest first. There is always one. */
export const RELEASES: readonly [Release, ...Release[]] = [V1_34, V1_35, V1_36];

/** The release of a Kubernetes version such as `1.34`; undefined where the stack knows none. */
export function findRelease(kubernetesVersion: string): Release | undefined {
  return RELEASES.find((release) => release.kubernetesVersion === kubernetesVersion);
}

/** The release that a stack gets which names no Kubernetes version: the one that every tier of the tests runs with. */
export function defaultRelease(): Release {
  return V1_34;
}
