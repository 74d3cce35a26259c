/**
 * A demand over time: a table of pods as Alibaba's GPU trace of 2023 has it (`openb_pod_list_default.csv`), with a heading, times in seconds, and the part of a GPU that a
 * pod uses in thousandths (https://github.com/alibaba/clusterdata/tree/master/cluster-trace-gpu-v2023, read 2026-11-28).
 */

export interface TracePod {
  readonly name: string;
  readonly arrivalSeconds: number;
  readonly durationSeconds: number;
  /** GPUs of one node. */
  readonly gpus: number;
  /** Of each of them, above 0 and up to 1. */
  readonly share: number;
  readonly cpuMillis: number;
  readonly memoryMiB: number;
}

export type TraceReading =
  | {
      readonly type: "trace";
      /** Those that use a GPU, by arrival. */
      readonly pods: readonly TracePod[];
      /** Pods without a GPU. They have no part in it. */
      readonly withoutGpu: number;
    }
  | { readonly type: "invalid"; readonly problems: readonly string[] };

const COLUMNS = ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "creation_time", "deletion_time"] as const;

/** More problems say nothing more. */
const MAX_PROBLEMS = 5;

export function readTrace(text: string): TraceReading {
  const [heading = "", ...lines] = text.split(/\r?\n/);
  const names = heading.split(",").map((name) => name.trim());
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    return { type: "invalid", problems: [`line 1: the heading has no ${missing.join(", ")}. It needs ${COLUMNS.join(", ")}`] };
  }
  const indices = Object.fromEntries(COLUMNS.map((name) => [name, names.indexOf(name)])) as Record<(typeof COLUMNS)[number], number>;
  const problems: string[] = [];
  const pods: TracePod[] = [];
  let withoutGpu = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") {
      continue;
    }
    const cells = line.split(",");
    const amount = (column: (typeof COLUMNS)[number]): number => {
      const cell = cells[indices[column]]?.trim() ?? "";
      if (!/^\d+(?:\.\d+)?$/.test(cell)) {
        problems.push(`line ${String(index + 2)}: ${column} is "${cell}": write a number from 0`);
      }
      return Number(cell);
    };
    const [gpus, share, arrivalSeconds] = [amount("num_gpu"), amount("gpu_milli") / 1000, amount("creation_time")];
    const durationSeconds = amount("deletion_time") - arrivalSeconds;
    const [cpuMillis, memoryMiB] = [amount("cpu_milli"), amount("memory_mib")];
    if (durationSeconds < 0 || share > 1 || !Number.isInteger(gpus) || (gpus > 1 && share < 1)) {
      problems.push(`line ${String(index + 2)}: a pod ends after it begins, and uses a part of one GPU or several whole ones`);
    }
    if (problems.length >= MAX_PROBLEMS) {
      break;
    }
    if (gpus === 0 || share === 0) {
      withoutGpu++;
    } else {
      pods.push({ name: cells[indices.name] ?? "", arrivalSeconds, durationSeconds, gpus, share, cpuMillis, memoryMiB });
    }
  }
  if (problems.length === 0 && pods.length === 0) {
    problems.push("no pod uses a GPU");
  }
  return problems.length > 0
    ? { type: "invalid", problems }
    : { type: "trace", withoutGpu, pods: pods.sort((a, b) => a.arrivalSeconds - b.arrivalSeconds) };
}
