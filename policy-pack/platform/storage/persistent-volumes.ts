/** What is wrong with a PersistentVolume by itself. Whose storage it names, `volumes-of-same-program` says. */
import type { core } from "@pulumi/kubernetes/types/input";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { entries, field, fieldsOf } from "../../evaluation/properties";
import { UNKNOWN, asRecord, show } from "../../evaluation/snapshot";
import { readerOf } from "../../resources/objects";
import type { KubernetesObject } from "../../resources/objects";
import { DRIVER_NAMES, findStorageDriver, isKnownMountOption } from "./drivers";

const INSTEAD = "Write a PersistentVolumeClaim, for which the storage class makes a volume";

/** Fields of its spec that say nothing of what is mounted. */
const FIELDS: readonly string[] = [
  ...["accessModes", "capacity", "claimRef", "csi", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"],
  ...["storageClassName", "volumeAttributesClassName", "volumeMode"],
];

/** Fields of `csi`. The others name Secrets, of any namespace. */
const CSI_FIELDS: readonly string[] = ["driver", "volumeHandle", "fsType", "readOnly", "volumeAttributes"];

/** `Recycle` starts a pod of its own on the volume. */
const RECLAIM_POLICIES: readonly unknown[] = [undefined, null, "Retain", "Delete"];

export function persistentVolumeFindings(object: KubernetesObject): readonly Finding[] {
  const path = `${object.prefix}spec`;
  const spec = readerOf<core.v1.PersistentVolume>(object)("spec");
  if (spec === UNKNOWN) {
    return [undetermined(path, "which storage it is")];
  }
  const fields = fieldsOf(spec);
  return [
    ...Object.keys(asRecord(spec))
      .filter((name) => !FIELDS.includes(name) && asRecord(spec)[name] !== undefined)
      .map((name) => `${path}.${name} is a path of the node, or storage of which no policy can say whose it is. ${INSTEAD}`),
    ...(fields.csi === undefined ? [] : csiFindings(fields.csi, `${path}.csi`)),
    ...entries(fields.mountOptions)
      .filter((option) => !isKnownMountOption(option))
      .map((option) => `${path}.mountOptions has ${show(option)}, which this policy does not know. Remove it`),
    ...(fields.mountOptions === UNKNOWN ? [undetermined(`${path}.mountOptions`, "what is mounted")] : []),
    ...(RECLAIM_POLICIES.includes(fields.persistentVolumeReclaimPolicy)
      ? []
      : [`${path}.persistentVolumeReclaimPolicy is ${show(fields.persistentVolumeReclaimPolicy)}. Use Retain or Delete`]),
    ...claimFindings(fields.claimRef, `${path}.claimRef`),
  ];
}

function csiFindings(csi: unknown, path: string): readonly Finding[] {
  if (csi === UNKNOWN) {
    return [undetermined(path, "which storage it is")];
  }
  const fields = asRecord(csi);
  const { driver: name, volumeAttributes } = fields;
  const driver = findStorageDriver(name);
  if (driver === undefined) {
    return name === UNKNOWN
      ? [undetermined(`${path}.driver`, "which storage it is")]
      : [`${path}.driver is ${show(name)}, and no policy can say whose storage it names. Use ${DRIVER_NAMES}. ${INSTEAD}`];
  }
  const others = [
    ...Object.keys(fields).filter((key) => !CSI_FIELDS.includes(key)),
    ...Object.keys(asRecord(volumeAttributes))
      .filter((key) => !driver.attributes.includes(key))
      .map((key) => `volumeAttributes.${key}`),
  ];
  return [
    ...(volumeAttributes === UNKNOWN ? [undetermined(`${path}.volumeAttributes`, "which storage it is")] : []),
    ...others.map((key) => `${path}.${key} can name storage or a Secret of others. Remove it`),
  ];
}

/** Without one, the first claim that fits gets the volume, whosever it is, and writes its data there. */
function claimFindings(claimRef: unknown, path: string): readonly Finding[] {
  const [name, namespace] = [field(claimRef as core.v1.ObjectReference, "name"), field(claimRef as core.v1.ObjectReference, "namespace")];
  const unknown = [claimRef, name, namespace].includes(UNKNOWN);
  if (unknown) {
    return [undetermined(path, "whose claim gets the volume")];
  }
  return typeof name === "string" && typeof namespace === "string"
    ? []
    : [`${path} does not name one claim, so any team's claim can get the volume. Set its name and namespace to those of your own claim`];
}
