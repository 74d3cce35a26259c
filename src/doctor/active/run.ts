/** Carries the active check out: creates, waits, and removes whatever the end. */
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded } from "../../cluster/objects";
import { ApiError, errorOf, isPassing } from "../../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import type { Answer } from "../../live/api/connection";
import { claimFailure } from "../../live/events";
import { lastingFailure } from "../../live/scheduling";
import { UnusableError } from "../../live/unusable";
import { waitFor } from "../../live/wait";
import { followAllocations } from "./allocations";
import type { Allocations } from "./allocations";
import type { ActiveRun, Attempt, Attempts, Outcome, Tried } from "./attempt";
import { ACTIVE_LABEL, QUOTA_NAME, activeObjects, overQuotaClaim } from "./places";
import type { ActiveNames } from "./places";
import type { Unchecked } from "../finding";
import { underLock } from "./lock";

export interface RunOptions {
  readonly names: ActiveNames;
  /** Ends the check. What it has created is removed first. */
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** Limits against hanging, in milliseconds. */
const LIMITS_MS = {
  /** Until a namespace has its service account, and its quota has been counted for the first time. */
  settled: 60_000,
  /** How long a dry run is repeated whose answer is a fault: what admission goes by can be of a moment ago. */
  admission: 10_000,
  /** From the creation of a pod to its end. Its image is on the node already. */
  pod: 180_000,
  /** How long kube-scheduler has to say that no node fits. */
  unschedulable: 30_000,
  /** Until the namespaces are gone. */
  removal: 180_000,
} as const;

const POLL_MS = 250;

/** Attempts at the same time. */
const AT_ONCE = 8;

/**
 * Tries everything, one after another and some at a time. Nothing is left of it at its end, also where it fails or is interrupted.
 * @throws UnusableError for somebody who may not create what it needs, and while another check is at work. @throws AbortError once the signal has ended it and all is removed.
 */
export async function runActive(api: ApiServer, attempts: Attempts, options: RunOptions): Promise<ActiveRun> {
  const { signal, onProgress } = options;
  return permitted(
    underLock(api, onProgress, (lost) => tryAll(api, attempts, { ...options, signal: AbortSignal.any([signal, lost]) }, lost)),
  );
}

/** @param lost aborted once another check has taken over: what is there then is the other one's to remove. */
async function tryAll(
  api: ApiServer,
  { attempts, unchecked: untried }: Attempts,
  { names, signal, onProgress }: RunOptions,
  lost: AbortSignal,
): Promise<ActiveRun> {
  onProgress("removing what an earlier check has left");
  await removeLabelled(api);
  const end = new AbortController();
  const unchecked: Unchecked[] = [];
  const tried: Tried[] = [];
  try {
    signal.throwIfAborted();
    await createAll(api, names, onProgress);
    const allocations = await followAllocations(api, names.namespaces.team, AbortSignal.any([signal, end.signal]));
    const left = [...attempts];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let attempt = left.shift(); attempt !== undefined; attempt = left.shift()) {
          signal.throwIfAborted();
          onProgress(`trying ${attempt.what}`);
          tried.push({ attempt, judgement: attempt.judge(await outcomeOf(api, attempt, allocations, signal)) });
        }
      }),
    );
  } finally {
    end.abort();
    if (!lost.aborted) {
      onProgress("removing what the check has created");
      await removeLabelled(api).catch((error: unknown) => {
        const reason = `${(error as Error).message}. Run kubectl delete namespaces,priorityclasses -l ${LABEL_TEXT}`;
        if (signal.aborted) {
          throw new UnusableError(reason);
        }
        unchecked.push({ what: "whether all that the check created is gone", reason });
      });
    }
  }
  const inOrder = [...tried].sort((one, other) => attempts.indexOf(one.attempt) - attempts.indexOf(other.attempt));
  return { tried: inOrder, untried, unchecked };
}

