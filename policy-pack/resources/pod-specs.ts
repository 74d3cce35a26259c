/** The pods that Kubernetes objects create: one reader for every kind that has a pod or a pod template. */
import type { core, meta } from "@pulumi/kubernetes/types/input";
import { entries, fieldsOf } from "../evaluation/properties";
import type { ItemOf, ObjectIn, PropertiesOf } from "../evaluation/properties";
import { UNKNOWN, asRecord, untypedEntries } from "../evaluation/snapshot";
import type { KubernetesObject } from "./objects";

/** A pod's spec and metadata as an object has them, as plain data with `UNKNOWN` for what is unknown until `pulumi up`. */
export interface PodTemplate {
  /** The path of the template: empty for a Pod itself, `spec.template.` for a Deployment. Messages put it before paths. */
  readonly prefix: string;
  readonly metadata: Partial<PropertiesOf<meta.v1.ObjectMeta>>;
  readonly spec: Partial<PropertiesOf<core.v1.PodSpec>>;
  readonly containers: readonly PodContainer[];
  /** Paths of parts that decide what the pod is and are unknown until `pulumi up`. */
  readonly unknown: readonly string[];
}

export interface PodContainer {
  readonly type: "container" | "initContainer" | "ephemeralContainer";
  /** `spec.containers[0]`. */
  readonly path: string;
  readonly content: Partial<PropertiesOf<core.v1.Container>>;
}

/** Path of the pod template in the kinds of Kubernetes itself, the same in all their API versions. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", []],
  ["PodTemplate", ["template"]],
  ["Deployment", ["spec", "template"]],
  ["StatefulSet", ["spec", "template"]],
  ["DaemonSet", ["spec", "template"]],
  ["ReplicaSet", ["spec", "template"]],
  ["ReplicationController", ["spec", "template"]],
  ["Job", ["spec", "template"]],
  ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

const BUILT_IN_GROUPS = ["", "apps", "batch", "extensions"];

/**
 * The pod templates of an object. In a workload of Kubernetes they have a fixed path. In a custom resource (a RayCluster, a PyTorchJob) they are
 * wherever something has the form of a pod's spec, because the kinds of all operators are unknown here.
 */
export function podTemplates(object: KubernetesObject): readonly PodTemplate[] {
  if (!BUILT_IN_GROUPS.includes(object.group)) {
    return isCustom(object) ? customTemplates(object) : [];
  }
  const path = TEMPLATES.get(object.kind);
  if (path === undefined) {
    return [];
  }
  const [first, ...rest] = path;
  if (first === undefined) {
    return [templateOf(object.prefix, object.read("metadata"), object.read("spec"))];
  }
  let carrier = object.read(first);
  for (const key of rest) {
    carrier = carrier === UNKNOWN ? UNKNOWN : asRecord(carrier)[key];
  }
  if (carrier === undefined || carrier === null) {
    return [];
  }
  const { metadata, spec } = carrier === UNKNOWN ? { metadata: UNKNOWN, spec: UNKNOWN } : asRecord(carrier);
  return [templateOf(`${object.prefix}${path.join(".")}.`, metadata, spec)];
}

/** `x-k8s.io` is the domain of the community's custom resources (JobSet), `k8s.io` that of Kubernetes itself. */
function isCustom({ group }: KubernetesObject): boolean {
  return group.includes(".") && (!group.endsWith(".k8s.io") || group.endsWith(".x-k8s.io"));
}

function customTemplates(object: KubernetesObject): readonly PodTemplate[] {
  const found: PodTemplate[] = [];
  visit(object.read("spec"), `${object.prefix}spec`, {});
  return found;

  function visit(value: unknown, path: string, parent: Readonly<Record<string, unknown>>): void {
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        visit(item, `${path}[${index}]`, {});
      });
      return;
    }
    const record = asRecord(value);
    if (untypedEntries(record["containers"]).some(isContainer)) {
      found.push(templateOf(`${path.replace(/\.?[^.]*$/, "")}.`, parent["metadata"], record));
    }
    for (const [key, child] of Object.entries(record)) {
      visit(child, `${path}.${key}`, record);
    }
  }
}

/** Some operators fill in the name, others the image. */
function isContainer(value: unknown): boolean {
  const { name, image } = asRecord(value);
  return typeof name === "string" || typeof image === "string";
}

const CONTAINER_LISTS = [
  ["containers", "container"],
  ["initContainers", "initContainer"],
  ["ephemeralContainers", "ephemeralContainer"],
] as const;

function templateOf(prefix: string, metadata: unknown, spec: unknown): PodTemplate {
  const fields: PodTemplate["spec"] = asRecord(spec);
  const unknown: string[] = [];
  if (spec === UNKNOWN) {
    unknown.push(`${prefix}spec`);
  }
  if (metadata === UNKNOWN) {
    unknown.push(`${prefix}metadata`);
  }
  const containers = CONTAINER_LISTS.flatMap(([key, type]) => {
    if (fields[key] === UNKNOWN) {
      unknown.push(`${prefix}spec.${key}`);
    }
    return untypedEntries(fields[key]).map((content, index): PodContainer => {
      const path = `${prefix}spec.${key}[${index}]`;
      if (content === UNKNOWN) {
        unknown.push(path);
      }
      return { type, path, content: asRecord(content) };
    });
  });
  return { prefix, metadata: asRecord(metadata), spec: fields, containers, unknown };
}

/** Entries of a list in a pod, each with its path. Adds the path of an unknown list or entry to `unknown`. */
export function entriesAt<Part extends object, Key extends keyof Part & string>(
  part: Part,
  key: Key,
  path: string,
  unknown: string[],
): readonly { readonly path: string; readonly entry: Partial<ObjectIn<ItemOf<Part[Key]>>> }[] {
  if (part[key] === UNKNOWN) {
    unknown.push(`${path}.${key}`);
  }
  return entries(part[key]).map((entry, index) => {
    const entryPath = `${path}.${key}[${index}]`;
    if (entry === UNKNOWN) {
      unknown.push(entryPath);
    }
    return { path: entryPath, entry: fieldsOf(entry) };
  });
}

/** A nested object of a pod. Adds the path of an unknown one to `unknown`. */
export function fieldsAt<Part extends object, Key extends keyof Part & string>(
  part: Part,
  key: Key,
  path: string,
  unknown: string[],
): Partial<ObjectIn<Part[Key]>> {
  if (part[key] === UNKNOWN) {
    unknown.push(`${path}.${key}`);
  }
  return fieldsOf(part[key]);
}

/** Whether a field has a value other than `false`, an empty string, an empty list and null. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
}
