/** The kubelets of all simulated nodes: each pod on one of them is started once it has what it needs, reported, and removed when it is deleted. */
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded } from "../../cluster/objects";
import { isPassing } from "../../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import { startContainer } from "./container";
import type { Behaviour, Container, Exit } from "./container";
import type { Machine } from "../machine";
import { prepare, unprepare, unresolvable } from "./claims";
import { ended, restarting, running, waiting } from "./status";
import type { ClusterView } from "../view";

export interface KubeletOptions {
  readonly api: ApiServer;
  readonly view: ClusterView;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly behaviourOf: (pod: KubernetesObject) => Behaviour;
  /** Told of what goes wrong and is not the pod's fault. */
  readonly onError: (error: unknown) => void;
}

/** What the containers of a pod run in, with the devices of its claims. `none`: it ends before it has one. */
type Sandbox = { readonly devices: readonly string[] } | "none";

/** Before a container is started again that has ended, or could not be started. */
const RETRY_MS = 200;
/** Of a container that was running when its machine lost power. */
const LOST: Exit = { exitCode: 137, message: "the node has been restarted" };

export class Kubelet {
  private readonly workers = new Map<string, Promise<void>>();
  /** What is taken back at the moment, by the uid of the pod. */
  private readonly reversals = new Map<string, Promise<boolean>>();
  /** Why the claims of a pod cannot be prepared, by its uid, as far as events have told it. */
  private readonly refusals = new Map<string, string>();
  private addresses = 0;

  constructor(private readonly options: KubeletOptions) {}

  /** Sees to every pod that nobody sees to yet. */
  dispatch(): void {
    const { view, machines, onError } = this.options;
    for (const [uid, pod] of view.pods) {
      const machine = machines.get(String(pod["spec"].nodeName));
      if (machine?.isOn !== true || this.workers.has(uid)) {
        continue;
      }
      const { running: power } = machine;
      const worker = this.work(uid, machine)
        .catch(async (error: unknown) => {
          // Whatever a machine without power was at is over, a pod that was deleted meanwhile needs nothing any more, and a lost connection is tried again.
          if (!power.aborted && !isPassing(error)) {
            onError(error);
          }
          await sleep(RETRY_MS, undefined, { signal: power }).catch(() => undefined);
        })
        .finally(() => {
          this.workers.delete(uid);
          this.refusals.delete(uid);
          view.touch();
        });
      this.workers.set(uid, worker);
    }
    [...machines.values()].filter(({ isOn }) => isOn).forEach((machine) => this.unprepareGone(machine));
  }

  /** Once every machine is off: waits for the end of all that ran on them. */
  async ended(): Promise<void> {
    await Promise.all(this.workers.values());
  }

  private async work(uid: string, machine: Machine): Promise<void> {
    const { view, api } = this.options;
    const signal = machine.running;
    const current = () => view.pods.get(uid);
    const isGoing = () => current()?.metadata["deletionTimestamp"] !== undefined || current() === undefined;
    const exit = await this.runToEnd(uid, machine, isGoing);
    await view.until(async () => (await this.takeBack(uid, machine)) || undefined, signal);
    const last = current();
    if (last !== undefined && !hasEnded(last)) {
      await this.report(last, ended(last, exit ?? { exitCode: 0, message: "" }, restartsOf(last)));
    }
    await view.until(() => isGoing() || undefined, signal);
    const pod = current();
    if (pod === undefined) {
      return;
    }
    await api.delete(pod);
    // A finalizer may hold it for some time.
    await view.until(() => current() === undefined || undefined, signal);
  }

  /** Pods that were deleted by force while no plugin could take anything back: the kubelet looks for them every minute (`reconcileLoop` of its DRA manager). */
  private unprepareGone(machine: Machine): void {
    const used = [...machine.dra.claimInfos.values()].flatMap(({ pods }) => [...pods]);
    for (const uid of used.filter((pod) => !this.options.view.pods.has(pod) && !this.workers.has(pod))) {
      void this.takeBack(uid, machine);
    }
  }

  /** Takes back what a pod has used, once at a time. @returns whether it is done. */
  private takeBack(uid: string, machine: Machine): Promise<boolean> {
    const running = this.reversals.get(uid) ?? unprepare(uid, machine).finally(() => this.reversals.delete(uid));
    this.reversals.set(uid, running);
    return running;
  }

