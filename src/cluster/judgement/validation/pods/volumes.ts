/** Volumes of pods, and where containers mount them. Source: `ValidateVolumes` and `ValidateVolumeMounts` of Kubernetes. */
import { problem } from "../../../../dra/manifest/fields";
import { dnsLabelFault, dnsSubdomainFault } from "../../../../dra/manifest/names";
import {
  asList,
  asPart,
  atMostOne,
  between,
  duplicates,
  each,
  exactlyOne,
  formatted,
  isGiven,
  named,
  oneOf,
  required,
  text,
} from "../rules";
import type { Part, Problems } from "../rules";
import { labelProblems } from "../metadata";
import { claimSpecProblems } from "../volume-claims";
import { fieldProblems, resourceFieldProblems } from "./environment";
import { quantityProblems } from "./resources";

const POD_FIELDS = ["metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"];
const HOST_PATH_TYPES = ["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"];

export function volumesProblems(volumes: unknown, path: string): Problems {
  return [...duplicates(volumes, path, ({ name }) => text(name)), ...each(volumes, path, volumeProblems)];
}

function volumeProblems(volume: Part, path: string): Problems {
  const sources = Object.keys(volume).filter((key) => key !== "name" && volume[key] !== undefined && volume[key] !== null);
  return [
    ...named(volume["name"], `${path}.name`, dnsLabelFault),
    // A volume without a source is an emptyDir.
    ...(sources.length > 1 ? [problem(path, undefined, `only one of ${sources.join(", ")} is allowed`)] : []),
    ...sources.flatMap((source) => SOURCES[source]?.(asPart(volume[source]), `${path}.${source}`) ?? []),
  ];
}

/** Only labels and annotations are copied to the claim. */
function copiedMetadataProblems(metadata: Part, path: string): Problems {
  return Object.keys(metadata)
    .filter((field) => !["labels", "annotations"].includes(field) && isGiven(metadata[field]))
    .map((field) => problem(`${path}.${field}`, undefined, "cannot be set: only labels and annotations are copied to the claim"));
}

type Check = (source: Part, path: string) => Problems;

const fields =
  (...names: readonly string[]): Check =>
  (source, path) =>
    names.flatMap((name) => required(source[name], `${path}.${name}`));

const SOURCES: Readonly<Record<string, Check>> = {
  emptyDir: ({ sizeLimit }, path) => [...(isGiven(sizeLimit) ? quantityProblems(sizeLimit, `${path}.sizeLimit`) : [])],
  configMap: ({ name, items, defaultMode }, path) => [
    ...required(name, `${path}.name`),
    ...modeProblems(defaultMode, `${path}.defaultMode`),
    ...each(items, `${path}.items`, keyToPathProblems),
  ],
  secret: ({ secretName, items, defaultMode }, path) => [
    ...required(secretName, `${path}.secretName`),
    ...modeProblems(defaultMode, `${path}.defaultMode`),
    ...each(items, `${path}.items`, keyToPathProblems),
  ],
  hostPath: ({ path: hostPath, type }, path) => [
    ...named(hostPath, `${path}.path`, noBackstepFault),
    ...oneOf(type, `${path}.type`, HOST_PATH_TYPES),
  ],
  persistentVolumeClaim: ({ claimName }, path) => required(claimName, `${path}.claimName`),
  nfs: ({ server, path: exported }, path) => [
    ...required(server, `${path}.server`),
    ...named(exported, `${path}.path`, (value) => (value.startsWith("/") ? undefined : "must be an absolute path")),
  ],
  downwardAPI: ({ items, defaultMode }, path) => [
    ...modeProblems(defaultMode, `${path}.defaultMode`),
    ...each(items, `${path}.items`, downwardProblems),
  ],
  projected: ({ sources, defaultMode }, path) => [
    ...modeProblems(defaultMode, `${path}.defaultMode`),
    ...each(sources, `${path}.sources`, projectionProblems),
    ...sameFileProblems(asList(sources), `${path}.sources`),
  ],
  ephemeral: ({ volumeClaimTemplate }, path) =>
    volumeClaimTemplate === undefined
      ? required(undefined, `${path}.volumeClaimTemplate`)
      : [
          ...copiedMetadataProblems(asPart(asPart(volumeClaimTemplate)["metadata"]), `${path}.volumeClaimTemplate.metadata`),
          ...labelProblems(asPart(asPart(volumeClaimTemplate)["metadata"])["labels"], `${path}.volumeClaimTemplate.metadata.labels`),
          ...claimSpecProblems(asPart(volumeClaimTemplate)["spec"], `${path}.volumeClaimTemplate.spec`),
        ],
  csi: ({ driver, nodePublishSecretRef: secret }, path) => [
    ...named(driver, `${path}.driver`, (name) => dnsSubdomainFault(name.toLowerCase())),
    ...(isGiven(secret) ? named(asPart(secret)["name"], `${path}.nodePublishSecretRef.name`, dnsSubdomainFault) : []),
  ],
  iscsi: ({ targetPortal, iqn, lun }, path) => [
    ...required(targetPortal, `${path}.targetPortal`),
    ...named(iqn, `${path}.iqn`, iscsiFault),
    ...between(lun, `${path}.lun`, 0, 255),
  ],
  fc: ({ targetWWNs, wwids, lun }, path) => [
    ...exactlyOneList({ targetWWNs, wwids }, path),
    ...(asList(targetWWNs).length > 0
      ? [...(isGiven(lun) ? [] : required(lun, `${path}.lun`)), ...between(lun, `${path}.lun`, 0, 255)]
      : []),
  ],
  gcePersistentDisk: fields("pdName"),
  awsElasticBlockStore: fields("volumeID"),
  glusterfs: fields("endpoints", "path"),
  flexVolume: fields("driver"),
  azureFile: fields("secretName", "shareName"),
  azureDisk: fields("diskName", "diskURI"),
  cephfs: ({ monitors }, path) => nonEmpty(monitors, `${path}.monitors`),
  rbd: ({ monitors, image }, path) => [...nonEmpty(monitors, `${path}.monitors`), ...required(image, `${path}.image`)],
  cinder: fields("volumeID"),
  portworxVolume: fields("volumeID"),
  scaleIO: fields("gateway", "system", "volumeName"),
  vsphereVolume: fields("volumePath"),
  gitRepo: ({ repository, directory }, path) => [
    ...required(repository, `${path}.repository`),
    ...formatted(directory, `${path}.directory`, (value) => (value.startsWith("/") ? "must be a relative path" : noBackstepFault(value))),
  ],
};

