/**
 * Runs the script of a pod that looks at GPUs, with what a container on such a node would see: a folder with device files, and an `nvidia-smi`.
 * What it sees is what the CDI specifications of its claims say. Without any, it is what the container toolkit gives by its settings: nothing, if they are those of the stack.
 */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publishDevices } from "../../../../src/dra/devices";
import type { Device } from "../../../../src/dra/types";
import { deviceOfCdi } from "../../../../src/fleet/operators/dra-driver/claims";
import type { Machine, Plugin } from "../../../../src/fleet/machine";
import { injectedDevices } from "../../../../src/fleet/pods/claims";
import { aborted } from "../../../../src/fleet/pods/container";
import type { Behaviour, Container, Exit } from "../../../../src/fleet/pods/container";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import type { Release } from "../../../../src/releases/types";
import { DEVICE_LIST_DIRECTORY, NO_DEVICES, VISIBLE_DEVICES_VARIABLE } from "../../../../src/well-known/device-requests";

/** A setting of the container toolkit that gives GPUs to containers without a claim. */
export type Leak = "variable" | "mounts";

/** The image of the DRA driver sets this (its Dockerfile). */
const IMAGE_ENV = { [VISIBLE_DEVICES_VARIABLE]: "all" };

interface ContainerSpec {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface VolumeSpec {
  readonly name: string;
  readonly hostPath?: { readonly path: string };
}

/** The container runtimes of all nodes. */
export class ContainerRuntimes {
  /** By the name of the node. */
  readonly leaks = new Map<string, Leak>();
  /** By the name of the node: plugins whose specifications have the next device of the node in the place of each. Undefined for the plugin that is seen next. */
  private readonly mistaken = new Map<string, Plugin | undefined>();
  /** Whether containers that look at GPUs do not end. */
  isHeld = false;

  constructor(private readonly release: Release) {}

  /** The plugin of a node writes wrong specifications, until it is started again. */
  mistake(nodeName: string): void {
    this.mistaken.set(nodeName, undefined);
  }

  /** Undefined for pods that do not look at GPUs. */
  behaviourOf(pod: KubernetesObject): Behaviour | undefined {
    const [container] = pod["spec"].containers as readonly ContainerSpec[];
    return container?.name === "look"
      ? { type: "container", start: (started, machine) => this.start(started, container, machine) }
      : undefined;
  }

  private start(pod: KubernetesObject, container: ContainerSpec, machine: Machine): Promise<Container> {
    const end = new AbortController();
    const exit = this.isHeld
      ? aborted(end.signal).catch((): Exit => ({ exitCode: 143, message: "" }))
      : look(container, listingOf(this.visibleTo(pod, container, machine), this.devicesOf(machine))).catch((error: unknown): Exit => ({
          exitCode: 1,
          message: String(error),
        }));
    const stop = () => {
      end.abort();
      return exit;
    };
    return Promise.resolve({ exit, stop });
  }

  private visibleTo(pod: KubernetesObject, container: ContainerSpec, machine: Machine): readonly Device[] {
    const all = this.devicesOf(machine);
    const injected = injectedDevices(pod, machine);
    if (injected.length > 0) {
      const isMistaken = this.isMistaken(machine);
      return injected.map((name) => {
        const index = all.findIndex((device) => device.name === deviceOfCdi(name));
        const device = all[isMistaken ? (index + 1) % all.length : index];
        if (index < 0 || device === undefined) {
          throw new Error(`${name} is no device of ${machine.name}`);
        }
        return device;
      });
    }
    const leak = this.leaks.get(machine.name);
    const env = { ...IMAGE_ENV, ...Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value])) };
    const byVariable = leak === "variable" && !NO_DEVICES.includes(env[VISIBLE_DEVICES_VARIABLE] ?? "");
    return byVariable || (leak === "mounts" && mountsDeviceList(pod, container)) ? all : [];
  }

  private isMistaken({ name, plugin }: Machine): boolean {
    if (!this.mistaken.has(name)) {
      return false;
    }
    const mistaken = this.mistaken.get(name) ?? plugin;
    this.mistaken.set(name, mistaken);
    return mistaken === plugin;
  }

  private devicesOf(machine: Machine): readonly Device[] {
    const model = machine.hardware?.model;
    return model === undefined ? [] : publishDevices(machine.layout(model), this.release, machine.name);
  }
}

