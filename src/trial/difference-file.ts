/** A bug report about a difference between the model and a control plane, with what somebody else needs to see it, and nothing that names people or accounts. */
import { stringify } from "yaml";
import { isObject } from "../dra/manifest/fields";
import { titleOf } from "../cluster/objects";
import type { ClusterObject, JsonObject } from "../cluster/objects";
import type { Rehearsed } from "../rehearsal/control-plane";
import type { ControlPlaneReport } from "../rehearsal/report/report";

/** The settings that decide about nodes, teams and placement. Every other setting is left out, and named. */
const KEPT: Readonly<Record<string, readonly string[] | "whole">> = {
  kubernetesVersion: "whole",
  availabilityZones: "whole",
  overcommit: "whole",
  systemPool: ["instanceType", "size", "volumeGiB"],
  gpuPools: ["name", "instanceType", "layout", "size", "availabilityZone", "volumeGiB"],
  teams: ["name", "slices", "pods", "cpu", "memoryGiB", "storageGiB", "ephemeralStorageGiB", "objects"],
  fashionMnist: ["type", "team", "colocate", "scripts", "checkpoints"],
};

const MASKED = "masked";

/** The text of the file, YAML. */
export function differenceFile({ settings, release, manifestObjects }: Rehearsed, { answeredBy, differences }: ControlPlaneReport): string {
  const prefix = `${settings.project}:`;
  const own = Object.keys(settings.config).filter((key) => key.startsWith(prefix));
  const kept = own.filter((key) => Object.hasOwn(KEPT, key.slice(prefix.length)) && !settings.encrypted.includes(key));
  const content = {
    what: "npm start and npm start -- --control-plane differ",
    kubernetes: release.kubernetesVersion,
    answeredBy,
    node: process.version,
    differences: differences.map(({ subject, place, rehearsal, controlPlane }) => ({ subject, place, rehearsal, controlPlane })),
    configuration: Object.fromEntries(kept.map((key) => [key, keptSetting(key.slice(prefix.length), settings.config[key] ?? "")])),
    settingsLeftOut: Object.keys(settings.config).filter((key) => !kept.includes(key)),
    manifests: concerned(manifestObjects, new Set(differences.map(({ subject }) => subject))).map(({ body }) => masked(body)),
  };
  return stringify(maskedTexts(content), { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The objects up to the last that differs, in the namespaces of those that do, and what belongs to the whole cluster. */
function concerned(objects: readonly ClusterObject[], differing: ReadonlySet<string>): readonly ClusterObject[] {
  const last = objects.findLastIndex((object) => differing.has(titleOf(object)));
  const namespaces = new Set(objects.filter((object) => differing.has(titleOf(object))).map(({ namespace }) => namespace));
  return objects.slice(0, last + 1).filter(({ namespace }) => namespace === "" || namespaces.has(namespace));
}

function keptSetting(key: string, text: string): unknown {
  const fields = KEPT[key];
  const value = parsed(text);
  const pick = (entry: unknown) =>
    isObject(entry) && Array.isArray(fields) ? Object.fromEntries(Object.entries(entry).filter(([name]) => fields.includes(name))) : entry;
  return fields === "whole" ? value : Array.isArray(value) ? value.map(pick) : pick(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** An object without what it may keep secret: data, values of environment variables, command lines and annotations. None of it decides what a control plane says. */
function masked(body: JsonObject): unknown {
  const mask = (value: unknown, key: string): unknown => {
    if (["data", "stringData", "binaryData", "annotations"].includes(key) && isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, isKeptAnnotation(key, name) ? each : MASKED]));
    }
    if (["args", "command"].includes(key) && Array.isArray(value)) {
      return value.map(() => MASKED);
    }
    if (key === "env" && Array.isArray(value)) {
      return value.map((entry: unknown) => (isObject(entry) && "value" in entry ? { ...entry, value: MASKED } : entry));
    }
    if (Array.isArray(value)) {
      return value.map((entry) => mask(entry, ""));
    }
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mask(each, name)])) : value;
  };
  return mask(body, "");
}

/** Annotations of Kubernetes itself can decide: the default class, an AppArmor profile. */
function isKeptAnnotation(key: string, name: string): boolean {
  return key === "annotations" && /^([a-z0-9-]+\.)*kubernetes\.io\//.test(name) && !name.startsWith("kubectl.kubernetes.io/");
}

/** Account numbers, ARNs, addresses and mail, wherever a text has them. */
function maskedTexts(value: unknown): unknown {
  if (typeof value === "string") {
    return value
      .replaceAll(/arn:[a-z-]+:[^\s"',]+/g, "arn:masked")
      .replaceAll(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, MASKED)
      .replaceAll(/\b\d{12}\b/g, "000000000000");
  }
  if (Array.isArray(value)) {
    return value.map(maskedTexts);
  }
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedTexts(each)])) : value;
}
