/** How evenly a pod wants its like to be spread. Source: `TopologySpreadConstraint` of `k8s.io/api/core/v1`, v0.34.4. */
import type { Fields } from "../manifest/fields";
import { isObject, readLeniently } from "../manifest/fields";
import type { LabelRequirement } from "./pod-affinity";
import { readLabelSelector } from "./pod-affinity";
import { matchesIn } from "./placement-rules";

/** An entry of `topologySpreadConstraints`. */
export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  /** Which pods of the namespace count; undefined: none. */
  readonly labelSelector: readonly LabelRequirement[] | undefined;
  /** Keys of the pod's own labels: the others need the same value. */
  readonly matchLabelKeys: readonly string[];
  /** Only nodes that the pod's selector and required affinity match count. @default true */
  readonly honorsAffinity: boolean;
  /** Only nodes whose taints the pod tolerates count. @default false */
  readonly honorsTaints: boolean;
}

/** One with `whenUnsatisfiable: DoNotSchedule`. */
export interface RequiredSpread extends SpreadConstraint {
  /** Of the entry in the object that the pod was read from. */
  readonly path: string;
  /** With fewer places than these a place without pods counts as one of them. @default 1 */
  readonly minDomains: number;
}

const ENTRIES = "topologySpreadConstraints";

/** The entries that only weigh. Undefined: the pod has no entry of any kind, and kube-scheduler's own ones apply. */
export function readPreferredSpread(spec: Fields): readonly SpreadConstraint[] | undefined {
  return spec.list(ENTRIES).length === 0 ? undefined : entriesWith("ScheduleAnyway", spec).map(({ entry }) => readConstraint(entry));
}

const FIELDS = [
  ...["maxSkew", "topologyKey", "whenUnsatisfiable", "minDomains", "labelSelector", "matchLabelKeys"],
  ...["nodeAffinityPolicy", "nodeTaintsPolicy"],
];
const POLICIES: readonly unknown[] = [undefined, null, "Honor", "Ignore"];

/**
 * Whether it is known what an entry asks for. A version of Kubernetes after those of the catalogue may have more fields and values. Of a required entry a file of
 * the planner's first versions has no more than that it is there.
 */
function isKnownSpread(entry: Readonly<Record<string, unknown>>): boolean {
  const { whenUnsatisfiable, topologyKey, nodeAffinityPolicy, nodeTaintsPolicy } = entry;
  return (
    whenUnsatisfiable === "ScheduleAnyway" ||
    (whenUnsatisfiable === "DoNotSchedule" &&
      Boolean(topologyKey) &&
      [nodeAffinityPolicy, nodeTaintsPolicy].every((policy) => POLICIES.includes(policy)) &&
      Object.keys(entry).every((field) => FIELDS.includes(field)))
  );
}

/** Paths of the entries of which it is not known what they ask for. */
export function unknownSpreads(spec: Fields): readonly string[] {
  return matchesIn(spec, ENTRIES, (entry) => !isKnownSpread(entry));
}

/** The entries that keep the pod from nodes, as far as they are known. */
export function readRequiredSpread(spec: Fields): readonly RequiredSpread[] {
  return entriesWith("DoNotSchedule", spec)
    .filter(({ item }) => isKnownSpread(item))
    .map(({ path, entry }) => ({ ...readConstraint(entry), path, minDomains: entry.integer("minDomains") ?? 1 }));
}

function entriesWith(
  whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway",
  spec: Fields,
): readonly { readonly path: string; readonly entry: Fields; readonly item: Readonly<Record<string, unknown>> }[] {
  return spec.list(ENTRIES).flatMap((item, index) => {
    const path = `${spec.path(ENTRIES)}[${String(index)}]`;
    // What is no object is said where the unknown ones are (`unknownSpreads`).
    const entry = isObject(item) ? readLeniently(item, path, spec.problems) : undefined;
    return isObject(item) && entry?.string("whenUnsatisfiable") === whenUnsatisfiable ? [{ path, entry, item }] : [];
  });
}

function readConstraint(entry: Fields): SpreadConstraint {
  return {
    maxSkew: entry.integer("maxSkew") ?? 1,
    topologyKey: entry.string("topologyKey") ?? "",
    labelSelector: readLabelSelector(entry, "labelSelector"),
    matchLabelKeys: entry.strings("matchLabelKeys"),
    honorsAffinity: (entry.string("nodeAffinityPolicy") ?? "Honor") === "Honor",
    honorsTaints: entry.string("nodeTaintsPolicy") === "Honor",
  };
}
