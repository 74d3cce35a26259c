/** What DCGM Exporter says of devices, under one name and in one unit for all versions of the exporter. */
import { DCGM_FIELDS, INSTANCE_LABEL, POD_NAMESPACE_LABEL, PROFILE_LABEL, UUID_LABEL } from "../sources/dcgm";
import type { DcgmField, DcgmFieldName } from "../sources/dcgm";
import { withLabel } from "../promql";
import type { RecordingRule } from "./types";

/** Labels of the recorded series of a MIG instance, or of a GPU that is not divided. `team` is there where the exporter attributes devices to pods. */
export const INSTANCE_LABELS = ["gpu_uuid", "profile", "gpu_instance", "team"] as const;
/** Labels of the recorded series of a physical GPU. */
export const GPU_LABELS = ["gpu_uuid"] as const;

/** Recorded series by field of the exporter. */
export const DEVICE_SERIES = {
  activity: "shared_gpu:slice_activity:ratio",
  tensorActivity: "shared_gpu:slice_tensor_activity:ratio",
  memoryActivity: "shared_gpu:slice_memory_activity:ratio",
  memoryUsed: "shared_gpu:slice_memory_used:bytes",
  memoryFree: "shared_gpu:slice_memory_free:bytes",
  temperature: "shared_gpu:gpu_temperature:celsius",
  power: "shared_gpu:gpu_power:watts",
  smClock: "shared_gpu:gpu_sm_clock:hertz",
  xid: "shared_gpu:gpu_last_xid:code",
  uncorrectableRemappedRows: "shared_gpu:gpu_uncorrectable_remapped_rows:count",
  rowRemapFailed: "shared_gpu:gpu_row_remap_failed:bool",
} as const satisfies Readonly<Record<DcgmFieldName, string>>;

/**
 * One rule for each field. `max` leaves one value where an exporter that restarts is scraped under two names of its pod,
 * and where the value of a GPU is repeated on each of its instances.
 */
export const DEVICE_RULES: readonly RecordingRule[] = Object.entries(DCGM_FIELDS).map(([name, field]) => ({
  record: DEVICE_SERIES[name as DcgmFieldName],
  expr: normalized(field),
}));

function normalized({ before, since, scale, of }: DcgmField): string {
  const old = scale === 1 ? before : `${before} * ${String(scale)}`;
  const either = withLabel(`(${old} or ${since})`, "gpu_uuid", UUID_LABEL);
  if (of === "gpu") {
    return `max by (${GPU_LABELS.join(", ")}) (${either})`;
  }
  const labelled = withLabel(
    withLabel(withLabel(either, "profile", PROFILE_LABEL), "gpu_instance", INSTANCE_LABEL),
    "team",
    POD_NAMESPACE_LABEL,
  );
  return `max by (${INSTANCE_LABELS.join(", ")}) (${labelled})`;
}
