/** The kubelets of all simulated nodes: each pod on one of them is started once it has what it needs, reported, and removed when it is deleted. */
import { setTimeout as sleep } from "node:timers/promises";
import { DRIVER } from "../../well-known/attributes";
import { ApiError } from "../../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import { startContainer } from "./container";
import type { Behaviour, Container, Exit } from "./container";
import type { Machine } from "../machine";
import { ended, restarting, running, waiting } from "./status";
import { claimKey } from "../view";
import type { ClusterView } from "../view";

export interface KubeletOptions {
  readonly api: ApiServer;
  readonly view: ClusterView;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly behaviourOf: (pod: KubernetesObject) => Behaviour;
  /** Told of what goes wrong and is not the pod's fault. */
  readonly onError: (error: unknown) => void;
}

/** Before a container is started again that has ended, or could not be started. */
const RETRY_MS = 200;
/** Of a container that was running when its machine lost power. */
const LOST: Exit = { exitCode: 137, message: "the node has been restarted" };

export class Kubelet {
  private readonly workers = new Map<string, Promise<void>>();
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
          // Whatever a machine without power was at is over, and a pod that was deleted meanwhile needs nothing any more.
          if (!power.aborted && !isGone(error)) {
            onError(error);
          }
          await sleep(RETRY_MS, undefined, { signal: power }).catch(() => undefined);
        })
        .finally(() => {
          this.workers.delete(uid);
          view.touch();
        });
      this.workers.set(uid, worker);
    }
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
    await this.unprepare(uid, machine);
    const last = current();
    if (last !== undefined && !isFinished(last)) {
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

  /**
   * Has the DRA plugin take back what it prepared for a pod whose containers have ended. Until it has, the pod's phase is not final and a deleted pod stays: with
   * no plugin on the node that is for as long as there is none (kubernetes/kubernetes #129402, which works as intended).
   */
  private async unprepare(uid: string, machine: Machine): Promise<void> {
    if (machine.prepared.has(uid)) {
      const { view } = this.options;
      await view.until(() => machine.plugin !== undefined || !view.pods.has(uid) || undefined, machine.running);
      machine.prepared.delete(uid);
    }
  }

  /** Runs a pod until it has ended for good or is to go. Undefined: it never ran. */
  private async runToEnd(uid: string, machine: Machine, isGoing: () => boolean): Promise<Exit | undefined> {
    const { view, behaviourOf } = this.options;
    const signal = machine.running;
    const first = view.pods.get(uid);
    let restarts = first === undefined ? 0 : restartsOf(first);
    let last: Exit | undefined;
    if (first?.["status"].phase === "Running") {
      if (!isRestarted(first, LOST)) {
        return LOST;
      }
      last = LOST;
      restarts++;
    }
    for (;;) {
      const pod = await view.until(() => (isGoing() ? "going" : this.startable(view.pods.get(uid), machine)), signal);
      if (pod === "going" || pod === "finished") {
        return last;
      }
      const container = await startContainer(behaviourOf(pod), { pod, machine }).catch(String);
      if (typeof container === "string") {
        await this.report(pod, waiting(pod, container));
        await sleep(RETRY_MS, undefined, { signal });
        continue;
      }
      if (claimNamesOf(pod).length > 0) {
        machine.users.add(uid);
        machine.prepared.add(uid);
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

  /** The pod when everything is there that it needs: its claims are allocated and reserved for it, and the DRA plugin knows the devices. */
  private startable(pod: KubernetesObject | undefined, machine: Machine): KubernetesObject | "finished" | undefined {
    if (pod === undefined || isFinished(pod)) {
      return "finished";
    }
    const isPrepared = claimNamesOf(pod).every((name) => {
      const status =
        name === undefined ? undefined : this.options.view.claims.get(claimKey(String(pod.metadata["namespace"]), name))?.["status"];
      const users = (status?.reservedFor ?? []) as readonly { readonly uid: string }[];
      const devices = (status?.allocation?.devices?.results ?? []) as readonly { readonly driver: string; readonly device: string }[];
      return (
        status?.allocation !== undefined &&
        users.some(({ uid }) => uid === pod.metadata["uid"]) &&
        devices.every(({ driver, device }) => driver !== DRIVER || machine.plugin?.has(device) === true)
      );
    });
    return isPrepared ? pod : undefined;
  }

  private async report(pod: KubernetesObject, status: object): Promise<void> {
    // The uid makes it fail for another pod of the same name.
    await this.options.api.merge(pod, { metadata: { uid: pod.metadata["uid"] }, status }, "status");
  }

  private nextAddress(): string {
    this.addresses++;
    return `100.64.${Math.floor(this.addresses / 256) % 256}.${this.addresses % 256}`;
  }
}

/** The claims of a pod; undefined for one that is not made yet. */
function claimNamesOf({ spec, status }: KubernetesObject): readonly (string | undefined)[] {
  const made = (status?.resourceClaimStatuses ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  const entries = (spec.resourceClaims ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  return entries.map((entry) => entry.resourceClaimName ?? made.find(({ name }) => name === entry.name)?.resourceClaimName);
}

function isFinished({ status }: KubernetesObject): boolean {
  return ["Succeeded", "Failed"].includes(String(status?.phase));
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

/** The pod is not there any more, or another one has its name. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && [404, 409].includes(error.status);
}
