/** A node's conditions and taints as its kubelet and the node lifecycle controller set them. */
import type { KubernetesObject } from "../../live/api/api-server";

/** What a node shows while its kubelet does not answer, as the node lifecycle controller would set it. */
export const NOT_READY_TAINT = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" } as const;

/** A node's `status.conditions` when its kubelet reports, and when it has not done so for a while. */
export function conditions(state: "ready" | "silent"): readonly object[] {
  const now = new Date().toISOString();
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"];
  if (state === "silent") {
    const silent = { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    return [...pressures, "Ready"].map((type) => ({ type, ...silent, ...times }));
  }
  return [
    ...pressures.map((type) => ({ type, status: "False", reason: "KubeletHasSufficient", message: "", ...times })),
    { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status", ...times },
  ];
}

export function isReady({ status }: KubernetesObject): boolean {
  const all = (status?.conditions ?? []) as readonly { readonly type: string; readonly status: string }[];
  return all.some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** Whether a node still has a taint of one whose kubelet does not answer: new ones come with it, until the node lifecycle controller has looked at them. */
export function isTaintedAsSilent({ spec }: KubernetesObject): boolean {
  const taints = (spec?.taints ?? []) as readonly { readonly key: string; readonly effect: string }[];
  return taints.some(
    ({ key, effect }) => effect === "NoSchedule" && ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].includes(key),
  );
}
