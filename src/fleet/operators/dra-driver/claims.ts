/** How NVIDIA's DRA driver prepares claims and takes them back, with its checkpoint and the CDI specifications of a machine. */
import type { Checkpoint, ClaimedDevice } from "../../dra-files";
import type { Machine, Plugin } from "../../machine";

interface Rules {
  /** Whether a checkpoint of an earlier boot is thrown away (`bootid.GetCurrentBootID`, pull request #1066). Without that, a claim of then counts as prepared. */
  readonly endsWithBoot: boolean;
  /** Whether a device that a claim holds is refused to another one (`validateNoOverlappingPreparedDevices`). */
  readonly refusesOverlap: boolean;
}

/** By release line. Source: `cmd/gpu-kubelet-plugin/device_state.go` of kubernetes-sigs/dra-driver-nvidia-gpu at v25.8.1, v25.12.0, v0.4.0 and v0.4.1. */
const RULES: Readonly<Record<string, Rules>> = {
  "25.8": { endsWithBoot: false, refusesOverlap: false },
  "25.12": { endsWithBoot: false, refusesOverlap: true },
  "0.4": { endsWithBoot: true, refusesOverlap: true },
};

/** @throws Error for a version of the driver that was not read. */
export function rulesOf(version: string): Rules {
  const [, line = ""] = /^v?(\d+\.\d+)\./.exec(version) ?? [];
  const rules = RULES[line];
  if (rules === undefined) {
    throw new Error(
      `what DRA driver ${version} does with claims after a reboot is not known here; known are ${Object.keys(RULES).join(", ")}`,
    );
  }
  return rules;
}

/** A plugin that starts now. @param devices names of those that it has found. */
export function startPlugin({ dra, bootId }: Machine, devices: ReadonlySet<string>, { endsWithBoot, refusesOverlap }: Rules): Plugin {
  const kept = dra.checkpoint;
  const checkpoint: Checkpoint = kept === undefined || (endsWithBoot && kept.bootId !== bootId) ? { bootId, claims: new Map() } : kept;
  dra.checkpoint = checkpoint;
  const { claims } = checkpoint;
  return {
    prepare(claim) {
      // It believes its checkpoint, and does not look whether the specification is still there.
      if (claims.has(claim.uid)) {
        return undefined;
      }
      for (const wanted of claim.devices) {
        const holder = refusesOverlap ? holderOf(wanted, claims) : undefined;
        if (holder !== undefined) {
          return `requested device ${wanted.name} is already allocated to different claim ${holder}`;
        }
        if (!devices.has(wanted.name)) {
          return `requested device is not allocatable: ${wanted.name}`;
        }
      }
      dra.cdiSpecifications.add(claim.uid);
      claims.set(claim.uid, claim.devices);
      return undefined;
    },
    unprepare(claimUid) {
      dra.cdiSpecifications.delete(claimUid);
      claims.delete(claimUid);
    },
  };
}

/** The claim that holds a device. Admin access holds none, and is refused none. */
function holderOf({ name, adminAccess }: ClaimedDevice, claims: Checkpoint["claims"]): string | undefined {
  const isHeld = (held: ClaimedDevice) => held.name === name && !held.adminAccess;
  return adminAccess ? undefined : [...claims].find(([, devices]) => devices.some(isHeld))?.[0];
}
