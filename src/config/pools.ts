import { findInstanceType, INSTANCE_TYPES } from "../hardware/instance-types";
import { resolveLayout } from "../hardware/layouts";
import { migPartedConfig } from "../hardware/mig-parted";
import { devicesPerNode } from "../hardware/node-devices";
import type { InstanceType, NodeLayout } from "../hardware/types";
import type { Release } from "../releases/types";
import { checkDnsLabel, checkUnique } from "./names";
import { nearestValues } from "./reading/nearest";
import { resolveGpuPoolSize, resolveSize } from "./pool-size";
import type { Report } from "./reading/problem";
import type { ShapedConfig } from "./schema";
import type { Capacity, GpuPool, SystemPool } from "./types";

type RawGpuPool = NonNullable<ShapedConfig["gpuPools"]>[number];

/** A node group's name may have 63 characters, of which Pulumi needs 26 to make it unique and the platform some for a prefix. */
const MAX_POOL_NAME_LENGTH = 30;

/** gp3 volumes are at most 16 TiB; the AL2023 images need 20 GiB. */
const VOLUME_GIB = { min: 20, max: 16_384 };

/** The pool for everything that needs no GPU. It is never empty: DNS and the controllers run there. */
export function resolveSystemPool(raw: ShapedConfig["systemPool"], report: Report): SystemPool | undefined {
  if (raw === undefined) {
    return undefined;
  }
  const size = resolveSize("systemPool.size", raw.size, report);
  if (size.min === 0) {
    report({
      key: "systemPool.size.min",
      value: 0,
      reason: "cluster DNS and the controllers run in this pool, so it cannot be empty",
      nearest: ["1"],
    });
  }
  checkVolume("systemPool.volumeGiB", raw.volumeGiB, report);
  const instanceType = resolveInstanceType("systemPool.instanceType", raw.instanceType, (type) => type.gpus.type === "none", report);
  if (instanceType !== undefined && instanceType.gpus.type !== "none") {
    report({
      key: "systemPool.instanceType",
      value: raw.instanceType,
      reason: "it has GPUs, which nothing in the system pool uses",
      nearest: nearestValues(
        raw.instanceType,
        INSTANCE_TYPES.filter(({ gpus }) => gpus.type === "none").map(({ name }) => name),
      ),
    });
  }
  return instanceType && { instanceType, size, volumeGiB: raw.volumeGiB };
}

/** The GPU pools that have no problem of their own; every other one has been reported. */
export function resolveGpuPools(
  raw: ShapedConfig["gpuPools"],
  zones: readonly string[] | undefined,
  release: Release,
  report: Report,
): readonly GpuPool[] | undefined {
  if (raw === undefined) {
    return undefined;
  }
  const keyOf = (index: number): string => `gpuPools[${index}]`;
  checkUnique(
    raw.map(({ name }) => name),
    (index) => `${keyOf(index)}.name`,
    report,
  );
  const pools = raw.map((pool, index) => resolveGpuPool(keyOf(index), pool, zones, release, report));
  checkLayoutNames(
    pools.map((pool) => pool?.layout),
    report,
  );
  return pools.filter((pool) => pool !== undefined);
}

function resolveGpuPool(
  key: string,
  raw: RawGpuPool,
  zones: readonly string[] | undefined,
  release: Release,
  report: Report,
): GpuPool | undefined {
  checkDnsLabel(`${key}.name`, raw.name, MAX_POOL_NAME_LENGTH, report);
  checkVolume(`${key}.volumeGiB`, raw.volumeGiB, report);
  if (raw.availabilityZone !== undefined && zones !== undefined && !zones.includes(raw.availabilityZone)) {
    report({
      key: `${key}.availabilityZone`,
      value: raw.availabilityZone,
      reason: `not one of availabilityZones (${zones.join(", ")})`,
      nearest: nearestValues(raw.availabilityZone, zones),
    });
  }
  const size = resolveGpuPoolSize(`${key}.size`, raw.size, release, report);
  const capacity = resolveCapacity(key, raw, report);
  const instanceType = resolveInstanceType(`${key}.instanceType`, raw.instanceType, (type) => type.gpus.type === "mig", report);
  const layout = instanceType && resolveNodeLayout(key, raw, instanceType, release, report);
  if (instanceType === undefined || layout === undefined || capacity === undefined) {
    return undefined;
  }
  const { name, availabilityZone, volumeGiB } = raw;
  return { name, instanceType, layout, size, capacity, availabilityZone, volumeGiB };
}

/** The catalogue entry of an instance type; the nearest names offered are those that `suits` accepts. */
function resolveInstanceType(key: string, name: string, suits: (type: InstanceType) => boolean, report: Report): InstanceType | undefined {
  const instanceType = findInstanceType(name);
  if (instanceType === undefined) {
    const suitable = INSTANCE_TYPES.filter(suits).map((type) => type.name);
    report({ key, value: name, reason: "no instance type of this name is in the catalogue", nearest: nearestValues(name, suitable) });
  }
  return instanceType;
}

