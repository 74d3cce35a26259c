/**
 * The kubelet's DRA manager: it has the claims of a pod prepared before the pod's first container, and taken back after its last.
 * Source: kubernetes v1.34.4 (the same at v1.35.4 and v1.36.3), `pkg/kubelet/cm/dra/manager.go` (`prepareResources`, `unprepareResources`).
 */
import { DRIVER } from "../../well-known/attributes";
import type { KubernetesObject } from "../../live/api/api-server";
import type { ClaimedDevice } from "../dra-files";
import type { AllocatedClaim, Machine } from "../machine";
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
export async function prepare(
  pod: KubernetesObject,
  claims: ReadonlyMap<string, KubernetesObject>,
  { dra, plugin }: Machine,
): Promise<Preparation> {
  const podUid = String(pod.metadata["uid"]);
  const namespace = String(pod.metadata["namespace"]);
  const wanted: AllocatedClaim[] = [];
  // A pass that changes nothing: a pod that fails in it can be deleted without a plugin.
  for (const name of claimNamesOf(pod)) {
    const claim = name === undefined ? undefined : claims.get(claimKey(namespace, name));
    if (name === undefined || claim === undefined || !isReservedFor(claim, podUid)) {
      return { type: "unallocated" };
    }
    const devices = devicesOf(claim);
    if (devices.length > 0) {
      wanted.push({ namespace, name, uid: String(claim.metadata["uid"]), devices });
    }
  }
  const devices = wanted.flatMap((claim) => claim.devices.map(({ name }) => name));
  if (wanted.length === 0) {
    return { type: "prepared", devices };
  }
  if (plugin === undefined) {
    return { type: "refused", reason: `DRA driver ${DRIVER} is not registered` };
  }
  for (const { name, uid } of wanted) {
    const key = claimKey(namespace, name);
    const info = dra.claimInfos.get(key);
    if (info !== undefined && info.uid !== uid) {
      const reason = `old ResourceClaim with same name ${name} and different UID ${info.uid} still exists (previous pod force-deleted?!)`;
      return { type: "refused", reason };
    }
    if (info === undefined) {
      dra.claimInfos.set(key, { uid, pods: new Set([podUid]), cdiDevices: [] });
    } else {
      info.pods.add(podUid);
    }
  }
  for (const claim of wanted.filter(({ uid }) => !dra.knownPrepared.has(uid))) {
    const answer = await plugin.prepare(claim);
    if (answer.type === "refused") {
      return { type: "refused", reason: `NodePrepareResources failed for ResourceClaim ${claim.name}: ${answer.reason}` };
    }
    const info = dra.claimInfos.get(claimKey(namespace, claim.name));
    if (info !== undefined) {
      info.cdiDevices = answer.cdiDevices;
    }
    dra.knownPrepared.add(claim.uid);
  }
  return { type: "prepared", devices };
}

/** Qualified names of the CDI devices that the containers of a pod get. */
export function injectedDevices(pod: KubernetesObject, { dra }: Machine): readonly string[] {
  const podUid = String(pod.metadata["uid"]);
  return [...dra.claimInfos.values()].filter(({ pods }) => pods.has(podUid)).flatMap(({ cdiDevices }) => cdiDevices);
}

/** @returns what the container runtime says of a container whose claims have no CDI specification; undefined when it can be made. */
export function unresolvable(pod: KubernetesObject, machine: Machine): string | undefined {
  const missing = injectedDevices(pod, machine).filter((name) => !machine.dra.cdiDevices.has(name));
  return missing.length === 0 ? undefined : `failed to inject CDI devices: unresolvable CDI devices ${missing.join(", ")}`;
}

/**
 * Takes back what no other pod uses. @returns whether it is done: with no plugin on the node it cannot be done, the pod's phase is not final, and a deleted pod
 * stays for as long as there is none (kubernetes/kubernetes #129402, which works as intended).
 */
export async function unprepare(podUid: string, { dra, plugin }: Machine): Promise<boolean> {
  for (const [key, info] of dra.claimInfos) {
    const { uid, pods } = info;
    if (pods.size > 1) {
      pods.delete(podUid);
    } else if (pods.has(podUid)) {
      const [namespace = "", name = ""] = key.split("/");
      if (plugin === undefined || !(await plugin.unprepare({ namespace, name, uid }))) {
        return false;
      }
      dra.knownPrepared.delete(uid);
      pods.delete(podUid);
      if (pods.size === 0) {
        dra.claimInfos.delete(key);
      }
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