/** @throws UnusableError for what the user may not do. */
async function permitted<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ApiError && error.status === 403
      ? new UnusableError(`the active check may not do what it needs: ${error.message}. docs/doctor.md has the role for it`)
      : error;
  }
}

async function createAll(api: ApiServer, names: ActiveNames, onProgress: RunOptions["onProgress"]): Promise<void> {
  for (const object of activeObjects(names)) {
    const { kind, metadata } = object as unknown as KubernetesObject;
    onProgress(`creating ${kind} ${String(metadata["name"])}`);
    await api.create(object as unknown as KubernetesObject);
  }
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: QUOTA_NAME, namespace: names.namespaces.team } };
  await waitFor("the quota to be counted", async () => (await api.find(quota))?.["status"]?.hard !== undefined, {
    timeoutMs: LIMITS_MS.settled,
  });
  // The API server goes by a cache. What never comes to be is found by the check of quotas.
  await eventually(async () => (await dryRun(api, overQuotaClaim(names))).status >= 400, LIMITS_MS.settled);
}

async function outcomeOf(api: ApiServer, { action, judge }: Attempt, allocations: Allocations, signal: AbortSignal): Promise<Outcome> {
  if (action.type === "dryRun") {
    let outcome: Outcome = { type: "accepted" };
    await eventually(async () => {
      signal.throwIfAborted();
      const answer = await dryRun(api, action.object);
      outcome = answer.status < 400 ? { type: "accepted" } : refusalOf(answer);
      return judge(outcome).type !== "broken";
    }, LIMITS_MS.admission);
    return outcome;
  }
  const created = await createPod(api, action.pod as unknown as KubernetesObject);
  if (created.status >= 400) {
    return refusalOf(created);
  }
  const pod = { ...(created.body as KubernetesObject), apiVersion: "v1", kind: "Pod" };
  return action.type === "claim" ? claimOutcome(api, pod, signal) : podOutcome(api, pod, allocations, signal);
}

function refusalOf({ status, body }: Answer): Outcome {
  return { type: "refused", status, message: errorOf({ status, body, warnings: [] }).message };
}

/** Whether a claim is made for a pod. */
async function claimOutcome(api: ApiServer, pod: KubernetesObject, signal: AbortSignal): Promise<Outcome> {
  let outcome: Outcome = { type: "pending", reason: "no controller has said whether it makes the claim" };
  await eventually(async () => {
    signal.throwIfAborted();
    const current = await api.find(pod);
    if (current === undefined) {
      outcome = GONE;
    } else if ((current["status"]?.resourceClaimStatuses ?? []).length > 0) {
      outcome = { type: "claimed" };
    } else {
      const message = await claimFailure(api, current);
      if (message === undefined) {
        return false;
      }
      outcome = { type: "unclaimed", message };
    }
    return true;
  }, LIMITS_MS.pod);
  return outcome;
}

const GONE: Outcome = { type: "pending", reason: "somebody has deleted the pod" };

/** How a pod ends. */
async function podOutcome(api: ApiServer, pod: KubernetesObject, allocations: Allocations, signal: AbortSignal): Promise<Outcome> {
  let outcome: Outcome | undefined;
  let current: KubernetesObject | undefined;
  let unschedulableSince: number | undefined;
  await eventually(async () => {
    signal.throwIfAborted();
    current = await api.find(pod);
    if (current === undefined) {
      outcome = GONE;
      return true;
    }
    const { status, spec } = current;
    if (hasEnded(current)) {
      const ended = status?.containerStatuses?.[0]?.state?.terminated as { exitCode: number; message?: string } | undefined;
      outcome =
        ended === undefined
          ? { type: "pending", reason: `the pod ended without its container: ${String(status?.reason ?? status?.phase)}` }
          : {
              ...{ type: "ended", nodeName: String(spec.nodeName), exitCode: ended.exitCode, message: ended.message ?? "" },
              devices: spec.resourceClaims === undefined ? [] : await allocations.of(String(current.metadata["uid"])),
            };
      return true;
    }
    const failure = await lastingFailure(api, current);
    unschedulableSince = failure === undefined ? undefined : (unschedulableSince ?? Date.now());
    if (failure !== undefined && Date.now() - (unschedulableSince ?? 0) >= LIMITS_MS.unschedulable) {
      outcome = { type: "pending", reason: `kube-scheduler finds no place: ${failure.message}` };
      return true;
    }
    return false;
  }, LIMITS_MS.pod);
  return outcome ?? { type: "pending", reason: await pendingReason(api, pod, current) };
}

