/** Plays the kubelet plugin of NVIDIA's DRA driver: it lists the devices of its node once, when it starts, and publishes those. */
import { setTimeout as sleep } from "node:timers/promises";
import { publishSlices } from "../../dra/devices";
import type { Device } from "../../dra/types";
import type { NodeLayout } from "../../hardware/types";
import type { Release } from "../../releases/types";
import type { ApiServer } from "../../live/api/api-server";
import { aborted } from "../pods/container";
import type { Program } from "../pods/container";
import type { Machine } from "../machine";
import { publishPool, wipeSlices } from "./slices";
import type { Pool } from "./slices";

/** What the next plugin to start on a node does wrong, until it is started again. */
export type PluginFault =
  /** Has listed the devices before the GPUs were divided. */
  | { readonly type: "stale" }
  | { readonly type: "late"; readonly afterMs: number }
  /** Runs and publishes nothing. */
  | { readonly type: "silent" }
  /** Is stuck with one slice of its pool published and another missing. */
  | { readonly type: "partial" };

export interface DraDriverOptions {
  readonly api: ApiServer;
  readonly release: Release;
  /** Seed of the order of devices; undefined: by GPU and start. The driver's own order is a random one, that of a Go map. */
  readonly shuffle: number | undefined;
  /** From the end of a plugin to the removal of what it has published, should no other have started. 30 s for a kubelet. */
  readonly wipingDelayMs: number;
  /** What the plugin that starts now does wrong. Asked once for each start. */
  readonly takeFault: (nodeName: string) => PluginFault | undefined;
  /** Told when a plugin has registered with its kubelet, which no object shows. */
  readonly onRegistered: () => void;
  /** Goes on with something when the plugin itself has ended. */
  readonly background: (work: Promise<void>) => void;
}

export function draPlugin(options: DraDriverOptions): Program {
  const { api, takeFault, onRegistered, background, wipingDelayMs } = options;
  return async (machine, signal) => {
    const model = machine.hardware?.model;
    if (model === undefined) {
      return aborted(signal);
    }
    const fault = takeFault(machine.name);
    if (fault?.type === "silent") {
      return aborted(signal);
    }
    const layout = machine.layout(model);
    if (fault?.type === "late") {
      await sleep(fault.afterMs, undefined, { signal });
    }
    const seen: NodeLayout = fault?.type === "stale" ? { ...layout, gpus: layout.gpus.map(() => ({ type: "whole" })) } : layout;
    const pool = poolOf(machine, seen, options);
    const found = new Set(pool.slices.flat().map(({ name }) => name));
    machine.plugin = found;
    onRegistered();
    try {
      await publishPool(api, machine.name, fault?.type === "partial" ? halfOf(pool) : pool);
      return await aborted(signal);
    } finally {
      // A successor may have registered meanwhile.
      if (machine.plugin === found) {
        machine.plugin = undefined;
      }
      if (machine.isOn) {
        background(wipeLater(api, machine, wipingDelayMs));
      }
    }
  };
}

async function wipeLater(api: ApiServer, machine: Machine, delayMs: number): Promise<void> {
  await sleep(delayMs, undefined, { signal: machine.running });
  if (machine.plugin === undefined) {
    await wipeSlices(api, machine.name);
  }
}

function poolOf({ name }: Machine, layout: NodeLayout, { release, shuffle }: DraDriverOptions): Pool {
  const slices = publishSlices(name, layout, release).map(({ spec }) => spec.devices);
  if (shuffle === undefined) {
    return { slices, resourceSliceCount: slices.length };
  }
  const devices = shuffled(slices.flat(), shuffle, name);
  let start = 0;
  return { slices: slices.map(({ length }) => devices.slice(start, (start += length))), resourceSliceCount: slices.length };
}

/** The first of two slices. */
function halfOf({ slices }: Pool): Pool {
  const devices = slices.flat();
  return { slices: [devices.slice(0, Math.ceil(devices.length / 2))], resourceSliceCount: 2 };
}

/** The same order for the same seed and node. */
function shuffled(devices: readonly Device[], seed: number, node: string): readonly Device[] {
  let state = [...node].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, seed);
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return devices
    .map((device) => ({ device, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ device }) => device);
}
