/** What runs in place of a pod's container. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../../live/api/api-server";
import type { Machine } from "../machine";

export interface Exit {
  readonly exitCode: number;
  /** The termination message. */
  readonly message: string;
}

export interface Container {
  /** Settles when it ends, however that comes. Never rejects. */
  readonly exit: Promise<Exit>;
  /** Ends it as a kubelet does, by force once its grace is over; answers when it has ended. */
  stop(graceMs: number): Promise<Exit>;
}

/** Plays a daemon of a node, in this process. Runs until the signal ends it. */
export type Program = (machine: Machine, signal: AbortSignal) => Promise<void>;

/** What a stand-in kubelet makes of a pod. */
export type Behaviour =
  /** It runs until it is deleted, and takes its time to end then. */
  | { readonly type: "runs"; readonly stopMs: number }
  /** It ends by itself. */
  | { readonly type: "completes"; readonly afterMs: number; readonly exitCode: number; readonly message: string }
  /** It does what a program of this process does. */
  | { readonly type: "program"; readonly program: Program }
  /** Somebody else starts it. A rejection is a container that cannot be started, as when there is no such image. */
  | { readonly type: "container"; readonly start: (pod: KubernetesObject, machine: Machine) => Promise<Container> };

export interface Start {
  readonly pod: KubernetesObject;
  readonly machine: Machine;
}

const TERMINATED: Exit = { exitCode: 143, message: "" };
const KILLED: Exit = { exitCode: 137, message: "" };

export async function startContainer(behaviour: Behaviour, { pod, machine }: Start): Promise<Container> {
  switch (behaviour.type) {
    case "runs":
      return simulated((signal) => aborted(signal), behaviour.stopMs);
    case "completes":
      return simulated(async (signal) => {
        await sleep(behaviour.afterMs, undefined, { signal });
        return { exitCode: behaviour.exitCode, message: behaviour.message };
      });
    case "program":
      return simulated(async (signal) => {
        await behaviour.program(machine, signal);
        return { exitCode: 0, message: "" };
      });
    case "container":
      return behaviour.start(pod, machine);
  }
}

/** Waits for the end that a signal brings. @throws AbortError always. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

/** @param stopMs what it takes to end once it is told to. @default nothing */
function simulated(run: (signal: AbortSignal) => Promise<Exit>, stopMs = 0): Container {
  const end = new AbortController();
  let ended = TERMINATED;
  const exit = run(end.signal).catch((error: unknown) =>
    end.signal.aborted ? ended : { exitCode: 1, message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
  );
  const stop = async (graceMs: number) => {
    ended = stopMs > graceMs ? KILLED : TERMINATED;
    if (stopMs > 0 && graceMs > 0) {
      await Promise.race([exit, sleep(Math.min(stopMs, graceMs))]);
    }
    end.abort();
    return exit;
  };
  return { exit, stop };
}
