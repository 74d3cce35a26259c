/**
 * Snapshots as files: a List of Kubernetes objects, as `kubectl get nodes,pods,... --all-namespaces --output json` prints it, or as the planner
 * saves it, with what was read and from which Kubernetes version.
 */
import type { JsonObject } from "../../cluster/objects";
import { isObject, problem } from "../../dra/manifest/fields";
import { textOf } from "../../json/text-of";
import { valueAt } from "../../json/value-at";
import { withoutNulls } from "../../json/without-nulls";
import { KIND_NAMES, isKind } from "./kinds";
import type { Kind } from "./kinds";
import { shapeProblems } from "./shape";
import type { Gap, Snapshot } from "./snapshot";

/** A file that the planner has saved. */
export interface SnapshotFile {
  readonly apiVersion: "v1";
  readonly kind: "List";
  /** `1.34`. */
  readonly kubernetesVersion?: string | undefined;
  /** Kinds of which the items are all that there were. */
  readonly read: readonly Kind[];
  readonly gaps: readonly Gap[];
  readonly items: readonly JsonObject[];
}

export type SnapshotReading =
  { readonly type: "snapshot"; readonly snapshot: Snapshot } | { readonly type: "invalid"; readonly problems: readonly string[] };

/** What a kind is when nobody says whether the file has all of it. */
const NOT_IN_FILE = "the file has none, and does not say that there are none";

/**
 * Reads a List.
 * @param source names the file.
 * @param mayHaveNulls whether a field can be null, which then is not set: a text without the word has none, and to look through a large file takes its time.
 */
export function readSnapshot(content: unknown, source: string, mayHaveNulls = true): SnapshotReading {
  if (!isObject(content) || content["apiVersion"] !== "v1" || content["kind"] !== "List" || !Array.isArray(content["items"])) {
    const reason = `must be a List of v1, as kubectl get ${kubectlKinds()} --all-namespaces --output json prints it`;
    return { type: "invalid", problems: [problem("kind", isObject(content) ? content["kind"] : content, reason)] };
  }
  const problems: string[] = [];
  const objects = byKind(content["items"], mayHaveNulls, problems);
  const gaps = readGaps(content["gaps"], problems);
  const read = readKinds(content["read"], problems);
  const version = content["kubernetesVersion"];
  if (version !== undefined && !(typeof version === "string" && /^1\.\d+$/.test(version))) {
    problems.push(problem("kubernetesVersion", version, 'must be a minor version such as "1.34"'));
  }
  if (problems.length > 0) {
    return { type: "invalid", problems: firstOf(problems) };
  }
  const unsaid = KIND_NAMES.filter(
    (kind) => (read === undefined ? objects[kind].length === 0 : !read.includes(kind)) && !gaps.some((gap) => gap.kind === kind),
  );
  return {
    type: "snapshot",
    snapshot: {
      source,
      kubernetesVersion: typeof version === "string" ? version : versionOfKubelets(objects.Node),
      objects,
      gaps: [...gaps, ...unsaid.map((kind): Gap => ({ kind, reason: NOT_IN_FILE }))],
    },
  };
}

/** The names of objects, part by part: texts of all parts would have to be made for every object of a large cluster. */
class Names {
  private readonly known = new Map<unknown, Map<unknown, Set<unknown>>>();

  /** Whether the name is new. */
  add({ kind, metadata }: JsonObject): boolean {
    const { namespace, name } = metadata as JsonObject;
    const ofKind = this.known.get(kind) ?? new Map<unknown, Set<unknown>>();
    const ofNamespace = ofKind.get(namespace) ?? new Set();
    this.known.set(kind, ofKind.set(namespace, ofNamespace));
    const { size } = ofNamespace;
    return ofNamespace.add(name).size > size;
  }
}

/** Most files that have one wrong object have it a thousand times. */
const MAX_PROBLEMS = 10;

function firstOf(problems: readonly string[]): readonly string[] {
  const left = problems.length - MAX_PROBLEMS;
  return left <= 0 ? problems : [...problems.slice(0, MAX_PROBLEMS), `${String(left)} more objects or fields are wrong`];
}

/** What to ask kubectl for. */
function kubectlKinds(): string {
  return KIND_NAMES.map((kind) => (kind === "ResourceClaimTemplate" ? "resourceclaimtemplates" : `${kind.toLowerCase()}s`))
    .join(",")
    .replaceAll("classs", "classes");
}

function byKind(items: readonly unknown[], mayHaveNulls: boolean, problems: string[]): Readonly<Record<Kind, readonly JsonObject[]>> {
  const objects = Object.fromEntries(KIND_NAMES.map((kind): [string, JsonObject[]] => [kind, []])) as Record<Kind, JsonObject[]>;
  const names = new Names();
  for (const [index, item] of items.entries()) {
    const kind = isObject(item) ? item["kind"] : undefined;
    if (!isObject(item) || typeof kind !== "string" || typeof valueAt(item, "metadata", "name") !== "string") {
      problems.push(problem(`items[${String(index)}]`, kind, "must be a Kubernetes object with kind and metadata.name"));
    } else if (isKind(kind)) {
      const object = mayHaveNulls ? withoutNulls(item) : item;
      if (!names.add(object)) {
        problems.push(problem(`items[${String(index)}]`, `${kind} ${textOf(valueAt(object, "metadata", "name"))}`, "is in the file twice"));
      }
      objects[kind].push(object);
      problems.push(...shapeProblems(kind, object, `items[${String(index)}]`));
    }
  }
  return objects;
}

function readKinds(value: unknown, problems: string[]): readonly Kind[] | undefined {
  if (value === undefined) {
    return undefined;
  }
  const kinds: readonly unknown[] = Array.isArray(value) ? value : [value];
  const unknown = kinds.filter((kind) => !isKind(kind));
  problems.push(...unknown.map((kind) => problem("read", kind, `must be one of ${KIND_NAMES.join(", ")}`)));
  return kinds.filter(isKind);
}

function readGaps(value: unknown, problems: string[]): readonly Gap[] {
  const gaps: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return gaps.flatMap((gap, index) => {
    const [kind, reason] = [valueAt(gap, "kind"), valueAt(gap, "reason")];
    if (isKind(kind) && typeof reason === "string") {
      return [{ kind, reason }];
    }
    problems.push(problem(`gaps[${String(index)}]`, gap, "must have a kind and a reason"));
    return [];
  });
}

/** The newest version of a kubelet: a control plane is never older than its kubelets. */
function versionOfKubelets(nodes: readonly JsonObject[]): string | undefined {
  const minors = nodes.flatMap((node) => {
    const match = /^v1\.(\d+)\./.exec(String(valueAt(node, "status", "nodeInfo", "kubeletVersion")));
    return match === null ? [] : [Number(match[1])];
  });
  return minors.length === 0 ? undefined : `1.${String(Math.max(...minors))}`;
}

/** The content of a file. @param objects as they may be given away. */
export function snapshotFile({ kubernetesVersion, gaps, objects }: Snapshot): SnapshotFile {
  const missing = new Set(gaps.map(({ kind }) => kind));
  return {
    apiVersion: "v1",
    kind: "List",
    kubernetesVersion,
    read: KIND_NAMES.filter((kind) => !missing.has(kind)),
    gaps,
    items: KIND_NAMES.flatMap((kind) => objects[kind]),
  };
}
