/**
 * ResourceQuota on claims and pods, as the API server counts them (Kubernetes, pkg/quota/v1/evaluator/core/{resource_claims,pods}.go):
 * at creation, whether or not anything is ever allocated. Not modelled: scopes, and that a quota on a resource refuses pods that do not name it.
 */
import type { ClaimSpec, ExactRequest } from "../dra/claims";
import { requestedDevices } from "../dra/claims";
import type { ResourceAmounts } from "../dra/pods";
import { formatAmount, resourceAmounts } from "../dra/manifest/resources";
import { CLAIM_COUNT_KEY, countedDeviceClass, deviceCountKey } from "../well-known/quota-keys";
import { objectAt } from "./objects";
import type { ClusterObject } from "./objects";

const PODS = "pods";

/** What the API server counts for `allocationMode: All`, which could be as many as a claim may hold. */
const ALL_DEVICES = 32;

/** A quota that does not let an object in. */
export interface Excess {
  readonly quota: string;
  /** Key in `spec.hard`. */
  readonly key: string;
  readonly limit: number;
  readonly used: number;
  readonly asked: number;
}

type Counts = Readonly<Record<string, number>>;

/** The quotas of the cluster with what has been counted against them. */
export class Quotas {
  private readonly used = new Map<ClusterObject, Map<string, number>>();

  constructor(private readonly quotas: readonly ClusterObject[]) {}

  static of(objects: readonly ClusterObject[]): Quotas {
    return new Quotas(objects.filter((object) => object.kind === "ResourceQuota" && object.apiVersion === "v1"));
  }

  /** Counts a claim against the quotas of its namespace; the first quota that it would exceed, in which case nothing is counted. */
  addClaim(namespace: string, spec: ClaimSpec): Excess | undefined {
    return this.add(namespace, claimCounts(spec));
  }

  addPod(namespace: string, requests: ResourceAmounts, limits: ResourceAmounts): Excess | undefined {
    return this.add(namespace, podCounts(requests, limits));
  }

  private add(namespace: string, counts: Counts): Excess | undefined {
    const quotas = this.quotas.filter((quota) => quota.namespace === namespace);
    for (const quota of quotas) {
      for (const [key, asked] of Object.entries(counts)) {
        const limit = hardOf(quota)[key];
        const used = this.used.get(quota)?.get(key) ?? 0;
        if (limit !== undefined && used + asked > limit) {
          return { quota: quota.name, key, limit, used, asked };
        }
      }
    }
    for (const quota of quotas) {
      const totals = this.used.get(quota) ?? new Map<string, number>();
      this.used.set(quota, totals);
      for (const [key, asked] of Object.entries(counts)) {
        totals.set(key, (totals.get(key) ?? 0) + asked);
      }
    }
    return undefined;
  }
}

function hardOf(quota: ClusterObject): Counts {
  return Object.fromEntries(
    Object.entries(objectAt(quota.body, "spec", "hard")).map(([key, value]) => [
      key,
      resourceAmounts({ [resourceOf(key)]: value }, key, [])[resourceOf(key)] ?? 0,
    ]),
  );
}

/** What is counted under a key: `cpu` of `requests.cpu`. */
function resourceOf(key: string): string {
  return key.replace(/^(requests|limits)\./, "");
}

/** What one pod counts. `cpu` and `memory` by themselves are requests. */
function podCounts(requests: ResourceAmounts, limits: ResourceAmounts): Counts {
  const prefixed = (prefix: string, amounts: ResourceAmounts) =>
    Object.entries(amounts).map(([name, amount]) => [`${prefix}${name}`, amount]);
  const plain = prefixed("", requests).filter(([name]) => name === "cpu" || name === "memory");
  return Object.fromEntries([[PODS, 1], ...plain, ...prefixed("requests.", requests), ...prefixed("limits.", limits)]) as Counts;
}

/** What one claim counts: itself, and its devices per class. Of alternatives, the largest number that any of them asks of a class. */
export function claimCounts(spec: ClaimSpec): Counts {
  const counts: Record<string, number> = { [CLAIM_COUNT_KEY]: 1 };
  for (const request of spec.requests) {
    const worst: Record<string, number> = {};
    for (const { exact } of requestedDevices(request)) {
      const key = deviceCountKey(exact.deviceClassName);
      worst[key] = Math.max(worst[key] ?? 0, devicesOf(exact));
    }
    for (const [key, devices] of Object.entries(worst)) {
      counts[key] = (counts[key] ?? 0) + devices;
    }
  }
  return counts;
}

function devicesOf({ allocationMode }: ExactRequest): number {
  return allocationMode.type === "All" ? ALL_DEVICES : allocationMode.count;
}

/** `quota "team" allows 4 devices of class mig-large.nvidia.com, 4 are used, 1 more is asked for`. */
export function describeExcess({ quota, key, limit, used, asked }: Excess): string {
  const amount = (value: number) => formatAmount(resourceOf(key), value);
  return `quota "${quota}" allows ${amount(limit)} ${subjectOf(key)}, ${amount(used)} used, ${amount(asked)} more asked for`;
}

function subjectOf(key: string): string {
  const deviceClass = countedDeviceClass(key);
  if (deviceClass !== undefined) {
    return `devices of class ${deviceClass}`;
  }
  return key === CLAIM_COUNT_KEY ? "claims" : key;
}
