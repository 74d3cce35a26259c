/** Every series that rules and dashboards can name, with its labels. A test holds each expression against this table. */
import { DCGM_FIELDS, DCGM_LABELS } from "./sources/dcgm";
import { KUBE_STATE_METRICS } from "./sources/kube-state-metrics";
import { SLICE_METRICS } from "./sources/slices";
import * as accounting from "./rules/accounting";
import { DEVICE_SERIES, GPU_LABELS, INSTANCE_LABELS } from "./rules/devices";
import type { DcgmFieldName } from "./sources/dcgm";
import * as stack from "./rules/stack-series";

/** What Prometheus adds to what it scrapes. */
const TARGET_LABELS = ["job", "instance", "namespace", "pod", "service", "endpoint", "container"];

const USED = ["team", "node", "instance_type", "profile", "tier"];
const PRICED = ["team", "tier", "node"];

/** Series that this project's rules record. */
export const RECORDED_SERIES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(DCGM_FIELDS).map(([name, { of }]) => [
      DEVICE_SERIES[name as DcgmFieldName],
      of === "instance" ? INSTANCE_LABELS : GPU_LABELS,
    ]),
  ),
  [stack.SLICE_PRICE]: ["instance_type", "profile"],
  [stack.SLICES_EXPECTED]: [...SLICE_METRICS.shared_gpu_node_info.labels, ...TARGET_LABELS, "profile", "tier"],
  [stack.NODES_EXPECTED]: ["instance_type", "layout"],
  [stack.SUPPORT_END]: [],
  [stack.RESERVATION_END]: ["pool"],
  [stack.QUOTA_HARD]: ["namespace", "team", "tier"],
  [stack.QUOTA_USED]: ["namespace", "team", "tier"],
  [accounting.ALLOCATED_DEVICES]: ["team", ...accounting.DEVICE],
  [accounting.GPU_INFO]: ["gpu_uuid", "node", "instance_type", "product"],
  [accounting.PUBLISHED]: accounting.SORT,
  [accounting.ALLOCATED]: ["team", ...accounting.SORT],
  [accounting.FREE]: ["tier"],
  [accounting.BUSY_RATIO]: accounting.HELD_ON_GPU,
  [accounting.BUSY]: USED,
  [accounting.IDLE]: USED,
  [accounting.ALLOCATED_USD]: PRICED,
  [accounting.BUSY_USD]: PRICED,
  [accounting.IDLE_USD]: PRICED,
  [accounting.OBSERVED]: [],
};

/** Labels by name of the series. */
export const SERIES: ReadonlyMap<string, readonly string[]> = new Map([
  ["up", TARGET_LABELS],
  ...Object.values(DCGM_FIELDS).flatMap(({ before, since }) => [before, since].map((name) => [name, DCGM_LABELS] as const)),
  ...Object.entries(SLICE_METRICS).map(([name, { labels }]) => [name, [...labels, ...TARGET_LABELS]] as const),
  ...Object.entries(KUBE_STATE_METRICS),
  ...Object.entries(RECORDED_SERIES),
]);
