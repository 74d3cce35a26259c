/** The DRA driver's plugin with the mistakes that real ones make, and with the devices in another order. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Device } from "../../../src/dra/types";
import { devicesOf, draPlugin } from "../../../src/fleet/operators/dra-driver/plugin";
import type { DraDriverOptions } from "../../../src/fleet/operators/dra-driver/plugin";
import type { Pool } from "../../../src/fleet/operators/dra-driver/slices";
import { aborted } from "../../../src/fleet/pods/container";
import type { Program } from "../../../src/fleet/pods/container";

/** What the next plugin to start on a node does wrong, until it is started again. */
export type PluginFault =
  /** Has listed the devices before the GPUs were divided. */
  | { readonly type: "stale" }
  | { readonly type: "late"; readonly afterMs: number }
  /** Runs and publishes nothing. */
  | { readonly type: "silent" }
  /** Is stuck with one slice of its pool published and another missing. */
  | { readonly type: "partial" };

export interface FaultOptions {
  /** A plugin without a fault. @default a simulated one */
  readonly sound?: (options: DraDriverOptions) => Program;
  /** What the plugin that starts now does wrong. Asked once for each start. */
  readonly takeFault: (nodeName: string) => PluginFault | undefined;
  /** Seed of the order of devices; undefined: by GPU and start. */
  readonly shuffle: number | undefined;
}

export function faultyPlugin(options: DraDriverOptions, { takeFault, shuffle, sound }: FaultOptions): Program {
  const found = devicesOf(options.release);
  return async (machine, signal) => {
    const fault = takeFault(machine.name);
    if (fault === undefined && sound !== undefined) {
      return sound(options)(machine, signal);
    }
    if (fault?.type === "silent") {
      return aborted(signal);
    }
    if (fault?.type === "late") {
      await sleep(fault.afterMs, undefined, { signal });
    }
    const poolOf: DraDriverOptions["poolOf"] = (nodeName, layout) => {
      const seen = fault?.type === "stale" ? { ...layout, gpus: layout.gpus.map(() => ({ type: "whole" }) as const) } : layout;
      const pool = found(nodeName, seen);
      const ordered = shuffle === undefined ? pool : inOrderOf(shuffle, nodeName, pool);
      return fault?.type === "partial" ? halfOf(ordered) : ordered;
    };
    return draPlugin({ ...options, poolOf })(machine, signal);
  };
}

function inOrderOf(seed: number, nodeName: string, { slices, resourceSliceCount }: Pool): Pool {
  const devices = shuffled(slices.flat(), seed, nodeName);
  let start = 0;
  return { slices: slices.map(({ length }) => devices.slice(start, (start += length))), resourceSliceCount };
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
