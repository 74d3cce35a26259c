import { componentsOf } from "./advisories/components";
import { PARTS_OF_GPU_OPERATOR } from "./advisories/carries/gpu-operator";
import { readVersion } from "./advisories/versions";

/**
 * The first MIG Manager with stock layouts for a GPU, by the GPU's PCI device id. It is there for all other GPUs in every version of the table of the GPU
 * Operator's parts. Since 0.14 MIG Manager makes the layouts on the node, for whatever GPU it finds.
 * Source: `deployments/systemd/config-default.yaml` of NVIDIA/mig-parted at v0.12.1, v0.12.2, v0.12.3, v0.13.0 and v0.13.1 (read 2026-11-28).
 */
const FIRST_MIG_MANAGER: Readonly<Record<string, string>> = { "2BB5": "0.12.3", "3182": "0.13.0", "31C2": "0.13.0" };

/** A MIG Manager without stock layouts for a GPU, and the first GPU Operator that has one with them. */
export interface OlderMigManager {
  readonly version: string;
  readonly firstOperator: string;
}

/**
 * The MIG Manager that a GPU Operator installs, if it is older than the stock layouts of a GPU. Undefined where it has them, and for a version about which
 * nothing is known: the advisories name that.
 * @param values of the chart, which can take another version of MIG Manager.
 */
export function olderMigManager(operatorVersion: string, values: unknown, pciDeviceIds: readonly string[]): OlderMigManager | undefined {
  const first = pciDeviceIds.flatMap((id) => FIRST_MIG_MANAGER[id] ?? [])[0];
  const installed = componentsOf({ type: "chart", name: "gpu-operator", version: operatorVersion, values }).find(
    ({ name }) => name === "mig-manager",
  );
  if (first === undefined || installed?.type !== "known" || installed.order.compare(first) >= 0) {
    return undefined;
  }
  const firstOperator = Object.entries(PARTS_OF_GPU_OPERATOR).find(
    ([, parts]) => (readVersion("mig-manager", parts["mig-manager"])?.compare(first) ?? -1) >= 0,
  );
  return { version: installed.version, firstOperator: `v${firstOperator?.[0] ?? ""}` };
}
