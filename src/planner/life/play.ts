/** Plays steps on a cluster, one after the other: what each does to what runs, and the cluster after it. */
import { RELEASES, findRelease } from "../../releases/find";
import type { PlannedCluster } from "../state/cluster";
import { layoutChange, poolNamed } from "../what-if/change";
import type { Change, ResolveLayout } from "../what-if/change";
import { consequencesOf } from "../what-if/what-if";
import type { WhatIf } from "../what-if/what-if";
import type { LifeStep } from "./steps";

export interface Played {
  readonly step: LifeStep;
  readonly change: Change;
  readonly whatIf: WhatIf;
  readonly before: PlannedCluster;
  readonly after: PlannedCluster;
}

export type Playing =
  | { readonly type: "played"; readonly played: readonly Played[] }
  /** A step that the cluster, as it is after those before, cannot do. */
  | { readonly type: "invalid"; readonly step: LifeStep; readonly reason: string };

/** @param resolve says what a name of a layout means to the MIG Manager of the cluster. */
export function play(cluster: PlannedCluster, steps: readonly LifeStep[], resolve: ResolveLayout): Playing {
  const played: Played[] = [];
  let before = cluster;
  for (const step of steps) {
    const change = changeOf(before, step, resolve);
    if (change.type === "invalid") {
      return { type: "invalid", step, reason: change.reason };
    }
    const { whatIf, after } = consequencesOf(before, change);
    played.push({ step, change, whatIf, before, after });
    before = after;
  }
  return { type: "played", played };
}

interface Invalid {
  readonly type: "invalid";
  readonly reason: string;
}

function changeOf(cluster: PlannedCluster, step: LifeStep, resolve: ResolveLayout): Change | Invalid {
  switch (step.type) {
    case "reboot": {
      if (step.pool === undefined) {
        const nodes = cluster.nodes.filter(({ gpus }) => gpus !== undefined);
        return nodes.length === 0 ? { type: "invalid", reason: "no node has GPUs" } : { type: "reboot", nodes };
      }
      const pool = poolNamed(cluster, step.pool);
      return pool.type === "invalid" ? pool : { type: "reboot", nodes: pool.nodes };
    }
    case "relayout": {
      const change = layoutChange(cluster, step, resolve);
      return change.type === "invalid" ? change : { ...change, roll: "oneByOne" };
    }
    case "upgrade":
      return upgrade(cluster, step.kubernetesVersion);
  }
}

/** EKS goes from one version to the next, and never back. */
function upgrade(cluster: PlannedCluster, version: string): Change | Invalid {
  const versions = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);
  const target = findRelease(version);
  const current = cluster.release.kubernetesVersion;
  const [from, to] = [versions.indexOf(current), versions.indexOf(version)];
  if (target === undefined) {
    return { type: "invalid", reason: `the project knows no Kubernetes ${version}; it knows ${versions.join(", ")}` };
  }
  if (to <= from) {
    const next = versions[from + 1];
    return {
      type: "invalid",
      reason: `the cluster has Kubernetes ${current} by then, and EKS does not go back${next === undefined ? "" : `: write upgrade=${next}`}`,
    };
  }
  if (to > from + 1) {
    const path = versions.slice(from + 1, to + 1).map((each) => `upgrade=${each}`);
    return { type: "invalid", reason: `EKS goes from one version to the next: write ${path.join(",")}` };
  }
  // `gpuSoftware` stays what the stack has, and so do the names of devices.
  const { draDriver } = cluster.release;
  return { type: "upgrade", release: { ...target, draDriver }, nodes: cluster.nodes };
}
