/** How evenly a pod wants its like to be spread. Source: `TopologySpreadConstraint` of `k8s.io/api/core/v1`, v0.34.4. */
import type { Fields } from "../manifest/fields";
import { readLeniently } from "../manifest/fields";
import type { LabelRequirement } from "./pod-affinity";
import { readLabelSelector } from "./pod-affinity";

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

/** The entries that keep the pod from nodes. Without a key an entry says nothing that can be modelled (`unmodelledRules`). */
export function readRequiredSpread(spec: Fields): readonly RequiredSpread[] {
  return entriesWith("DoNotSchedule", spec)
    .filter(({ entry }) => (entry.string("topologyKey") ?? "") !== "")
    .map(({ path, entry }) => ({ ...readConstraint(entry), path, minDomains: entry.integer("minDomains") ?? 1 }));
}

function entriesWith(
  whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway",
  spec: Fields,
): readonly { readonly path: string; readonly entry: Fields }[] {
  return spec.list(ENTRIES).flatMap((item, index) => {
    const path = `${spec.path(ENTRIES)}[${String(index)}]`;
    const entry = readLeniently(item, path, spec.problems);
    return entry?.string("whenUnsatisfiable") === whenUnsatisfiable ? [{ path, entry }] : [];
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
