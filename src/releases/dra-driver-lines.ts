/** Release lines of NVIDIA's DRA driver. Versions of one line publish alike. */

/** A line of releases that this project has read. The driver went from 25.12 to 0.4 when it moved to kubernetes-sigs. */
export type DraDriverLine = "25.8" | "25.12" | "0.4";

/** A release of the driver that is known. */
export interface DraDriver {
  readonly version: string;
  readonly line: DraDriverLine;
}

/** How the drivers of a line publish. */
export interface DraDriverPublication {
  /** `profileId`: `gpu-0-mig-19-2-1`; `profileName`: `gpu-0-mig-1g5gb-19-2`. */
  readonly deviceNames: "profileId" | "profileName";
  /** The attribute with the PCI address. */
  readonly pciAddress: string;
  /** Attributes that a device has where its kernel, its machine or NVIDIA's driver tells the value. */
  readonly environmentAttributes: readonly string[];
  /** `nodeFirst`: `node-1-gpu.nvidia.com-x7k2p`; `indexFirst`: `00000-gpu.nvidia.com-node-1-x7k2p`. The last five characters are the API server's, at random. */
  readonly sliceNames: "nodeFirst" | "indexFirst";
  /** What a node without devices publishes: `nothing`, since the plugin ends with an error and is restarted, or one empty slice. */
  readonly withoutDevices: "nothing" | "emptySlice";
  /** The chart creates the class of devices that are passed through to virtual machines. */
  readonly hasPassthroughClass: boolean;
}

/** Absent where `/sys` does not have the GPU, as on Azure. */
export const PCIE_ROOT = "resource.kubernetes.io/pcieRoot";

/**
 * Sources: what the unmodified plugins of 25.8.1, 25.12.0 and 0.4.1 published over a simulated NVML into a real API server (2026-11-27);
 * `cmd/gpu-kubelet-plugin/deviceinfo.go` and the charts of kubernetes-sigs/dra-driver-nvidia-gpu at v25.8.1, v25.12.0, v0.4.0 and v0.4.1.
 */
const PUBLICATIONS: Readonly<Record<DraDriverLine, DraDriverPublication>> = {
  "25.8": {
    deviceNames: "profileId",
    pciAddress: "pcieBusID",
    environmentAttributes: [PCIE_ROOT],
    sliceNames: "nodeFirst",
    withoutDevices: "nothing",
    hasPassthroughClass: false,
  },
  "25.12": {
    deviceNames: "profileName",
    pciAddress: "resource.kubernetes.io/pciBusID",
    environmentAttributes: [PCIE_ROOT, "addressingMode"],
    sliceNames: "nodeFirst",
    withoutDevices: "emptySlice",
    hasPassthroughClass: true,
  },
  "0.4": {
    deviceNames: "profileName",
    pciAddress: "resource.kubernetes.io/pciBusID",
    environmentAttributes: [PCIE_ROOT, "addressingMode"],
    sliceNames: "indexFirst",
    withoutDevices: "emptySlice",
    hasPassthroughClass: true,
  },
};

/** Every line that configuration allows, the oldest first. */
export const DRA_DRIVER_LINES = Object.keys(PUBLICATIONS) as readonly DraDriverLine[];

export function draDriverPublication(line: DraDriverLine): DraDriverPublication {
  return PUBLICATIONS[line];
}

/** The line of a version of the driver's chart, with or without a leading `v`; undefined for versions that this project has not read. */
export function draDriverLine(version: string): DraDriverLine | undefined {
  const [, line] = /^v?(\d+\.\d+)\.\d+$/.exec(version) ?? [];
  return DRA_DRIVER_LINES.find((known) => known === line);
}
