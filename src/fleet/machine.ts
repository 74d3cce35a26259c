/** A simulated instance: the part of its state that is on the machine and not in the API server. */
import { setMaxListeners } from "node:events";
import type { Node } from "../cluster/nodes";
import type { GpuLayout, GpuModel, NodeLayout } from "../hardware/types";

/** Its GPUs. */
export interface Gpus {
  readonly model: GpuModel;
  readonly count: number;
}

export class Machine {
  /** What each GPU is divided into now. They come undivided, and lose their instances with every boot. */
  gpus: readonly GpuLayout[];
  /** Names of the devices that the DRA plugin found when it started, which are those it can prepare; undefined while no plugin runs. */
  plugin: ReadonlySet<string> | undefined;
  /** Pods (by uid) whose processes have its devices open. */
  readonly users = new Set<string>();
  /** Pods (by uid) for which a DRA plugin has prepared devices, and none has taken them back. On disk: the kubelet remembers it over a restart. */
  readonly prepared = new Set<string>();
  private power = newPower();

  constructor(public node: Node) {
    this.gpus = Array.from({ length: this.hardware?.count ?? 0 }, () => ({ type: "whole" }) as const);
  }

  get name(): string {
    return this.node.name;
  }

  /** GPUs that MIG can divide. */
  get hardware(): Gpus | undefined {
    const { gpus } = this.node.instanceType;
    return gpus.type === "mig" ? { model: gpus.model, count: gpus.count } : undefined;
  }

  get isOn(): boolean {
    return !this.power.signal.aborted;
  }

  /** Ends with the power: everything that runs on the machine now ends with it. */
  get running(): AbortSignal {
    return this.power.signal;
  }

  /** The layout as the DRA driver would list it now. */
  layout(model: GpuModel): NodeLayout {
    return { name: "", model, gpus: this.gpus };
  }

  powerOff(): void {
    this.power.abort();
    // MIG mode itself is kept in Ampere's InfoROM; later GPUs forget that too.
    const after: GpuLayout = this.hardware?.model.architecture === "Ampere" ? { type: "mig", placements: [] } : { type: "whole" };
    this.gpus = this.gpus.map((gpu) => (gpu.type === "mig" ? after : gpu));
    this.plugin = undefined;
    this.users.clear();
  }

  powerOn(): void {
    this.power = newPower();
  }
}

function newPower(): AbortController {
  const power = new AbortController();
  setMaxListeners(0, power.signal);
  return power;
}
