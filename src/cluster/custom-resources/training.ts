/** Batch and training jobs. */
import { rayCluster, rayJob } from "./pods/ray";
import { spark } from "./pods/spark";
import { JOB_SET, LEADER_WORKER_SET, NOTEBOOK, kubeflow, volcano } from "./pods/templates";
import { TRAIN_JOB } from "./pods/trainer";
import type { Makes, ReadPods } from "./pods/types";
import type { CustomKinds, PodPlace, RefusedField, WorkloadKinds } from "./types";

const pods = (read: ReadPods): Makes => ({ type: "pods", read });

/** Kubeflow's jobs, by the prefix of the field that has their replicas. MXJob went with training-operator v1.8. */
const KUBEFLOW = { PyTorchJob: "pytorch", TFJob: "tf", MPIJob: "mpi", XGBoostJob: "xgb", PaddleJob: "paddle", JAXJob: "jax", MXJob: "mx" };

const template = (path: string): PodPlace => ({ path, shape: "template" });

/** Pods of the jobs of a JobSet, by the path of the JobSet's spec. */
const ofJobSet = (spec: string): PodPlace => template(`${spec}.replicatedJobs[].template.spec.template`);

/** Settings of Spark by which it makes pods otherwise than the fields of the resource say. */
const SPARK_SETTINGS: RefusedField["keys"] =
  /^spark\.(?:(?:driver|executor)\.resource\.|executorEnv\.NVIDIA_|kubernetes\.(?!namespace$|(?:driver\.|executor\.)?container\.image|allocation\.|(?:driver\.|executor\.)?(?:request|limit)\.cores$|file\.upload\.path$|memoryOverheadFactor$|submission\.|report\.))/;

const SPARK_REASON = "changes the pods or asks for devices where nothing checks it. Use the fields `driver` and `executor`";

/** A Spark application at a path. The driver and the executor are a container and its pod in one record. */
const ofSpark = (spec: string): Pick<WorkloadKinds, "pods" | "refused"> => ({
  pods: ["driver", "executor"].flatMap((part): readonly PodPlace[] => [
    { path: `${spec}.${part}`, shape: "spec", containers: ["", "sidecars[]"], around: [spec] },
    template(`${spec}.${part}.template`),
  ]),
  refused: [
    ...["driver", "executor"].map((part) => ({
      path: `${spec}.${part}.gpu`,
      reason: "asks for a GPU without a claim. Name a claim template in `template.spec.resourceClaims` of the driver or executor",
    })),
    ...["driver", "executor"].map((part) => ({
      path: `${spec}.${part}.envVars`,
      keys: /^NVIDIA_(?!DRIVER_CAPABILITIES$)/,
      reason: "is a variable from which the runtime injects devices. Remove it: claims need none",
    })),
    { path: `${spec}.sparkConf`, keys: SPARK_SETTINGS, reason: SPARK_REASON },
    { path: `${spec}.sparkConfigMap`, reason: "holds settings of Spark that nothing checks. Write them into `sparkConf`" },
  ],
});

/** The pods of a Ray cluster by the path of its spec. */
function ofRay(spec: string): readonly PodPlace[] {
  return [
    template(`${spec}.headGroupSpec.template`),
    template(`${spec}.workerGroupSpecs[].template`),
    // The autoscaler is a container in the head's pod.
    { path: `${spec}.autoscalerOptions`, shape: "spec", containers: [""] },
  ];
}

/**
 * Sources, read 2026-11-27: kubernetes-sigs/jobset `api/jobset/v1alpha2`, kubernetes-sigs/lws `api/leaderworkerset/v1`, kubeflow/training-operator v1.9
 * `pkg/apis/kubeflow.org/v1`, kubeflow/trainer `pkg/apis/trainer/v1alpha1` (`podSpecOverrides`, `podTemplateOverrides` and `runtimePatches` are the names of one
 * field over time), kubeflow/mpi-operator, volcano-sh/apis, kubeflow/spark-operator `api/v1beta2`, ray-project/kuberay `apis/ray/v1`.
 */
