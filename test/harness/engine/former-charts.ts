/** The stand-in charts in the versions, and under the names, of an earlier pair of GPU Operator and DRA driver. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GpuSoftware } from "../../../src/releases/types";
import { STAND_IN_CHARTS } from "./stand-in-charts";

/** The driver's chart had this name up to 25.12. */
const FORMER_DRIVER = "nvidia-dra-driver-gpu";

/** @param folder where they are written. */
export function formerCharts(folder: string, { gpuOperatorVersion, draDriver }: GpuSoftware): typeof STAND_IN_CHARTS {
  return {
    ...STAND_IN_CHARTS,
    gpuOperator: copied(STAND_IN_CHARTS.gpuOperator.chart, join(folder, "former", "gpu-operator"), gpuOperatorVersion),
    draDriver: copied(STAND_IN_CHARTS.draDriver.chart, join(folder, "former", FORMER_DRIVER), draDriver.version),
  };
}

function copied(chart: string, to: string, version: string): { readonly chart: string } {
  cpSync(chart, to, { recursive: true });
  const file = join(to, "Chart.yaml");
  const name = to.split("/").at(-1) ?? "";
  writeFileSync(
    file,
    readFileSync(file, "utf8")
      .replace(/^name: .*$/m, `name: ${name}`)
      .replace(/^version: .*$/m, `version: ${version}`),
  );
  return { chart: to };
}
