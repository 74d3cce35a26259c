/** What a process of a benchmark took. */
import { join } from "node:path";

export interface Measurement {
  readonly wallMs: number;
  /** Time that all threads had a processor: what one core would have taken at most, however busy the machine is. */
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Makes a child report what it used when it ends. */
export const REPORT_USAGE = ["--require", join(__dirname, "usage.js")];

export function usageIn(stderr: string): Pick<Measurement, "cpuMs" | "peakMiB"> {
  const [, json] = /^usage (\{.*\})$/m.exec(stderr) ?? [];
  if (json === undefined) {
    throw new Error(`a measured process told nothing: ${stderr}`);
  }
  return JSON.parse(json) as Pick<Measurement, "cpuMs" | "peakMiB">;
}

/** The run with the median time. */
export async function medianOf(runs: number, measure: () => Promise<Measurement>): Promise<Measurement> {
  const measurements: Measurement[] = [];
  for (let run = 0; run < runs; run++) {
    measurements.push(await measure());
  }
  const median = measurements.sort((a, b) => a.wallMs - b.wallMs)[Math.floor(runs / 2)];
  if (median === undefined) {
    throw new RangeError("no run");
  }
  return median;
}

export function format({ wallMs, cpuMs, peakMiB }: Measurement): string {
  return `${wallMs.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of CPU), peak ${peakMiB.toFixed(0)} MiB`;
}

export function verdict(measured: Measurement, target: Pick<Measurement, "wallMs" | "peakMiB">): string {
  return measured.wallMs <= target.wallMs && measured.peakMiB <= target.peakMiB ? "met" : "MISSED";
}
