/** Plays the parts of the GPU Operator that divide GPUs: feature discovery, which finds them, and MIG Manager. */
import { setTimeout as sleep } from "node:timers/promises";
import { layoutOf } from "../../rehearsal/recorded/mig-manager";
import type { MigConfigs } from "../../rehearsal/recorded/mig-manager";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import { DAEMON_LABELS, DCGM_EXPORTER_LABEL, DCGM_EXPORTER_NODES, MIG_MANAGER_NODES, PAUSED } from "../../well-known/gpu-daemons";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import type { Release } from "../../releases/types";
import { aborted } from "../pods/container";
import type { Program } from "../pods/container";
import type { Machine } from "../machine";
import type { ClusterView } from "../view";
import { describe, modesOf } from "./mig-parted";
import type { MigParted } from "./mig-parted";

export interface MigManagerOptions {
  readonly api: ApiServer;
  readonly view: ClusterView;
  readonly configs: () => MigConfigs;
  /** Decides how devices are called. */
  readonly release: Release;
  /** How long each step takes. */
  readonly stepMs: number;
  /** How long it waits for the operator's own pods to leave the GPUs. 5 minutes for each kind of them (`waitForPodsToBeDeleted`). */
  readonly clientsMs: number;
  /** Whether the driver refuses what MIG Manager tries now. */
  readonly fails: (nodeName: string) => boolean;
  readonly migParted: MigParted;
  /** Restarts a machine, and with it whatever asks for it. */
  readonly reboot: (machine: Machine) => void;
}

/** Node and GPU Feature Discovery with the operator's own labelling. A node without a layout gets the operator's default. */
export function featureDiscovery({ api, stepMs }: Pick<MigManagerOptions, "api" | "stepMs">): Program {
  return async (machine, signal) => {
    await sleep(stepMs, undefined, { signal });
    if (machine.hardware !== undefined) {
      // Asked and not looked up: a watch that has missed the node would show none of the labels that its group sets, and the default would take their place.
      const node = await api.get(`/api/v1/nodes/${machine.name}`);
      const labels = (node.metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
      const defaults = { [MIG_CONFIG_LABEL]: "all-disabled", ...MIG_MANAGER_NODES, ...DCGM_EXPORTER_NODES };
      await setLabels(api, machine, {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/mig.capable": "true",
        // The operator leaves what is set, whatever it is (NVIDIA/gpu-operator v26.3.3, `controllers/state_manager.go`, `addGPUStateLabels`).
        ...Object.fromEntries(Object.entries(defaults).filter(([label]) => labels[label] === undefined)),
      });
    }
    return aborted(signal);
  };
}

/**
 * Applies the layout that the node's label names, once for each value, and says how far it is in another label. What has failed, and what it has given up, is
 * tried again when the label changes or the program starts again.
 * Source: NVIDIA/mig-parted v0.13.1 and v0.14.2, `cmd/nvidia-mig-manager/main.go` (`SyncableMigConfig`) and `pkg/mig/reconfigure/reconfigure.go`.
 */
export function migManager(options: MigManagerOptions): Program {
  return async (machine, signal) => {
    let handled: string | undefined;
    for (;;) {
      const wanted = await options.view.until(() => {
        const label = labelsOf(options.view, machine)[MIG_CONFIG_LABEL];
        return label === handled ? undefined : label;
      }, signal);
      handled = wanted;
      await apply(wanted, machine, signal, options);
    }
  };
}

async function apply(label: string, machine: Machine, signal: AbortSignal, options: MigManagerOptions): Promise<void> {
  const { api, view, configs, release, stepMs, fails, migParted, reboot } = options;
  const { hardware } = machine;
  if (hardware === undefined) {
    return;
  }
  const { model } = hardware;
  const report = (state: string) => setLabels(api, machine, { [MIG_CONFIG_STATE_LABEL]: state });
  const end = async (state: "success" | "failed") => {
    await setLabels(api, machine, { [DCGM_EXPORTER_LABEL]: "true" });
    await report(state);
  };
  const result = layoutOf(label, model, hardware.count, configs());
  if (result.type === "invalid") {
    return end("failed");
  }
  const { gpus } = result.layout;
  if (describe(machine.gpus) === describe(gpus)) {
    return end("success");
  }
  const changesMode = modesOf(machine.gpus) !== modesOf(gpus);
  if (changesMode && labelsOf(view, machine)[MIG_CONFIG_STATE_LABEL] === "rebooting") {
    return end("failed");
  }
  await report("pending");
  await setLabels(api, machine, { [DCGM_EXPORTER_LABEL]: PAUSED });
  if (!(await clientsEnd(machine, signal, options))) {
    // It says nothing: the state stays `pending`, and the clients stay away (NVIDIA/mig-parted #485).
    return;
  }
  await sleep(stepMs, undefined, { signal });
  if (fails(machine.name)) {
    return end("failed");
  }
  // EC2 lets nobody reset a GPU of Ampere, and later ones switch only while nobody uses them. WITH_REBOOT then restarts the node, whoever is on it.
  if (changesMode && (model.architecture === "Ampere" || machine.users.size > 0)) {
    machine.gpus = gpus.map((gpu) => (gpu.type === "mig" ? { type: "mig", placements: [] } : gpu));
    await report("rebooting");
    reboot(machine);
    return aborted(signal);
  }
  return end(migParted(machine, result.layout, release) ? "success" : "failed");
}

/** Waits for the pods that hold GPUs for the operator itself. @returns whether they have ended in time. It evicts no others. */
async function clientsEnd(machine: Machine, signal: AbortSignal, { view, clientsMs }: MigManagerOptions): Promise<boolean> {
  const isClient = ({ metadata, spec }: KubernetesObject) =>
    spec.nodeName === machine.name && metadata["labels"]?.["app"] === DAEMON_LABELS.dcgmExporter.app;
  const patience = AbortSignal.timeout(clientsMs);
  try {
    return await view.until(() => ![...view.pods.values()].some(isClient) || undefined, AbortSignal.any([signal, patience]));
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) {
      return false;
    }
    throw error;
  }
}

function labelsOf(view: ClusterView, { name }: Machine): Readonly<Record<string, string | undefined>> {
  return (view.nodes.get(name)?.metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
}

function setLabels(api: ApiServer, { name }: Machine, labels: Readonly<Record<string, string>>): Promise<void> {
  return api.merge({ apiVersion: "v1", kind: "Node", metadata: { name } }, { metadata: { labels } }).then(() => undefined);
}
