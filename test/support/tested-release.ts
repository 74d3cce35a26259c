/** The Kubernetes version that a run of the tests is about. */
import { RELEASES, defaultRelease, findRelease } from "../../src/releases/find";
import type { Release } from "../../src/releases/types";

/** Names a Kubernetes version of the catalogue, `1.35`. */
export const KUBERNETES_VARIABLE = "SHARED_GPU_KUBERNETES";

/**
 * The release that the environment names, else that of a stack which names no Kubernetes version.
 * @throws Error for a version that the catalogue does not have.
 */
export function testedRelease(): Release {
  const version = process.env[KUBERNETES_VARIABLE] ?? "";
  const release = version === "" ? defaultRelease() : findRelease(version);
  if (release === undefined) {
    const known = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion).join(", ");
    throw new Error(`${KUBERNETES_VARIABLE} is "${version}". Set it to one of ${known}`);
  }
  return release;
}