  /** Runs a pod until it has ended for good or is to go. Undefined: it never ran. */
  private async runToEnd(uid: string, machine: Machine, isGoing: () => boolean): Promise<Exit | undefined> {
    const { view, behaviourOf } = this.options;
    const signal = machine.running;
    const first = view.pods.get(uid);
    let restarts = first === undefined ? 0 : restartsOf(first);
    let last: Exit | undefined;
    let sandbox: Sandbox | undefined;
    if (first?.["status"].phase === "Running") {
      if (!isRestarted(first, LOST)) {
        return LOST;
      }
      last = LOST;
      restarts++;
    }
    for (;;) {
      sandbox ??= await view.until(() => (isGoing() ? "none" : this.sandboxOf(view.pods.get(uid), machine)), signal);
      const pod = view.pods.get(uid);
      if (sandbox === "none" || pod === undefined || isGoing() || hasEnded(pod)) {
        return last;
      }
      const container = unresolvable(pod, machine) ?? (await startContainer(behaviourOf(pod), { pod, machine }).catch(String));
      if (typeof container === "string") {
        await this.report(pod, waiting(pod, container, restarts));
        await sleep(RETRY_MS, undefined, { signal });
        continue;
      }
      if (sandbox.devices.length > 0) {
        machine.users.set(uid, sandbox.devices);
      }
      try {
        await this.report(pod, running(pod, this.nextAddress(), restarts));
        if (!(await this.endsFirst(container, isGoing, signal))) {
          return await container.stop(graceMs(view.pods.get(uid)));
        }
      } finally {
        // Nothing is left of it but where the machine has lost power.
        await container.stop(0);
        machine.users.delete(uid);
      }
      last = await container.exit;
      const after = view.pods.get(uid);
      if (after === undefined) {
        return last;
      }
      if (!isRestarted(after, last)) {
        return last;
      }
      restarts++;
      await this.report(after, restarting(after, last, restarts));
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  /** Whether a container ends by itself, before its pod is to go. */
  private async endsFirst(container: Container, isGoing: () => boolean, signal: AbortSignal): Promise<boolean> {
    const enough = new AbortController();
    const going = this.options.view.until(() => isGoing() || undefined, AbortSignal.any([signal, enough.signal]));
    try {
      return await Promise.race([container.exit.then(() => true), going.then(() => false)]);
    } finally {
      enough.abort();
    }
  }

  /** What a pod is started in, once everything is there that it needs. Its containers are started again in it without the DRA plugin. */
  private async sandboxOf(pod: KubernetesObject | undefined, machine: Machine): Promise<Sandbox | undefined> {
    if (pod === undefined || hasEnded(pod)) {
      return "none";
    }
    const preparation = await prepare(pod, this.options.view.claims, machine);
    switch (preparation.type) {
      case "prepared":
        return { devices: preparation.devices };
      case "unallocated":
        return undefined;
      case "refused":
        this.tell(pod, preparation.reason);
        return undefined;
    }
  }

  /** Says once in an event why the claims of a pod cannot be prepared. Nothing depends on the event. */
  private tell(pod: KubernetesObject, reason: string): void {
    const uid = String(pod.metadata["uid"]);
    if (this.refusals.get(uid) !== reason) {
      this.refusals.set(uid, reason);
      void this.options.api.tryCreate(failedToPrepare(pod, reason)).catch(() => undefined);
    }
  }

  private async report(pod: KubernetesObject, status: object): Promise<void> {
    // The uid makes it fail for another pod of the same name.
    await this.options.api.merge(pod, { metadata: { uid: pod.metadata["uid"] }, status }, { subresource: "status" });
  }

  private nextAddress(): string {
    this.addresses++;
    return `100.64.${Math.floor(this.addresses / 256) % 256}.${this.addresses % 256}`;
  }
}

function isRestarted({ spec }: KubernetesObject, { exitCode }: Exit): boolean {
  return spec.restartPolicy === "Always" || (spec.restartPolicy === "OnFailure" && exitCode !== 0);
}

/** From SIGTERM to SIGKILL: as the deletion says. None for a pod that was deleted without any, and is not there any more. */
function graceMs(pod: KubernetesObject | undefined): number {
  return pod === undefined ? 0 : Number(pod.metadata["deletionGracePeriodSeconds"] ?? 30) * 1000;
}

function restartsOf({ status }: KubernetesObject): number {
  return Number(status?.containerStatuses?.[0]?.restartCount ?? 0);
}

/** Source: kubernetes v1.34.4 `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, where a sandbox is made. */
function failedToPrepare({ metadata }: KubernetesObject, reason: string): KubernetesObject {
  const [namespace, name, uid] = [String(metadata["namespace"]), String(metadata["name"]), String(metadata["uid"])];
  const now = new Date().toISOString();
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
    reason: "FailedPrepareDynamicResources",
    message: `Failed to prepare dynamic resources: prepare dynamic resources: ${reason}`,
    type: "Warning",
    source: { component: "kubelet" },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
