/**
 * A trace on a fleet: pods come, get the smallest device that serves them on the first node that has one, as the model of kube-scheduler gives it to them, wait while there is
 * none, and go.
 */
import type { FleetLayout, FleetNodes } from "./fleet";
import { devicesFor, shareOf } from "./fleet";
import { groupBy } from "../group-by";
import type { TracePod } from "./trace";

/** A pod that has waited so long is gone: somebody has started it elsewhere. */
export const PATIENCE_SECONDS = 3600;

/** Points in time of the table and picture. */
const INTERVALS = 24;

export interface Run {
  readonly accepted: number;
  /** What all pods use, and of it what is accepted. */
  readonly gpuHours: Hours;
  /** The same of pods that use a part of a GPU. */
  readonly shareable: Hours;
  readonly waitSeconds: { readonly mean: number; readonly p95: number };
  /** GPUs in use, on average. */
  readonly usedGpus: number;
  /** GPUs free while some pod waits: there is room, but in pieces that serve none. On average over all time. */
  readonly fragmentedGpus: number;
  /** By interval of time. */
  readonly series: readonly Interval[];
}

export interface Interval {
  /** Parts of the fleet. */
  readonly used: number;
  readonly fragmented: number;
  /** Of the GPU hours that pods ask for which arrive in it. Null: none does. */
  readonly acceptedPercent: number | null;
  /** Of the pods that arrive in it and are accepted. Null: none is. */
  readonly meanWaitSeconds: number | null;
}

export interface Hours {
  readonly asked: number;
  readonly accepted: number;
}

interface Node {
  readonly free: Map<string, number>;
  cpuMillis: number;
  memoryMiB: number;
}

interface Running {
  readonly endSeconds: number;
  readonly pod: TracePod;
  readonly node: Node;
  readonly device: string;
}

/** @param pods by arrival */
export function run(fleet: FleetNodes, layout: FleetLayout, pods: readonly TracePod[]): Run {
  return new Replay(fleet, layout, pods).run();
}

class Replay {
  private readonly nodes: readonly Node[];
  private readonly devices = new Map<string, readonly string[]>();
  private readonly running: Running[] = [];
  private waiting: TracePod[] = [];
  private readonly accepted: { readonly pod: TracePod; readonly waitSeconds: number }[] = [];
  private usedGpus = 0;
  private now: number;
  private readonly start: number;
  private readonly end: number;
  private readonly used = new Float64Array(INTERVALS);
  private readonly fragmented = new Float64Array(INTERVALS);

  constructor(
    private readonly fleet: FleetNodes,
    layout: FleetLayout,
    private readonly pods: readonly TracePod[],
  ) {
    const { allocatable } = fleet.instanceType;
    this.nodes = Array.from({ length: fleet.count }, (_, index) => {
      const free = new Map<string, number>();
      for (const contents of layout.slice(index * fleet.gpusPerNode, (index + 1) * fleet.gpusPerNode)) {
        for (const [device, count] of Object.entries(contents)) {
          free.set(device, (free.get(device) ?? 0) + count);
        }
      }
      return { free, cpuMillis: allocatable.cpuMillis, memoryMiB: allocatable.memoryMiB };
    });
    this.start = pods[0]?.arrivalSeconds ?? 0;
    this.end = Math.max(this.start + 1, pods.at(-1)?.arrivalSeconds ?? 0);
    this.now = this.start;
  }

  run(): Run {
    for (const pod of this.pods) {
      this.goTo(pod.arrivalSeconds);
      if (!this.place(pod)) {
        this.waiting.push(pod);
      }
    }
    // Those that wait when the trace is over may still get a place in time.
    this.goTo(this.end + PATIENCE_SECONDS);
    return this.result();
  }

  private goTo(seconds: number): void {
    for (let [next] = this.running; next !== undefined && next.endSeconds <= seconds; [next] = this.running) {
      this.pass(next.endSeconds);
      this.running.shift();
      this.take(next.pod, next.node, next.device, -1);
      this.placeWaiting();
    }
    this.pass(seconds);
  }

  private placeWaiting(): void {
    const refused = new Set<string>();
    this.waiting = this.waiting.filter((pod) => {
      const isGone = this.now - pod.arrivalSeconds > PATIENCE_SECONDS;
      const kind = [pod.gpus, pod.share, pod.cpuMillis, pod.memoryMiB].join();
      if (isGone || (!refused.has(kind) && this.place(pod))) {
        return false;
      }
      refused.add(kind);
      return true;
    });
  }

