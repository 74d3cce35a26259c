/**
 * What the kubelet and NVIDIA's DRA driver keep of claims on a machine, and what of it a reboot leaves.
 * Sources: kubernetes v1.34.4 `pkg/kubelet/cm/dra/claiminfo.go` and `state/` (`prepared` is not in the checkpoint);
 * kubernetes-sigs/dra-driver-nvidia-gpu v25.8.1 and v0.4.1 `cmd/gpu-kubelet-plugin/device_state.go`, `cdi.go` and `main.go` (`--cdi-root`, `/var/run/cdi`).
 */

import type { DraDriverLine } from "../releases/dra-driver-lines";

/** What the kubelet remembers of a claim. */
export interface ClaimInfo {
  readonly uid: string;
  /** Uids of the pods that use it. */
  readonly pods: Set<string>;
  /** Qualified names of the CDI devices that its containers get, as the plugin has answered last. */
  cdiDevices: readonly string[];
}

/** A device of a claim. */
export interface ClaimedDevice {
  readonly name: string;
  readonly adminAccess: boolean;
}

/** The DRA driver's record of the claims that it has prepared. */
export interface Checkpoint {
  /** The version that has written it last. */
  writtenBy: DraDriverLine;
  /** The boot in which it was begun; undefined where no version has written that down. */
  bootId: string | undefined;
  /** The devices of each claim, by the claim's uid. */
  readonly claims: Map<string, readonly ClaimedDevice[]>;
}

export class DraFiles {
  /** By `namespace/name` of the claim. On disk: `/var/lib/kubelet/dra_manager_state`. */
  readonly claimInfos = new Map<string, ClaimInfo>();
  /** Uids of the claims that the kubelet knows to be prepared. In its memory: after a restart it asks the plugin once more. */
  readonly knownPrepared = new Set<string>();
  /** On disk, in the folder of the plugin. Undefined until the first plugin starts. */
  checkpoint: Checkpoint | undefined;
  /** Qualified names of the devices that have a CDI specification. In `/var/run/cdi`, which is in memory. */
  readonly cdiDevices = new Set<string>();

  /** The machine loses its memory. */
  forgetVolatile(): void {
    this.knownPrepared.clear();
    this.cdiDevices.clear();
  }
}
