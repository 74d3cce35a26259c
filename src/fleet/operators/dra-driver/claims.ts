/** How NVIDIA's DRA driver prepares claims and takes them back, with its checkpoint and the CDI specifications of a machine. */
import { draDriverPublication } from "../../../releases/dra-driver-lines";
import type { DraDriverLine } from "../../../releases/dra-driver-lines";
import { DRIVER } from "../../../well-known/attributes";
import type { Checkpoint, ClaimedDevice } from "../../dra-files";
import type { AllocatedClaim, Machine, Plugin } from "../../machine";

interface Rules {
  /**
   * What has a CDI specification. `devices`: every device of the node, in one file that a plugin writes when it starts, so that a reboot costs nothing.
   * `claims`: the devices of each claim, in a file that the plugin writes when it prepares the claim, and never again while its checkpoint has the claim.
   */
  readonly specifies: "devices" | "claims";
  /**
   * Whether it writes the boot into its checkpoint, and throws one of an earlier boot away when it starts (`bootid.GetCurrentBootID`, pull request #1066).
   * Without that, a claim of then counts as prepared, and a checkpoint that it cannot read shows with the first claim.
   */
  readonly knowsBoots: boolean;
  /** Whether a device that a claim holds is refused to another one (`validateNoOverlappingPreparedDevices`). */
  readonly refusesOverlap: boolean;
  /** How a refusal names the claim. */
  readonly nameOf: (claim: AllocatedClaim) => string;
  readonly notFound: (device: string) => string;
}

const BY_UID = ({ uid }: AllocatedClaim): string => uid;
const BY_NAME = ({ namespace, name, uid }: AllocatedClaim): string => `${namespace}/${name}:${uid}`;
const NOT_ALLOCATABLE = (device: string): string => `requested device is not allocatable: ${device}`;

/**
 * Sources: `cmd/gpu-kubelet-plugin/device_state.go`, `driver.go` and `cdi.go` of kubernetes-sigs/dra-driver-nvidia-gpu at v25.8.1, v25.12.0, v0.4.0 and v0.4.1.
 * `npm run test:driver` holds this against the plugins themselves.
 */
const RULES: Readonly<Record<DraDriverLine, Rules>> = {
  "25.8": { specifies: "devices", knowsBoots: false, refusesOverlap: false, nameOf: BY_UID, notFound: NOT_ALLOCATABLE },
  "25.12": { specifies: "claims", knowsBoots: false, refusesOverlap: true, nameOf: BY_NAME, notFound: NOT_ALLOCATABLE },
  "0.4": {
    specifies: "claims",
    knowsBoots: true,
    refusesOverlap: true,
    nameOf: BY_NAME,
    notFound: (device) => `allocatable not found for device "${device}"`,
  },
};

/**
 * A plugin that starts now.
 * @param devices names of those that it has found.
 * @throws Error when it ends instead, because it cannot read the checkpoint.
 */
