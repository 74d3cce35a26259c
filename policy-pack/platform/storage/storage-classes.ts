/** What is wrong with classes of storage. */
import type { StorageClassArgs, VolumeAttributesClassArgs } from "@pulumi/kubernetes/storage/v1";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { entries } from "../../evaluation/properties";
import { UNKNOWN, asRecord, show } from "../../evaluation/snapshot";
import { readerOf } from "../../resources/objects";
import type { KubernetesObject } from "../../resources/objects";
import { DRIVER_NAMES, findStorageDriver, isKnownMountOption } from "./drivers";

/** By this annotation every claim without a class, of every team, gets volumes of this one. The second is its name in old clusters. */
const DEFAULT_CLASS: readonly string[] = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

export function storageClassFindings(object: KubernetesObject): readonly Finding[] {
  const { prefix } = object;
  const read = readerOf<StorageClassArgs>(object);
  const provisioner = read("provisioner");
  const driver = findStorageDriver(provisioner);
  const [mountOptions, reclaimPolicy] = [read("mountOptions"), read("reclaimPolicy")];
  if (driver === undefined) {
    return [unknownDriver(`${prefix}provisioner`, provisioner)];
  }
  return [
    ...parameterFindings(read("parameters"), `${prefix}parameters`, driver.parameters),
    ...defaultFindings(object),
    ...(reclaimPolicy === undefined || reclaimPolicy === null || reclaimPolicy === "Delete"
      ? []
      : [
          reclaimPolicy === UNKNOWN
            ? undetermined(`${prefix}reclaimPolicy`, "whether volumes outlive their claims")
            : `${prefix}reclaimPolicy is ${show(reclaimPolicy)}, so volumes outlive their claims, and no quota counts them. Use Delete, and snapshots for what must stay`,
        ]),
    ...(mountOptions === UNKNOWN ? [undetermined(`${prefix}mountOptions`, "what is mounted")] : []),
    ...entries(mountOptions)
      .filter((option) => !isKnownMountOption(option))
      .map((option) => `${prefix}mountOptions has ${show(option)}, which this policy does not know. Remove it`),
  ];
}

export function volumeAttributesClassFindings(object: KubernetesObject): readonly Finding[] {
  const { prefix } = object;
  const read = readerOf<VolumeAttributesClassArgs>(object);
  const name = read("driverName");
  const driver = findStorageDriver(name);
  return driver === undefined
    ? [unknownDriver(`${prefix}driverName`, name)]
    : parameterFindings(read("parameters"), `${prefix}parameters`, driver.modifiable);
}

function unknownDriver(path: string, name: unknown): Finding {
  return name === UNKNOWN
    ? undetermined(path, "which storage it makes")
    : `${path} is ${show(name)}, and no policy knows what storage it makes. Use ${DRIVER_NAMES}`;
}

function parameterFindings(parameters: unknown, path: string, known: readonly string[]): readonly Finding[] {
  if (parameters === UNKNOWN) {
    return [undetermined(path, "which storage it makes")];
  }
  return Object.entries(asRecord(parameters)).flatMap(([key, value]): readonly Finding[] => {
    if (!known.includes(key.toLowerCase())) {
      return [`${path}.${key} is not a parameter that this policy knows. Allowed: ${known.join(", ")}`];
    }
    return key.toLowerCase() === "encrypted" && value !== true && value !== "true" && value !== UNKNOWN
      ? [`${path}.${key} is ${show(value)}, so the data is not encrypted. Set it to "true"`]
      : [];
  });
}

function defaultFindings(object: KubernetesObject): readonly Finding[] {
  const metadata = object.read("metadata");
  const annotations = asRecord(metadata)["annotations"];
  const path = `${object.prefix}metadata.annotations`;
  if (metadata === UNKNOWN || annotations === UNKNOWN) {
    return [undetermined(path, "whether it is the class of every team")];
  }
  return DEFAULT_CLASS.filter((name) => ![undefined, null, "false"].includes(asRecord(annotations)[name] as string | undefined)).map(
    (name) => `${path} has ${name}, by which claims of all teams that name no class get volumes of this one. Remove it`,
  );
}
