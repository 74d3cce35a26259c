/**
 * What a pod says about nodes that all fit it: it prefers some to others. Sources: `Affinity` and `TopologySpreadConstraint` of `k8s.io/api/core/v1`, v0.34.4;
 * `PodRequests` of `k8s.io/component-helpers/resource`, v0.34.4, with the defaults of `pkg/scheduler/util/pod_resources.go` of Kubernetes v1.34.4.
 */
import { Fields, isObject, readLeniently } from "../manifest/fields";
import type { NodeSelectorTerm } from "./placement-rules";
import { readNodeSelectorTerm } from "./placement-rules";
import type { LabelRequirement, PodAffinityTerm } from "./pod-affinity";
import { readLabelSelector, readPodAffinityTerm } from "./pod-affinity";
import { requestsThatCount, UNSAID } from "./requests";
import type { CountedRequests } from "./requests";

/** A term with its weight, from 1 to 100. */
export interface Weighted<T> {
  readonly weight: number;
  readonly term: T;
}

/** An entry of `topologySpreadConstraints` with `whenUnsatisfiable: ScheduleAnyway`. */
export interface SoftSpread {
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

export interface PodScoring {
  readonly nodeAffinity: readonly Weighted<NodeSelectorTerm>[];
  readonly podAffinity: readonly Weighted<PodAffinityTerm>[];
  readonly podAntiAffinity: readonly Weighted<PodAffinityTerm>[];
  /** Undefined: the pod has no constraint of any kind, and kube-scheduler's own ones apply. */
  readonly spread: readonly SoftSpread[] | undefined;
  readonly requests: CountedRequests;
}

const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/** @param podSpec of a pod. What is wrong with it is said where the API server's rules are. */
export function readScoring(podSpec: unknown): PodScoring {
  const spec = readLeniently(isObject(podSpec) ? podSpec : {}, "spec", []);
  return spec === undefined ? NOTHING_PREFERRED : readPreferences(spec);
}

/** Of a pod with one container that says nothing. */
export const NOTHING_PREFERRED: PodScoring = {
  nodeAffinity: [],
  podAffinity: [],
  podAntiAffinity: [],
  spread: undefined,
  requests: UNSAID,
};

function readPreferences(spec: Fields): PodScoring {
  return {
    nodeAffinity: readWeighted(spec, "nodeAffinity", "preference", readNodeSelectorTerm),
    podAffinity: readWeighted(spec, "podAffinity", "podAffinityTerm", readPodAffinityTerm),
    podAntiAffinity: readWeighted(spec, "podAntiAffinity", "podAffinityTerm", readPodAffinityTerm),
    spread: readSpread(spec),
    requests: requestsThatCount(spec),
  };
}

function readWeighted<T>(
  spec: Fields,
  kind: string,
  key: string,
  read: (term: unknown, path: string, problems: string[]) => T | undefined,
): readonly Weighted<T>[] {
  const affinity = spec.value("affinity");
  const path = `${spec.path("affinity")}.${kind}`;
  const rules = readLeniently(isObject(affinity) ? affinity[kind] : undefined, path, spec.problems);
  return (rules?.list(PREFERRED) ?? []).flatMap((item, index): Weighted<T>[] => {
    const at = `${path}.${PREFERRED}[${String(index)}]`;
    const fields = Fields.read(item, at, ["weight", key], spec.problems);
    const term = fields && read(fields.value(key), fields.path(key), spec.problems);
    return fields === undefined || term === undefined ? [] : [{ weight: fields.integer("weight") ?? 0, term }];
  });
}

function readSpread(spec: Fields): readonly SoftSpread[] | undefined {
  const constraints = spec.list("topologySpreadConstraints");
  if (constraints.length === 0) {
    return undefined;
  }
  return constraints.flatMap((item, index): SoftSpread[] => {
    const fields = readLeniently(item, `${spec.path("topologySpreadConstraints")}[${String(index)}]`, spec.problems);
    return fields?.string("whenUnsatisfiable") !== "ScheduleAnyway"
      ? []
      : [
          {
            maxSkew: fields.integer("maxSkew") ?? 1,
            topologyKey: fields.string("topologyKey") ?? "",
            labelSelector: readLabelSelector(fields, "labelSelector"),
            matchLabelKeys: fields.strings("matchLabelKeys"),
            honorsAffinity: (fields.string("nodeAffinityPolicy") ?? "Honor") === "Honor",
            honorsTaints: fields.string("nodeTaintsPolicy") === "Honor",
          },
        ];
  });
}