/** Names of targets. Source: `validateISCSIVolumeSource`. */
const ISCSI_NAMES = [/^iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(:[^,;*&$|\s]+)$/, /^eui\.[A-Za-z0-9]{16}$/, /^naa\.[A-Za-z0-9]{32}$/];

function iscsiFault(name: string): string | undefined {
  return ISCSI_NAMES.some((pattern) => pattern.test(name)) ? undefined : "must be a name that begins with iqn, eui or naa";
}

function nonEmpty(list: unknown, path: string): Problems {
  return asList(list).length === 0 ? required(undefined, path) : [];
}

function exactlyOneList(lists: Part, path: string): Problems {
  const given = Object.values(lists).filter((list) => asList(list).length > 0).length;
  return given === 1 ? [] : [problem(path, undefined, `exactly one of ${Object.keys(lists).join(", ")} is required`)];
}

function modeProblems(mode: unknown, path: string): Problems {
  return between(mode, path, 0, 0o777);
}

function keyToPathProblems({ key, path: file, mode }: Part, path: string): Problems {
  return [...required(key, `${path}.key`), ...named(file, `${path}.path`, localPathFault), ...modeProblems(mode, `${path}.mode`)];
}

function downwardProblems(item: Part, path: string): Problems {
  const { path: file, fieldRef, resourceFieldRef, mode } = item;
  return [
    ...named(file, `${path}.path`, localPathFault),
    ...exactlyOne(item, path, ["fieldRef", "resourceFieldRef"]),
    ...(!isGiven(fieldRef) ? [] : fieldProblems(asPart(fieldRef), `${path}.fieldRef`, POD_FIELDS)),
    ...(!isGiven(resourceFieldRef)
      ? []
      : [
          ...required(asPart(resourceFieldRef)["containerName"], `${path}.resourceFieldRef.containerName`),
          ...resourceFieldProblems(asPart(resourceFieldRef), `${path}.resourceFieldRef`),
        ]),
    ...modeProblems(mode, `${path}.mode`),
  ];
}

