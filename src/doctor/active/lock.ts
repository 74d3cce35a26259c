/** One active check at a time: two would remove what the other one has created. */
import { setTimeout as sleep } from "node:timers/promises";
import { isOfCluster } from "../../live/api/api-server";
import type { ApiServer } from "../../live/api/api-server";
import { Lease } from "../../live/lease";
import type { LeaseName } from "../../live/lease";
import { UnusableError } from "../../live/unusable";

/** Every cluster has `kube-system`, and the locks of the control plane are there too. */
const LEASE: LeaseName = { namespace: "kube-system", name: "shared-gpu-doctor-active", work: "active check" };

/** Several renewals fit into the time for which a lock is good. */
const RENEWAL_MS = 4000;

/**
 * Does something while no other active check does.
 * @param work is given a signal that is aborted once another check has taken over: what is there then is for that one to remove.
 * @throws UnusableError while another check is at work.
 */
export async function underLock<T>(
  api: ApiServer,
  onProgress: (text: string) => void,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await Lease.acquire(api, LEASE, (holder) => {
    onProgress(`waiting until it is known whether the check of ${holder} is still at work`);
  });
  const [lost, ended] = [new AbortController(), new AbortController()];
  const renewal = renewed(api, lease, ended.signal).catch((error: unknown) => {
    if (!ended.signal.aborted) {
      lost.abort(error);
    }
  });
  try {
    return await work(lost.signal);
  } finally {
    ended.abort();
    await renewal;
    await lease.release(api).catch((error: unknown) => {
      // A lock that cannot be given back runs out by itself.
      if (!isOfCluster(error)) {
        throw error;
      }
    });
  }
}

/** Renews a lock until the signal ends that. @throws UnusableError once somebody else has it. */
async function renewed(api: ApiServer, lease: Lease, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(RENEWAL_MS, undefined, { signal });
    try {
      await lease.renew(api);
    } catch (error) {
      // What does not reach the API server this time may do so the next time.
      if (error instanceof UnusableError || !isOfCluster(error)) {
        throw error;
      }
    }
  }
}
