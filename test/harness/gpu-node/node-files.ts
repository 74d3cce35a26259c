/** A node with simulated GPUs: the files that NVIDIA's programs look for on one. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { GpuLayout, MigProfile, NodeLayout } from "../../../src/hardware/types";
import { DRIVER } from "../../../src/well-known/attributes";
import { compileLibrary } from "./nvml/library";
import type { SimulatedNode } from "./nvml/figures";

/** How the programs of a simulated node are started: below it everything is the node's. */
const ENTER = join(__dirname, "enter.sh");

/** What the programs read in /proc that is not about GPUs. */
const OF_THE_MACHINE = ["self", "sys", "meminfo", "cpuinfo", "filesystems", "mounts", "stat"];

/** The numbers that the kernel gives NVIDIA's drivers; that of `nvidia-caps` is another with each boot. */
const DEVICES = "Character devices:\n  1 mem\n195 nvidia\n238 nvidia-caps\n\nBlock devices:\n259 blkext\n";

/** Permissions of the device files of MIG, in decimal as the driver writes them: everybody may read. */
const CAPABILITY_MODE = 0o444;

/** NVML's numbers of GPU instances are below this. */
const MAX_INSTANCES = 16;

/** A file in the format of the Container Device Interface: what a container gets with each of some devices. */
interface CdiSpecification {
  readonly cdiVersion: string;
  /** `k8s.gpu.nvidia.com/claim`. */
  readonly kind: string;
  readonly devices: readonly { readonly name: string; readonly containerEdits: ContainerEdits }[];
  /** What it gets with any of them. */
  readonly containerEdits?: ContainerEdits;
}

interface ContainerEdits {
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly { readonly path: string; readonly hostPath?: string }[];
  readonly hooks?: readonly { readonly path: string; readonly args?: readonly string[] }[];
}

/** The part of the DRA driver's `checkpoint.json` that is read here. */
interface Checkpoint {
  readonly v2: { readonly preparedClaims?: Readonly<Record<string, { readonly checkpointState: string }>> };
}

/** A GPU instance in the state of the simulated GPUs. */
interface Instance {
  readonly gpu: number;
  /** NVML's number of it, which names its device files. */
  readonly id: number;
  readonly profile: MigProfile;
  readonly start: number;
}

