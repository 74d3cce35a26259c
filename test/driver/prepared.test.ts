/** What NVIDIA's DRA driver does with claims that the real scheduler has allocated, as their kubelet asks it to, held against what the simulated nodes do. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { publishDevices } from "../../src/dra/devices";
import type { Device } from "../../src/dra/types";
import { DraFiles } from "../../src/fleet/dra-files";
import type { AllocatedClaim, Plugin } from "../../src/fleet/machine";
import { startPlugin } from "../../src/fleet/operators/dra-driver/claims";
import type { NodeLayout } from "../../src/hardware/types";
import { draDriverLine } from "../../src/releases/dra-driver-lines";
import type { DraDriverLine } from "../../src/releases/dra-driver-lines";
import type { Release } from "../../src/releases/types";
import { startControlPlane } from "../harness/control-plane/start";
import { draDriverBinary } from "../harness/gpu-node/binaries";
import { KubeletClient } from "../harness/gpu-node/kubelet-client";
import { KubeletPlugin, versionOf } from "../harness/gpu-node/kubelet-plugin";
import { NodeFiles } from "../harness/gpu-node/node-files";
import { simulatedNode } from "../harness/gpu-node/nvml/figures";
import { makeFolder } from "../support/folder";
import { testedRelease } from "../support/tested-release";
import { Claims, SMALL, WHOLE } from "./claims";
import { GPUS, MIXED, MODEL, OTHER } from "./layouts";

const NODE = "node-1";
const PROGRAM = draDriverBinary() ?? "";
const VERSION = PROGRAM === "" ? "" : versionOf(PROGRAM);
/** A version that nobody has read is held against the newest line. */
const LINE: DraDriverLine = draDriverLine(VERSION) ?? "0.4";
const SOFTWARE: Release = { ...testedRelease(), draDriver: { version: VERSION, line: LINE } };
const TITLE = `DRA driver ${VERSION || "(skipped: DRA_DRIVER_BINARY names no gpu-kubelet-plugin)"}`;

/** What is there after a step. */
interface State {
  /** Qualified names of the devices that the container runtime finds. */
  readonly cdiDevices: readonly string[];
  /** Uids of the claims in the checkpoint. */
  readonly claims: readonly string[];
}

/** A node with the plugin, and the same as the simulated nodes have it. Each step is done on both, and has to come out alike. */
class NodeAndModel {
  readonly files = new NodeFiles(join(makeFolder({}), "node"), simulatedNode(MODEL, GPUS, testedRelease()));
  readonly #dra = new DraFiles();
  #layout = MIXED;
  #bootId = randomUUID();
  #running: { readonly plugin: KubeletPlugin; readonly kubelet: KubeletClient; readonly model: Plugin } | undefined;

