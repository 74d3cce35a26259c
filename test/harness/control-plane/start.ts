/** The control plane that the tests are about: one of their own, with programs that are built where the machine has none, or a live cluster. */
import type { ControlPlane, ControlPlaneOptions } from "../../../src/control-plane/control-plane";
import { useSpareCluster } from "../../../src/control-plane/spare-cluster";
import { startControlPlane as start } from "../../../src/control-plane/start";
import type { Release } from "../../../src/releases/types";
import { testedRelease } from "../../support/tested-release";
import { ensureControlPlane } from "../../support/go-binaries";
import { liveContext } from "./context";

export type { ControlPlane, ControlPlaneOptions } from "../../../src/control-plane/control-plane";
export { ADMIN } from "../../../src/control-plane/start";

/**
 * Starts a control plane. Where SHARED_GPU_TEST_CONTEXT names a kubectl context, that cluster is used instead.
 * @param release whose Kubernetes version it has.
 * @throws Error with the end of a process's log when it does not start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}, release: Release = testedRelease()): Promise<ControlPlane> {
  const context = liveContext();
  if (context !== undefined && (options.apiServerFlags !== undefined || options.parts !== undefined)) {
    throw new Error("the API server of a live cluster has its flags already, and controllers beside it");
  }
  return context === undefined
    ? start(await ensureControlPlane(release.kubernetesVersion), options)
    : useSpareCluster(context, options.users ?? [], release);
}
