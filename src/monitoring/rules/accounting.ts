/** Who holds how many slices, and how busy they are. */
import { SLICES_JOB } from "../jobs";
import { DEVICE_SERIES } from "./devices";
import { SLICE_PRICE } from "./stack-series";
import type { RecordingRule } from "./types";

/** How often the rules of accounting run: what a sample stands for. */
export const ACCOUNTING_INTERVAL_SECONDS = 30;

/** How long the last answer of the slice exporter counts while it gives none: longer than a pod takes to move to another node. */
const BRIDGED = "5m";

export const ALLOCATED_DEVICES = "shared_gpu:slice_allocated:info";
export const GPU_INFO = "shared_gpu:gpu:info";
export const PUBLISHED = "shared_gpu:slices_published:count";
export const ALLOCATED = "shared_gpu:slices_allocated:count";
export const FREE = "shared_gpu:slices_free:count";
export const BUSY_RATIO = "shared_gpu:slices_busy:ratio";
export const BUSY = "shared_gpu:slices_busy:count";
export const IDLE = "shared_gpu:slices_idle:count";
export const ALLOCATED_USD = "shared_gpu:slices_allocated:usd_per_hour";
export const BUSY_USD = "shared_gpu:slices_busy:usd_per_hour";
export const IDLE_USD = "shared_gpu:slices_idle:usd_per_hour";
/** 1 while the slice exporter answers. Where it is missing, the bill says how much it did not see. */
export const OBSERVED = "shared_gpu:accounting:observed";

/** One device. */
export const DEVICE = ["node", "instance_type", "gpu_uuid", "device", "profile", "product", "tier"] as const;
/** Devices of one sort on one node. */
export const SORT = ["node", "instance_type", "profile", "product", "tier"] as const;
/** Devices of one profile on one GPU, which are alike for DCGM Exporter. */
const ON_GPU = "gpu_uuid, profile";
export const HELD_ON_GPU = ["team", "node", "instance_type", "gpu_uuid", "profile", "tier"] as const;

/** A slice is idle whose activity stays below this for an hour. */
const IDLE_BELOW = 0.01;
/** Samples that an hour has, less a few that a restart may cost. */
const SAMPLES_OF_AN_HOUR = 3600 / ACCOUNTING_INTERVAL_SECONDS - 6;

/** Where the exporter attributes activity to teams. */
const ATTRIBUTED = `sum by (${ON_GPU}, team) (${DEVICE_SERIES.activity}{team!=""})`;
/** Devices by team, GPU and profile. */
const HELD = `count by (${HELD_ON_GPU.join(", ")}) (${ALLOCATED_DEVICES})`;

/**
 * The rules, in the order in which they use each other.
 *
 * They name nothing that a restart changes: not the pod of an exporter, and no label of a node but its instance type, so that a relabelled node and a pod that
 * moves leave every series as it was. While the slice exporter does not answer, what it said last counts for five minutes.
 *
 * Up to exporter 4.8.2 nobody says which of several equal instances of a GPU a claim has. Their activity is then shared equally among those that are allocated: a free
 * one has none. That is exact where one team has them, and the sum is exact always.
 */
export const ACCOUNTING_RULES: readonly RecordingRule[] = [
  {
    record: ALLOCATED_DEVICES,
    expr: `group by (team, ${DEVICE.join(", ")}) (shared_gpu_slice_allocated or (last_over_time(shared_gpu_slice_allocated[${BRIDGED}]) unless on () (up{job="${SLICES_JOB}"} == 1)))`,
  },
  {
    // A GPU can have been that of another node a moment ago.
    record: GPU_INFO,
    expr: `topk by (gpu_uuid) (1, group by (gpu_uuid, node, instance_type, product) (shared_gpu_slice_published))`,
  },
  { record: PUBLISHED, expr: `count by (${SORT.join(", ")}) (group by (${DEVICE.join(", ")}) (shared_gpu_slice_published))` },
  { record: ALLOCATED, expr: `count by (team, ${SORT.join(", ")}) (${ALLOCATED_DEVICES})` },
  {
    record: FREE,
    expr: `sum by (tier) (${PUBLISHED}{tier!=""}) - (count by (tier) (group by (node, device, tier) (${ALLOCATED_DEVICES}{tier!=""})) or sum by (tier) (${PUBLISHED}{tier!=""}) * 0)`,
  },
  {
    record: BUSY_RATIO,
    expr:
      `(${ATTRIBUTED} * on (${ON_GPU}, team) group_right () ((${HELD}) ^ -1)) or ` +
      `((${HELD}) ^ 0 * on (${ON_GPU}) group_left () (sum by (${ON_GPU}) (${DEVICE_SERIES.activity}) / on (${ON_GPU}) count by (${ON_GPU}) (group by (${ON_GPU}, device) (${ALLOCATED_DEVICES}))) unless on (${ON_GPU}) ${ATTRIBUTED})`,
  },
  { record: BUSY, expr: `sum by (team, node, instance_type, profile, tier) (${BUSY_RATIO} * (${HELD}))` },
  {
    record: IDLE,
    expr:
      `sum by (team, node, instance_type, profile, tier) ((${HELD}) and on (team, ${ON_GPU}) ` +
      `(max_over_time(${BUSY_RATIO}[1h]) < ${String(IDLE_BELOW)} and count_over_time(${BUSY_RATIO}[1h]) >= ${String(SAMPLES_OF_AN_HOUR)}))`,
  },
  { record: ALLOCATED_USD, expr: dollars(ALLOCATED) },
  { record: BUSY_USD, expr: dollars(BUSY) },
  { record: IDLE_USD, expr: dollars(IDLE) },
  { record: OBSERVED, expr: `max(up{job="${SLICES_JOB}"} == 1)` },
];

function dollars(slices: string): string {
  return `sum by (team, tier, node) (${slices} * on (instance_type, profile) group_left () ${SLICE_PRICE})`;
}