  constructor(private readonly plane: ControlPlane) {
    this.files.boot(this.#bootId);
    this.divide(MIXED);
  }

  /** Divides the GPUs. A plugin that runs does not notice. */
  divide(layout: NodeLayout): void {
    this.#layout = layout;
    this.files.divide(layout);
  }

  async start(): Promise<void> {
    const plugin = new KubeletPlugin(this.plane.api, this.files, PROGRAM, NODE);
    const kubelet = await plugin.registered();
    await plugin.publication();
    const devices = new Set(publishDevices(this.#layout, SOFTWARE, NODE).map(({ name }) => name));
    const model = startPlugin({ dra: this.#dra, bootId: this.#bootId }, devices, LINE);
    this.#running = { plugin, kubelet, model };
    this.#expectAlike();
  }

  async stop(): Promise<void> {
    const { plugin } = this.#plugins();
    this.#running = undefined;
    await plugin.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Restarts the node. Its GPUs are divided as before, as MIG Manager sees to it before the plugin starts. */
  async reboot(): Promise<void> {
    await this.stop();
    this.#bootId = randomUUID();
    this.files.boot(this.#bootId);
    this.#dra.forgetVolatile();
    await this.start();
  }

  /** @returns whether containers can be started with the claim; else the plugin's or the runtime's reason. */
  async prepare(claim: AllocatedClaim): Promise<string> {
    const { kubelet, model } = this.#plugins();
    const answer = await kubelet.prepare(claim);
    const own =
      answer.type === "refused" ? answer : { type: "prepared", cdiDevices: answer.devices.flatMap(({ cdiDevices }) => cdiDevices).sort() };
    const modelled = await model.prepare(claim);
    expect(own).toEqual(modelled.type === "refused" ? modelled : { type: "prepared", cdiDevices: [...modelled.cdiDevices].sort() });
    this.#expectAlike();
    if (modelled.type === "refused") {
      return modelled.reason;
    }
    const missing = modelled.cdiDevices.filter((name) => !this.#dra.cdiDevices.has(name));
    return missing.length === 0 ? "prepared" : "unresolvable CDI devices";
  }

  async unprepare(claim: AllocatedClaim): Promise<void> {
    const { kubelet, model } = this.#plugins();
    expect(await kubelet.unprepare(claim)).toEqual({ type: "prepared", devices: [] });
    expect(await model.unprepare(claim)).toBe(true);
    this.#expectAlike();
  }

  get kubelet(): KubeletClient {
    return this.#plugins().kubelet;
  }

  #plugins() {
    if (this.#running === undefined) {
      throw new Error("no plugin runs");
    }
    return this.#running;
  }

  #expectAlike(): void {
    const own: State = {
      cdiDevices: [...this.files.cdiDevices()].sort(),
      claims: [...this.files.checkpoint()].sort(),
    };
    const modelled: State = {
      cdiDevices: [...this.#dra.cdiDevices].sort(),
      claims: [...(this.#dra.checkpoint?.claims.keys() ?? [])].sort(),
    };
    expect(own).toEqual(modelled);
  }
}

/** The memory slice at which an instance starts; undefined for a whole GPU. */
function startOf(capacity: Device["capacity"]): number | undefined {
  const slices = Object.keys(capacity).flatMap((name) => /^memorySlice(\d+)$/.exec(name)?.[1] ?? []);
  return slices.length === 0 ? undefined : Math.min(...slices.map(Number));
}

(PROGRAM === "" ? describe.skip : describe)(TITLE, () => {
  let plane: ControlPlane;
  let node: NodeAndModel;
  let claims: Claims;
  beforeAll(async () => {
    plane = await startControlPlane();
    claims = await Claims.on(plane.api, NODE);
    node = new NodeAndModel(plane);
    await node.start();
  });
  afterAll(async () => {
    await node.stop();
    await plane.stop();
  });
  afterEach(() => claims.removePods());

  it("offers the services that a kubelet of this Kubernetes version asks for", () => {
    expect(node.kubelet.service).toBe("v1");
  });

  it("prepares a slice and a whole GPU once, whoever asks how often, and takes them back", async () => {
    const claim = await claims.allocated(SMALL, WHOLE);
    expect(await node.prepare(claim)).toBe("prepared");
    expect(await node.prepare(claim)).toBe("prepared");
    await node.unprepare(claim);
    await node.unprepare(claim);
  });

  it("gives a container the device files of its claim and no others, and hooks that are the program which the DRA driver brings along", async () => {
    const claim = await claims.allocated(SMALL, WHOLE);
    await node.prepare(claim);
    const answer = await node.kubelet.prepare(claim);
    const prepared = answer.type === "prepared" ? answer.devices : [];
    const started = publishDevices(MIXED, SOFTWARE, NODE).map(({ name, capacity }) => [name, startOf(capacity)] as const);
    for (const { device, cdiDevices } of prepared) {
      const [edits, ...others] = cdiDevices.map((name) => node.files.editsOf(name));
      expect(others).toEqual([]);
      const gpu = Number(/^gpu-(\d+)/.exec(device)?.[1]);
      const files = edits?.own.deviceNodes?.map(({ path }) => path) ?? [];
      expect([...files].sort()).toEqual([...node.files.deviceFilesOf(gpu, new Map(started).get(device))].sort());
      expect(edits?.common.deviceNodes?.map(({ path }) => path)).toEqual([
        "/dev/nvidia-modeset",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
        "/dev/nvidiactl",
      ]);
      expect(edits?.common.env).toContain("NVIDIA_VISIBLE_DEVICES=void");
      expect(new Set(edits?.common.hooks?.map(({ path }) => path))).toEqual(new Set([node.files.cdiHook]));
      expect(edits?.common.hooks?.map(({ args = [] }) => args[1])).toEqual([
        "create-symlinks",
        "enable-cuda-compat",
        "update-ldcache",
        "disable-device-node-modification",
      ]);
    }
    expect(prepared).toHaveLength(2);
    await node.unprepare(claim);
  });

  it("knows after a restart what it has prepared", async () => {
    const kept = await claims.allocated(SMALL);
    const returned = await claims.allocated(SMALL);
    await node.prepare(kept);
    await node.prepare(returned);
    await node.unprepare(returned);
    await node.restart();
    expect(await node.prepare(kept)).toBe("prepared");
    await node.unprepare(kept);
  });

  it("is refused nothing by a kubelet that took nothing back, or says who has the device", async () => {
    const first = await claims.allocated(WHOLE);
    await node.prepare(first);
    await claims.forget(first);
    const second = await claims.allocated(WHOLE);
    expect(second.devices).toEqual(first.devices);
    const answer = await node.prepare(second);
    expect(answer).toEqual(LINE === "25.8" ? "prepared" : expect.stringContaining(`already allocated to different claim ${first.uid}`));
    await node.unprepare(first);
    expect(await node.prepare(second)).toBe("prepared");
    await node.unprepare(second);
  });

  it("starts containers again after a reboot, or believes its checkpoint of before", async () => {
    const claim = await claims.allocated(SMALL, WHOLE);
    await node.prepare(claim);
    await node.reboot();
    expect(await node.prepare(claim)).toBe(LINE === "25.12" ? "unresolvable CDI devices" : "prepared");
    await node.unprepare(claim);
    expect(await node.prepare(claim)).toBe("prepared");
    await node.unprepare(claim);
  });

  it("takes back later what it could not take back while no plugin ran", async () => {
    const claim = await claims.allocated(SMALL);
    await node.prepare(claim);
    await node.stop();
    await expect(KubeletClient.register(node.files.registrar)).rejects.toThrow("UNAVAILABLE");
    await claims.forget(claim);
    await node.start();
    await node.unprepare(claim);
  });

  it("refuses a slice that is gone, and what it has prepared before it does not look for", async () => {
    const before = await claims.allocated(SMALL);
    const after = await claims.allocated(SMALL);
    await node.prepare(before);
    await node.stop();
    node.divide(OTHER);
    await node.start();
    expect(await node.prepare(before)).toBe(LINE === "25.8" ? "unresolvable CDI devices" : "prepared");
    expect(await node.prepare(after)).toContain(after.devices[0]?.name);
    await node.unprepare(after);
    await node.unprepare(before);
    await node.stop();
    node.divide(MIXED);
    await node.start();
  });
});
