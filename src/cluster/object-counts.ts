/**
 * What the API server counts of an object against the quotas of its namespace when it is created, beside the claims and pods of `quota.ts`
 * (Kubernetes, pkg/quota/v1/evaluator/core/{registry,services,persistent_volume_claims}.go).
 */
import { resourceAmounts } from "../dra/manifest/resources";
import { isDefaultClass } from "../dra/volumes/read";
import { STORAGE_KEY, VOLUME_CLAIMS_KEY, objectCountKey, ofStorageClass } from "../well-known/quota-keys";
import type { ResourceKind } from "../well-known/team-rights";
import { valueAt } from "../json/value-at";
import type { ClusterObject } from "./objects";

/** Amounts by key of `spec.hard`. */
export type Counts = Readonly<Record<string, number>>;

/** Kinds of the core group that have a key of their own, without `count/`. */
const SHORT_KEYS: readonly string[] = ["configmaps", "secrets", "services", "replicationcontrollers", "resourcequotas"];

/** What an object counts, and what its controller makes of it at once. Claims and pods, which count more, are not in it. */
export function objectCounts(object: ClusterObject, defaultStorageClass: string | undefined): Counts {
  const kind = kindOf(object);
  if (kind.group === "" && kind.resource === "persistentvolumeclaims") {
    return volumeClaimCounts(valueAt(object.body, "spec"), defaultStorageClass);
  }
  const made = MADE_OF.get(objectCountKey(kind));
  return {
    [objectCountKey(kind)]: 1,
    ...(kind.group === "" && SHORT_KEYS.includes(kind.resource) ? { [kind.resource]: 1 } : {}),
    ...(kind.group === "" && kind.resource === "services" ? serviceCounts(valueAt(object.body, "spec")) : {}),
    ...(made === undefined ? {} : { [made]: 1 }),
  };
}

/** What one PersistentVolumeClaim counts. Where it names no class the API server has written the default into it before quotas count. */
export function volumeClaimCounts(spec: unknown, defaultStorageClass: string | undefined): Counts {
  const storage = resourceAmounts({ storage: valueAt(spec, "resources", "requests", "storage") ?? 0 }, "", [])["storage"] ?? 0;
  const named = valueAt(spec, "storageClassName");
  const storageClass = typeof named === "string" ? named : (defaultStorageClass ?? "");
  return {
    [VOLUME_CLAIMS_KEY]: 1,
    [objectCountKey({ group: "", resource: "persistentvolumeclaims" })]: 1,
    [STORAGE_KEY]: storage,
    ...(storageClass === ""
      ? {}
      : { [ofStorageClass(storageClass, VOLUME_CLAIMS_KEY)]: 1, [ofStorageClass(storageClass, STORAGE_KEY)]: storage }),
  };
}

/** The class that the cluster's claims get which name none. */
export function defaultStorageClassOf(objects: readonly ClusterObject[]): string | undefined {
  return objects.find(({ kind, body }) => kind === "StorageClass" && isDefaultClass(body))?.name;
}

/** By what is created, the kind of which its controller makes one object. */
const MADE_OF: ReadonlyMap<string, string> = new Map(
  [
    [
      { group: "apps", resource: "deployments" },
      { group: "apps", resource: "replicasets" },
    ],
    [
      { group: "apps", resource: "statefulsets" },
      { group: "apps", resource: "controllerrevisions" },
    ],
    [
      { group: "apps", resource: "daemonsets" },
      { group: "apps", resource: "controllerrevisions" },
    ],
    [
      { group: "batch", resource: "cronjobs" },
      { group: "batch", resource: "jobs" },
    ],
  ].map(([from, to]) => [objectCountKey(from as ResourceKind), objectCountKey(to as ResourceKind)]),
);

/** A load balancer has a node port for each of its ports too, unless the Service says otherwise. */
function serviceCounts(spec: unknown): Counts {
  const list = valueAt(spec, "ports");
  const ports: readonly unknown[] = Array.isArray(list) ? list : [];
  switch (valueAt(spec, "type")) {
    case "NodePort":
      return { "services.nodeports": ports.length };
    case "LoadBalancer": {
      const own = ports.filter((port) => Number(valueAt(port, "nodePort") ?? 0) !== 0).length;
      return {
        "services.loadbalancers": 1,
        "services.nodeports": valueAt(spec, "allocateLoadBalancerNodePorts") === false ? own : ports.length,
      };
    }
    default:
      return {};
  }
}

/** The plural as Kubernetes guesses it (apimachinery, `UnsafeGuessKindToResource`), which is right for every kind that quotas count here. */
function kindOf({ apiVersion, kind }: ClusterObject): ResourceKind {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const singular = kind.toLowerCase();
  if (singular.endsWith("s")) {
    return { group, resource: `${singular}es` };
  }
  return { group, resource: singular.endsWith("y") ? `${singular.slice(0, -1)}ies` : `${singular}s` };
}
