/** The pods that workload objects make: one per replica, completion or matching node. */
import { isObject, problem } from "../dra/manifest/fields";
import { readLabels, readPodSpec } from "../dra/pods";
import type { Pod, PodVolume, ResourceAmounts } from "../dra/pods";
import { readSelector } from "../dra/pods/pod-affinity";
import { readVolumeClaimSpec } from "../dra/volumes/read";
import type { Autoscalers } from "./autoscalers";
import { customPlacement } from "./custom-resources/placement";
import type { Context, CustomPods, Placement } from "./custom-resources/pods/types";
import { isSuspended } from "./custom-resources/pods/reading";
import { podLimits } from "./limits";
import type { LimitRanges } from "./limits";
import { listAt, objectAt } from "./objects";
import { valueAt } from "../json/value-at";
import type { ClusterObject, JsonObject } from "./objects";
import { otherController } from "./managed-by";
import { volumeClaimTemplatesOf } from "./volume-claim-templates";
import type { VolumeClaimTemplate } from "./volume-claim-templates";

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
    readonly labels: unknown;
    /** Fields of the pod that are called otherwise in the object, see `CustomPods`. */
    readonly written: CustomPods["written"] & object;
  };
  /** What they are in a custom resource, see `CustomPods`; empty otherwise. */
  readonly role: string;
  /** Pods of different phases run one after the other. */
  readonly phase: number;
  /** Where to set what Pod Security wants, if not in the template. */
  readonly remedy: string | undefined;
  /** How many of them an autoscaler inside of the object may make; undefined where it has none. */
  readonly most: number | undefined;
  at(index: number): PlannedPod;
}

export interface InvalidWorkload {
  readonly owner: ClusterObject;
  readonly problems: readonly string[];
}

/** Pod template and number of pods of a workload. */
interface Workload {
  readonly spec: unknown;
  /** Path of the pod's spec in the object, for problems. */
  readonly path: string;
  readonly pods: { readonly type: "count"; readonly count: number } | { readonly type: "perNode" };
  readonly annotations: unknown;
  readonly labels?: unknown;
  /** Behind the object's name in those of its pods, where it has pods of several templates. @default none */
  readonly role?: string;
  readonly phase?: number;
  readonly remedy?: string | undefined;
  readonly written?: CustomPods["written"] | undefined;
  readonly most?: number | undefined;
}

/** What {@link podsOf} is told beside the object. */
export interface Surroundings {
  /** They fill in what containers do not say. */
  readonly ranges: LimitRanges;
  /** Names of all nodes. A DaemonSet makes a pod for each; which of them it fits is the scheduler's to say. */
  readonly nodes: readonly string[];
  /** They decide how many pods a workload has. */
  readonly autoscalers: Autoscalers;
  /** Finds what a custom resource names, from its namespace. */
  readonly finder: (namespace: string) => Context["find"];
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
  ["PodTemplate", "v1"],
]);

/** The placement of a custom resource. Built-in kinds have none. */
function customOf(object: ClusterObject, { finder, autoscalers }: Surroundings, problems: string[]): Placement | undefined {
  if (CONTROLLER_VERSIONS.has(object.kind) && CONTROLLER_VERSIONS.get(object.kind) === object.apiVersion) {
    return undefined;
  }
  return customPlacement(object, {
    count: (record, key, path, otherwise) => readCount(record, key, path, problems) ?? otherwise,
    find: finder(object.namespace),
    scaling: autoscalers.of(object),
  });
}

function ofPlacement(object: ClusterObject, { pods, scales = [] }: Placement, autoscalers: Autoscalers): readonly Workload[] {
  return pods.map(({ count, role, ...rest }) => ({
    ...rest,
    annotations: rest.annotations,
    role,
    most: scales.find((scale) => scale.role === role)?.most,
    pods: { type: "count" as const, count: role === "" ? autoscalers.replicasOf(object, count) : count },
  }));
}

