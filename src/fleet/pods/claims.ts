/**
 * The kubelet's DRA manager: it has the claims of a pod prepared before the pod's first container, and taken back after its last.
 * Source: kubernetes v1.34.4 (the same at v1.35.4 and v1.36.3), `pkg/kubelet/cm/dra/manager.go` (`prepareResources`, `unprepareResources`).
 */
import { DRIVER } from "../../well-known/attributes";
import type { KubernetesObject } from "../../live/api/api-server";
import type { ClaimedDevice } from "../dra-files";
import type { Machine, PreparedClaim } from "../machine";
import { claimKey } from "../view";

/** What keeps a pod's containers from being started, or the devices that they get. */
export type Preparation =
  | { readonly type: "prepared"; readonly devices: readonly string[] }
  /** The claims are not made, allocated and reserved yet. */
  | { readonly type: "unallocated" }
  | { readonly type: "refused"; readonly reason: string };

/** A device of an allocation. */
interface Result {
  readonly driver: string;
  readonly device: string;
  readonly adminAccess?: boolean;
}

/** The claims of a pod; undefined for one that is not made yet. */
export function claimNamesOf({ spec, status }: KubernetesObject): readonly (string | undefined)[] {
  const made = (status?.resourceClaimStatuses ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  const entries = (spec.resourceClaims ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
  return entries.map((entry) => entry.resourceClaimName ?? made.find(({ name }) => name === entry.name)?.resourceClaimName);
}

/** Prepares what is not prepared yet. It can be called as often as one likes. @param claims all of the cluster, by `namespace/name`. */
export function prepare(pod: KubernetesObject, claims: ReadonlyMap<string, KubernetesObject>, { dra, plugin }: Machine): Preparation {
  const podUid = String(pod.metadata["uid"]);
  const namespace = String(pod.metadata["namespace"]);
  const devices: string[] = [];
  const wanted: (PreparedClaim & { readonly key: string; readonly name: string })[] = [];
  // A pass that changes nothing: a pod that fails in it can be deleted without a plugin.
  for (const name of claimNamesOf(pod)) {
    const claim = name === undefined ? undefined : claims.get(claimKey(namespace, name));
    if (name === undefined || claim === undefined || !isReservedFor(claim, podUid)) {
      return { type: "unallocated" };
    }
    const own = devicesOf(claim);
    if (own.length > 0) {
      wanted.push({ key: claimKey(namespace, name), name, uid: String(claim.metadata["uid"]), devices: own });
      devices.push(...own.map(({ name: device }) => device));
    }
  }
  if (wanted.length === 0) {
    return { type: "prepared", devices };
  }
  if (plugin === undefined) {
    return { type: "refused", reason: `DRA driver ${DRIVER} is not registered` };
  }
  for (const { key, name, uid } of wanted) {
    const info = dra.claimInfos.get(key);
    if (info !== undefined && info.uid !== uid) {
      const reason = `old ResourceClaim with same name ${name} and different UID ${info.uid} still exists (previous pod force-deleted?!)`;
      return { type: "refused", reason };
    }
    dra.claimInfos.set(key, { uid, pods: new Set([...(info?.pods ?? []), podUid]) });
  }
  for (const claim of wanted.filter(({ uid }) => !dra.knownPrepared.has(uid))) {
    const refusal = plugin.prepare(claim);
    if (refusal !== undefined) {
      return { type: "refused", reason: `NodePrepareResources failed for ResourceClaim ${claim.name}: ${refusal}` };
    }
    dra.knownPrepared.add(claim.uid);
  }
  return { type: "prepared", devices };
}

/** @returns what the container runtime says of a container whose claims have no CDI specification; undefined when it can be made. */
export function unresolvable(pod: KubernetesObject, { dra }: Machine): string | undefined {
  const podUid = String(pod.metadata["uid"]);
  const missing = [...dra.claimInfos.values()].filter(({ uid, pods }) => pods.has(podUid) && !dra.cdiSpecifications.has(uid));
  const names = missing.map(({ uid }) => `k8s.${DRIVER}/claim=${uid}`).join(", ");
  return missing.length === 0 ? undefined : `failed to inject CDI devices: unresolvable CDI devices ${names}`;
}

/**
 * Takes back what no other pod uses. @returns whether it is done: with no plugin on the node it cannot be done, the pod's phase is not final, and a deleted pod
 * stays for as long as there is none (kubernetes/kubernetes #129402, which works as intended).
 */
export function unprepare(podUid: string, { dra, plugin }: Machine): boolean {
  for (const [key, { uid, pods }] of dra.claimInfos) {
    if (pods.size > 1) {
      pods.delete(podUid);
    } else if (pods.has(podUid)) {
      if (plugin === undefined) {
        return false;
      }
      plugin.unprepare(uid);
      dra.knownPrepared.delete(uid);
      dra.claimInfos.delete(key);
    }
  }
  return true;
}

function isReservedFor({ status }: KubernetesObject, podUid: string): boolean {
  const users = (status?.reservedFor ?? []) as readonly { readonly uid: string }[];
  return status?.allocation !== undefined && users.some(({ uid }) => uid === podUid);
}

function devicesOf({ status }: KubernetesObject): readonly ClaimedDevice[] {
  const results = (status?.allocation?.devices?.results ?? []) as readonly Result[];
  return results.filter(({ driver }) => driver === DRIVER).map(({ device, adminAccess = false }) => ({ name: device, adminAccess }));
}
