/** The series of a healthy cluster, in the shapes in which its exporters serve them. */
import type { ResourceSlice } from "../../../src/dra/types";
import { DCGM_FIELDS } from "../../../src/monitoring/sources/dcgm";
import type { DcgmFieldName, DcgmNames } from "../../../src/monitoring/sources/dcgm";

export type Labels = Readonly<Record<string, string>>;

/** A device as DCGM Exporter sees it. */
export interface DcgmDevice {
  readonly gpuIndex: number;
  readonly gpuUuid: string;
  /** Empty for a GPU that is not divided. */
  readonly profile: string;
  /** NVML's number of the GPU instance. */
  readonly instance: number;
  readonly name: string;
}

/** The devices that a node publishes. NVML numbers the instances of a GPU; which number is which is not the order of the driver's names. */
export function dcgmDevices(slices: readonly ResourceSlice[]): readonly DcgmDevice[] {
  const uuids: string[] = [];
  const counts = new Map<string, number>();
  return slices
    .flatMap(({ spec }) => spec.devices)
    .map(({ name, attributes }) => {
      const gpuUuid = attributes["parentUUID"]?.string ?? attributes["uuid"]?.string ?? "";
      if (!uuids.includes(gpuUuid)) {
        uuids.push(gpuUuid);
      }
      const instance = counts.get(gpuUuid) ?? 0;
      counts.set(gpuUuid, instance + 1);
      return { gpuIndex: uuids.indexOf(gpuUuid), gpuUuid, profile: attributes["profile"]?.string ?? "", instance: instance + 7, name };
    });
}

/** The labels that the exporter gives to a series of a device. @param names of which exporter. */
export function dcgmLabels({ gpuIndex, gpuUuid, profile, instance }: DcgmDevice, names: DcgmNames): Labels {
  const driver = names === "4.8" ? "DCGM_FI_DRIVER_VERSION" : "DCGM_FI_SYSTEM_DRIVER_VERSION";
  return {
    gpu: String(gpuIndex),
    UUID: gpuUuid,
    pci_bus_id: `00000000:${(16 + gpuIndex).toString(16).toUpperCase()}:1C.0`,
    device: `nvidia${String(gpuIndex)}`,
    modelName: "NVIDIA A100-SXM4-40GB",
    ...(profile !== "" && { GPU_I_PROFILE: profile, GPU_I_ID: String(instance) }),
    [names === "4.8" ? "Hostname" : "hostname"]: "nvidia-dcgm-exporter-abcde",
    [driver]: "580.178.04",
  };
}

/** Name of a field's series. */
export function dcgmName(field: DcgmFieldName, names: DcgmNames): string {
  return DCGM_FIELDS[field][names === "4.8" ? "before" : "since"];
}

/** A value in the unit of an exporter, from one in the unit of the newer. */
export function dcgmValue(field: DcgmFieldName, value: number, names: DcgmNames): number {
  return names === "4.8" ? value / DCGM_FIELDS[field].scale : value;
}

/** A selector that is also the name of a series: `up{job="x"}`. */
export function seriesName(name: string, labels: Labels): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;
}
