/** What the name of a published device says. */
import type { DraDriverPublication } from "../../releases/dra-driver-lines";

export type DeviceNameParts =
  | { readonly type: "whole"; readonly minor: number }
  | { readonly type: "mig"; readonly minor: number; readonly gpuInstanceProfileId: number; readonly start: number };

const WHOLE = /^gpu-(?<minor>\d+)$/;

/** `gpu-0-mig-19-2-1` and `gpu-0-mig-1g5gb-19-2`. Neither form takes a name of the other. */
const MIG: Readonly<Record<DraDriverPublication["deviceNames"], RegExp>> = {
  profileId: /^gpu-(?<minor>\d+)-mig-(?<id>\d+)-(?<start>\d+)-\d+$/,
  profileName: /^gpu-(?<minor>\d+)-mig-\d+g\d+gb[a-z-]*-(?<id>\d+)-(?<start>\d+)$/,
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
