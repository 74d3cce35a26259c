/** The pods that Kubernetes objects create: one reader for every kind that has a pod or a pod template. */
import type { core, meta } from "@pulumi/kubernetes/types/input";
import type { CarriedPod } from "../../src/cluster/custom-resources/types";
import { entries, fieldsOf } from "../evaluation/properties";
import type { ItemOf, ObjectIn, PropertiesOf } from "../evaluation/properties";
import { UNKNOWN, asRecord, kept, untypedEntries } from "../evaluation/snapshot";
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

const WORKLOAD_GROUPS = ["", "apps", "batch", "extensions"];

/**
 * The pod templates of an object. In a workload of Kubernetes they have a fixed path. In a custom resource they are where the table of custom resources
 * says, and wherever else something has the form of a pod.
 */
export const podTemplates = kept((object: KubernetesObject) => object, templatesOf);

function templatesOf(object: KubernetesObject): readonly PodTemplate[] {
  const path = WORKLOAD_GROUPS.includes(object.group) ? TEMPLATES.get(object.kind) : undefined;
  return path === undefined ? (object.contents?.pods ?? []).map((pod) => carriedTemplate(object.prefix, pod)) : templateAt(path, object);
}

/** The pod template of a workload of Kubernetes. */
function templateAt(path: readonly string[], object: KubernetesObject): readonly PodTemplate[] {
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

/** A pod of a custom resource. Its containers have paths of their own. */
function carriedTemplate(prefix: string, { path, unknown, metadata, spec, containers }: CarriedPod): PodTemplate {
  const at = (inner: string) => `${prefix}${inner}`;
  const isTemplate = containers.some((container) => container.path.startsWith(`${path}.spec.`));
  return {
    // The fields of a PodSpec are in the record itself unless it is a template.
    prefix: isTemplate ? `${at(path)}.` : path.endsWith("spec") ? at(path.slice(0, -"spec".length)) : `${at(path)}: `,
    metadata: asRecord(metadata),
    spec,
    containers: containers.map((container) => ({ type: container.type, path: at(container.path), content: asRecord(container.content) })),
    unknown: [...unknown.map(at), ...containers.filter(({ content }) => content === UNKNOWN).map((container) => at(container.path))],
  };
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