function builtInWorkload(object: ClusterObject, autoscalers: Autoscalers, problems: string[]): Workload | undefined {
  if (CONTROLLER_VERSIONS.get(object.kind) !== object.apiVersion) {
    return undefined;
  }
  const spec = objectAt(object.body, "spec");
  const count = (value: number) => ({ type: "count" as const, count: value });
  const ofTemplate = (template: unknown, path: string, pods: Workload["pods"]): Workload => ({
    spec: valueAt(template, "spec"),
    path: `${path}.spec`,
    annotations: valueAt(template, "metadata", "annotations"),
    labels: valueAt(template, "metadata", "labels"),
    pods,
  });
  const { template } = spec;
  switch (object.kind) {
    case "Pod":
      return { ...ofTemplate(object.body, "", count(1)), path: "spec" };
    case "PodTemplate":
      // Others make pods of it.
      return ofTemplate(object.body["template"], "template", count(0));
    case "DaemonSet":
      return ofTemplate(template, "spec.template", { type: "perNode" });
    case "Job":
      return ofTemplate(template, "spec.template", count(jobPods(object.body, spec, "spec", problems)));
    case "CronJob": {
      // One run; runs that overlap would come on top.
      const pods = jobPods(object.body, objectAt(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec", problems);
      return ofTemplate(
        valueAt(spec, "jobTemplate", "spec", "template"),
        "spec.jobTemplate.spec.template",
        count(spec["suspend"] === true ? 0 : pods),
      );
    }
    default:
      return ofTemplate(
        template,
        "spec.template",
        count(isPaused(object) ? 0 : autoscalers.replicasOf(object, readCount(spec, "replicas", "spec", problems) ?? 1)),
      );
  }
}

/** Whether it makes no pods until somebody resumes it: the controller makes no first ReplicaSet of a paused Deployment (`pkg/controller/deployment/sync.go`). */
export function isPaused({ apiVersion, kind, body }: ClusterObject): boolean {
  return apiVersion === "apps/v1" && kind === "Deployment" && valueAt(body, "spec", "paused") === true;
}

/** Pods of a job at one time: none of one that is suspended, or left to another controller. */
function jobPods(body: JsonObject, spec: JsonObject, path: string, problems: string[]): number {
  const parallelism = readCount(spec, "parallelism", path, problems) ?? 1;
  const completions = readCount(spec, "completions", path, problems) ?? parallelism;
  return isSuspended(body, spec["suspend"]) || otherController(spec) !== undefined ? 0 : Math.min(parallelism, completions);
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

export type WorkloadReading =
  | { readonly type: "pods"; readonly pods: readonly PlannedPods[]; readonly placement: Omit<Placement, "pods"> }
  | { readonly type: "invalid"; readonly invalid: InvalidWorkload }
  | { readonly type: "none" };

/** The pods of one object, one entry for each of its templates, or what is wrong with them. */
export function podsOf(object: ClusterObject, surroundings: Surroundings): WorkloadReading {
  const problems: string[] = [];
  const custom = customOf(object, surroundings, problems);
  const builtIn = custom === undefined ? builtInWorkload(object, surroundings.autoscalers, problems) : undefined;
  const workloads = custom === undefined ? builtIn : ofPlacement(object, custom, surroundings.autoscalers);
  if (workloads === undefined) {
    return { type: "none" };
  }
  const pods = [workloads].flat().flatMap((workload) => planned(object, workload, surroundings, problems) ?? []);
  return problems.length > 0 ? { type: "invalid", invalid: { owner: object, problems } } : { type: "pods", pods, placement: custom ?? {} };
}

function planned(object: ClusterObject, workload: Workload, { ranges, nodes }: Surroundings, problems: string[]): PlannedPods | undefined {
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
  const { role = "", phase = 0, remedy, annotations, labels, written = [], most } = workload;
  const name = role === "" ? object.name : `${object.name}-${role}`;
  const podName = (index: number) => (object.kind === "Pod" ? object.name : `${name}-${index}`);
  const own = readLabels(labels);
  const templates = volumeClaimTemplatesOf(object);
  return {
    count: workload.pods.type === "perNode" ? nodes.length : workload.pods.count,
    equal: nodeNames === undefined,
    volumeClaims: volumeClaimsOf(object, spec),
    template: { spec, path: workload.path, annotations, labels, written },
    role,
    phase,
    remedy,
    most,
    at: (index) => ({
      owner: object,
      pod: {
        ...pod,
        name: podName(index),
        labels: { ...own, ...controllerLabels(object, podName(index), index) },
        mayHaveOtherLabels: CONTROLLER_VERSIONS.get(object.kind) !== object.apiVersion,
        volumes: [...pod.volumes, ...templates.map((template) => volumeOf(template, podName(index)))],
        ownerSelector: ownerSelector(object),
        nodeName: nodeNames === undefined ? pod.nodeName : nodeNames[index],
      },
      limits,
    }),
  };
}

/**
 * Labels that the controllers of Kubernetes give to pods, by which rules about pods can name them. A hash stands for the pods of one template: here the object's name does.
 * Sources: `pkg/controller/deployment/util`, `pkg/controller/job/indexed_job_utils.go`, `pkg/controller/statefulset/stateful_set_utils.go` of Kubernetes v1.34.4.
 */
function controllerLabels({ kind, name, body }: ClusterObject, podName: string, index: number): Readonly<Record<string, string>> {
  const jobPath = kind === "CronJob" ? ["spec", "jobTemplate", "spec"] : ["spec"];
  switch (kind) {
    case "Deployment":
      return { "pod-template-hash": name };
    case "DaemonSet":
      return { "controller-revision-hash": name, "pod-template-generation": "1" };
    case "StatefulSet":
      return {
        "controller-revision-hash": name,
        "statefulset.kubernetes.io/pod-name": podName,
        "apps.kubernetes.io/pod-index": String(index),
      };
    case "Job":
    case "CronJob":
      return {
        "job-name": name,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": name,
        "batch.kubernetes.io/controller-uid": name,
        ...(valueAt(body, ...jobPath, "completionMode") === "Indexed" ? { "batch.kubernetes.io/job-completion-index": String(index) } : {}),
      };
    default:
      return {};
  }
}

/** Labels that tell the pods of one template of an object from those of another. */
const REVISION_LABELS = ["pod-template-hash", "controller-revision-hash"];

/** The same pod from the template that comes after this one. A rule about pods with the same hash is not about those of before. */
export function ofNextTemplate(planned: PlannedPod): PlannedPod {
  const next = REVISION_LABELS.flatMap((key) => {
    const hash = planned.pod.labels[key];
    return hash === undefined ? [] : [[key, `${hash} (next)`] as const];
  });
  return { ...planned, pod: { ...planned.pod, labels: { ...planned.pod.labels, ...Object.fromEntries(next) } } };
}

/** What the controller of an object's pods selects, where that is one of those by which kube-scheduler spreads pods (`helper/spread.go` of its plugins). */
function ownerSelector({ apiVersion, kind, name, body }: ClusterObject): Pod["ownerSelector"] {
  if (CONTROLLER_VERSIONS.get(kind) !== apiVersion) {
    return undefined;
  }
  switch (kind) {
    case "Deployment":
      return [...readSelector(valueAt(body, "spec", "selector")), { key: "pod-template-hash", operator: "In", values: [name] }];
    case "ReplicaSet":
    case "StatefulSet":
      return readSelector(valueAt(body, "spec", "selector"));
    case "ReplicationController":
      // The API server takes the labels of the template where there is no selector.
      return readSelector({ matchLabels: valueAt(body, "spec", "selector") ?? valueAt(body, "spec", "template", "metadata", "labels") });
    default:
      return [];
  }
}

/** The volume that a pod of a StatefulSet gets from a template. The claim outlives the pod, and one of this name that is there already is used. */
function volumeOf({ name, path, spec }: VolumeClaimTemplate, podName: string): PodVolume {
  return { path, type: "claim", claimName: `${name}-${podName}`, made: readVolumeClaimSpec(spec) };
}

function volumeClaimsOf(object: ClusterObject, spec: unknown): readonly unknown[] {
  const ephemeral = listAt(spec, "volumes").filter((volume) => isObject(valueAt(volume, "ephemeral")));
  return [
    ...volumeClaimTemplatesOf(object).map((template) => template.spec),
    ...ephemeral.map((volume) => valueAt(volume, "ephemeral", "volumeClaimTemplate", "spec")),
  ];
}
