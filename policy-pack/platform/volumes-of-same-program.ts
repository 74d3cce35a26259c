import type { core } from "@pulumi/kubernetes/types/input";
import type { StackValidationPolicy } from "@pulumi/policy";
import { prefixed } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onStack } from "../evaluation/on-stack";
import type { Stack, StackMember } from "../evaluation/on-stack";
import { field } from "../evaluation/properties";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import { kubernetesObjects, readerOf } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { namespaceOf, objectsOfOthers, resourceOf } from "./registrant";
import { PLATFORM_PROJECTS } from "./settings";
import { storageClaims } from "./storage/claims";
import type { StorageClaim } from "./storage/claims";
import { findStorageDriver } from "./storage/drivers";

const VOLUME = "PersistentVolume";
const CLAIM = "PersistentVolumeClaim";

/**
 * Checks that volumes name the program's own storage. A volume handle is only a text, and with it a pod mounts the data of whoever owns the storage. The ids of
 * what a program creates are unknown in its first preview, and then the resources behind the text count.
 */
export const volumesOfSameProgram: StackValidationPolicy = {
  name: "volumes-of-same-program",
  displayName: "Volumes are of the same program",
  description:
    "Checks that PersistentVolumes and StorageClasses name storage that the same program creates, and that volumes and claims name each other in the same program.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["tenancy", "storage"],
  remediationSteps:
    "Create the storage in the same program (aws.ebs.Volume, aws.efs.FileSystem) and pass its id, or write a PersistentVolumeClaim of the platform's storage class.",
  configSchema: { properties: PLATFORM_PROJECTS },
  validateStack: onStack({
    types: (type) => type.startsWith("kubernetes:"),
    check: (member, stack) =>
      objectsOfOthers(resourceOf(member, stack)).flatMap((object) =>
        storageFindings(object, member, stack).map((finding) => prefixed(`${object.kind}: `, finding)),
      ),
  }),
};

function storageFindings(object: KubernetesObject, member: StackMember, stack: Stack): readonly Finding[] {
  switch (`${object.kind}.${object.group}`) {
    case `${VOLUME}.`:
      return volumeFindings(object, member, stack);
    case "StorageClass.storage.k8s.io":
      return classFindings(object, member, stack);
    default:
      return storageClaims(object).flatMap((claim) => claimFindings(claim, member, stack));
  }
}

function volumeFindings(object: KubernetesObject, member: StackMember, stack: Stack): readonly Finding[] {
  const spec = readerOf<core.v1.PersistentVolume>(object)("spec");
  const handle = field(spec, "csi", "volumeHandle");
  const types = findStorageDriver(field(spec, "csi", "driver"))?.storage ?? [];
  const [name, namespace] = [field(spec, "claimRef", "name"), field(spec, "claimRef", "namespace")];
  const isOwnClaim = objectsOf(stack, CLAIM).some(({ object: claim, of }) => isNamed(claim, name) && namespaceOf(claim, of) === namespace);
  return [
    ...(types.length === 0 || isOwnStorage(handle, types, member.sourcesOf("spec"), stack)
      ? []
      : [
          `${object.prefix}spec.csi.volumeHandle is not the id of storage that this program creates. Create ${types.join(" or ")} in this program and pass its id`,
        ]),
    // What is not a name, storage-known says.
    ...(typeof name !== "string" || typeof namespace !== "string" || isOwnClaim
      ? []
      : [
          `${object.prefix}spec.claimRef is claim ${name} of namespace ${namespace}, which this program does not register. Register the claim in this program`,
        ]),
  ];
}

function claimFindings({ path, spec }: StorageClaim, member: StackMember, stack: Stack): readonly Finding[] {
  const name = valueAt(spec, "volumeName");
  if (name === undefined || name === null || name === "") {
    return [];
  }
  const isOwn =
    name === UNKNOWN
      ? member.sourcesOf("spec").some(({ type }) => type === `kubernetes:core/v1:${VOLUME}`)
      : objectsOf(stack, VOLUME).some(({ object: volume }) => isNamed(volume, name));
  return isOwn
    ? []
    : [
        `${path}.volumeName is a volume that this program does not register, and its data can be another team's. Remove it, or register the volume in this program`,
      ];
}

function classFindings(object: KubernetesObject, member: StackMember, stack: Stack): readonly Finding[] {
  const driver = findStorageDriver(object.read("provisioner"));
  const [id] = Object.entries(asRecord(object.read("parameters")))
    .filter(([key]) => key.toLowerCase() === driver?.storageParameter)
    .map(([, value]) => value);
  return driver?.storageParameter === undefined || isOwnStorage(id, driver.storage, member.sourcesOf("parameters"), stack)
    ? []
    : [
        `${object.prefix}parameters does not name storage that this program creates. Create ${driver.storage.join(" or ")} in this program and pass its id`,
      ];
}

/** Whether a handle is made of ids of the program's own storage: `vol-1`, `fs-1`, `fs-1:/path:fsap-1`. */
function isOwnStorage(handle: unknown, types: readonly string[], sources: readonly StackMember[], { members }: Stack): boolean {
  if (handle === UNKNOWN) {
    return sources.some(({ type }) => types.includes(type));
  }
  const ids = members.filter(({ type }) => types.includes(type)).map(({ props }) => props["id"]);
  const [storage = "", , accessPoint = storage, ...others] = typeof handle === "string" ? handle.split(":") : [];
  return others.length === 0 && ids.includes(storage) && ids.includes(accessPoint);
}

function isNamed(object: KubernetesObject, name: unknown): boolean {
  return typeof name === "string" && asRecord(object.read("metadata"))["name"] === name;
}

function objectsOf(stack: Stack, wanted: typeof VOLUME | typeof CLAIM) {
  return stack.members
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .flatMap((member) => {
      const of = resourceOf(member, stack);
      return kubernetesObjects(of)
        .filter(({ group, kind, isPatch }) => group === "" && kind === wanted && !isPatch)
        .map((object) => ({ object, of }));
    });
}
