/** The stand-in for the DRA plugin and its kubelet, where several plugins of one machine follow each other. */
import type { Node } from "../../src/cluster/nodes";
import { Machine } from "../../src/fleet/machine";
import type { Plugin } from "../../src/fleet/machine";
import { wipeLater } from "../../src/fleet/operators/dra-driver/plugin";
import { publishPool } from "../../src/fleet/operators/dra-driver/slices";
import { ApiError } from "../../src/live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";
import { gpuNodes } from "../harness/fleet/cluster";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { recordedProgram } from "../support/recordings/recorded-program";

const PLUGIN: Plugin = { prepare: () => Promise.reject(new Error("not asked")), unprepare: () => Promise.resolve(true) };
const DELAY_MS = 20;
const NEVER_MS = 3_600_000;

/** An API server with the slices of one node. */
function server(stored: KubernetesObject[]): ApiServer {
  const remove = ({ metadata }: KubernetesObject): Promise<void> => {
    stored.splice(
      stored.findIndex((slice) => slice.metadata["name"] === metadata["name"]),
      1,
    );
    return Promise.resolve();
  };
  return {
    get: () => Promise.resolve({ metadata: { uid: "u" } }),
    list: () => Promise.resolve([...stored]),
    create: (slice: KubernetesObject) => Promise.resolve(stored.push(slice)),
    delete: remove,
    merge: (slice: KubernetesObject, patch: object) => remove(slice).then(() => stored.push({ ...slice, ...patch })),
  } as unknown as ApiServer;
}

const slice = (generation: number): KubernetesObject => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceSlice",
  metadata: { name: `slice-${String(generation)}` },
  spec: { pool: { name: "node", generation, resourceSliceCount: 1 }, devices: [] },
});

describe("what a plugin has published, when the plugin goes", () => {
  let machine: Machine;
  let stored: KubernetesObject[];
  let node: Node | undefined;
  beforeAll(async () => {
    [node] = gpuNodes(nodesOf(await recordedProgram()));
  });
  beforeEach(() => {
    machine = new Machine(node as Node);
    stored = [slice(1)];
  });
  /** As a plugin does that ends. */
  const end = (plugin: Plugin, delayMs: number): Promise<void> => {
    const alone = machine.unregister(plugin);
    return alone === undefined ? Promise.resolve() : wipeLater(server(stored), "node", delayMs, alone).catch(() => undefined);
  };

  test("goes too", async () => {
    machine.register(PLUGIN);
    await end(PLUGIN, DELAY_MS);
    expect(machine.plugin).toBeUndefined();
    expect(stored).toEqual([]);
  });

  test("stays once another plugin has registered, also when that one has gone again", async () => {
    const second = { ...PLUGIN };
    machine.register(PLUGIN);
    const first = end(PLUGIN, DELAY_MS);
    machine.register(second);
    const last = end(second, NEVER_MS);
    await first;
    expect(machine.plugin).toBeUndefined();
    expect(stored).toHaveLength(1);
    machine.powerOff();
    await last;
  });

  test("stays where a successor had registered before its predecessor went, and when the machine loses its power", async () => {
    const second = { ...PLUGIN };
    machine.register(PLUGIN);
    machine.register(second);
    await end(PLUGIN, DELAY_MS);
    expect(machine.plugin).toBe(second);
    const last = end(second, NEVER_MS);
    machine.powerOff();
    await last;
    expect(stored).toHaveLength(1);
  });
});

describe("a pool is published", () => {
  const pool = { slices: [[]], resourceSliceCount: 1 };

  test("in place where it is one slice, and again as a new one when the slice goes meanwhile", async () => {
    const stored = [slice(3)];
    await publishPool(server(stored), "node", pool, new AbortController().signal);
    expect(stored).toMatchObject([{ metadata: { name: "slice-3" }, spec: { pool: { generation: 3 } } }]);

    const api = server(stored);
    const merge = (object: KubernetesObject) => api.delete(object).then(() => Promise.reject(new ApiError(404, "NotFound", "gone")));
    await publishPool({ ...api, merge } as unknown as ApiServer, "node", pool, new AbortController().signal);
    expect(stored).toMatchObject([{ spec: { pool: { generation: 1 } } }]);
  });

  test("not, when the API server refuses it for good", async () => {
    const merge = () => Promise.reject(new ApiError(422, "Invalid", "too many devices"));
    const api = { ...server([slice(1)]), merge } as unknown as ApiServer;
    await expect(publishPool(api, "node", pool, new AbortController().signal)).rejects.toThrow("too many devices");
  });
});
