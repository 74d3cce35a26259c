/** What NVIDIA's DCGM Exporter says of GPUs that MIG divides. */

/** Exporters whose names differ: up to 4.8, and from 4.9 on. */
export type DcgmNames = "4.8" | "4.9";

/** One field that this project uses, under both names. */
export interface DcgmField {
  /** Its name up to exporter 4.8. */
  readonly before: string;
  /** Its name from exporter 4.9 on. */
  readonly since: string;
  /** By what a value under the old name is multiplied to be one under the new name. */
  readonly scale: number;
  /** Unit of the new name. */
  readonly unit: "ratio" | "bytes" | "watts" | "joules" | "celsius" | "hertz" | "count" | "code" | "boolean";
  /** `instance`: each MIG instance has a value of its own. `gpu`: one of the physical GPU, which the exporter repeats on each of its instances. */
  readonly of: "instance" | "gpu";
}

const MEBIBYTE = 2 ** 20;

/**
 * The fields that exist under MIG and that rules and dashboards use. Exporter 4.9 renames 23 fields and changes 11 units.
 * `DCGM_FI_DEV_GPU_UTIL` is not here: it does not exist for MIG instances (NVIDIA/dcgm-exporter #216, #430). There is no counter of ECC errors in the
 * exporter's default collectors; rows that the GPU had to remap are what it shows of them.
 * H100 with exporters before 4.3 lack the memory of instances (NVIDIA/dcgm-exporter #512).
 * Sources (read 2026-11-28): `etc/dcp-metrics-included.csv` of NVIDIA/dcgm-exporter at 4.5.3-4.8.2; the release notes of 4.9.0; `dcgm_fields.py` of DCGM 4.6 and
 * the field identifiers of DCGM 4.7. The 23 fields and 11 units of the release notes are those that differ between these lists.
 */
export const DCGM_FIELDS = {
  activity: {
    before: "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    since: "DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO",
    scale: 1,
    unit: "ratio",
    of: "instance",
  },
  tensorActivity: {
    before: "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
    since: "DCGM_FI_PROF_TENSOR_UTIL_RATIO",
    scale: 1,
    unit: "ratio",
    of: "instance",
  },
  memoryActivity: { before: "DCGM_FI_PROF_DRAM_ACTIVE", since: "DCGM_FI_PROF_DRAM_UTIL_RATIO", scale: 1, unit: "ratio", of: "instance" },
  memoryUsed: { before: "DCGM_FI_DEV_FB_USED", since: "DCGM_FI_DEV_FB_USED_BYTES", scale: MEBIBYTE, unit: "bytes", of: "instance" },
  memoryFree: { before: "DCGM_FI_DEV_FB_FREE", since: "DCGM_FI_DEV_FB_FREE_BYTES", scale: MEBIBYTE, unit: "bytes", of: "instance" },
  temperature: { before: "DCGM_FI_DEV_GPU_TEMP", since: "DCGM_FI_DEV_GPU_TEMP_CELSIUS", scale: 1, unit: "celsius", of: "gpu" },
  power: { before: "DCGM_FI_DEV_POWER_USAGE", since: "DCGM_FI_DEV_BOARD_POWER_WATTS", scale: 1, unit: "watts", of: "gpu" },
  smClock: { before: "DCGM_FI_DEV_SM_CLOCK", since: "DCGM_FI_DEV_SM_CLOCK_HERTZ", scale: 1e6, unit: "hertz", of: "gpu" },
  xid: { before: "DCGM_FI_DEV_XID_ERRORS", since: "DCGM_FI_DEV_XID_ERROR", scale: 1, unit: "code", of: "gpu" },
  uncorrectableRemappedRows: {
    before: "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
    since: "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL",
    scale: 1,
    unit: "count",
    of: "gpu",
  },
  rowRemapFailed: {
    before: "DCGM_FI_DEV_ROW_REMAP_FAILURE",
    since: "DCGM_FI_DEV_ROW_REMAP_FAILED",
    scale: 1,
    unit: "boolean",
    of: "gpu",
  },
} as const satisfies Readonly<Record<string, DcgmField>>;

export type DcgmFieldName = keyof typeof DCGM_FIELDS;

/** The exporter's label with the UUID of the physical GPU, also on series of MIG instances. */
export const UUID_LABEL = "UUID";
/** The exporter's labels of a MIG instance: `3g.20gb`, and NVML's number of the GPU instance. Series of whole GPUs have neither. */
export const PROFILE_LABEL = "GPU_I_PROFILE";
export const INSTANCE_LABEL = "GPU_I_ID";

/**
 * The namespace of the pod that holds a device, as Prometheus stores it beside the exporter's own `namespace`.
 * With DRA, exporters set it from 4.8.3 on, with `KUBERNETES_ENABLE_DRA=true` and the right to list resourceslices; up to 4.8.2 they wait for an API version that
 * Kubernetes 1.34 does not serve (NVIDIA/dcgm-exporter #590, #664; `internal/pkg/transformation/dra.go` at 4.5.3-4.8.2).
 */
export const POD_NAMESPACE_LABEL = "exported_namespace";

/**
 * Labels of every series of the exporter, those that Prometheus adds included. `Hostname` is `hostname` from 4.8.3 on; no rule uses either, because the UUID tells the node.
 * Source: `internal/pkg/rendermetrics/render_metrics.go` of NVIDIA/dcgm-exporter at 4.5.3-4.8.2 and d5e5f51 (read 2026-11-28).
 */
export const DCGM_LABELS: readonly string[] = [
  ...["gpu", UUID_LABEL, "pci_bus_id", "device", "modelName", PROFILE_LABEL, INSTANCE_LABEL, "Hostname", "hostname"],
  ...["DCGM_FI_DRIVER_VERSION", "DCGM_FI_SYSTEM_DRIVER_VERSION"],
  ...["exported_pod", POD_NAMESPACE_LABEL, "exported_container", "job", "instance", "namespace", "pod", "container", "service", "endpoint"],
];

/** Job of the exporter's targets: the name of the Service that the GPU Operator makes. */
export const DCGM_JOB = "nvidia-dcgm-exporter";
