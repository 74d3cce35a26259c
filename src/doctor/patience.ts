/** How long something may take before it is a finding, in milliseconds. Each limit is what docs/operations.md tells people to wait. */
const MINUTE_MS = 60_000;

export const PATIENCE_MS = {
  /** From the creation of a node until its GPUs are divided: a p4d.24xlarge boots, is divided, and boots again. */
  boot: 20 * MINUTE_MS,
  /** A restart of an instance with eight GPUs. */
  restart: 20 * MINUTE_MS,
  /** For what MIG Manager is at: it waits 5 minutes for each kind of the operator's pods (NVIDIA/mig-parted v0.13.1, `waitForPodsToBeDeleted`). */
  partition: 20 * MINUTE_MS,
  /** Between two writes of a relayout: pods end within `--drain-minutes`, 15 by default, and the GPUs are divided within 30 minutes, and published 10 later. */
  relayout: 60 * MINUTE_MS,
  /** Until a changed node label has an effect. The partition gate waits as long before `failed` is its verdict. */
  label: 2 * MINUTE_MS,
  /** Until a daemon's pod runs where its node selector matches. The image of the DRA driver is pulled in it. */
  daemon: 10 * MINUTE_MS,
  /** From the start of the DRA plugin until its slices are published. */
  publication: 2 * MINUTE_MS,
  /** Until controllers and kube-scheduler have seen to a pod or a claim. */
  controllers: 5 * MINUTE_MS,
  /** Beyond the grace of a deletion. */
  deletion: 5 * MINUTE_MS,
  /** From the end of the partition gate until `pulumi up` has created what comes after it. */
  afterGate: 15 * MINUTE_MS,
  /** From a new control plane until the partition gate begins: pools, charts and add-ons with all their waits. */
  beforeGate: 180 * MINUTE_MS,
} as const;

/** An age for a person: `25 minutes`, `3 hours`. */
export function minutesText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  const [count, unit] =
    minutes < 120 ? [minutes, "minute"] : minutes < 48 * 60 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / (24 * 60)), "day"];
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
}
