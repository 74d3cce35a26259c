/** The control plane of a trial: one of our own, or a spare cluster. */
import type { ControlPlane } from "../control-plane/control-plane";
import { findControlPlane } from "../control-plane/programs/find";
import { CONTROL_PLANE_PROGRAMS, versionOf } from "../control-plane/programs/kubernetes";
import { useSpareCluster } from "../control-plane/spare-cluster";
import { startControlPlane } from "../control-plane/start";
import type { Release } from "../releases/types";
import { SENDER } from "./platform";

/** Where the control plane comes from. */
export type ControlPlaneSource =
  /** Four programs are started. @param folder that has them; undefined: KUBEBUILDER_ASSETS, otherwise the cache */
  | { readonly type: "programs"; readonly folder: string | undefined }
  /** A cluster that runs. @param name of the kubectl context */
  | { readonly type: "context"; readonly name: string };

export interface Opened {
  readonly plane: ControlPlane;
  readonly answeredBy: readonly string[];
}

/** @throws UnusableError where there are no programs of the release's version, or the cluster is not a spare one. */
export async function openControlPlane(source: ControlPlaneSource, release: Release): Promise<Opened> {
  if (source.type === "context") {
    const plane = await useSpareCluster(source.name, [SENDER], release);
    const { gitVersion } = (await plane.api.get("/version")) as { readonly gitVersion: string };
    return { plane, answeredBy: [`the cluster of context ${source.name}`, `Kubernetes ${gitVersion}`] };
  }
  const programs = findControlPlane(source.folder, release.kubernetesVersion);
  const answeredBy = CONTROL_PLANE_PROGRAMS.map((name) => `${name} ${versionOf(name, programs[name]) ?? ""}`);
  return { plane: await startControlPlane(programs, { users: [SENDER], clientRate: "unlimited" }), answeredBy };
}