  private place(pod: TracePod): boolean {
    const kind = `${String(pod.gpus)} ${String(pod.share)}`;
    const devices = this.devices.get(kind) ?? devicesFor(pod, this.fleet.model);
    this.devices.set(kind, devices);
    for (const node of this.nodes) {
      if (node.cpuMillis < pod.cpuMillis || node.memoryMiB < pod.memoryMiB) {
        continue;
      }
      const device = devices.find((each) => (node.free.get(each) ?? 0) >= pod.gpus);
      if (device !== undefined) {
        this.begin(pod, node, device);
        return true;
      }
    }
    return false;
  }

  private begin(pod: TracePod, node: Node, device: string): void {
    this.take(pod, node, device, 1);
    this.accepted.push({ pod, waitSeconds: this.now - pod.arrivalSeconds });
    const started: Running = { endSeconds: this.now + pod.durationSeconds, pod, node, device };
    let [low, high] = [0, this.running.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.running[middle]?.endSeconds ?? 0) <= started.endSeconds) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.running.splice(low, 0, started);
  }

  private take({ gpus, cpuMillis, memoryMiB }: TracePod, node: Node, device: string, sign: 1 | -1): void {
    node.free.set(device, (node.free.get(device) ?? 0) - sign * gpus);
    node.cpuMillis -= sign * cpuMillis;
    node.memoryMiB -= sign * memoryMiB;
    this.usedGpus += sign * gpus * shareOf(device, this.fleet.model);
  }

  /** Time passes, in which nothing changes but that pods give up. */
  private pass(until: number): void {
    for (;;) {
      const [first] = this.waiting;
      const gone = first === undefined ? Infinity : first.arrivalSeconds + PATIENCE_SECONDS;
      const to = Math.max(this.now, Math.min(until, gone));
      this.count(this.now, to, first !== undefined);
      this.now = to;
      if (gone > until) {
        return;
      }
      this.waiting.shift();
    }
  }

  /** Adds a stretch of time to the intervals that it is in. What comes after the last arrival does not count. */
  private count(from: number, to: number, isWaiting: boolean): void {
    const length = this.intervalSeconds();
    for (let index = Math.floor((from - this.start) / length); index < INTERVALS && this.start + index * length < to; index++) {
      const begin = Math.max(from, this.start + index * length);
      const part = Math.max(0, Math.min(to, this.start + (index + 1) * length) - begin) / length;
      this.used[index] = (this.used[index] ?? 0) + (part * this.usedGpus) / this.total();
      if (isWaiting) {
        this.fragmented[index] = (this.fragmented[index] ?? 0) + part * (1 - this.usedGpus / this.total());
      }
    }
  }

  private intervalSeconds(): number {
    return (this.end - this.start) / INTERVALS;
  }

  private total(): number {
    return this.fleet.count * this.fleet.gpusPerNode;
  }

  private result(): Run {
    const accepted = this.accepted.map(({ pod }) => pod);
    const sorted = this.accepted.map(({ waitSeconds }) => waitSeconds).sort((a, b) => a - b);
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / INTERVALS;
    return {
      accepted: sorted.length,
      gpuHours: { asked: gpuHours(this.pods), accepted: gpuHours(accepted) },
      shareable: { asked: gpuHours(this.pods.filter(isShareable)), accepted: gpuHours(accepted.filter(isShareable)) },
      waitSeconds: {
        mean: meanOf(sorted) ?? 0,
        p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
      },
      usedGpus: mean(this.used) * this.total(),
      fragmentedGpus: mean(this.fragmented) * this.total(),
      series: this.series(),
    };
  }

  private series(): readonly Interval[] {
    const intervalOf = ({ arrivalSeconds }: TracePod) =>
      Math.min(INTERVALS - 1, Math.floor((arrivalSeconds - this.start) / this.intervalSeconds()));
    const arrivals = groupBy(this.pods, intervalOf);
    const accepted = groupBy(this.accepted, ({ pod }) => intervalOf(pod));
    return [...this.used].map((used, index) => {
      const asked = gpuHours(arrivals.get(index) ?? []);
      const served = accepted.get(index) ?? [];
      return {
        ...{ used, fragmented: this.fragmented[index] ?? 0 },
        acceptedPercent: asked === 0 ? null : Math.round((gpuHours(served.map(({ pod }) => pod)) / asked) * 1000) / 10,
        meanWaitSeconds: meanOf(served.map(({ waitSeconds }) => waitSeconds)) ?? null,
      };
    });
  }
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A pod that leaves a part of its GPU to others. */
function isShareable({ gpus, share }: TracePod): boolean {
  return gpus === 1 && share < 1;
}

function gpuHours(pods: readonly TracePod[]): number {
  return pods.reduce((sum, { gpus, share, durationSeconds }) => sum + (gpus * share * durationSeconds) / 3600, 0);
}
