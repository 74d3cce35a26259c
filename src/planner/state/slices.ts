/** ResourceSlices of every version, in the shape of `resource.k8s.io/v1`. */
import { listAt, objectAt } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import type { Device, ResourceSlice } from "../../dra/types";
import { valueAt } from "../../json/value-at";
import { DRIVER } from "../../well-known/attributes";
import type { Doubt } from "./cluster";

export interface SliceReading {
  readonly slices: readonly ResourceSlice[];
  readonly notes: readonly string[];
}

/** Fields of a device that let it be given out otherwise than whole and to one claim, and that the model of the scheduler leaves out. */
const SHARED = ["consumesCounters", "allowMultipleAllocations", "bindingConditions", "nodeName", "nodeSelector", "allNodes"] as const;

export function readSlices(bodies: readonly JsonObject[], doubts: Doubt[]): SliceReading {
  const slices: ResourceSlice[] = [];
  const elsewhere = new Map<string, number>();
  const shared = new Map<string, Set<string>>();
  for (const body of bodies) {
    const spec = objectAt(body, "spec");
    const driver = String(spec["driver"]);
    const devices = listAt(spec, "devices");
    if (typeof spec["nodeName"] !== "string" || spec["nodeName"] === "") {
      elsewhere.set(driver, (elsewhere.get(driver) ?? 0) + devices.length);
      continue;
    }
    for (const field of SHARED.filter((each) => devices.some((device) => (basicOf(device)[each] ?? undefined) !== undefined))) {
      shared.set(driver, (shared.get(driver) ?? new Set()).add(field));
    }
    slices.push({ ...(body as unknown as ResourceSlice), spec: { ...(spec as ResourceSlice["spec"]), devices: devices.map(readDevice) } });
  }
  const odd = [
    ...[...elsewhere].map(([driver, count]) => ({
      driver,
      message: `driver ${driver} publishes ${String(count)} devices that belong to no single node, which are not modelled`,
    })),
    ...[...shared].map(([driver, fields]) => ({
      driver,
      message: `driver ${driver} publishes devices with ${[...fields].join(", ")}, which is not modelled`,
    })),
  ];
  const others = new Set(slices.map(({ spec }) => spec.driver).filter((driver) => driver !== DRIVER));
  // Who asks for slices of NVIDIA's driver gets no devices of another one. Pods that wait for such devices may, and take CPU then.
  doubts.push(
    ...odd.map(({ driver, message }): Doubt => ({ kind: "ResourceSlice", could: driver === DRIVER ? "change" : "take", message })),
  );
  return {
    slices,
    notes: [
      ...[...others].map((driver) => `driver ${driver} publishes devices too. The tables show those of ${DRIVER} only`),
      ...incompletePools(slices),
    ],
  };
}

/** In v1beta1 what a device has is under `basic`. */
function basicOf(device: unknown): JsonObject {
  const basic = objectAt(device, "basic");
  return Object.keys(basic).length > 0 ? basic : objectAt(device);
}

function readDevice(device: unknown): Device {
  const { attributes = {}, capacity = {}, taints } = basicOf(device) as Partial<Device>;
  return { name: String(valueAt(device, "name")), attributes, capacity, ...(taints === undefined ? {} : { taints }) };
}

interface Pool {
  readonly generation: number;
  readonly published: number;
  readonly of: number;
  /** Slices of older generations that are still there. */
  readonly older: number;
}

function incompletePools(slices: readonly ResourceSlice[]): readonly string[] {
  const pools = new Map<string, Pool>();
  for (const { spec } of slices) {
    const { name, generation, resourceSliceCount: of } = spec.pool;
    const id = `${spec.driver}/${name}`;
    const known = pools.get(id);
    if (known === undefined || generation > known.generation) {
      pools.set(id, { generation, published: 1, of, older: (known?.published ?? 0) + (known?.older ?? 0) });
    } else if (generation === known.generation) {
      pools.set(id, { ...known, published: known.published + 1 });
    } else {
      pools.set(id, { ...known, older: known.older + 1 });
    }
  }
  return [...pools].flatMap(([id, { generation, published, of, older }]) =>
    published === of
      ? []
      : [
          `pool ${id} is published in part: ${String(published)} of ${String(of)} ResourceSlices of generation ${String(generation)}${older > 0 ? `, and ${String(older)} of older ones, which do not count` : ""}`,
        ],
  );
}
