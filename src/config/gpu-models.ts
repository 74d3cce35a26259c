import { isStockLayout } from "../hardware/layouts";
import { olderMigManager } from "../releases/mig-manager-gpus";
import type { Report } from "./reading/problem";
import type { Chart, GpuPool } from "./types";

/** Refuses stock layouts for GPUs that the installed MIG Manager does not know. Layouts of the stack's own it takes from the stack. */
export function checkGpuModels(pools: readonly GpuPool[], { version, values }: Chart, report: Report): void {
  for (const { name, instanceType, layout } of pools) {
    const older = isStockLayout(layout.name) ? olderMigManager(version, values, layout.model.pciDeviceIds) : undefined;
    if (older !== undefined) {
      report({
        key: "charts.gpuOperator.version",
        value: version,
        reason: `its MIG Manager ${older.version} has no layout ${layout.name} for the ${layout.model.name} of pool ${name} (${instanceType.name}). Use GPU Operator ${older.firstOperator} or later, or describe the layout of the pool with name and gpus`,
      });
    }
  }
}
