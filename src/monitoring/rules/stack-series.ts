/** Recorded series that are constants: what only the stack knows. */
import { TIERS, tierProfile } from "../../dra/tiers";
import { devicesPerNode, WHOLE_GPU } from "../../hardware/node-devices";
import type { GpuModel, InstanceType } from "../../hardware/types";
import { deviceCountKey } from "../../well-known/quota-keys";
import type { MonitoredStack } from "../stack";
import type { RecordingRule } from "./types";

/** What a slice lists at per hour. */
export const SLICE_PRICE = "shared_gpu:slice_price:usd_per_hour";
/** How many slices of a profile a node has to publish. */
export const SLICES_EXPECTED = "shared_gpu:slices_expected:count";
/** How many nodes of an instance type and a layout there have to be. */
export const NODES_EXPECTED = "shared_gpu:nodes_expected:count";
/** When standard support of the Kubernetes version ends, seconds since 1970. */
export const SUPPORT_END = "shared_gpu:standard_support_end:timestamp_seconds";
/** When the reservation of a pool ends, seconds since 1970. Only of pools whose configuration says so. */
export const RESERVATION_END = "shared_gpu:reservation_end:timestamp_seconds";
/** What a team may claim of a tier, and what its claims count for. */
export const QUOTA_HARD = "shared_gpu:quota_slices:count";
export const QUOTA_USED = "shared_gpu:quota_slices_used:count";

/** The rules for a stack. */
export function stackRules({ pools, standardSupportEnds }: MonitoredStack): readonly RecordingRule[] {
  const instanceTypes = [...new Set(pools.map(({ instanceType }) => instanceType))];
  return [
    ...instanceTypes.flatMap(priceRules),
    ...distinct(pools.map(({ instanceType, layout }) => ({ instanceType, layout }))).flatMap(({ instanceType, layout }) =>
      Object.entries(devicesPerNode(layout)).map(([device, count]) => ({
        record: SLICES_EXPECTED,
        expr: `shared_gpu_node_info{instance_type="${instanceType.name}", layout="${layout.name}"} * ${String(count)}`,
        labels: { profile: profileLabel(device), tier: tierOfDevice(layout.model, device) },
      })),
    ),
    ...distinct(pools).map(({ instanceType, layout }) => ({
      record: NODES_EXPECTED,
      expr: constant(
        pools
          .filter((pool) => pool.instanceType === instanceType && pool.layout.name === layout.name)
          .reduce((sum, { size }) => sum + size.min, 0),
      ),
      labels: { instance_type: instanceType.name, layout: layout.name },
    })),
    { record: SUPPORT_END, expr: constant(Date.parse(standardSupportEnds) / 1000) },
    ...pools.flatMap(({ name, capacity }) =>
      capacity.type === "capacityBlock" && capacity.endDate !== undefined
        ? [{ record: RESERVATION_END, expr: constant(Date.parse(capacity.endDate) / 1000), labels: { pool: name } }]
        : [],
    ),
    ...TIERS.flatMap(({ name, className }) =>
      [
        { record: QUOTA_HARD, type: "hard" },
        { record: QUOTA_USED, type: "used" },
      ].map(({ record, type }) => ({
        record,
        expr: `label_replace(max by (namespace) (kube_resourcequota{resource="${deviceCountKey(className)}", type="${type}"}), "team", "$1", "namespace", "(.+)")`,
        labels: { tier: name },
      })),
    ),
  ];
}

/**
 * The price of each slice that a GPU of an instance type can have: the part of the GPU's list price that its compute slices are.
 * No rule for instance types that are not sold on demand, whose dollars nothing shows.
 */
function priceRules({ name, gpus, usdPerHour }: InstanceType): readonly RecordingRule[] {
  if (gpus.type !== "mig" || usdPerHour === undefined) {
    return [];
  }
  const perGpu = usdPerHour / gpus.count;
  const shares = gpus.model.profiles.map((profile) => [profile.name, profile.computeSlices / gpus.model.computeSlices] as const);
  return [["", 1] as const, ...shares].map(([profile, share]) => ({
    record: SLICE_PRICE,
    expr: constant(Number((perGpu * share).toFixed(6))),
    labels: { instance_type: name, profile },
  }));
}

/** The value of the label `profile` of a device, which is empty for a GPU that is not divided. */
function profileLabel(device: string): string {
  return device === WHOLE_GPU ? "" : device;
}

function tierOfDevice(model: GpuModel, device: string): string {
  return TIERS.find(({ name }) => tierProfile(name, model)?.name === device)?.name ?? "";
}

/** The first of those that have one instance type and one layout. */
function distinct<T extends { readonly instanceType: InstanceType; readonly layout: { readonly name: string } }>(
  pools: readonly T[],
): readonly T[] {
  return [...new Map(pools.toReversed().map((pool) => [`${pool.instanceType.name} ${pool.layout.name}`, pool])).values()].toReversed();
}

function constant(value: number): string {
  return `vector(${String(value)})`;
}