function projectionProblems(source: Part, path: string): Problems {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  const ofKeys = (value: unknown, at: string) =>
    !isGiven(value)
      ? []
      : [...required(asPart(value)["name"], `${at}.name`), ...each(asPart(value)["items"], `${at}.items`, keyToPathProblems)];
  return [
    ...atMostOne(source, path, ["configMap", "secret", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"]),
    ...ofKeys(configMap, `${path}.configMap`),
    ...ofKeys(secret, `${path}.secret`),
    ...(!isGiven(downwardAPI) ? [] : each(asPart(downwardAPI)["items"], `${path}.downwardAPI.items`, downwardProblems)),
    ...(!isGiven(serviceAccountToken)
      ? []
      : [
          ...named(asPart(serviceAccountToken)["path"], `${path}.serviceAccountToken.path`, localPathFault),
          ...between(asPart(serviceAccountToken)["expirationSeconds"], `${path}.serviceAccountToken.expirationSeconds`, 600, 2 ** 32),
        ]),
  ];
}

/** All sources of a projected volume share one folder. Only the token of a service account may meet another file. */
function sameFileProblems(sources: readonly unknown[], path: string): Problems {
  const files = sources.flatMap((source, index) => {
    const { secret, configMap, downwardAPI, clusterTrustBundle } = asPart(source);
    const made = [...[secret, configMap, downwardAPI].flatMap((part) => asList(asPart(part)["items"])), clusterTrustBundle];
    return made.map((file) => ({ file: text(asPart(file)["path"]), at: `${path}[${String(index)}]` }));
  });
  return files.flatMap(({ file, at }, index) =>
    file !== "" && files.slice(0, index).some((earlier) => earlier.file === file)
      ? [problem(at, file, "makes a file that another source or item makes")]
      : [],
  );
}

function noBackstepFault(path: string): string | undefined {
  return path.split("/").includes("..") ? "must not contain '..'" : undefined;
}

export function localPathFault(path: string): string | undefined {
  return path.startsWith("/") ? "must be a relative path" : path.startsWith("..") ? "must not begin with '..'" : noBackstepFault(path);
}

/** Source: `validateMountRecursiveReadOnly`. */
function recursiveProblems({ recursiveReadOnly, readOnly, mountPropagation }: Part, path: string): Problems {
  if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible") {
    return [];
  }
  return [
    ...(readOnly === true ? [] : [problem(path, recursiveReadOnly, "requires readOnly: true")]),
    ...(isGiven(mountPropagation) && mountPropagation !== "None"
      ? [problem(path, recursiveReadOnly, "is allowed without mountPropagation only")]
      : []),
  ];
}

/** A volume of a claim, which can be a raw device, or another one. */
export type VolumeSort = "claim" | "other";

/** @param volumes the pod's volumes by name; undefined where others add to them. */
export function mountProblems(container: Part, path: string, volumes: ReadonlyMap<string, VolumeSort> | undefined): Problems {
  const namesOf = (list: string, field: string) =>
    new Set(
      asList(container[list])
        .map((entry) => text(asPart(entry)[field]))
        .filter((name) => name !== ""),
    );
  const mounts = `${path}.volumeMounts`;
  const devices = `${path}.volumeDevices`;
  const known = (name: unknown, at: string): Problems =>
    isGiven(name) && volumes?.has(text(name)) === false
      ? [
          problem(
            at,
            name,
            volumes.size > 0
              ? `must be one of the pod's volumes: ${[...volumes.keys()].join(", ")}`
              : "must be one of the pod's volumes, and there are none",
          ),
        ]
      : [];
  return [
    ...each(container["volumeMounts"], mounts, (mount, at) => [
      ...required(mount["name"], `${at}.name`),
      ...known(mount["name"], `${at}.name`),
      ...required(mount["mountPath"], `${at}.mountPath`),
      ...formatted(mount["subPath"], `${at}.subPath`, localPathFault),
      ...formatted(mount["subPathExpr"], `${at}.subPathExpr`, localPathFault),
      ...(isGiven(mount["subPath"]) && isGiven(mount["subPathExpr"])
        ? [problem(`${at}.subPathExpr`, undefined, "not allowed beside subPath")]
        : []),
      ...(mount["mountPropagation"] === "Bidirectional" && asPart(container["securityContext"])["privileged"] !== true
        ? [problem(`${at}.mountPropagation`, "Bidirectional", "requires a privileged container")]
        : []),
      ...recursiveProblems(mount, `${at}.recursiveReadOnly`),
      ...oneOf(mount["recursiveReadOnly"], `${at}.recursiveReadOnly`, ["Disabled", "Enabled", "IfPossible"]),
      ...oneOf(mount["mountPropagation"], `${at}.mountPropagation`, ["None", "HostToContainer", "Bidirectional"]),
    ]),
    ...duplicates(container["volumeMounts"], mounts, ({ mountPath }) => text(mountPath), "mountPath"),
    ...each(container["volumeDevices"], devices, (device, at) => [
      ...required(device["name"], `${at}.name`),
      ...known(device["name"], `${at}.name`),
      ...(isGiven(device["name"]) && volumes?.get(text(device["name"])) === "other"
        ? [problem(`${at}.name`, device["name"], "must be a persistentVolumeClaim or ephemeral volume: only those can be raw devices")]
        : []),
      ...(namesOf("volumeMounts", "name").has(text(device["name"]))
        ? [problem(`${at}.name`, device["name"], "is in volumeMounts too: a volume is a file system or a raw device")]
        : []),
      ...(namesOf("volumeMounts", "mountPath").has(text(device["devicePath"]))
        ? [problem(`${at}.devicePath`, device["devicePath"], "is a mountPath of volumeMounts too")]
        : []),
      ...named(device["devicePath"], `${at}.devicePath`, noBackstepFault),
    ]),
    ...duplicates(container["volumeDevices"], devices, ({ devicePath }) => text(devicePath), "devicePath"),
    ...duplicates(container["volumeDevices"], devices, ({ name }) => text(name)),
  ];
}

/** A pod's volumes by name. */
export function volumeSorts(spec: Part): ReadonlyMap<string, VolumeSort> {
  return new Map(
    asList(spec["volumes"]).map((volume) => {
      const { name, persistentVolumeClaim, ephemeral } = asPart(volume);
      return [text(name), isGiven(persistentVolumeClaim) || isGiven(ephemeral) ? "claim" : "other"];
    }),
  );
}
