/** The pods that Kubernetes objects make: one reader for every kind that carries a pod or a pod template. */
import { UNKNOWN, entries, asRecord } from "../evaluation/snapshot";
import type { KubernetesObject } from "./objects";

/** A pod's spec and metadata as an object carries them, as plain data with `UNKNOWN` in the place of what is unknown until `pulumi up`. */
export interface PodTemplate {
  /** Where it stands: empty for a Pod itself, `spec.template.` for a Deployment; stands before paths in messages. */
  readonly prefix: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly containers: readonly PodContainer[];
  /** Paths of parts that decide what the pod is and are unknown until `pulumi up`. */
  readonly unknown: readonly string[];
}

export interface PodContainer {
  readonly type: "container" | "initContainer" | "ephemeralContainer";
  /** `spec.containers[0]`. */
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
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
 * The pod templates of an object: of a workload of Kubernetes by their place, of a custom resource (a RayCluster, a PyTorchJob) wherever something in it has
 * the form of a pod's spec, since nobody knows every operator's kinds.
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
    if (entries(record["containers"]).some(isContainer)) {
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
  const fields = asRecord(spec);
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
    return entries(fields[key]).map((content, index): PodContainer => {
      const path = `${prefix}spec.${key}[${index}]`;
      if (content === UNKNOWN) {
        unknown.push(path);
      }
      return { type, path, content: asRecord(content) };
    });
  });
  return { prefix, metadata: asRecord(metadata), spec: fields, containers, unknown };
}

/** Entries of a list in a pod, each with its path; an unknown list or entry is added to `unknown`. */
export function entriesOf(
  object: Readonly<Record<string, unknown>>,
  key: string,
  path: string,
  unknown: string[],
): readonly { readonly path: string; readonly entry: Readonly<Record<string, unknown>> }[] {
  if (object[key] === UNKNOWN) {
    unknown.push(`${path}.${key}`);
  }
  return entries(object[key]).map((entry, index) => {
    const entryPath = `${path}.${key}[${index}]`;
    if (entry === UNKNOWN) {
      unknown.push(entryPath);
    }
    return { path: entryPath, entry: asRecord(entry) };
  });
}

/** A nested object of a pod; an unknown one is added to `unknown`. */
export function fieldsOf(
  object: Readonly<Record<string, unknown>>,
  key: string,
  path: string,
  unknown: string[],
): Readonly<Record<string, unknown>> {
  if (object[key] === UNKNOWN) {
    unknown.push(`${path}.${key}`);
  }
  return asRecord(object[key]);
}

/** Whether a field says anything: `false`, empty text, an empty list and null do not. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
}