/** The table that says for what the device files of MIG are. */
const MIG_MINORS = "proc/driver/nvidia-caps/mig-minors";

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
    write(join(folder, "proc/devices"), DEVICES);
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
    this.boot(randomUUID());
  }

  /** The folder with the library, for programs that look for it by name alone. */
  get libraries(): string {
    return join(this.driverRoot, "usr/lib64");
  }

  /** Where the DRA driver writes its CDI specifications. */
  get cdi(): string {
    return join(this.folder, "cdi");
  }

  /** The socket by which the DRA driver registers with the kubelet. */
  get registrar(): string {
    return join(this.folder, "registrar", `${DRIVER}-reg.sock`);
  }

  /** The program that CDI specifications have the container runtime run. */
  get cdiHook(): string {
    return join(this.folder, "nvidia-cdi-hook");
  }

  /** The claims that the DRA driver has written down as prepared, by uid. */
  checkpoint(): readonly string[] {
    const { v2 } = JSON.parse(readFileSync(join(this.#plugin, "checkpoint.json"), "utf8")) as Checkpoint;
    const claims = Object.entries(v2.preparedClaims ?? {});
    return claims.filter(([, { checkpointState }]) => checkpointState === "PrepareCompleted").map(([uid]) => uid);
  }

  /** Where the DRA driver keeps its checkpoint and its socket. */
  get #plugin(): string {
    return join(this.folder, "plugins", DRIVER);
  }

  /** Starts the node, for the first time or again: what was in its memory is gone. @param bootId as in `/proc/sys/kernel/random/boot_id`. */
  boot(bootId: string): void {
    for (const folder of [this.cdi, dirname(this.registrar)]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
    mkdirSync(this.#plugin, { recursive: true });
    write(join(this.folder, "boot_id"), `${bootId}\n`);
  }

  /** The CDI specifications that exist now. */
  #cdiSpecifications(): readonly CdiSpecification[] {
    const names = readdirSync(this.cdi).filter((name) => /\.(json|yaml)$/.test(name));
    return names.map((name) => parse(readFileSync(join(this.cdi, name), "utf8")) as CdiSpecification);
  }

  /** Qualified names of the devices that have a specification. */
  cdiDevices(): readonly string[] {
    return this.#cdiSpecifications().flatMap(({ kind, devices }) => devices.map(({ name }) => `${kind}=${name}`));
  }

  /** What a container gets with a CDI device, by the device's qualified name: what is its own, and what every device brings along. Undefined: nobody specifies it. */
  editsOf(cdiDevice: string): { readonly own: ContainerEdits; readonly common: ContainerEdits } | undefined {
    for (const { kind, devices, containerEdits: common = {} } of this.#cdiSpecifications()) {
      const found = devices.find(({ name }) => `${kind}=${name}` === cdiDevice);
      if (found !== undefined) {
        return { own: found.containerEdits, common };
      }
    }
    return undefined;
  }

  /** The device files by which a process uses a GPU, or the instance of it that starts at a memory slice. */
  deviceFilesOf(gpu: number, start?: number): readonly string[] {
    const device = `/dev/nvidia${String(gpu)}`;
    if (start === undefined) {
      return [device];
    }
    const instance = this.#instances().find((one) => one.gpu === gpu && one.start === start);
    const minors = readFileSync(join(this.folder, MIG_MINORS), "utf8").split("\n");
    const capabilities = [`gi${String(instance?.id)}`, `gi${String(instance?.id)}/ci0`].map((part) => {
      const line = minors.find((entry) => entry.startsWith(`gpu${String(gpu)}/${part}/access `));
      return `/dev/nvidia-caps/nvidia-cap${line?.split(" ")[1] ?? ""}`;
    });
    return [device, ...capabilities];
  }

  /** Divides the GPUs, as a reboot into another layout would. */
  divide({ gpus }: NodeLayout): void {
    writeFileSync(this.#state, gpus.map(stateOf).join(""));
  }

  /** What the GPUs are divided into now. */
  gpus(): readonly GpuLayout[] {
    const whole = readFileSync(this.#state, "utf8").split("\n");
    return this.node.pciAddresses.map((_, gpu): GpuLayout => {
      if (whole.includes(`mig ${String(gpu)} 0`)) {
        return { type: "whole" };
      }
      const own = this.#instances().filter((instance) => instance.gpu === gpu);
      return { type: "mig", placements: own.sort((a, b) => a.start - b.start).map(({ profile, start }) => ({ profile, start })) };
    });
  }

  /** Says which instances processes have open: GPU by GPU, those that start at these memory slices. */
  use(starts: readonly (readonly number[])[]): void {
    const modes = readFileSync(this.#state, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("mig "));
    const instances = this.#instances().map((instance) => lineOf(instance, starts[instance.gpu]?.includes(instance.start) === true));
    writeFileSync(this.#state, [...modes, ...instances, ""].join("\n"));
  }

  #instances(): readonly Instance[] {
    return readFileSync(this.#state, "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([kind]) => kind === "instance")
      .map(([, ...numbers]) => {
        const [gpu = NaN, id = NaN, profileId = NaN, start = NaN] = numbers.map(Number);
        const profile = this.node.model.profiles.find(({ gpuInstanceProfileId }) => gpuInstanceProfileId === profileId);
        if (profile === undefined) {
          throw new Error(`${this.node.model.name} has no GPU instance profile ${String(profileId)}`);
        }
        return { gpu, id, profile, start };
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
          write(
            join(this.folder, `proc/driver/nvidia/capabilities/gpu${String(gpu)}/mig/${part}/access`),
            `DeviceFileMinor: ${String(minor)}\nDeviceFileMode: ${String(CAPABILITY_MODE)}\nDeviceFileModify: 1\n`,
          );
          write(join(this.driverRoot, `dev/nvidia-caps/nvidia-cap${String(minor)}`), "");
        }
      }
    }
    write(join(this.folder, MIG_MINORS), `${minors.join("\n")}\n`);
  }
}

/** The lines of `nvml/state.c`. */
function stateOf(gpu: GpuLayout, index: number): string {
  const mode = `mig ${String(index)} ${gpu.type === "whole" ? "0" : "1"}`;
  const placements = gpu.type === "whole" ? [] : gpu.placements;
  const instances = placements.map(({ profile, start }, id) => lineOf({ gpu: index, id, profile, start }, false));
  return [mode, ...instances, ""].join("\n");
}

function lineOf({ gpu, id, profile, start }: Instance, isInUse: boolean): string {
  return ["instance", gpu, id, profile.gpuInstanceProfileId, start, 1, isInUse ? 1 : 0].join(" ");
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
