/** The pods that workload objects make: one per replica, completion or matching node. */
import { isObject, problem } from "../dra/manifest/fields";
import { readPodSpec } from "../dra/pods";
import type { Pod, ResourceAmounts } from "../dra/pods";
import { customPodsOf } from "./custom-workloads";
import { podLimits } from "./limits";
import type { LimitRanges } from "./limits";
import { objectAt, valueAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

/** A pod together with the object that makes it. */
export interface PlannedPod {
  readonly owner: ClusterObject;
  readonly pod: Pod;
  /** What it may use at most. */
  readonly limits: ResourceAmounts;
}

/** The pods of one object. They are counted and made one at a time, because an object can ask for two thousand million of them. */
export interface PlannedPods {
  readonly count: number;
  /** Whether they differ by name only. Those of a DaemonSet are for one node each. */
  readonly equal: boolean;
  /** Specs of the PersistentVolumeClaims that every pod brings: of a StatefulSet's templates, and of generic ephemeral volumes. */
  readonly volumeClaims: readonly unknown[];
  /** What they are made from. */
  readonly template: {
    readonly spec: unknown;
    /** Path of the spec in the object. */
    readonly path: string;
    readonly annotations: unknown;
  };
  at(index: number): PlannedPod;
}

export interface InvalidWorkload {
  readonly owner: ClusterObject;
  readonly problems: readonly string[];
}

/** Pod template and number of pods of a workload; undefined for objects that make no pods. */
interface Workload {
  readonly spec: unknown;
  /** Path of the pod's spec in the object, for problems. */
  readonly path: string;
  readonly pods: { readonly type: "count"; readonly count: number } | { readonly type: "perNode" };
  /** Behind the object's name in those of its pods, where it has pods of several templates. @default none */
  readonly suffix?: string;
}

const CONTROLLER_VERSIONS: ReadonlyMap<string, string> = new Map([
  ["Pod", "v1"],
  ["ReplicationController", "v1"],
  ["Deployment", "apps/v1"],
  ["ReplicaSet", "apps/v1"],
  ["StatefulSet", "apps/v1"],
  ["DaemonSet", "apps/v1"],
  ["Job", "batch/v1"],
  ["CronJob", "batch/v1"],
]);

function workloadsOf(object: ClusterObject, problems: string[]): readonly Workload[] {
  const builtIn = builtInWorkload(object, problems);
  if (builtIn !== undefined) {
    return [builtIn];
  }
  const custom = customPodsOf(object, (record, key, path, otherwise) => readCount(record, key, path, problems) ?? otherwise) ?? [];
  return custom.map(({ path, role, template, count }) => ({
    spec: valueAt(template, "spec"),
    path: `${path}.spec`,
    pods: { type: "count", count },
    suffix: role === "" ? "" : `-${role}`,
  }));
}

function builtInWorkload(object: ClusterObject, problems: string[]): Workload | undefined {
  if (CONTROLLER_VERSIONS.get(object.kind) !== object.apiVersion) {
    return undefined;
  }
  const spec = objectAt(object.body, "spec");
  const template = valueAt(spec, "template", "spec");
  const count = (value: number) => ({ type: "count" as const, count: value });
  switch (object.kind) {
    case "Pod":
      return { spec, path: "spec", pods: count(1) };
    case "DaemonSet":
      return { spec: template, path: "spec.template.spec", pods: { type: "perNode" } };
    case "Job":
      return { spec: template, path: "spec.template.spec", pods: count(jobPods(spec, "spec", problems)) };
    case "CronJob": {
      // One run; runs that overlap would come on top.
      const pods = jobPods(objectAt(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec", problems);
      return {
        spec: valueAt(spec, "jobTemplate", "spec", "template", "spec"),
        path: "spec.jobTemplate.spec.template.spec",
        pods: count(spec["suspend"] === true ? 0 : pods),
      };
    }
    default:
      return { spec: template, path: "spec.template.spec", pods: count(readCount(spec, "replicas", "spec", problems) ?? 1) };
  }
}

/** Pods of a job at one time. */
function jobPods(spec: JsonObject, path: string, problems: string[]): number {
  const parallelism = readCount(spec, "parallelism", path, problems) ?? 1;
  const completions = readCount(spec, "completions", path, problems) ?? parallelism;
  return spec["suspend"] === true ? 0 : Math.min(parallelism, completions);
}

/** What a field of type int32 can hold. */
const MAX_COUNT = 2 ** 31 - 1;

/** A number of pods as the API server reads it: a JSON integer of 32 bits, not negative. Undefined where it is not set. */
function readCount(spec: JsonObject, key: string, path: string, problems: string[]): number | undefined {
  const value = spec[key];
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT) {
    return value;
  }
  problems.push(problem(`${path}.${key}`, value, `must be an integer from 0 to ${MAX_COUNT}`));
  return undefined;
}

/**
 * The pods of one object, one entry for each of its templates, or what is wrong with them.
 * @param ranges fill in what containers do not say.
 * @param nodes names of all nodes. A DaemonSet makes a pod for each; which of them it fits is the scheduler's to say.
 */
export function podsOf(
  object: ClusterObject,
  ranges: LimitRanges,
  nodes: readonly string[],
):
  | { readonly type: "pods"; readonly pods: readonly PlannedPods[] }
  | { readonly type: "invalid"; readonly invalid: InvalidWorkload }
  | { readonly type: "none" } {
  const problems: string[] = [];
  const workloads = workloadsOf(object, problems);
  if (workloads.length === 0) {
    return { type: "none" };
  }
  const pods = workloads.flatMap((workload) => planned(object, workload, ranges, nodes, problems) ?? []);
  return problems.length > 0 ? { type: "invalid", invalid: { owner: object, problems } } : { type: "pods", pods };
}

function planned(
  object: ClusterObject,
  workload: Workload,
  ranges: LimitRanges,
  nodes: readonly string[],
  problems: string[],
): PlannedPods | undefined {
  const spec = ranges.apply(object.namespace, workload.spec);
  const reading = readPodSpec(spec, { name: object.name, namespace: object.namespace, path: workload.path });
  const found = reading.type === "invalid" ? reading.problems : ranges.podProblems(object.namespace, spec, workload.path);
  problems.push(...found);
  if (reading.type === "invalid" || problems.length > 0) {
    return undefined;
  }
  const { pod } = reading;
  const limits = podLimits(spec);
  const nodeNames = workload.pods.type === "perNode" ? nodes : undefined;
  const name = `${object.name}${workload.suffix ?? ""}`;
  return {
    count: workload.pods.type === "perNode" ? nodes.length : workload.pods.count,
    equal: nodeNames === undefined,
    volumeClaims: volumeClaimsOf(object, spec),
    template: { spec, path: workload.path, annotations: annotationsOf(object, workload.path) },
    at: (index) => ({
      owner: object,
      pod: {
        ...pod,
        name: object.kind === "Pod" ? object.name : `${name}-${index}`,
        nodeName: nodeNames === undefined ? pod.nodeName : nodeNames[index],
      },
      limits,
    }),
  };
}

/** Annotations of the pods: they stand beside their spec. */
function annotationsOf({ body }: ClusterObject, path: string): unknown {
  const template = path.split(".").slice(0, -1);
  return valueAt(body, ...template, "metadata", "annotations");
}

function volumeClaimsOf({ kind, body }: ClusterObject, spec: unknown): readonly unknown[] {
  const templates = kind === "StatefulSet" ? listAt(valueAt(body, "spec"), "volumeClaimTemplates") : [];
  const ephemeral = listAt(spec, "volumes").filter((volume) => isObject(valueAt(volume, "ephemeral")));
  return [
    ...templates.map((template) => valueAt(template, "spec")),
    ...ephemeral.map((volume) => valueAt(volume, "ephemeral", "volumeClaimTemplate", "spec")),
  ];
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = valueAt(value, key);
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
}
