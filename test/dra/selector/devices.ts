/** Devices to put selectors to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogueDevices } from "../../../src/dra/devices";
import type { SelectorInput } from "../../../src/dra/types";
import { RELEASES } from "../../../src/releases/find";
import { DEVICES } from "./corpus/corpus";

/**
 * What the unmodified kubelet plugins of NVIDIA's DRA driver (v25.8.1, v25.12.0, v0.4.1 and the branch for 0.5.0) published for A100s, whole and in several layouts,
 * over a simulated NVML: one device of each kind, with the name of the version and the layout.
 */
export const DRIVER_DEVICES = JSON.parse(readFileSync(join(__dirname, "driver-devices.json"), "utf8")) as Readonly<
  Record<string, SelectorInput>
>;

/** A device of each kind that any driver published, that the corpus has, and of some models of the catalogue. */
export const ALL_DEVICES: readonly SelectorInput[] = [
  ...Object.values(DRIVER_DEVICES),
  ...Object.values(DEVICES),
  ...RELEASES.flatMap(catalogueDevices)
    .filter(({ model }) => ["A100-SXM4-80GB", "GB200 186GB"].includes(model.name))
    .map(({ input }) => input),
];
