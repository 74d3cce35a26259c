/**
 * How many pods custom resources make, for kinds whose operators create them from pod templates as they stand.
 * Sources (read 2026-11-27): kubernetes-sigs/jobset `pkg/controllers`, kubernetes-sigs/lws `pkg/controllers`, ray-project/kuberay `controllers/ray/utils`
 * (`GetWorkerGroupDesiredReplicas`), kubeflow/training-operator `pkg/controller.v1`, volcano-sh/volcano `pkg/controllers/job`, argoproj/argo-rollouts.
 */
import { isObject } from "../dra/manifest/fields";
import { objectAt, valueAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

/** Equal pods of a custom resource. */
export interface CustomPods {
  /** Of the PodTemplate: `spec.workerGroupSpecs[0].template`. */
  readonly path: string;
  /** What they are in the resource: `head`, the name of a group, of a job or of a role. Empty where all pods are the same. */
  readonly role: string;
  readonly template: unknown;
  readonly count: number;
}

type Read = (spec: JsonObject, count: Count) => readonly CustomPods[];

/** A number of pods at a path of a record; `otherwise` where it is not set. Anything but a number of pods is a problem. */
export type Count = (record: JsonObject, key: string, path: string, otherwise: number) => number;

const JOBSET: Read = (spec, count) =>
  entries(spec, "replicatedJobs", "spec").map(({ entry, path }, index) => {
    const job = objectAt(entry, "template", "spec");
    const jobPath = `${path}.template.spec`;
    const parallelism = count(job, "parallelism", jobPath, 1);
    const pods = Math.min(parallelism, count(job, "completions", jobPath, parallelism));
    const suspended = spec["suspend"] === true || job["suspend"] === true;
    return {
      path: `${jobPath}.template`,
      role: nameOf(entry, "name", index),
      template: job["template"],
      count: suspended ? 0 : count(entry, "replicas", path, 1) * pods,
    };
  });

const LEADER_WORKER_SET: Read = (spec, count) => {
  const group = objectAt(spec, "leaderWorkerTemplate");
  const path = "spec.leaderWorkerTemplate";
  const replicas = count(spec, "replicas", "spec", 1);
  const size = count(group, "size", path, 1);
  const { leaderTemplate, workerTemplate } = group;
  return [
    { path: `${path}.leaderTemplate`, role: "leader", template: leaderTemplate ?? workerTemplate, count: replicas },
    { path: `${path}.workerTemplate`, role: "worker", template: workerTemplate, count: replicas * Math.max(0, size - 1) },
  ];
};

/** A Ray cluster. Its autoscaler starts from the same numbers. */
const rayAt =
  (...keys: readonly string[]): Read =>
  (spec, count) => {
    const cluster = objectAt(spec, ...keys);
    const path = ["spec", ...keys].join(".");
    const suspended = spec["suspend"] === true || cluster["suspend"] === true;
    const workers = entries(cluster, "workerGroupSpecs", path).map(({ entry, path: at }, index) => {
      const least = count(entry, "minReplicas", at, 0);
      const most = count(entry, "maxReplicas", at, Infinity);
      const wanted = Math.min(Math.max(count(entry, "replicas", at, least), least), most);
      return {
        path: `${at}.template`,
        role: nameOf(entry, "groupName", index),
        template: entry["template"],
        count: (entry["suspend"] === true ? 0 : wanted) * count(entry, "numOfHosts", at, 1),
      };
    });
    const head = {
      path: `${path}.headGroupSpec.template`,
      role: "head",
      template: valueAt(cluster, "headGroupSpec", "template"),
      count: 1,
    };
    return [head, ...workers].map((pods) => (suspended ? { ...pods, count: 0 } : pods));
  };

const kubeflow =
  (field: string): Read =>
  (spec, count) =>
    Object.entries(objectAt(spec, field)).map(([role, value]) => {
      const replica = isObject(value) ? value : {};
      const path = `spec.${field}.${role}`;
      const suspended = valueAt(spec, "runPolicy", "suspend") === true;
      return {
        path: `${path}.template`,
        role: role.toLowerCase(),
        template: replica["template"],
        count: suspended ? 0 : count(replica, "replicas", path, 1),
      };
    });

const VOLCANO: Read = (spec, count) =>
  entries(spec, "tasks", "spec").map(({ entry, path }, index) => ({
    path: `${path}.template`,
    role: nameOf(entry, "name", index),
    template: entry["template"],
    count: count(entry, "replicas", path, 1),
  }));

const replicasOf: Read = (spec, count) => [
  { path: "spec.template", role: "", template: spec["template"], count: count(spec, "replicas", "spec", 1) },
];

/** A Rollout can leave its template to a Deployment, and a RayJob run in a cluster that is there. */
const namesWorkload = ({ kind, body }: ClusterObject): boolean => {
  const spec = objectAt(body, "spec");
  return kind === "Rollout"
    ? spec["workloadRef"] !== undefined && spec["template"] === undefined
    : kind === "RayJob" && spec["clusterSelector"] !== undefined && spec["rayClusterSpec"] === undefined;
};

/** Names of the volumes that an operator adds to the pods: of the claims that it makes for them. */
export function customVolumes({ body }: ClusterObject): readonly string[] {
  const spec = objectAt(body, "spec");
  return [
    // A JobSet's, then a LeaderWorkerSet's.
    ...entries(spec, "volumeClaimPolicies", "").flatMap(({ entry }) => entries(entry, "templates", "")),
    ...entries(objectAt(spec, "leaderWorkerTemplate"), "volumeClaimTemplates", ""),
  ].map(({ entry }) => String(valueAt(entry, "metadata", "name")));
}

const KINDS: ReadonlyMap<string, Read> = new Map([
  ["jobset.x-k8s.io JobSet", JOBSET],
  ["leaderworkerset.x-k8s.io LeaderWorkerSet", LEADER_WORKER_SET],
  ["ray.io RayCluster", rayAt()],
  ["ray.io RayJob", rayAt("rayClusterSpec")],
  ["ray.io RayService", rayAt("rayClusterConfig")],
  ["kubeflow.org PyTorchJob", kubeflow("pytorchReplicaSpecs")],
  ["kubeflow.org TFJob", kubeflow("tfReplicaSpecs")],
  ["kubeflow.org MPIJob", kubeflow("mpiReplicaSpecs")],
  ["kubeflow.org XGBoostJob", kubeflow("xgbReplicaSpecs")],
  ["kubeflow.org PaddleJob", kubeflow("paddleReplicaSpecs")],
  ["kubeflow.org JAXJob", kubeflow("jaxReplicaSpecs")],
  ["kubeflow.org Notebook", (spec) => [{ path: "spec.template", role: "", template: spec["template"], count: 1 }]],
  ["batch.volcano.sh Job", VOLCANO],
  ["argoproj.io Rollout", replicasOf],
]);

/** Whether the pods of a kind are known. */
export function hasCustomPods(object: ClusterObject): boolean {
  return KINDS.has(keyOf(object.apiVersion, object.kind)) && !namesWorkload(object);
}

/** The pods of a custom resource; undefined for a kind whose operator makes them otherwise than from templates, or is not known. */
export function customPodsOf(object: ClusterObject, count: Count): readonly CustomPods[] | undefined {
  const { apiVersion, kind, body } = object;
  return namesWorkload(object) ? undefined : KINDS.get(keyOf(apiVersion, kind))?.(objectAt(body, "spec"), count);
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion.split("/").slice(0, -1).join("/")} ${kind}`;
}

function nameOf(entry: JsonObject, key: string, index: number): string {
  const name = entry[key];
  return typeof name === "string" && name !== "" ? name : String(index);
}

function entries(record: JsonObject, key: string, path: string): readonly { readonly entry: JsonObject; readonly path: string }[] {
  const list = record[key];
  return Array.isArray(list)
    ? list.map((entry: unknown, index) => ({ entry: isObject(entry) ? entry : {}, path: `${path}.${key}[${String(index)}]` }))
    : [];
}