async function pendingReason(api: ApiServer, pod: KubernetesObject, current: KubernetesObject | undefined): Promise<string> {
  const waiting = current?.["status"]?.containerStatuses?.[0]?.state?.waiting as { reason?: string; message?: string } | undefined;
  const why =
    waiting === undefined ? await claimFailure(api, current ?? pod) : [waiting.reason, waiting.message].filter(Boolean).join(": ");
  return `the pod did not end within ${String(LIMITS_MS.pod / 60_000)} minutes${why === undefined ? "" : ` (${why})`}`;
}

function dryRun(api: ApiServer, object: object): Promise<Answer> {
  return untilServiceAccount(() => api.tryCreate(object as KubernetesObject, { dryRun: true }));
}

function createPod(api: ApiServer, pod: KubernetesObject): Promise<Answer> {
  return untilServiceAccount(() => api.tryCreate(pod));
}

/** A new namespace has no service account for a moment, and no pods without. */
async function untilServiceAccount(request: () => Promise<Answer>): Promise<Answer> {
  let answer = await request();
  await eventually(async () => {
    const isEarly = answer.status === 403 && /serviceaccount "default" not found/.test(errorOf(answer).message);
    answer = isEarly ? await request() : answer;
    return !isEarly;
  }, LIMITS_MS.settled);
  return answer;
}

/** Asks until the answer is yes, or time is up. A connection that is lost, or an object that has just gone, is asked for again. */
async function eventually(isTrue: () => Promise<boolean>, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  const ask = () =>
    isTrue().catch((error: unknown) => {
      if (!isPassing(error)) {
        throw error;
      }
      return false;
    });
  while (!(await ask()) && Date.now() < deadline) {
    await sleep(POLL_MS);
  }
}

const LABEL_TEXT = Object.entries(ACTIVE_LABEL)
  .map(([key, value]) => `${key}=${value}`)
  .join(",");
const SELECTOR = `labelSelector=${encodeURIComponent(LABEL_TEXT)}`;
const NAMESPACES = "/api/v1/namespaces";
const PRIORITY_CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";

/** Removes everything that the check, now or earlier, has created for the whole cluster, and what is in it. */
async function removeLabelled(api: ApiServer): Promise<void> {
  let left: readonly string[] = [];
  await waitFor(
    "the end of what the active check has created",
    async () => {
      const lists = await Promise.all(
        [NAMESPACES, PRIORITY_CLASSES].map(async (collection) =>
          (await api.list(collection, SELECTOR)).map(({ metadata }) => ({ path: `${collection}/${String(metadata["name"])}`, metadata })),
        ),
      );
      const found = lists.flat();
      left = found.map(({ path }) => path);
      for (const { path, metadata } of found) {
        if (metadata["deletionTimestamp"] === undefined) {
          const answer = await api.request("DELETE", path);
          // Another one has removed it, or the namespace has changed meanwhile.
          if (answer.status >= 400 && ![404, 409].includes(answer.status)) {
            throw errorOf(answer);
          }
        }
      }
      return left.length === 0;
    },
    { timeoutMs: LIMITS_MS.removal, describe: () => Promise.resolve(left.map((path) => path.split("/").slice(-2).join(" ")).join(", ")) },
  );
}
