/**
 * The simulated nodes with what tests add: faults, the devices in another order, the partition gate's script as a process of this machine, and NVIDIA's own
 * programs on simulated GPUs where the user names them.
 */
import { Fleet, isGate } from "../../../src/fleet/fleet";
import type { FleetOptions } from "../../../src/fleet/fleet";
import type { ApiServer } from "../../../src/live/api/api-server";
import { GpuNodes, realMigParted, realPlugin } from "../gpu-node/gpu-nodes";
import { faultyPlugin } from "./faulty-plugin";
import type { PluginFault } from "./faulty-plugin";
import { spawnContainer } from "./pods/process";

export interface FaultyFleetOptions extends Omit<FleetOptions, "draPlugin" | "driverRefuses" | "migParted"> {
  /** Seed of the order in which devices are published. @default by GPU and start */
  readonly shuffle?: number;
}

export class FaultyFleet extends Fleet {
  private readonly nodes: GpuNodes;
  private readonly faults: Map<string, PluginFault>;
  private readonly refusing: Set<string>;
  private readonly logs: Map<string, () => string>;

  constructor(api: ApiServer, { shuffle, behaviourOf, ...options }: FaultyFleetOptions = {}) {
    const faults = new Map<string, PluginFault>();
    const refusing = new Set<string>();
    const logs = new Map<string, () => string>();
    const nodes = new GpuNodes();
    const takeFault = (nodeName: string) => {
      const fault = faults.get(nodeName);
      faults.delete(nodeName);
      return fault;
    };
    super(api, {
      ...options,
      draPlugin: (given) => faultyPlugin(given, { takeFault, shuffle, sound: realPlugin(nodes, given.release) }),
      migParted: realMigParted(nodes),
      driverRefuses: (nodeName) => refusing.has(nodeName),
      behaviourOf: (pod) =>
        behaviourOf?.(pod) ??
        (isGate(pod)
          ? {
              type: "container",
              start: async (started) => {
                const process = await spawnContainer(api, started);
                logs.set(`${String(started.metadata["namespace"])}/${String(started.metadata["name"])}`, process.log);
                return process;
              },
            }
          : undefined),
    });
    this.nodes = nodes;
    this.faults = faults;
    this.refusing = refusing;
    this.logs = logs;
  }

  override async stop(): Promise<void> {
    try {
      await super.stop();
    } finally {
      this.nodes.remove();
    }
  }

  /** What the next DRA plugin that starts on a node does wrong. */
  spoilPlugin(nodeName: string, fault: PluginFault): void {
    this.faults.set(nodeName, fault);
  }

  /** Whether the driver of a node refuses to divide GPUs. */
  spoilDriver(nodeName: string, refuses: boolean): void {
    if (refuses) {
      this.refusing.add(nodeName);
    } else {
      this.refusing.delete(nodeName);
    }
  }

  /** What a pod has printed whose container was really run. */
  logOf(namespace: string, pod: string): string {
    return this.logs.get(`${namespace}/${pod}`)?.() ?? "";
  }
}
