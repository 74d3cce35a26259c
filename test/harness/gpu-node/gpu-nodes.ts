/** NVIDIA's own programs on the machines of a fleet, where the user names them: the kubelet plugin of the DRA driver, and mig-parted. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Gpus, Machine, Plugin } from "../../../src/fleet/machine";
import { wipeLater } from "../../../src/fleet/operators/dra-driver/plugin";
import type { DraDriverOptions } from "../../../src/fleet/operators/dra-driver/plugin";
import { describe, usedInstances } from "../../../src/fleet/operators/mig-parted";
import type { MigParted } from "../../../src/fleet/operators/mig-parted";
import { aborted } from "../../../src/fleet/pods/container";
import type { Program } from "../../../src/fleet/pods/container";
import { migPartedConfig } from "../../../src/hardware/mig-parted";
import { draDriverLine } from "../../../src/releases/dra-driver-lines";
import type { Release } from "../../../src/releases/types";
import { draDriverBinary, migPartedBinary } from "./binaries";
import { KubeletPlugin, versionOf } from "./kubelet-plugin";
import { NodeFiles } from "./node-files";
import { simulatedNode } from "./nvml/figures";

/** The files of the machines on which these programs have run. */
export class GpuNodes {
  readonly #nodes = new Map<string, { readonly files: NodeFiles; bootId: string }>();
  #folder: string | undefined;

  /** The files of a machine, as it is now: in its boot, with its GPUs divided as they are. */
  filesOf(machine: Machine, { model, count }: Gpus, release: Release): NodeFiles {
    this.#folder ??= mkdtempSync(join(tmpdir(), "shared-gpu-nodes-"));
    const folder = join(this.#folder, String(this.#nodes.size));
    const node = this.#nodes.get(machine.name) ?? { files: new NodeFiles(folder, simulatedNode(model, count, release)), bootId: "" };
    this.#nodes.set(machine.name, node);
    const { files } = node;
    if (node.bootId !== machine.bootId) {
      files.boot(machine.bootId);
      files.divide(machine.layout(model));
      node.bootId = machine.bootId;
    } else if (describe(files.gpus()) !== describe(machine.gpus)) {
      files.divide(machine.layout(model));
    }
    return files;
  }

  /** Removes them all. */
  remove(): void {
    if (this.#folder !== undefined) {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}

/** Why the fleet simulates the plugin; undefined where it runs the user's, which publishes as a release's does. */
export function whySimulated({ draDriver }: Release): string | undefined {
  const program = draDriverBinary();
  if (program === undefined) {
    return "DRA_DRIVER_BINARY names no gpu-kubelet-plugin";
  }
  const version = versionOf(program);
  return draDriverLine(version) === draDriver.line ? undefined : `DRA_DRIVER_BINARY is ${version}, and the node has ${draDriver.version}`;
}

/** The user's plugin as a program of the fleet; undefined where it is simulated. */
export function realPlugin(nodes: GpuNodes, release: Release): ((options: DraDriverOptions) => Program) | undefined {
  const program = draDriverBinary();
  if (program === undefined || whySimulated(release) !== undefined) {
    return undefined;
  }
  return ({ api, wipingDelayMs, onRegistered, background }) =>
    async (machine, signal) => {
      const { hardware } = machine;
      if (hardware === undefined) {
        return aborted(signal);
      }
      const files = nodes.filesOf(machine, hardware, release);
      const running = new KubeletPlugin(api, files, program, machine.name);
      let plugin: Plugin | undefined;
      try {
        plugin = await Promise.race([connected(running, files, machine), aborted(signal)]);
        machine.register(plugin);
        onRegistered();
        return await Promise.race([running.ended(), aborted(signal)]);
      } finally {
        const alone = plugin && machine.unregister(plugin);
        await running.stop(machine.isOn ? "SIGTERM" : "SIGKILL");
        if (alone !== undefined) {
          background(wipeLater(api, machine.name, wipingDelayMs, alone));
        }
      }
    };
}

/** The plugin as the machine's kubelet knows it, once it has registered. After each call the machine has the CDI specifications that are there. */
async function connected(running: KubeletPlugin, files: NodeFiles, { dra }: Machine): Promise<Plugin> {
  const kubelet = await running.registered();
  const readSpecifications = (): void => {
    dra.cdiDevices.clear();
    files.cdiDevices().forEach((name) => dra.cdiDevices.add(name));
  };
  readSpecifications();
  return {
    async prepare(claim) {
      try {
        const answer = await kubelet.prepare(claim);
        readSpecifications();
        return answer.type === "refused"
          ? answer
          : { type: "prepared", cdiDevices: answer.devices.flatMap(({ cdiDevices }) => cdiDevices) };
      } catch (error) {
        return { type: "refused", reason: String(error) };
      }
    },
    async unprepare(claim) {
      try {
        const answer = await kubelet.unprepare(claim);
        readSpecifications();
        return answer.type === "prepared";
      } catch {
        return false;
      }
    },
  };
}

/** The user's mig-parted; undefined where none is named. */
export function realMigParted(nodes: GpuNodes): MigParted | undefined {
  const program = migPartedBinary();
  if (program === undefined) {
    return undefined;
  }
  return (machine, layout, release) => {
    const files = nodes.filesOf(machine, { model: layout.model, count: layout.gpus.length }, release);
    const config = join(files.folder, "config.yaml");
    writeFileSync(config, stringify(migPartedConfig([layout])));
    files.use(machine.gpus.map((_, gpu) => usedInstances(machine, layout.model, gpu, release).map(({ start }) => start)));
    try {
      for (const verb of ["apply", "assert"]) {
        files.run(program, [verb, "--config-file", config, "--selected-config", layout.name], { LD_LIBRARY_PATH: files.libraries });
      }
      return true;
    } catch {
      return false;
    } finally {
      machine.gpus = files.gpus();
    }
  };
}