function mountsDeviceList(pod: KubernetesObject, { volumeMounts = [] }: ContainerSpec): boolean {
  const volumes = (pod["spec"].volumes ?? []) as readonly VolumeSpec[];
  return volumeMounts.some(
    ({ name, mountPath }) =>
      mountPath.startsWith(`/var/run/${DEVICE_LIST_DIRECTORY}/`) &&
      volumes.some((each) => each.name === name && each.hostPath?.path === "/dev/null"),
  );
}

interface Listing {
  readonly nvidiaSmi: readonly string[];
  readonly files: readonly string[];
}

/** As `nvidia-smi -L` prints it: each GPU, and below it its slices. */
function listingOf(visible: readonly Device[], all: readonly Device[]): Listing {
  const text = ({ attributes }: Device, name: string) => attributes[name]?.string ?? "";
  const parentOf = (device: Device) => (device.attributes["parentUUID"] === undefined ? text(device, "uuid") : text(device, "parentUUID"));
  const order = [...new Set(all.map(parentOf))];
  const gpus = order.filter((gpu) => visible.some((device) => parentOf(device) === gpu));
  return {
    nvidiaSmi: gpus.flatMap((gpu, index) => {
      const own = visible.filter((device) => parentOf(device) === gpu);
      return [
        `GPU ${String(index)}: ${text(own[0] as Device, "productName")} (UUID: ${gpu})`,
        ...own
          .filter(({ attributes }) => attributes["profile"] !== undefined)
          .map((device, place) => `  MIG ${text(device, "profile").padEnd(10)} Device  ${String(place)}: (UUID: ${text(device, "uuid")})`),
      ];
    }),
    files:
      visible.length === 0
        ? []
        : [
            ...["nvidiactl", "nvidia-uvm", ...gpus.map((gpu) => `nvidia${String(order.indexOf(gpu))}`)],
            ...visible.map(({ name }) => `nvidia-caps/nvidia-cap${String(21 + all.findIndex((device) => device.name === name))}`),
          ],
  };
}

/** Runs the command of a container. It has nothing but bash itself and what it sees. */
async function look({ command = [], env = [] }: ContainerSpec, { nvidiaSmi, files }: Listing): Promise<Exit> {
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-look-"));
  try {
    const [bin, terminationLog] = [join(folder, "bin"), join(folder, "termination-log")];
    mkdirSync(bin);
    for (const file of files) {
      mkdirSync(dirname(join(folder, "dev", file)), { recursive: true });
      symlinkSync("/dev/null", join(folder, "dev", file));
    }
    if (nvidiaSmi.length > 0) {
      writeFileSync(join(bin, "nvidia-smi"), `#!/bin/bash\n${nvidiaSmi.map((line) => `echo '${line}'`).join("\n")}\n`);
      chmodSync(join(bin, "nvidia-smi"), 0o755);
    }
    const [program = "", ...rest] = command.map((text) =>
      text.replaceAll("/dev/nvidia", join(folder, "dev/nvidia")).replaceAll("/dev/termination-log", terminationLog),
    );
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const exitCode = await new Promise<number>((resolve) => {
      execFile(program === "bash" ? "/bin/bash" : program, rest, { env: { ...variables, PATH: bin } }, (error) => {
        resolve(error === null ? 0 : typeof error.code === "number" ? error.code : 1);
      });
    });
    // The kubelet keeps so much of it.
    const message = readFileSync(terminationLog).subarray(0, 4096).toString("utf8");
    return { exitCode, message: message.replaceAll(folder, "") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
