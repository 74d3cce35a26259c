/** Affinity and anti-affinity between pods, as a pod's spec has it. Source: `PodAffinityTerm` of `k8s.io/api/core/v1`, v0.34.4. */
import { Fields, isObject, readLeniently } from "../manifest/fields";
import type { NodeRequirement } from "./placement-rules";
import { readRequirementsOf } from "./placement-rules";

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

/** What a label selector asks of the labels of one object; all of them have to be met. */
export type LabelRequirement = NodeRequirement & { readonly operator: (typeof OPERATORS)[number] };

export interface PodAffinityTerm {
  /** Of the term in the object that the pod was read from. */
  readonly path: string;
  /** Which pods it is about. Without requirements all; undefined: none. */
  readonly labelSelector: readonly LabelRequirement[] | undefined;
  /** Keys of the pod's own labels: the others need the same value. */
  readonly matchLabelKeys: readonly string[];
  /** Keys of the pod's own labels: the others need another value, or none. */
  readonly mismatchLabelKeys: readonly string[];
  /** Where those pods are; empty, and no selector: in the pod's own namespace. */
  readonly namespaces: readonly string[];
  /** Further namespaces by their labels. Without requirements all; undefined: no further ones. */
  readonly namespaceSelector: readonly LabelRequirement[] | undefined;
  /** Nodes with the same value of this label are one place. */
  readonly topologyKey: string;
}

const TERM_FIELDS = ["labelSelector", "namespaces", "namespaceSelector", "topologyKey", "matchLabelKeys", "mismatchLabelKeys"];

/** `affinity.<kind>.requiredDuringSchedulingIgnoredDuringExecution` of a pod's spec. */
export function readPodAffinity(spec: Fields, kind: "podAffinity" | "podAntiAffinity"): readonly PodAffinityTerm[] {
  const affinity = spec.value("affinity");
  const path = `${spec.path("affinity")}.${kind}`;
  const rules = readLeniently(isObject(affinity) ? affinity[kind] : undefined, path, spec.problems);
  return (rules?.list("requiredDuringSchedulingIgnoredDuringExecution") ?? []).flatMap((item, index): PodAffinityTerm | readonly [] => {
    const at = `${path}.requiredDuringSchedulingIgnoredDuringExecution[${String(index)}]`;
    return readPodAffinityTerm(item, at, spec.problems) ?? [];
  });
}

export function readPodAffinityTerm(item: unknown, path: string, problems: string[]): PodAffinityTerm | undefined {
  const term = Fields.read(item, path, TERM_FIELDS, problems);
  return (
    term && {
      path,
      labelSelector: readLabelSelector(term, "labelSelector"),
      matchLabelKeys: term.strings("matchLabelKeys"),
      mismatchLabelKeys: term.strings("mismatchLabelKeys"),
      namespaces: term.strings("namespaces"),
      namespaceSelector: readLabelSelector(term, "namespaceSelector"),
      topologyKey: term.string("topologyKey") ?? "",
    }
  );
}

/** A selector of labels that the API server has accepted. */
export function readSelector(selector: unknown): readonly LabelRequirement[] {
  return readLabelSelector(Fields.read({ selector }, "", "all", []), "selector") ?? [];
}

/** Undefined: it selects nothing. */
export function readLabelSelector(term: Fields | undefined, key: string): readonly LabelRequirement[] | undefined {
  if (term?.isSet(key) !== true) {
    return undefined;
  }
  const selector = Fields.read(term.value(key), term.path(key), ["matchLabels", "matchExpressions"], term.problems);
  return selector === undefined
    ? undefined
    : [
        ...Object.entries(selector.stringMap("matchLabels")).map(([label, value]) => ({
          key: label,
          operator: "In" as const,
          values: [value],
        })),
        ...readRequirementsOf(OPERATORS, selector, "matchExpressions"),
      ];
}
