/**
 * A lock in the API server: a Lease, with which the components of the control plane elect who is at work, too.
 * Nobody's clock decides whether a holder is still there: whoever wants the lock looks whether it is renewed (as client-go does, `leaderelection.go`).
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { errorOf } from "./api/api-server";
import type { Answer, ApiServer, KubernetesObject } from "./api/api-server";
import { UnusableError } from "./unusable";

export interface LeaseName {
  readonly namespace: string;
  /** A DNS subdomain. */
  readonly name: string;
  /** What only one at a time may do, for messages: `relayout of pool a100`. */
  readonly work: string;
  /**
   * Annotations that stay while nobody has the lock, from those that the Lease has. What it throws, `acquire` does. @default those that the Lease has
   */
  readonly notes?: (found: Notes) => Notes;
}

export type Notes = Readonly<Record<string, string>>;

/** For how long a lock is its holder's that nobody renews: as long as those of kube-scheduler. */
const DURATION_S = 15;

const POLL_MS = 1000;

export class Lease {
  private constructor(
    private readonly lease: LeaseName,
    private readonly holder: string,
    private resourceVersion: string,
    private readonly notes: Notes,
  ) {}

  /**
   * Takes the lock, where need be from a holder that no longer renews it.
   * @param onWait told who holds it, before it is waited whether they renew it.
   * @throws UnusableError while somebody else is at work.
   */
  static async acquire(api: ApiServer, lease: LeaseName, onWait: (holder: string) => void): Promise<Lease> {
    // The form of client-go's own (`kube-scheduler`: hostname and a UUID).
    const holder = `${hostname()}_${randomUUID()}`;
    let seen: { readonly version: string; readonly at: number } | undefined;
    for (;;) {
      const found = await api.find(referenceTo(lease));
      const version = found === undefined ? undefined : versionOf(found);
      const isOver = seen !== undefined && seen.version === version && performance.now() - seen.at >= durationMs(found);
      if (found === undefined || version === undefined || holderOf(found) === "" || isOver) {
        const notes = lease.notes?.(notesOf(found)) ?? notesOf(found);
        const taken = await take(api, { lease, holder, notes }, found);
        if (taken !== undefined) {
          return new Lease(lease, holder, versionOf(taken), notes);
        }
      } else if (seen === undefined) {
        seen = { version, at: performance.now() };
        onWait(holderOf(found));
      } else if (seen.version !== version) {
        throw new UnusableError(`another ${lease.work} is at work, of ${holderOf(found)}. Wait until it has ended`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Says that its holder is still there. @throws UnusableError once somebody else has the lock. */
  async renew(api: ApiServer): Promise<void> {
    const answer = await api.request("PUT", pathOf(this.lease), json(this.body(this.holder)));
    if (answer.status < 400) {
      this.resourceVersion = versionOf(answer.body as KubernetesObject);
      return;
    }
    if (answer.status !== 409 && answer.status !== 404) {
      throw errorOf(answer);
    }
    const found = await api.find(referenceTo(this.lease));
    if (found === undefined || holderOf(found) !== this.holder) {
      const who = found === undefined ? "somebody has deleted its Lease" : `${holderOf(found)} has taken over`;
      throw new UnusableError(`this ${this.lease.work} has lost its lock: ${who}`);
    }
    // Its last renewal was stored, and the answer was lost.
    this.resourceVersion = versionOf(found);
  }

  /** Gives the lock back, unless somebody else has it by now. A Lease with notes stays, without a holder. */
  async release(api: ApiServer): Promise<void> {
    const answer =
      Object.keys(this.notes).length === 0
        ? await remove(api, this.lease, this.resourceVersion)
        : await api.request("PUT", pathOf(this.lease), json(this.body("")));
    if (answer.status >= 400 && !isOther(answer)) {
      throw errorOf(answer);
    }
  }

  private body(holder: string): KubernetesObject {
    return body({ lease: this.lease, holder, notes: this.notes }, this.resourceVersion);
  }
}

/** What the last one with the lock has noted. Empty where there is no such Lease. */
export async function readNotes(api: ApiServer, lease: LeaseName): Promise<Notes> {
  return notesOf(await api.find(referenceTo(lease)));
}

/**
 * Removes a Lease with what is noted on it, also where its holder was killed.
 * @param check told what is noted when the lock is taken. If it throws, the Lease stays as it is.
 * @param onWait as for `acquire`.
 * @throws UnusableError while somebody else is at work.
 */
export async function forgetNotes(
  api: ApiServer,
  lease: LeaseName,
  check: (found: Notes) => void,
  onWait: (holder: string) => void,
): Promise<void> {
  if ((await api.find(referenceTo(lease))) !== undefined) {
    const notes = (found: Notes) => {
      check(found);
      return {};
    };
    const held = await Lease.acquire(api, { ...lease, notes }, onWait);
    await held.release(api);
  }
}

/** The Lease has gone, or is another one or another one's by now. */
function isOther({ status }: Answer): boolean {
  return status === 404 || status === 409;
}

function remove(api: ApiServer, lease: LeaseName, resourceVersion: string): Promise<Answer> {
  return api.request("DELETE", pathOf(lease), json({ apiVersion: "v1", kind: "DeleteOptions", preconditions: { resourceVersion } }));
}

interface Holding {
  readonly lease: LeaseName;
  readonly holder: string;
  readonly notes: Notes;
}

/** Undefined: somebody else was faster. */
async function take(api: ApiServer, holding: Holding, found: KubernetesObject | undefined): Promise<KubernetesObject | undefined> {
  const { lease } = holding;
  const answer =
    found === undefined
      ? await api.request("POST", collectionOf(lease), json(body(holding, undefined)))
      : await api.request("PUT", pathOf(lease), json(body(holding, versionOf(found))));
  if (answer.status < 400) {
    return answer.body as KubernetesObject;
  }
  // A namespace that does not exist is no lock that has just gone.
  if (answer.status !== 409 && !(answer.status === 404 && found !== undefined)) {
    throw errorOf(answer);
  }
  return undefined;
}

function referenceTo({ namespace, name }: LeaseName): Pick<KubernetesObject, "apiVersion" | "kind" | "metadata"> {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name } };
}

function body({ lease, holder, notes }: Holding, resourceVersion: string | undefined): KubernetesObject {
  const { metadata, ...kind } = referenceTo(lease);
  // A MicroTime has six decimals, always.
  const now = new Date().toISOString().replace("Z", "000Z");
  return {
    ...kind,
    metadata: { ...metadata, annotations: notes, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: { holderIdentity: holder, leaseDurationSeconds: DURATION_S, renewTime: now },
  };
}

function holderOf({ spec }: KubernetesObject): string {
  return String(spec?.holderIdentity ?? "");
}

function notesOf(found: KubernetesObject | undefined): Notes {
  return (found?.metadata["annotations"] ?? {}) as Notes;
}

function durationMs(found: KubernetesObject | undefined): number {
  return Number(found?.["spec"]?.leaseDurationSeconds ?? DURATION_S) * 1000;
}

function versionOf({ metadata }: KubernetesObject): string {
  return String(metadata["resourceVersion"]);
}

function collectionOf({ namespace }: LeaseName): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
}

function pathOf(lease: LeaseName): string {
  return `${collectionOf(lease)}/${lease.name}`;
}

function json(content: unknown): { readonly contentType: string; readonly content: unknown } {
  return { contentType: "application/json", content };
}
