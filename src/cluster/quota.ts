/**
 * ResourceQuota as the API server counts: at creation, whether or not anything is ever allocated. Here what claims and pods count (Kubernetes,
 * pkg/quota/v1/evaluator/core/{resource_claims,pods}.go), in `object-counts.ts` everything else.
 * Not modelled: scopes, and that a quota on CPU or memory refuses pods that do not name it.
 */
import type { ClaimSpec, ExactRequest } from "../dra/claims";
import { requestedDevices } from "../dra/claims";
import type { ResourceAmounts } from "../dra/pods";
import { formatAmount, resourceAmounts } from "../dra/manifest/resources";
import { CLAIM_COUNT_KEY, VOLUME_CLAIMS_KEY, countedDeviceClass, deviceCountKey, objectCountKey } from "../well-known/quota-keys";
import type { Counts } from "./object-counts";
import { objectAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

const PODS = "pods";
const POD_OBJECTS = objectCountKey({ group: "", resource: PODS });

/** Resources whose requests have a key without `requests.`, and whose limits are counted. */
const COMPUTE_RESOURCES: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

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

/** The quotas of the cluster with what has been counted against them. */
export class Quotas {
  private readonly quotas: readonly Quota[];

  private constructor(quotas: readonly Quota[]) {
    this.quotas = quotas;
  }

  static of(objects: readonly ClusterObject[]): Quotas {
    const own = objects.filter((object) => object.kind === "ResourceQuota" && object.apiVersion === "v1");
    return new Quotas(own.map((object) => ({ name: object.name, namespace: object.namespace, hard: hardOf(object), used: new Map() })));
  }

  /** The same quotas with what has been counted up to now, which count on their own from here. */
  copy(): Quotas {
    return new Quotas(this.quotas.map((quota) => ({ ...quota, used: new Map(quota.used) })));
  }

  /** Counts something against the quotas of its namespace; the first quota that it would exceed, in which case nothing is counted. */
  add(namespace: string, counts: Counts): Excess | undefined {
    const excess = this.excess(namespace, counts);
    if (excess === undefined) {
      this.addTimes(namespace, counts, 1);
    }
    return excess;
  }

  /** How many more of something the quotas of its namespace let in. */
  room(namespace: string, counts: Counts): number {
    return Math.min(
      ...this.of(namespace).flatMap(({ hard, used }) =>
        Object.entries(counts).flatMap(([key, asked]) => {
          const limit = hard.get(key);
          return limit === undefined || asked <= 0 ? [] : [Math.max(0, Math.floor((limit - (used.get(key) ?? 0)) / asked))];
        }),
      ),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Counts something many times, for which there has to be room. */
  addTimes(namespace: string, counts: Counts, times: number): void {
    for (const { used } of this.of(namespace)) {
      for (const [key, asked] of Object.entries(counts)) {
        used.set(key, (used.get(key) ?? 0) + asked * times);
      }
    }
  }

  private excess(namespace: string, counts: Counts): Excess | undefined {
    for (const { name, hard, used: totals } of this.of(namespace)) {
      for (const [key, asked] of Object.entries(counts)) {
        const limit = hard.get(key);
        const used = totals.get(key) ?? 0;
        // An update or object that asks for nothing of a key is let in whatever is used of it.
        if (limit !== undefined && asked > 0 && used + asked > limit) {
          return { quota: name, key, limit, used, asked };
        }
      }
    }
    return undefined;
  }

  private of(namespace: string): readonly Quota[] {
    return this.quotas.filter((quota) => quota.namespace === namespace);
  }
}

interface Quota {
  readonly name: string;
  readonly namespace: string;
  readonly hard: ReadonlyMap<string, number>;
  readonly used: Map<string, number>;
}

function hardOf(quota: ClusterObject): ReadonlyMap<string, number> {
  return quotaAmounts(objectAt(quota.body, "spec", "hard"));
}

/** What a ResourceQuota says under its keys, in `spec.hard` or `status.used`. */
export function quotaAmounts(list: JsonObject): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(list).map(([key, value]) => [key, resourceAmounts({ [resourceOf(key)]: value }, key, [])[resourceOf(key)] ?? 0]),
  );
}

/** What is counted under a key: `cpu` of `requests.cpu`, `storage` of `gp3.storageclass.storage.k8s.io/requests.storage`. */
function resourceOf(key: string): string {
  return key.replace(/^(?:[^/]*\.storageclass\.storage\.k8s\.io\/)?(requests|limits)\./, "");
}

/** What one pod counts, for what it asks and for what it may use at most. CPU, memory and ephemeral storage by themselves are requests. */
export function podCounts(requests: ResourceAmounts, limits: ResourceAmounts): Counts {
  const isCompute = ([name]: readonly [string, number]) => COMPUTE_RESOURCES.includes(name);
  return Object.fromEntries([
    [PODS, 1],
    [POD_OBJECTS, 1],
    ...Object.entries(requests).filter(isCompute),
    ...Object.entries(requests).map(([name, amount]) => [`requests.${name}`, amount] as const),
    ...Object.entries(limits)
      .filter(isCompute)
      .map(([name, amount]) => [`limits.${name}`, amount] as const),
  ]);
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
  return key === CLAIM_COUNT_KEY ? "claims" : key === VOLUME_CLAIMS_KEY ? "PersistentVolumeClaims" : key;
}
