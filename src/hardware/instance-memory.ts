import type { GpuModel, MemoryCapture, MigProfile } from "./types";

/**
 * The memory of a GPU instance with a version of NVIDIA's driver, in MiB: that of the capture with the newest branch up to the driver's own. A driver that is older
 * than every capture gets the oldest figure.
 * @throws Error when no capture of the model shows an instance of this size
 */
export function instanceMemoryMiB(model: GpuModel, profile: MigProfile, driverVersion: string): number {
  return instanceMemory(model, profile, driverVersion).mebibytes;
}

/** The same with the version of the driver that the capture shows; undefined: it shows none. */
export function instanceMemory(
  model: GpuModel,
  profile: MigProfile,
  driverVersion: string,
): { readonly mebibytes: number; readonly capturedWith: string | undefined } {
  const shown = model.memoryCaptures.flatMap((capture) => {
    const mebibytes = capture.mebibytes[profile.memorySlices];
    return mebibytes === undefined ? [] : [{ branch: branchOf(capture), mebibytes, capturedWith: capture.driverVersion }];
  });
  const figure = shown.findLast(({ branch }) => branch <= driverBranch(driverVersion)) ?? shown[0];
  if (figure === undefined) {
    throw new Error(`no capture of ${model.name} shows an instance with ${String(profile.memorySlices)} memory slices`);
  }
  return figure;
}

/** The branch of a driver: 580 for `580.178.04`. */
function driverBranch(version: string): number {
  return Number(version.split(".")[0]);
}

/** A capture that does not show its driver counts as older than all that do. */
function branchOf({ driverVersion }: MemoryCapture): number {
  return driverVersion === undefined ? 0 : driverBranch(driverVersion);
}
