/** `status` of a pod, as a kubelet reports it. A pod is taken for its containers all being in the same state. */
import type { KubernetesObject } from "../../live/api/api-server";
import type { Exit } from "./container";

interface Condition {
  readonly type: string;
}

export function running(pod: KubernetesObject, podIP: string, restartCount: number): object {
  const startedAt = now();
  return {
    phase: "Running",
    startTime: startedAt,
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: conditions(pod, "True"),
    containerStatuses: containers(pod, { restartCount, ready: true, started: true, state: { running: { startedAt } } }),
  };
}

/** Its container cannot be started, for the first time or again. */
export function waiting(pod: KubernetesObject, message: string, restartCount: number): object {
  const state = { waiting: { reason: "CreateContainerError", message } };
  return {
    phase: restartCount === 0 ? "Pending" : "Running",
    conditions: conditions(pod, "False"),
    containerStatuses: containers(pod, { restartCount, ready: false, started: false, state }),
  };
}

/** It has ended, for good. */
export function ended(pod: KubernetesObject, exit: Exit, restartCount: number): object {
  return {
    phase: exit.exitCode === 0 ? "Succeeded" : "Failed",
    conditions: conditions(pod, "False"),
    containerStatuses: containers(pod, { restartCount, ready: false, started: false, state: { terminated: terminated(exit) } }),
  };
}

/** Its container has ended and is about to be started again. */
export function restarting(pod: KubernetesObject, exit: Exit, restartCount: number): object {
  const state = { waiting: { reason: "CrashLoopBackOff" } };
  const lastState = { terminated: terminated(exit) };
  return {
    phase: "Running",
    conditions: conditions(pod, "False"),
    containerStatuses: containers(pod, { restartCount, ready: false, started: false, state, lastState }),
  };
}

function terminated({ exitCode, message }: Exit): object {
  return { exitCode, reason: exitCode === 0 ? "Completed" : "Error", message, startedAt: now(), finishedAt: now() };
}

/** The scheduler's condition stays; those of the kubelet are all as good as the containers. */
function conditions({ status }: KubernetesObject, ready: "True" | "False"): readonly object[] {
  const own = ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];
  const others = ((status?.conditions ?? []) as readonly Condition[]).filter(({ type }) => !own.includes(type));
  return [...others, ...own.map((type) => ({ type, status: type === "Initialized" ? "True" : ready, lastTransitionTime: now() }))];
}

function containers({ spec }: KubernetesObject, state: object): readonly object[] {
  return (spec.containers as readonly { readonly name: string; readonly image: string }[]).map(({ name, image }) => ({
    name,
    image,
    imageID: image,
    ...state,
  }));
}

/** To the second, as the API server wants it. */
function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
