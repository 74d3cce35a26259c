/** Workflows and pipelines. */
import type { CustomKinds, PodPlace, RefusedField, WorkloadKinds } from "./types";

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
      {
        path: `${spec}.templates[].resource.manifestFrom`,
        reason: "creates an object from an artifact, which nothing checks. Write the object in `manifest`",
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

const TEMPLATE: PodPlace = { path: "spec.template", shape: "template" };

/**
 * Sources, read 2026-11-27: argoproj/argo-workflows `pkg/apis/workflow/v1alpha1`, argoproj/argo-rollouts `pkg/apis/rollouts/v1alpha1`, tektoncd/pipeline
 * `pkg/apis/pipeline/{v1,v1beta1}`, kubeflow/katib `pkg/apis/controller/experiments/v1beta1`.
 */
export const WORKFLOWS: readonly CustomKinds[] = [
  { type: "workload", group: "argoproj.io", kinds: ["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"], ...argo("spec") },
  { type: "workload", group: "argoproj.io", kinds: ["CronWorkflow"], ...argo("spec.workflowSpec") },
  { type: "workload", group: "argoproj.io", kinds: ["Rollout"], pods: [TEMPLATE] },
  { type: "workload", group: "argoproj.io", kinds: ["Experiment"], pods: [{ path: "spec.templates[].template", shape: "template" }] },
  {
    type: "workload",
    group: "argoproj.io",
    kinds: ["AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun"],
    pods: [{ path: "spec.metrics[].provider.job.spec.template", shape: "template" }],
  },
  { type: "workload", group: "tekton.dev", kinds: ["Task", "ClusterTask"], pods: [task("spec")] },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["TaskRun"],
    pods: [
      task("spec.taskSpec", ["spec.podTemplate"]),
      { path: "spec.podTemplate", shape: "spec" },
      { path: "spec", shape: "spec", containers: ["stepSpecs[]", "stepOverrides[]", "sidecarSpecs[]", "sidecarOverrides[]"], around: [] },
    ],
    refused: resolved("spec.taskRef"),
  },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["Pipeline"],
    pods: pipeline("spec"),
    refused: ["tasks", "finally"].flatMap((list) => resolved(`spec.${list}[].taskRef`)),
  },
  {
    type: "workload",
    group: "tekton.dev",
    kinds: ["PipelineRun"],
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
    refused: [...resolved("spec.pipelineRef"), ...["tasks", "finally"].flatMap((list) => resolved(`spec.pipelineSpec.${list}[].taskRef`))],
  },
  // The trial is an object inside the experiment, and is read as such.
  { type: "workload", group: "kubeflow.org", kinds: ["Experiment"] },
];
