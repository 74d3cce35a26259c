/** A simulated instance: the part of its state that is on the machine and not in the API server. */
import { setMaxListeners } from "node:events";
import { randomUUID } from "node:crypto";
import type { Node } from "../cluster/nodes";
import type { GpuLayout, GpuModel, NodeLayout } from "../hardware/types";
import { DraFiles } from "./dra-files";
import type { ClaimedDevice } from "./dra-files";

/** Its GPUs. */
export interface Gpus {
  readonly model: GpuModel;
  readonly count: number;
}

/** A claim, as a kubelet names it to a DRA plugin. */
export interface ClaimReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A claim as a DRA plugin is asked for it. */
export interface AllocatedClaim extends ClaimReference {
  /** Those of its devices that belong to the plugin's driver. */
  readonly devices: readonly ClaimedDevice[];
}

/** What a DRA plugin answers when it is asked to prepare a claim. */
export type PluginAnswer =
  /** Qualified names of the CDI devices that containers get with the claim. */
  { readonly type: "prepared"; readonly cdiDevices: readonly string[] } | { readonly type: "refused"; readonly reason: string };

/** The DRA plugin on a machine, as its kubelet knows it. */
export interface Plugin {
  prepare(claim: AllocatedClaim): Promise<PluginAnswer>;
  /** @returns whether it has taken the claim back. */
  unprepare(claim: ClaimReference): Promise<boolean>;
}

export class Machine {
  /** What each GPU is divided into now. They come undivided, and lose their instances with every boot. */
  gpus: readonly GpuLayout[];
  /** Names of the devices that the processes of a pod have open, by the pod's uid. */
  readonly users = new Map<string, readonly string[]>();
  /** What the kubelet and the DRA driver keep of claims. */
  readonly dra = new DraFiles();
  /** As in `/proc/sys/kernel/random/boot_id`, and as the kubelet reports it. */
  bootId: string = randomUUID();
  private power = newPower();
  private registered: Plugin | undefined;
  private registration = new AbortController();

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

  /** Undefined while no plugin is registered with the kubelet. */
  get plugin(): Plugin | undefined {
    return this.registered;
  }

  /** A plugin registers with the kubelet, which no longer thinks of removing what an earlier one has published. */
  register(plugin: Plugin): void {
    this.registration.abort();
    this.registration = new AbortController();
    this.registered = plugin;
  }

  /**
   * A plugin has gone.
   * @returns ends with the power, or when the next plugin registers. Undefined where that is the case already.
   */
  unregister(plugin: Plugin): AbortSignal | undefined {
    if (this.registered !== plugin) {
      return undefined;
    }
    this.registered = undefined;
    return AbortSignal.any([this.power.signal, this.registration.signal]);
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
    this.registered = undefined;
    this.users.clear();
    this.dra.forgetVolatile();
  }

  /** @param bootId of this boot. */
  powerOn(bootId: string): void {
    this.bootId = bootId;
    this.power = newPower();
  }
}

function newPower(): AbortController {
  const power = new AbortController();
  setMaxListeners(0, power.signal);
  return power;
}
