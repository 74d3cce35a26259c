/** Plays the kubelet plugin of NVIDIA's DRA driver: it lists the devices of its node once, when it starts, and publishes those. */
import { setTimeout as sleep } from "node:timers/promises";
import { publishSlices } from "../../../dra/devices";
import type { NodeLayout } from "../../../hardware/types";
import type { Release } from "../../../releases/types";
import type { ApiServer } from "../../../live/api/api-server";
import { aborted } from "../../pods/container";
import type { Program } from "../../pods/container";
import { startPlugin } from "./claims";
import { publishPool, wipeSlices } from "./slices";
import type { Pool } from "./slices";

export interface DraDriverOptions {
  readonly api: ApiServer;
  readonly release: Release;
  /** From the end of a plugin to the removal of what it has published, should no other have started. 30 s for a kubelet. */
  readonly wipingDelayMs: number;
  /** What a plugin publishes that finds these GPUs. @default their devices by GPU and start, where the driver's own order is a random one, that of a Go map */
  readonly poolOf?: (nodeName: string, layout: NodeLayout) => Pool;
  /** Told when a plugin has registered with its kubelet, which no object shows. */
  readonly onRegistered: () => void;
  /** Goes on with something when the plugin itself has ended. */
  readonly background: (work: Promise<void>) => void;
}

export function draPlugin(options: DraDriverOptions): Program {
  const { api, onRegistered, background, wipingDelayMs, poolOf = devicesOf(options.release) } = options;
  return async (machine, signal) => {
    const model = machine.hardware?.model;
    if (model === undefined) {
      return aborted(signal);
    }
    const pool = poolOf(machine.name, machine.layout(model));
    const plugin = startPlugin(machine, new Set(pool.slices.flat().map(({ name }) => name)), options.release.draDriver.line);
    machine.register(plugin);
    onRegistered();
    try {
      await publishPool(api, machine.name, pool, signal);
      return await aborted(signal);
    } finally {
      const alone = machine.unregister(plugin);
      if (alone !== undefined) {
        background(wipeLater(api, machine.name, wipingDelayMs, alone));
      }
    }
  };
}

/**
 * What a kubelet does with the slices of a plugin that has gone, unless another one registers in time.
 * Source: kubernetes v1.34.4 `pkg/kubelet/cm/dra/plugin/dra_plugin_manager.go`, `sync`: a plugin that registers cancels the pending removal.
 * @param alone ends when another plugin registers, or the machine is off.
 */
export async function wipeLater(api: ApiServer, nodeName: string, delayMs: number, alone: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal: alone });
  await wipeSlices(api, nodeName);
}

/** Devices as the driver of a release publishes them. */
export function devicesOf(release: Release): (nodeName: string, layout: NodeLayout) => Pool {
  return (nodeName, layout) => {
    const slices = publishSlices(nodeName, layout, release).map(({ spec }) => spec.devices);
    return { slices, resourceSliceCount: slices.length };
  };
}
