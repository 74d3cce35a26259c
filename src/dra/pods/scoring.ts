/**
 * What a pod says about nodes that all fit it: it prefers some to others. Sources: `Affinity` and `TopologySpreadConstraint` of `k8s.io/api/core/v1`, v0.34.4;
 * `PodRequests` of `k8s.io/component-helpers/resource`, v0.34.4, with the defaults of `pkg/scheduler/util/pod_resources.go` of Kubernetes v1.34.4.
 */
import { Fields, isObject, readLeniently } from "../manifest/fields";
import type { NodeSelectorTerm } from "./placement-rules";
import { readNodeSelectorTerm } from "./placement-rules";
import type { PodAffinityTerm } from "./pod-affinity";
import { readPodAffinityTerm } from "./pod-affinity";
import { requestsThatCount, UNSAID } from "./requests";
import type { CountedRequests } from "./requests";
import type { SpreadConstraint } from "./spread";
import { readPreferredSpread } from "./spread";

/** A term with its weight, from 1 to 100. */
export interface Weighted<T> {
  readonly weight: number;
  readonly term: T;
}

export interface PodScoring {
  readonly nodeAffinity: readonly Weighted<NodeSelectorTerm>[];
  readonly podAffinity: readonly Weighted<PodAffinityTerm>[];
  readonly podAntiAffinity: readonly Weighted<PodAffinityTerm>[];
  /** Undefined: the pod has no constraint of any kind, and kube-scheduler's own ones apply. */
  readonly spread: readonly SpreadConstraint[] | undefined;
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
    spread: readPreferredSpread(spec),
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
