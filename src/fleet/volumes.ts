/**
 * Plays the controller of the EBS CSI driver: it makes a volume for each claim that waits for one, in the zone of the node that the scheduler chose.
 * Source: kubernetes-csi/external-provisioner `pkg/controller/controller.go` (`shouldProvision`, read 2026-11-28).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readLabels } from "../dra/pods";
import { readStorageClass } from "../dra/volumes/read";
import { zonesOf } from "../dra/volumes/zones";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import { ZONE_LABEL } from "../well-known/labels";
import { EBS_CSI_DRIVER as PROVISIONER } from "../well-known/storage";

const PROVISIONER_ANNOTATION = "volume.kubernetes.io/storage-provisioner";
const NODE_ANNOTATION = "volume.kubernetes.io/selected-node";
const POLL_MS = 200;

/** What an event says of a claim that EBS has no volume for. */
export const NO_VOLUME = "ProvisioningFailed";

/** Makes volumes until the signal ends it. */
export async function provisionVolumes(api: ApiServer, signal: AbortSignal): Promise<void> {
  const refused = new Set<string>();
  while (!signal.aborted) {
    for (const claim of await waitingClaims(api)) {
      const uid = String(claim.metadata["uid"]);
      if (!refused.has(uid) && (claim["spec"].accessModes as readonly string[]).some((mode) => mode.startsWith("ReadWriteMany"))) {
        refused.add(uid);
        await refuse(api, claim);
      } else if (!refused.has(uid)) {
        await provision(api, claim);
      }
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function waitingClaims(api: ApiServer): Promise<readonly KubernetesObject[]> {
  const claims = await api.list("/api/v1/persistentvolumeclaims");
  return claims.filter(({ metadata, spec }) => {
    const annotations = (metadata["annotations"] ?? {}) as Readonly<Record<string, string>>;
    return spec.volumeName === undefined && annotations[PROVISIONER_ANNOTATION] === PROVISIONER;
  });
}

/** A claim whose class binds late waits for a node. The controller manager annotates the others at once, and those have no node. */
async function provision(api: ApiServer, claim: KubernetesObject): Promise<void> {
  const { metadata, spec } = claim;
  const storageClass = await api.find({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: String(spec.storageClassName) },
  });
  const nodeName: unknown = metadata["annotations"]?.[NODE_ANNOTATION];
  if (storageClass === undefined || (storageClass["volumeBindingMode"] === "WaitForFirstConsumer" && nodeName === undefined)) {
    return;
  }
  const zone = nodeName === undefined ? await firstZone(api, storageClass) : await zoneOfNode(api, String(nodeName));
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${String(metadata["uid"])}`, annotations: { "pv.kubernetes.io/provisioned-by": PROVISIONER } },
    spec: {
      capacity: { storage: String(spec.resources.requests.storage) },
      accessModes: spec.accessModes as readonly string[],
      volumeMode: String(spec.volumeMode),
      storageClassName: String(spec.storageClassName),
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: {
        ...{ apiVersion: "v1", kind: "PersistentVolumeClaim" },
        ...{ namespace: String(metadata["namespace"]), name: String(metadata["name"]), uid: String(metadata["uid"]) },
      },
      csi: { driver: PROVISIONER, volumeHandle: `vol-${String(metadata["uid"])}` },
      ...(typeof zone === "string"
        ? {
            nodeAffinity: {
              required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE_LABEL, operator: "In", values: [zone] }] }] },
            },
          }
        : {}),
    },
  };
  // Two looks can find the same claim: the second volume has the name of the first.
  await api.tryCreate(volume);
}

async function zoneOfNode(api: ApiServer, name: string): Promise<unknown> {
  const node = await api.find({ apiVersion: "v1", kind: "Node", metadata: { name } });
  return node?.metadata["labels"]?.[ZONE_LABEL];
}

/** A provisioner draws one of the zones. */
async function firstZone(api: ApiServer, storageClass: KubernetesObject): Promise<unknown> {
  const nodes = await api.list("/api/v1/nodes");
  const labels = nodes.map(({ metadata }) => readLabels(metadata["labels"]));
  return zonesOf(readStorageClass(String(storageClass.metadata["name"]), storageClass), labels)[0];
}

async function refuse(api: ApiServer, { metadata }: KubernetesObject): Promise<void> {
  const [namespace, name, uid] = [String(metadata["namespace"]), String(metadata["name"]), String(metadata["uid"])];
  const now = new Date().toISOString();
  await api.tryCreate({
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
    reason: NO_VOLUME,
    message: "an EBS volume is for one node at a time: ReadWriteMany is only for block volumes of io2",
    type: "Warning",
    source: { component: PROVISIONER },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  });
}