export const TRAINING: readonly CustomKinds[] = [
  { type: "workload", group: "jobset.x-k8s.io", kinds: ["JobSet"], makes: pods(JOB_SET), pods: [ofJobSet("spec")] },
  {
    type: "workload",
    group: "leaderworkerset.x-k8s.io",
    kinds: ["LeaderWorkerSet"],
    makes: pods(LEADER_WORKER_SET),
    pods: [template("spec.leaderWorkerTemplate.leaderTemplate"), template("spec.leaderWorkerTemplate.workerTemplate")],
  },
  ...Object.entries(KUBEFLOW).map(([kind, prefix]): CustomKinds => ({
    type: "workload",
    group: "kubeflow.org",
    kinds: [kind],
    makes: pods(kubeflow(`${prefix}ReplicaSpecs`)),
    pods: Object.values(KUBEFLOW).map((each) => template(`spec.${each}ReplicaSpecs{}.template`)),
  })),
  { type: "workload", group: "kubeflow.org", kinds: ["Notebook"], makes: pods(NOTEBOOK), pods: [template("spec.template")] },
  {
    type: "workload",
    group: "trainer.kubeflow.org",
    kinds: ["TrainJob"],
    makes: pods(TRAIN_JOB),
    pods: [
      { path: "spec.trainer", shape: "spec", containers: [""] },
      { path: "spec.initializer.dataset", shape: "spec", containers: [""] },
      { path: "spec.initializer.model", shape: "spec", containers: [""] },
      { path: "spec.podSpecOverrides[]", shape: "spec" },
      template("spec.podTemplateOverrides[]"),
      template("spec.runtimePatches[].trainingRuntimeSpec.template.spec.replicatedJobs[].template.spec.template"),
    ],
  },
  {
    type: "workload",
    group: "trainer.kubeflow.org",
    kinds: ["TrainingRuntime", "ClusterTrainingRuntime"],
    makes: { type: "template" },
    pods: [ofJobSet("spec.template.spec")],
  },
  { type: "workload", group: "batch.volcano.sh", kinds: ["Job"], makes: pods(volcano("spec")), pods: [template("spec.tasks[].template")] },
  {
    type: "workload",
    group: "batch.volcano.sh",
    kinds: ["CronJob"],
    makes: pods(volcano("spec", "jobTemplate", "spec")),
    pods: [template("spec.jobTemplate.spec.tasks[].template")],
  },
  { type: "workload", group: "sparkoperator.k8s.io", kinds: ["SparkApplication"], makes: pods(spark("spec")), ...ofSpark("spec") },
  {
    type: "workload",
    group: "sparkoperator.k8s.io",
    kinds: ["ScheduledSparkApplication"],
    makes: pods(spark("spec", "template")),
    ...ofSpark("spec.template"),
  },
  { type: "workload", group: "ray.io", kinds: ["RayCluster"], makes: pods(rayCluster("spec")), pods: ofRay("spec") },
  {
    type: "workload",
    group: "ray.io",
    kinds: ["RayJob"],
    makes: pods(rayJob("spec")),
    pods: [...ofRay("spec.rayClusterSpec"), template("spec.submitterPodTemplate")],
  },
  {
    type: "workload",
    group: "ray.io",
    kinds: ["RayService"],
    makes: pods(rayCluster("spec", "rayClusterConfig")),
    pods: ofRay("spec.rayClusterConfig"),
  },
  {
    type: "workload",
    group: "ray.io",
    kinds: ["RayCronJob"],
    makes: pods(rayJob("spec", "jobTemplate")),
    pods: [...ofRay("spec.jobTemplate.rayClusterSpec"), template("spec.jobTemplate.submitterPodTemplate")],
  },
];
