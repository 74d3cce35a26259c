/** Workflows and pipelines. */
import { argo as argoPods } from "./pods/argo";
import { PIPELINE_RUN, TASK_RUN } from "./pods/tekton";
import { EXPERIMENT, ROLLOUT } from "./pods/templates";
import type { Makes, ReadPods } from "./pods/types";
import type { CustomKinds, PodPlace, RefusedField, WorkloadKinds } from "./types";

const ofArgo = (...keys: readonly string[]): Makes => ({
  type: "pods",
  read: argoPods(...keys),
  adds: { containers: "init and wait", setting: "ConfigMap workflow-controller-configmap, executor.securityContext" },
});

const ofTekton = (read: ReadPods): Makes => ({
  type: "pods",
  read,
  adds: { containers: "prepare and place-scripts", setting: "ConfigMap feature-flags, set-security-context" },
});

const TEMPLATE_ONLY: Makes = { type: "template" };

/** Keys of a template of Argo that are containers beside those of a PodSpec. */
const ARGO_CONTAINERS = ["container", "script", "containerSet.containers[]", "sidecars[]"];

/** The key of a patch of the pod that Argo makes for a template. It calls the container `main`. */
const PATCH = "podSpecPatch";

/** A workflow of Argo by the path of its spec. Fields of the workflow and of its defaults hold for the pods of all templates. */
function argo(spec: string): Pick<WorkloadKinds, "pods" | "refused"> {
  return {
    pods: [
      { path: `${spec}.templates[]`, shape: "spec", containers: ARGO_CONTAINERS, around: [`${spec}.templateDefaults`, spec], patch: PATCH },
      { path: `${spec}.templateDefaults`, shape: "spec", containers: ARGO_CONTAINERS, around: [spec], patch: PATCH },
    ],
    refused: [
      {
        path: `${spec}.templates[].plugin`,
        reason: "runs a plugin of the executor, which nothing checks. Use `container`",
      },
    ],
  };
}

const STEPS = ["steps[]", "sidecars[]", "stepTemplate"];

/** The steps of a task of Tekton by the path of its spec. @param around paths of the pod templates of the run. */
const task = (path: string, around: readonly string[] = []): PodPlace => ({ path, shape: "spec", containers: STEPS, around });

/** Tasks inside a pipeline by the path of its spec. */
const pipeline = (spec: string, around: readonly string[] = []): readonly PodPlace[] =>
  ["tasks", "finally"].map((list) => task(`${spec}.${list}[].taskSpec`, around));

/** A reference that Tekton resolves outside of the cluster, by the path of the reference. */
const resolved = (path: string): readonly RefusedField[] =>
  ["resolver", "bundle"].map((field) => ({
    path: `${path}.${field}`,
    reason: "takes the steps from outside of this program, so that nothing checks them. Write them out, or name a task of the namespace",
  }));

/** The steps of a task that Tekton resolves outside of the cluster, by the path of the spec of the task. */
const resolvedSteps = (taskSpec: string): readonly RefusedField[] => resolved(`${taskSpec}.steps[].ref`);

/** What Tekton resolves outside of the cluster for a pipeline by the path of its spec. A task can be a pipeline, too. @param levels of pipelines inside it. */
const resolvedInPipeline = (spec: string, levels = 2): readonly RefusedField[] =>
  ["tasks", "finally"].flatMap((list) => [
    ...resolved(`${spec}.${list}[].taskRef`),
    ...resolved(`${spec}.${list}[].pipelineRef`),
    ...resolvedSteps(`${spec}.${list}[].taskSpec`),
    ...(levels > 0
      ? resolvedInPipeline(`${spec}.${list}[].pipelineSpec`, levels - 1)
      : [
          {
            path: `${spec}.${list}[].pipelineSpec`,
            reason: "is a pipeline inside several others, in which nothing checks the references. Write its tasks into the pipeline itself",
          },
        ]),
  ]);

const ANALYSIS: readonly PodPlace[] = [{ path: "spec.metrics[].provider.job.spec.template", shape: "template" }];

