/** Observations as files: a List of Kubernetes objects, as the doctor or the planner saves it, or as kubectl prints it. */
import { isObject, problem } from "../../dra/manifest/fields";
import type { JsonObject } from "../../cluster/objects";
import { isOption } from "../../cluster/shell-line";
import { valueAt } from "../../json/value-at";
import { withoutNulls } from "../../json/without-nulls";
import { OBSERVED_KIND_NAMES, isObservedKind, observedKind } from "./kinds";
import type { ObservedKind } from "./kinds";
import type { ObservedGap, Observation } from "./observation";

/** A file that the doctor has saved. */
export interface ObservationFile {
  readonly apiVersion: "v1";
  readonly kind: "List";
  readonly savedBy: typeof SAVED_BY;
  readonly readAt: string;
  readonly kubernetesVersion?: string | undefined;
  /** Kinds of which the items are all that there were. */
  readonly read: readonly ObservedKind[];
  readonly gaps: readonly ObservedGap[];
  readonly items: readonly JsonObject[];
}

const SAVED_BY = "doctor";

export type ObservationReading =
  { readonly type: "observation"; readonly observation: Observation } | { readonly type: "invalid"; readonly problems: readonly string[] };

/** @param source names the file. @param modified when the file was written, for a file that does not say when it was read. */
export function readObservation(content: unknown, source: string, modified: Date): ObservationReading {
  if (!isObject(content) || content["apiVersion"] !== "v1" || content["kind"] !== "List" || !Array.isArray(content["items"])) {
    const reason = `must be a List of v1, as npm run doctor -- --context NAME --save FILE writes it, or kubectl get ${kubectlKinds()} --all-namespaces --show-managed-fields --output json`;
    return { type: "invalid", problems: [problem("kind", isObject(content) ? content["kind"] : content, reason)] };
  }
  const problems: string[] = [];
  const objects = byKind(content["items"], problems);
  const { read, gaps = [], kubernetesVersion, readAt = modified.toISOString(), savedBy } = content;
  if (typeof readAt !== "string" || Number.isNaN(Date.parse(readAt))) {
    problems.push(problem("readAt", readAt, 'must be a time such as "2026-11-28T09:00:00Z"'));
  }
  if (kubernetesVersion !== undefined && !(typeof kubernetesVersion === "string" && /^1\.\d+$/.test(kubernetesVersion))) {
    problems.push(problem("kubernetesVersion", kubernetesVersion, 'must be a minor version such as "1.34"'));
  }
  if (problems.length > 0) {
    return { type: "invalid", problems };
  }
  const said: readonly unknown[] | undefined = Array.isArray(read) ? (read as readonly unknown[]) : undefined;
  const known = (Array.isArray(gaps) ? (gaps as readonly unknown[]) : []).flatMap((gap): ObservedGap[] => {
    const [kind, reason] = [valueAt(gap, "kind"), valueAt(gap, "reason")];
    return isObservedKind(kind) ? [{ kind, reason: String(reason) }] : [];
  });
  const unsaid = OBSERVED_KIND_NAMES.filter(
    (kind) => (said === undefined ? objects[kind].length === 0 : !said.includes(kind)) && !known.some((gap) => gap.kind === kind),
  );
  return {
    type: "observation",
    observation: {
      source,
      readAt: new Date(readAt as string).toISOString(),
      kubernetesVersion: typeof kubernetesVersion === "string" ? kubernetesVersion : versionOfKubelets(objects.Node),
      objects,
      gaps: [...known, ...unsaid.map((kind) => ({ kind, reason: "the file has none, and does not say that there are none" }))],
      names: said !== undefined && savedBy !== SAVED_BY ? "numbered" : "kept",
    },
  };
}

/** What to ask kubectl for. */
function kubectlKinds(): string {
  return OBSERVED_KIND_NAMES.map((kind) => observedKind(kind).resource).join(",");
}

function byKind(items: readonly unknown[], problems: string[]): Record<ObservedKind, readonly JsonObject[]> {
  const objects = Object.fromEntries(OBSERVED_KIND_NAMES.map((kind): [string, JsonObject[]] => [kind, []])) as Record<
    ObservedKind,
    JsonObject[]
  >;
  for (const [index, item] of items.entries()) {
    const kind = valueAt(item, "kind");
    if (!isObject(item) || typeof kind !== "string" || typeof valueAt(item, "metadata", "name") !== "string") {
      problems.push(problem(`items[${String(index)}]`, kind, "must be a Kubernetes object with kind and metadata.name"));
    } else if (["name", "namespace"].some((key) => isOption(String(valueAt(item, "metadata", key))))) {
      // Commands have both as words.
      problems.push(problem(`items[${String(index)}].metadata`, item["metadata"], "name and namespace must begin with no hyphen"));
    } else if (isObservedKind(kind)) {
      objects[kind].push(withoutNulls(item));
    }
  }
  return objects;
}

/** The newest version of a kubelet: a control plane is never older than its kubelets. */
function versionOfKubelets(nodes: readonly JsonObject[]): string | undefined {
  const minors = nodes.flatMap((node) => {
    const match = /^v1\.(\d+)\./.exec(String(valueAt(node, "status", "nodeInfo", "kubeletVersion")));
    return match === null ? [] : [Number(match[1])];
  });
  return minors.length === 0 ? undefined : `1.${String(Math.max(...minors))}`;
}

/** The content of a file. @param observation as it may be given away. */
export function observationFile({ readAt, kubernetesVersion, gaps, objects }: Observation): ObservationFile {
  const missing = new Set(gaps.map(({ kind }) => kind));
  return {
    apiVersion: "v1",
    kind: "List",
    savedBy: SAVED_BY,
    readAt,
    kubernetesVersion,
    read: OBSERVED_KIND_NAMES.filter((kind) => !missing.has(kind)),
    gaps: gaps.map(({ kind }) => ({ kind, reason: "it could not be read" })),
    items: OBSERVED_KIND_NAMES.flatMap((kind) => objects[kind]),
  };
}
