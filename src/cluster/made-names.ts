/**
 * Names and labels that controllers make of an object's name. The API server takes the object, and then refuses what its controller makes.
 * Sources: kube-controller-manager of Kubernetes 1.34 (`ControllerRevisionName`, `getNewReplicaSet`, `getJobName`), kubernetes-sigs/lws v0.7 `pkg/controllers`,
 * kubernetes-sigs/jobset v0.10 `pkg/webhooks`, ray-project/kuberay v1.4 `utils/constant.go` (read 2026-11-28).
 */
import { textOf } from "../json/text-of";
import { isObject, problem } from "../dra/manifest/fields";
import { objectAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

const MAX_LABEL = 63;
const MAX_NAME = 253;
/** A dash and a hash of up to ten digits, behind the name of a StatefulSet or a Deployment. */
const HASH = "-0123456789".length;
/** A dash and the minutes since 1970, behind the name of a CronJob in those of its Jobs. */
const MINUTES = "-29000000".length;
/** A dash and five characters, behind the name of a pod that a Job makes. */
const RANDOM = "-abcde".length;

/** Characters that a controller adds to the name, how many both may have together, and what it makes of them. */
interface Limit {
  readonly most: number;
  readonly made: string;
  /** Whether it must not have dots. @default false */
  readonly isLabel?: boolean;
}

type Limits = (spec: JsonObject) => readonly Limit[];

const number = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);
const lastIndex = (count: number): number => `-${String(Math.max(0, count - 1))}`.length;

const REVISION: Limit = { most: MAX_LABEL - HASH, made: "label controller-revision-hash of its pods, to which a hash is added" };

const LIMITS: ReadonlyMap<string, Limits> = new Map<string, Limits>([
  ["apps StatefulSet", () => [REVISION]],
  ["apps Deployment", () => [{ most: MAX_NAME - HASH, made: "name of its ReplicaSets, to which a hash is added" }]],
  ["batch CronJob", cronJobLimits],
  // The workers of each group are a StatefulSet with the number of the group.
  [
    "leaderworkerset.x-k8s.io LeaderWorkerSet",
    (spec) =>
      number(objectAt(spec, "leaderWorkerTemplate")["size"], 1) > 1
        ? [
            {
              most: MAX_LABEL - HASH - lastIndex(number(spec["replicas"], 1)),
              made: "label controller-revision-hash of its workers, to which the number of the group and a hash are added",
            },
          ]
        : [REVISION],
  ],
  ["jobset.x-k8s.io JobSet", jobSetLimits],
  ["ray.io RayCluster", () => [{ most: MAX_LABEL - "-serve-svc".length, made: "names of its Services" }]],
  ...["RayJob", "RayService"].map((kind): [string, Limits] => [
    `ray.io ${kind}`,
    () => [{ most: MAX_LABEL - "-serve-svc".length - RANDOM, made: "name of its RayCluster and that one's Services" }],
  ]),
]);

/** The jobs of a JobSet, and their pods with the index of each, are called by its name. */
function jobSetLimits(spec: JsonObject): readonly Limit[] {
  const jobs: readonly unknown[] = Array.isArray(spec["replicatedJobs"]) ? spec["replicatedJobs"] : [];
  return jobs.filter(isObject).map((job) => {
    const { completions, completionMode = "Indexed" } = objectAt(job, "template", "spec");
    const ofJob = `-${textOf(job["name"])}`.length + lastIndex(number(job["replicas"], 1));
    const ofPods = completionMode === "Indexed" && typeof completions === "number" ? lastIndex(completions) + RANDOM : 0;
    return { most: MAX_LABEL - ofJob - ofPods, made: `names of the jobs and pods of "${textOf(job["name"])}"` };
  });
}

/** The name of an Indexed Job is the host name of its pods, with the index of each. */
function cronJobLimits(spec: JsonObject): readonly Limit[] {
  const { completionMode, completions } = objectAt(spec, "jobTemplate", "spec");
  return completionMode === "Indexed"
    ? [
        {
          most: MAX_LABEL - MINUTES - lastIndex(number(completions, 1)),
          made: "host names of the pods of its Jobs, to which the time of a run and an index are added",
          isLabel: true,
        },
      ]
    : [];
}

/** What is wrong with the name of a workload although it is a legal name. */
export function madeNameProblems({ apiVersion, kind, name, body }: ClusterObject): readonly string[] {
  const group = apiVersion.split("/").slice(0, -1).join("/");
  const limits = LIMITS.get(`${group} ${kind}`)?.(objectAt(body, "spec")) ?? [];
  const [tightest] = [...limits].sort((a, b) => a.most - b.most);
  if (tightest?.isLabel === true && name.includes(".")) {
    return [problem("metadata.name", name, `must not contain '.': it is a part of the ${tightest.made}, and the API server refuses them`)];
  }
  return tightest === undefined || name.length <= tightest.most
    ? []
    : [
        problem(
          "metadata.name",
          name,
          `has ${String(name.length)} characters; it is a part of the ${tightest.made}, and the API server refuses them. Use at most ${String(tightest.most)}`,
        ),
      ];
}
