/** A node with simulated GPUs: the files that NVIDIA's programs look for on one. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { GpuLayout, NodeLayout } from "../../../src/hardware/types";
import { compileLibrary } from "./nvml/library";
import type { SimulatedNode } from "./nvml/figures";

/** How the programs of a simulated node are started: below it everything is the node's. */
const ENTER = join(__dirname, "enter.sh");

/** What the programs read in /proc that is not about GPUs. */
const OF_THE_MACHINE = ["self", "sys", "devices", "meminfo", "cpuinfo", "filesystems", "mounts", "stat"];

/** NVML's numbers of GPU instances are below this. */
const MAX_INSTANCES = 16;

export class NodeFiles {
  /** Where the driver is installed, as the DRA driver's option says it. */
  readonly driverRoot: string;
  readonly #state: string;

  /** @param folder a new or empty one. */
  constructor(
    readonly folder: string,
    private readonly node: SimulatedNode,
  ) {
    this.driverRoot = join(folder, "root");
    this.#state = join(folder, "state");
    compileLibrary(node, join(this.libraries, "libnvidia-ml.so.1"));
    // What is looked for, and never run.
    write(join(this.libraries, `libcuda.so.${node.driverVersion}`), "");
    write(join(this.driverRoot, "usr/bin/nvidia-smi"), "");
    write(join(folder, "proc/modules"), "nvidia 1 0 - Live 0x0\n");
    mkdirSync(join(folder, "proc/machine"));
    for (const name of OF_THE_MACHINE) {
      symlinkSync(`machine/${name}`, join(folder, "proc", name));
    }
    for (const name of ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"]) {
      write(join(this.driverRoot, "dev", name), "");
    }
    mkdirSync(join(folder, "sys/bus/pci/devices"), { recursive: true });
    for (const [index, address] of node.pciAddresses.entries()) {
      write(join(this.driverRoot, "dev", `nvidia${String(index)}`), "");
      this.#addPciDevice(address);
    }
    this.#addCapabilities();
  }

  /** The folder with the library, for programs that look for it by name alone. */
  get libraries(): string {
    return join(this.driverRoot, "usr/lib64");
  }

  /** Divides the GPUs, as a reboot into another layout would. */
  divide({ gpus }: NodeLayout): void {
    writeFileSync(this.#state, gpus.map(stateOf).join(""));
  }

  /** What the GPUs are divided into now: for each `whole`, or `ID at START` of its instances, in the order of starts. */
  placements(): readonly (readonly string[])[] {
    const lines = readFileSync(this.#state, "utf8").split("\n");
    return this.node.pciAddresses.map((_, gpu) => {
      if (lines.includes(`mig ${String(gpu)} 0`)) {
        return ["whole"];
      }
      return lines
        .map((line) => line.split(" "))
        .filter(([kind, of]) => kind === "instance" && of === String(gpu))
        .sort(([, , , , a], [, , , , b]) => Number(a) - Number(b))
        .map(([, , , profile = "", start = ""]) => `${profile} at ${start}`);
    });
  }

  /** Starts a program on the node. */
  start(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn("unshare", this.#entering(program, args), { env: this.#environment(env), stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Runs a program on the node to its end. @returns what it printed. @throws Error with that when it fails. */
  run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const { status, stdout, stderr } = spawnSync("unshare", this.#entering(program, args), {
      env: this.#environment(env),
      encoding: "utf8",
    });
    if (status !== 0) {
      throw new Error(`${program} ${args.join(" ")} ended with ${String(status)}: ${stderr}`);
    }
    return stdout;
  }

  #entering(program: string, args: readonly string[]): readonly string[] {
    const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
    return ["--mount", ...asRoot, "sh", ENTER, this.folder, program, ...args];
  }

  #environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env["PATH"], SIMULATED_NVML_STATE: this.#state, ...env };
  }

  /** Two GPUs to a root complex, as their addresses say. */
  #addPciDevice(address: string): void {
    const root = `pci${address.slice(0, "0000:00".length)}`;
    const device = join(this.folder, "sys/devices", root, address);
    write(join(device, "vendor"), "0x10de\n");
    write(join(device, "device"), `0x${(this.node.model.pciDeviceIds[0] ?? "").toLowerCase()}\n`);
    write(join(device, "class"), "0x030200\n");
    write(join(device, "numa_node"), "0\n");
    write(join(device, "resource"), "0x0 0x0 0x0\n");
    write(join(device, "config"), "");
    symlinkSync(`../../../devices/${root}/${address}`, join(this.folder, "sys/bus/pci/devices", address));
  }

  /** The device files of MIG, by number, and the table that says which is for what. */
  #addCapabilities(): void {
    const minors = ["config 1", "monitor 2"];
    for (const [gpu] of this.node.pciAddresses.entries()) {
      for (let instance = 0; instance < MAX_INSTANCES; instance++) {
        for (const part of [`gi${String(instance)}`, `gi${String(instance)}/ci0`]) {
          const minor = minors.length + 1;
          minors.push(`gpu${String(gpu)}/${part}/access ${String(minor)}`);
          write(join(this.driverRoot, `dev/nvidia-caps/nvidia-cap${String(minor)}`), "");
        }
      }
    }
    write(join(this.folder, "proc/driver/nvidia-caps/mig-minors"), `${minors.join("\n")}\n`);
  }
}

/** The lines of `nvml/state.c`. */
function stateOf(gpu: GpuLayout, index: number): string {
  const mode = `mig ${String(index)} ${gpu.type === "whole" ? "0" : "1"}\n`;
  const instances = gpu.type === "whole" ? [] : gpu.placements;
  return (
    mode +
    instances
      .map(
        ({ profile, start }, id) => `instance ${String(index)} ${String(id)} ${String(profile.gpuInstanceProfileId)} ${String(start)} 1\n`,
      )
      .join("")
  );
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
