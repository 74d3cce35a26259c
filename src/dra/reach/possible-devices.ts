import type { CatalogueDevice } from "../devices";
import { DRIVER } from "../../well-known/attributes";
import type { SelectorInput } from "../types";

/**
 * A device of a product that the catalogue does not have: a GPU without MIG (L4, T4, A10G), or one that was new after this release. A cluster can have one
 * whenever somebody adds a node group, and NVIDIA's driver publishes it as it does all others.
 */
export interface UnlistedDevice {
  readonly type: "unlisted";
  readonly form: "GPU" | "MIG device";
  readonly input: SelectorInput;
}

/** A device that a cluster can have: a shape of the catalogue, or one of a product that the catalogue does not have. */
export type PossibleDevice = CatalogueDevice | UnlistedDevice;

/** One of either form. */
export const UNLISTED_DEVICES: readonly UnlistedDevice[] = [
  { type: "unlisted", form: "GPU", input: { driver: DRIVER, attributes: { type: { string: "gpu" } }, capacity: {} } },
  { type: "unlisted", form: "MIG device", input: { driver: DRIVER, attributes: { type: { string: "mig" } }, capacity: {} } },
];
