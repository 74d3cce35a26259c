/**
 * Custom resources whose controllers create pods from templates as they stand.
 * Sources (read 2026-11-27): kubernetes-sigs/jobset v0.10 `pkg/controllers`, kubernetes-sigs/lws v0.7 `pkg/controllers`, kubeflow/training-operator v1.9
 * `pkg/controller.v1`, volcano-sh/volcano v1.13 `pkg/controllers/job`, argoproj/argo-rollouts v1.8.
 */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";
import { entriesOf, isSuspended, nameOf, ofTemplate } from "./reading";
import type { Context, CustomPods, ReadPods } from "./types";

/** The pods of the jobs of a JobSet, by the path of its spec. */
export function jobSetPods(
  spec: JsonObject,
  path: string,
  isStopped: (job: JsonObject) => boolean,
  { count }: Context,
): readonly CustomPods[] {
  return entriesOf(spec, "replicatedJobs", path).map(({ entry, path: at }, index) => {
    const job = objectAt(entry, "template", "spec");
    const jobPath = `${at}.template.spec`;
    const parallelism = count(job, "parallelism", jobPath, 1);
    const pods = Math.min(parallelism, count(job, "completions", jobPath, parallelism));
    return {
      ...ofTemplate(job["template"], `${jobPath}.template`),
      role: nameOf(entry, "name", index),
      count: isStopped(job) ? 0 : count(entry, "replicas", at, 1) * pods,
    };
  });
}

export const JOB_SET: ReadPods = ({ body }, context) => {
  const spec = objectAt(body, "spec");
  const claims = entriesOf(spec, "volumeClaimPolicies", "").flatMap(({ entry }) => entriesOf(entry, "templates", ""));
  return {
    pods: jobSetPods(spec, "spec", (job) => isSuspended(body, spec["suspend"], job["suspend"]), context),
    volumes: claims.map(({ entry }) => textOf(valueAt(entry, "metadata", "name"))),
  };
};

export const LEADER_WORKER_SET: ReadPods = ({ body }, { count, scaling }) => {
  const spec = objectAt(body, "spec");
  const group = objectAt(spec, "leaderWorkerTemplate");
  const path = "spec.leaderWorkerTemplate";
  const written = count(spec, "replicas", "spec", 1);
  const replicas = scaling === undefined || written === 0 ? written : Math.min(Math.max(written, scaling.least), scaling.most);
  const size = count(group, "size", path, 1);
  const { leaderTemplate, workerTemplate } = group;
  const ownLeader = leaderTemplate === undefined || leaderTemplate === null ? "workerTemplate" : "leaderTemplate";
  return {
    pods: [
      { ...ofTemplate(group[ownLeader], `${path}.${ownLeader}`), role: "leader", count: replicas },
      { ...ofTemplate(workerTemplate, `${path}.workerTemplate`), role: "worker", count: replicas * Math.max(0, size - 1) },
    ],
    // An autoscaler moves the number of groups.
    scales: scaling === undefined ? [] : [{ role: "leader", most: scaling.most }],
    volumes: entriesOf(group, "volumeClaimTemplates", "").map(({ entry }) => textOf(valueAt(entry, "metadata", "name"))),
  };
};

/** A job of Kubeflow with its replicas by role. */
export const kubeflow =
  (field: string): ReadPods =>
  ({ body }, { count }) => {
    const spec = objectAt(body, "spec");
    const suspended = isSuspended(body, valueAt(spec, "runPolicy", "suspend"));
    return {
      pods: Object.entries(objectAt(spec, field)).map(([role, value]) => {
        const replica = isObject(value) ? value : {};
        const path = `spec.${field}.${role}`;
        const pods = count(replica, "replicas", path, 1);
        const template = ofTemplate(replica["template"], `${path}.template`);
        return {
          ...template,
          spec: withProcesses(template.spec, spec["nprocPerNode"]),
          role: role.toLowerCase(),
          count: suspended ? 0 : pods,
        };
      }),
    };
  };

/** The controllers of training jobs tell torchrun by this variable how many processes a pod has. @param processes a number, or a word for as many as there are devices. */
export function withProcesses(spec: unknown, processes: unknown): unknown {
  const value = String(processes ?? "");
  return isObject(spec) && /^\d+$/.test(value)
    ? {
        ...spec,
        containers: listAt(spec, "containers").map((container) =>
          isObject(container) ? { ...container, env: [...listAt(container, "env"), { name: "PET_NPROC_PER_NODE", value }] } : container,
        ),
      }
    : spec;
}

/** The pods of the tasks of a job of Volcano, by the keys of the job's spec. */
export const volcano =
  (...keys: readonly string[]): ReadPods =>
  ({ body }, { count }) => ({
    pods: entriesOf(objectAt(body, ...keys), "tasks", keys.join(".")).map(({ entry, path }, index) => ({
      ...ofTemplate(entry["template"], `${path}.template`),
      role: nameOf(entry, "name", index),
      count: count(entry, "replicas", path, 1),
    })),
  });

export const NOTEBOOK: ReadPods = ({ body }) => ({
  // Kubeflow's dashboard stops a notebook with this annotation.
  pods: [
    {
      ...ofTemplate(valueAt(body, "spec", "template"), "spec.template"),
      role: "",
      count: valueAt(body, "metadata", "annotations", "kubeflow-resource-stopped") === undefined ? 1 : 0,
    },
  ],
});

/** A Rollout can leave its template to a Deployment. Blue-green runs the new pods beside all old ones. */
export const ROLLOUT: ReadPods = ({ body }, { count, find }) => {
  const spec = objectAt(body, "spec");
  const reference = objectAt(spec, "workloadRef");
  const replicas = count(spec, "replicas", "spec", 1);
  if (isObject(spec["template"]) || !isObject(spec["workloadRef"])) {
    return { pods: [{ ...ofTemplate(spec["template"], "spec.template"), role: "", count: replicas }] };
  }
  const name = textOf(reference["name"]);
  const target = find(textOf(reference["kind"]), name);
  return target === undefined
    ? { pods: [], unplaced: [`its pods are those of ${textOf(reference["kind"])} "${name}", which is not in the manifests`] }
    : { pods: [{ ...ofTemplate(valueAt(target.body, "spec", "template"), "spec.template"), role: "", count: replicas }] };
};

/** An Experiment of Argo Rollouts runs all its templates at once. */
export const EXPERIMENT: ReadPods = ({ body }, { count }) => ({
  pods: entriesOf(objectAt(body, "spec"), "templates", "spec").map(({ entry, path }, index) => ({
    ...ofTemplate(entry["template"], `${path}.template`),
    role: nameOf(entry, "name", index),
    count: count(entry, "replicas", path, 1),
  })),
});
