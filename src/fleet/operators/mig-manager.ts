/** Plays the parts of the GPU Operator that divide GPUs: feature discovery, which finds them, and MIG Manager. */
import { setTimeout as sleep } from "node:timers/promises";
import type { GpuLayout } from "../../hardware/types";
import { layoutOf } from "../../rehearsal/recorded/mig-manager";
import type { MigConfigs } from "../../rehearsal/recorded/mig-manager";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import type { ApiServer } from "../../live/api/api-server";
import { aborted } from "../pods/container";
import type { Program } from "../pods/container";
import type { Machine } from "../machine";
import type { ClusterView } from "../view";

/** What the node selector of MIG Manager's daemon set asks for. */
export const MIG_MANAGER_NODES = { "nvidia.com/gpu.deploy.mig-manager": "true" } as const;

export interface MigManagerOptions {
  readonly api: ApiServer;
  readonly view: ClusterView;
  readonly configs: () => MigConfigs;
  /** How long each step takes. */
  readonly stepMs: number;
  /** Whether the driver refuses what MIG Manager tries now. */
  readonly fails: (nodeName: string) => boolean;
  /** Restarts a machine, and with it whatever asks for it. */
  readonly reboot: (machine: Machine) => void;
}

/** Node and GPU Feature Discovery with the operator's own labelling. A node without a layout gets the operator's default. */
export function featureDiscovery({ api, view, stepMs }: Pick<MigManagerOptions, "api" | "view" | "stepMs">): Program {
  return async (machine, signal) => {
    await sleep(stepMs, undefined, { signal });
    if (machine.hardware !== undefined) {
      const labels = view.nodes.get(machine.name)?.metadata["labels"] as Readonly<Record<string, string>> | undefined;
      await setLabels(api, machine, {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/mig.capable": "true",
        ...MIG_MANAGER_NODES,
        ...(labels?.[MIG_CONFIG_LABEL] === undefined ? { [MIG_CONFIG_LABEL]: "all-disabled" } : {}),
      });
    }
    return aborted(signal);
  };
}

/** Applies the layout that the node's label names, once for each value, and says how far it is in another label. A failure is tried again after a restart. */
export function migManager(options: MigManagerOptions): Program {
  return async (machine, signal) => {
    let handled: string | undefined;
    for (;;) {
      const wanted = await options.view.until(() => {
        const label = options.view.nodes.get(machine.name)?.metadata["labels"]?.[MIG_CONFIG_LABEL] as string | undefined;
        return label === handled ? undefined : label;
      }, signal);
      handled = wanted;
      await apply(wanted, machine, signal, options);
    }
  };
}

async function apply(label: string, machine: Machine, signal: AbortSignal, options: MigManagerOptions): Promise<void> {
  const { api, configs, stepMs, fails, reboot } = options;
  const { hardware } = machine;
  if (hardware === undefined) {
    return;
  }
  const report = (state: string) => setLabels(api, machine, { [MIG_CONFIG_STATE_LABEL]: state });
  const result = layoutOf(label, hardware.model, hardware.count, configs());
  if (result.type === "invalid") {
    return report("failed");
  }
  const { gpus } = result.layout;
  if (describe(machine.gpus) === describe(gpus)) {
    return report("success");
  }
  await report("pending");
  await sleep(stepMs, undefined, { signal });
  // It evicts nobody: a GPU instance that is in use cannot be destroyed.
  if (machine.users.size > 0 || fails(machine.name)) {
    return report("failed");
  }
  if (hardware.model.architecture === "Ampere" && modes(machine.gpus) !== modes(gpus)) {
    machine.gpus = gpus.map((gpu) => (gpu.type === "mig" ? { type: "mig", placements: [] } : gpu));
    await report("rebooting");
    reboot(machine);
    return aborted(signal);
  }
  machine.gpus = gpus;
  return report("success");
}

function setLabels(api: ApiServer, { name }: Machine, labels: Readonly<Record<string, string>>): Promise<void> {
  return api.merge({ apiVersion: "v1", kind: "Node", metadata: { name } }, { metadata: { labels } }).then(() => undefined);
}

/** Which GPUs are in MIG mode. */
function modes(gpus: readonly GpuLayout[]): string {
  return gpus.map(({ type }) => type).join();
}

function describe(gpus: readonly GpuLayout[]): string {
  const placed = (gpu: GpuLayout) => (gpu.type === "whole" ? [] : gpu.placements.map(({ profile, start }) => `${profile.name}@${start}`));
  return gpus.map((gpu) => `${gpu.type} ${[...placed(gpu)].sort().join("+")}`).join();
}