function resolveNodeLayout(
  key: string,
  raw: RawGpuPool,
  { name, gpus }: InstanceType,
  release: Release,
  report: Report,
): NodeLayout | undefined {
  if (gpus.type !== "mig") {
    const reason = gpus.type === "none" ? "it has no GPU" : `its ${gpus.gpuName} GPUs cannot be partitioned: ${gpus.reason}`;
    const capable = INSTANCE_TYPES.filter((type) => type.gpus.type === "mig").map((type) => type.name);
    report({ key: `${key}.instanceType`, value: name, reason, nearest: nearestValues(name, capable) });
    return undefined;
  }
  const value = typeof raw.layout === "string" ? raw.layout : raw.layout.name;
  const result = resolveLayout(raw.layout, gpus.model, gpus.count);
  if (result.type === "invalid") {
    report({ key: `${key}.layout`, value, reason: result.reason, nearest: result.nearest });
    return undefined;
  }
  if (result.layout.gpus.every((gpu) => gpu.type === "mig" && gpu.placements.length === 0)) {
    report({
      key: `${key}.layout`,
      value,
      reason: "it enables MIG and creates no GPU instance, so the nodes would offer nothing",
      nearest: ["all-balanced"],
    });
    return undefined;
  }
  const devices = Object.values(devicesPerNode(result.layout)).reduce((sum, count) => sum + count, 0);
  const { devicesPerSlice } = release.kubernetes.claimApi.deviceLimits;
  if (devices > devicesPerSlice) {
    report({
      key: `${key}.layout`,
      value,
      reason: `a node has ${String(devices)} devices, and NVIDIA's DRA driver publishes none of a node with more than ${String(devicesPerSlice)}`,
      nearest: ["all-balanced"],
    });
    return undefined;
  }
  return result.layout;
}

function resolveCapacity(key: string, { capacity, availabilityZone }: RawGpuPool, report: Report): Capacity | undefined {
  switch (capacity.type) {
    case "onDemand":
      return capacity;
    case "capacityBlock":
      if (availabilityZone === undefined) {
        report({
          key: `${key}.availabilityZone`,
          reason: "it is not set. A capacity block exists in one zone, and the pool must be in it",
        });
      }
      return resolveCapacityBlock(`${key}.capacity`, capacity, report);
  }
}

function resolveCapacityBlock(
  key: string,
  { reservationId, endDate }: RawGpuPool["capacity"] & { readonly type: "capacityBlock" },
  report: Report,
): Capacity | undefined {
  if (endDate !== undefined && !isInstant(endDate)) {
    report({
      key: `${key}.endDate`,
      value: endDate,
      reason: "not an instant in UTC such as 2027-01-15T11:30:00Z. Use the EndDate of `aws ec2 describe-capacity-reservations`",
      nearest: nearestInstants(endDate),
    });
  }
  if (reservationId === undefined) {
    report({
      key: `${key}.reservationId`,
      reason: "it is not set. Buy a capacity block, then write the ID of its reservation (cr-...) here",
    });
    return undefined;
  }
  if (!/^cr-([0-9a-f]{8}|[0-9a-f]{17})$/.test(reservationId)) {
    report({
      key: `${key}.reservationId`,
      value: reservationId,
      reason: "not the ID of a capacity reservation, such as cr-0123456789abcdef0",
    });
  }
  return { type: "capacityBlock", reservationId, endDate };
}

/** Whether a text is an instant in UTC in the form of ISO 8601 that the AWS CLI prints. JavaScript takes February 30 for March 2. */
function isInstant(text: string): boolean {
  const [, day = ""] = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)$/.exec(text) ?? [];
  return isDay(day) && !Number.isNaN(Date.parse(text));
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** A day gets the time at which capacity blocks end, a time without a zone is UTC, and one in another zone is converted. */
function nearestInstants(text: string): readonly string[] {
  const [, day = "", hoursAndMinutes = "11:30", seconds = ":00", zone = "Z"] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)? ?(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text) ?? [];
  const time = Date.parse(`${day}T${hoursAndMinutes}${seconds}${zone.toUpperCase()}`);
  return isDay(day) && !Number.isNaN(time) ? [new Date(time).toISOString().replace(".000Z", "Z")] : [];
}

/** MIG Manager knows layouts by name: pools with the same GPU model must mean the same by one name. */
function checkLayoutNames(layouts: readonly (NodeLayout | undefined)[], report: Report): void {
  layouts.forEach((layout, index) => {
    const first = layouts.findIndex((other) => other?.name === layout?.name && other?.model === layout?.model);
    const earlier = layouts[first];
    if (layout !== undefined && earlier !== undefined && first < index && contentsOf(layout) !== contentsOf(earlier)) {
      report({
        key: `gpuPools[${index}].layout`,
        value: layout.name,
        reason: `gpuPools[${first}].layout gives this name to another layout of ${layout.model.name}`,
      });
    }
  });
}

function contentsOf(layout: NodeLayout): string {
  return JSON.stringify(migPartedConfig([layout])["mig-configs"][layout.name]);
}

function checkVolume(key: string, volumeGiB: number, report: Report): void {
  const nearest = Math.min(Math.max(volumeGiB, VOLUME_GIB.min), VOLUME_GIB.max);
  if (nearest !== volumeGiB) {
    report({
      key,
      value: volumeGiB,
      reason: `the root volume can have ${VOLUME_GIB.min} to ${VOLUME_GIB.max} GiB`,
      nearest: [String(nearest)],
    });
  }
}
