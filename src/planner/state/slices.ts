/** ResourceSlices of every version, in the shape of `resource.k8s.io/v1`. */
import { listAt, objectAt } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import type { Device, ResourceSlice, SelectorInput } from "../../dra/types";
import { valueAt } from "../../json/value-at";
import { DRIVER } from "../../well-known/attributes";
import { DRA_API_VERSIONS } from "../snapshot/kinds";
import type { Doubt } from "./cluster";

export interface SliceReading {
  readonly slices: readonly ResourceSlice[];
  readonly notes: readonly string[];
  /** Devices of other drivers than NVIDIA's that are not given out as the model gives devices out. */
  readonly unmodelled: readonly UnmodelledDevices[];
}

export interface UnmodelledDevices {
  /** `driver nic.example.com publishes devices with nodeName`. */
  readonly subject: string;
  readonly devices: readonly SelectorInput[];
}

/** Fields of a device that let it be given out otherwise than whole and to one claim, and that the model of the scheduler leaves out. */
const SHARED = ["consumesCounters", "allowMultipleAllocations", "bindingConditions", "nodeName", "nodeSelector", "allNodes"] as const;

export function readSlices(bodies: readonly JsonObject[], doubts: Doubt[]): SliceReading {
  const slices: ResourceSlice[] = [];
  const elsewhere = new Map<string, SelectorInput[]>();
  const shared = new Map<string, { readonly fields: Set<string>; readonly devices: SelectorInput[] }>();
  for (const body of bodies) {
    const problem = problemOf(body);
    if (problem !== undefined) {
      const name = String(valueAt(body, "metadata", "name"));
      const message = `the planner cannot read ResourceSlice ${name} (${problem}): what it publishes does not count`;
      doubts.push({ kind: "ResourceSlice", could: "change", message });
      continue;
    }
    const spec = objectAt(body, "spec") as ResourceSlice["spec"];
    const { driver } = spec;
    const published = listAt(spec, "devices");
    const devices = published.map(readDevice);
    const inputs = () => devices.map(({ attributes, capacity }): SelectorInput => ({ driver, attributes, capacity }));
    if (typeof spec.nodeName !== "string" || spec.nodeName === "") {
      elsewhere.set(driver, [...(elsewhere.get(driver) ?? []), ...inputs()]);
      continue;
    }
    for (const field of SHARED.filter((each) => published.some((device) => (basicOf(device)[each] ?? undefined) !== undefined))) {
      const known = shared.get(driver) ?? { fields: new Set(), devices: [] };
      known.fields.add(field);
      known.devices.push(...inputs());
      shared.set(driver, known);
    }
    slices.push({ ...(body as unknown as ResourceSlice), spec: { ...spec, devices } });
  }
  const odd = [
    ...[...elsewhere].map(([driver, devices]) => ({
      ...{ driver, devices },
      subject: `driver ${driver} publishes ${String(devices.length)} devices that belong to no single node`,
    })),
    ...[...shared].map(([driver, { fields, devices }]) => ({
      ...{ driver, devices },
      subject: `driver ${driver} publishes devices with ${[...fields].join(", ")}`,
    })),
  ];
  const others = new Set(slices.map(({ spec }) => spec.driver).filter((driver) => driver !== DRIVER));
  doubts.push(
    ...odd
      .filter(({ driver }) => driver === DRIVER)
      .map(({ subject }): Doubt => ({ kind: "ResourceSlice", could: "change", message: `${subject}, which is not modelled` })),
  );
  return {
    slices,
    notes: [
      ...[...others].map((driver) => `driver ${driver} publishes devices too. The tables show those of ${DRIVER} only`),
      ...incompletePools(slices),
    ],
    unmodelled: odd.filter(({ driver }) => driver !== DRIVER),
  };
}

/** What a slice lacks that every slice of these versions has; undefined: nothing. */
function problemOf(body: JsonObject): string | undefined {
  const isText = (...path: readonly string[]) =>
    (valueAt(body, "spec", ...path) ?? "") !== "" && typeof valueAt(body, "spec", ...path) === "string";
  const isCount = (name: string) => Number.isSafeInteger(valueAt(body, "spec", "pool", name));
  const devices = valueAt(body, "spec", "devices") ?? [];
  if (!DRA_API_VERSIONS.includes(String(body["apiVersion"]))) {
    return `apiVersion must be ${DRA_API_VERSIONS.join(", ")}`;
  }
  if (!isText("driver") || !isText("pool", "name") || !isCount("generation") || !isCount("resourceSliceCount")) {
    return "spec must have driver, pool.name, pool.generation and pool.resourceSliceCount";
  }
  return Array.isArray(devices) && devices.every((device) => typeof valueAt(device, "name") === "string")
    ? undefined
    : "spec.devices must be a list of devices with names";
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
          `pool ${id} ${published < of ? "is published in part" : "has more than it says"}: ${String(published)} of ${String(of)} ResourceSlices of generation ${String(generation)}${older > 0 ? `, and ${String(older)} of older ones, which do not count` : ""}`,
        ],
  );
}