const TEMPLATE: PodPlace = { path: "spec.template", shape: "template" };

/**
 * Sources, read 2026-11-27: argoproj/argo-workflows `pkg/apis/workflow/v1alpha1`, argoproj/argo-rollouts `pkg/apis/rollouts/v1alpha1`, tektoncd/pipeline
 * `pkg/apis/pipeline/{v1,v1beta1}`, kubeflow/katib `pkg/apis/controller/experiments/v1beta1`.
 */
export const WORKFLOWS: readonly CustomKinds[] = [
  { type: "workload", group: "argoproj.io", kinds: ["Workflow"], makes: ofArgo("spec"), ...argo("spec") },
  { type: "workload", group: "argoproj.io", kinds: ["WorkflowTemplate", "ClusterWorkflowTemplate"], makes: TEMPLATE_ONLY, ...argo("spec") },
  {
    type: "workload",
    group: "argoproj.io",
    kinds: ["CronWorkflow"],
    makes: ofArgo("spec", "workflowSpec"),
    ...argo("spec.workflowSpec"),
  },
  { type: "workload", group: "argoproj.io", kinds: ["Rollout"], makes: { type: "pods", read: ROLLOUT }, pods: [TEMPLATE] },
  {
    type: "workload",
    group: "argoproj.io",
    kinds: ["Experiment"],
    makes: { type: "pods", read: EXPERIMENT },
    pods: [{ path: "spec.templates[].template", shape: "template" }],
  },
  {
    type: "workload",
    group: "argoproj.io",
    kinds: ["AnalysisTemplate", "ClusterAnalysisTemplate"],
    makes: TEMPLATE_ONLY,
    pods: ANALYSIS,
  },
  {
    type: "workload",
    group: "argoproj.io",
    kinds: ["AnalysisRun"],
    makes: { type: "named", why: "its metrics decide when it starts a Job" },
    pods: ANALYSIS,
  },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["Task", "ClusterTask"],
    makes: TEMPLATE_ONLY,
    pods: [task("spec")],
    refused: resolvedSteps("spec"),
  },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["TaskRun"],
    makes: ofTekton(TASK_RUN),
    pods: [
      task("spec.taskSpec", ["spec.podTemplate"]),
      { path: "spec.podTemplate", shape: "spec" },
      { path: "spec", shape: "spec", containers: ["stepSpecs[]", "stepOverrides[]", "sidecarSpecs[]", "sidecarOverrides[]"], around: [] },
    ],
    refused: [...resolved("spec.taskRef"), ...resolvedSteps("spec.taskSpec")],
  },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["Pipeline"],
    makes: TEMPLATE_ONLY,
    pods: pipeline("spec"),
    refused: resolvedInPipeline("spec"),
  },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["PipelineRun"],
    makes: ofTekton(PIPELINE_RUN),
    pods: [
      ...pipeline("spec.pipelineSpec", ["spec.taskRunTemplate.podTemplate", "spec.podTemplate"]),
      ...[
        "spec.taskRunTemplate.podTemplate",
        "spec.podTemplate",
        "spec.taskRunSpecs[].podTemplate",
        "spec.taskRunSpecs[].taskPodTemplate",
      ].map((path): PodPlace => ({ path, shape: "spec" })),
      { path: "spec.taskRunSpecs[]", shape: "spec", containers: ["stepSpecs[]", "sidecarSpecs[]"], around: [] },
    ],
    refused: [...resolved("spec.pipelineRef"), ...resolvedInPipeline("spec.pipelineSpec")],
  },
  // The trial is an object inside the experiment, and is read as such.
  {
    type: "workload",
    group: "kubeflow.org",
    kinds: ["Experiment"],
    makes: { type: "named", why: "Katib makes trials of its template, parallelTrialCount at once, with values that an algorithm chooses" },
    refused: [
      { path: "spec.trialTemplate.configMap", reason: "has the trial elsewhere, where nothing checks it. Write it into `trialSpec`" },
    ],
  },
];