export function startPlugin({ dra, bootId }: Pick<Machine, "dra" | "bootId">, devices: ReadonlySet<string>, line: DraDriverLine): Plugin {
  const { specifies, knowsBoots, refusesOverlap, nameOf, notFound } = RULES[line];
  const checkpoint = checkpointAtStart(dra.checkpoint, bootId, line);
  dra.checkpoint = checkpoint;
  const { claims } = checkpoint;
  const unreadable = canRead(checkpoint, line) ? undefined : `unable to get checkpoint: ${CORRUPTED}`;
  if (knowsBoots && unreadable !== undefined) {
    throw new Error(unreadable);
  }
  if (specifies === "devices") {
    dra.cdiDevices.clear();
    devices.forEach((name) => dra.cdiDevices.add(cdiDeviceOf(name)));
  }
  const answerFor = ({ uid, devices: allocated }: AllocatedClaim): readonly string[] =>
    allocated.map(({ name }) => (specifies === "devices" ? cdiDeviceOf(name) : cdiDeviceOfClaim(uid, name)));
  const refusalOf = ({ uid, devices: wanted }: AllocatedClaim): string | undefined => {
    const held = refusesOverlap ? wanted.find((device) => holderOf(device, claims) !== undefined) : undefined;
    if (held !== undefined) {
      return `unable to prepare claim ${uid}: requested device ${held.name} is already allocated to different claim ${holderOf(held, claims) ?? ""}`;
    }
    const missing = wanted.find(({ name }) => !devices.has(name));
    return missing === undefined ? undefined : `prepare devices failed: ${notFound(missing.name)}`;
  };
  return {
    prepare(claim) {
      // It believes its checkpoint, and does not look whether the specification is still there.
      if (unreadable !== undefined || !claims.has(claim.uid)) {
        const refusal = unreadable ?? refusalOf(claim);
        if (refusal !== undefined) {
          return Promise.resolve({ type: "refused", reason: `error preparing devices for claim ${nameOf(claim)}: ${refusal}` });
        }
        answerFor(claim).forEach((name) => dra.cdiDevices.add(name));
        claims.set(claim.uid, claim.devices);
        checkpoint.writtenBy = line;
      }
      return Promise.resolve({ type: "prepared", cdiDevices: answerFor(claim) });
    },
    unprepare({ uid }) {
      if (unreadable !== undefined) {
        return Promise.resolve(false);
      }
      if (specifies === "claims") {
        [...dra.cdiDevices].filter((name) => name.startsWith(cdiDeviceOfClaim(uid, ""))).forEach((name) => dra.cdiDevices.delete(name));
      }
      claims.delete(uid);
      checkpoint.writtenBy = line;
      return Promise.resolve(true);
    },
  };
}

/** What the kubelet's checkpoint manager says of one whose checksum is not that of the fields that the reader knows. */
const CORRUPTED = "checkpoint is corrupted";

/** The checkpoint that a plugin works with: the one that is there, unless it is of an earlier boot. One without a boot is taken for one of this boot. */
function checkpointAtStart(kept: Checkpoint | undefined, bootId: string, line: DraDriverLine): Checkpoint {
  const { knowsBoots } = RULES[line];
  const isOfEarlierBoot = kept?.bootId !== undefined && kept.bootId !== bootId;
  if (kept === undefined || (knowsBoots && isOfEarlierBoot)) {
    return { writtenBy: line, bootId: knowsBoots ? bootId : undefined, claims: new Map() };
  }
  return knowsBoots && canRead(kept, line) ? { ...kept, writtenBy: line, bootId } : kept;
}

/** Versions that know no boots do not know the field either. A field of each MIG device is called otherwise where the device is. */
function canRead({ writtenBy, claims }: Checkpoint, line: DraDriverLine): boolean {
  const namesAlike = draDriverPublication(writtenBy).deviceNames === draDriverPublication(line).deviceNames;
  const hasSlices = [...claims.values()].flat().some(({ name }) => name.includes("-mig-"));
  return (namesAlike || !hasSlices) && (RULES[line].knowsBoots || !RULES[writtenBy].knowsBoots);
}

function cdiDeviceOf(device: string): string {
  return `k8s.${DRIVER}/device=${device}`;
}

function cdiDeviceOfClaim(claimUid: string, device: string): string {
  return `k8s.${DRIVER}/claim=${claimUid}-${device}`;
}

/** The device whose specification a CDI device is; undefined for a CDI device of something else. */
export function deviceOfCdi(qualifiedName: string): string | undefined {
  const uid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  const match = new RegExp(`^k8s\\.${DRIVER.replaceAll(".", "\\.")}/(?:device=|claim=${uid}-)(.+)$`).exec(qualifiedName);
  return match?.[1];
}

/** The claim that holds a device. Admin access holds none, and is refused none. */
function holderOf({ name, adminAccess }: ClaimedDevice, claims: Checkpoint["claims"]): string | undefined {
  const isHeld = (held: ClaimedDevice) => held.name === name && !held.adminAccess;
  return adminAccess ? undefined : [...claims].find(([, devices]) => devices.some(isHeld))?.[0];
}
