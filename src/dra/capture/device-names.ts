/** What the name of a published device says. */
import type { DraDriverPublication } from "../../releases/dra-driver-lines";

export type DeviceNameParts =
  | { readonly type: "whole"; readonly minor: number }
  | { readonly type: "mig"; readonly minor: number; readonly gpuInstanceProfileId: number; readonly start: number };

/** Linux has 256 minor numbers for the device files of NVIDIA's driver, so a longer number is none. */
const WHOLE = /^gpu-(?<minor>\d{1,3})$/;

/** `gpu-0-mig-19-2-1` and `gpu-0-mig-1g5gb-19-2`. Neither form takes a name of the other. */
const MIG: Readonly<Record<DraDriverPublication["deviceNames"], RegExp>> = {
  profileId: /^gpu-(?<minor>\d{1,3})-mig-(?<id>\d{1,3})-(?<start>\d{1,2})-\d{1,2}$/,
  profileName: /^gpu-(?<minor>\d{1,3})-mig-\d{1,2}g\d{1,4}gb[a-z-]*-(?<id>\d{1,3})-(?<start>\d{1,2})$/,
};

/** Undefined where the driver does not name devices so. */
export function parseDeviceName(name: string, form: DraDriverPublication["deviceNames"]): DeviceNameParts | undefined {
  const whole = WHOLE.exec(name)?.groups;
  if (whole !== undefined) {
    return { type: "whole", minor: Number(whole["minor"]) };
  }
  const mig = MIG[form].exec(name)?.groups;
  return mig && { type: "mig", minor: Number(mig["minor"]), gpuInstanceProfileId: Number(mig["id"]), start: Number(mig["start"]) };
}
