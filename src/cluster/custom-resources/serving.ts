/** Model servers and services. */
import type { ClaimPlace, CustomKinds, PodPlace } from "./types";

const spec = (path: string, containers?: readonly string[]): PodPlace => ({ path, shape: "spec", ...(containers && { containers }) });

/** Keys of a KServe component that are a container: the model, or a framework of the older form. */
const KSERVE_CONTAINERS = [
  ...["model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle"],
  ...["art", "alibi", "aix"],
];

const KSERVE_WORKLOADS = ["spec.template", "spec.worker", "spec.prefill.template", "spec.prefill.worker", "spec.router.scheduler.template"];

/** A NIM service at a path: one record is the pod and its container. */
function nim(path: string): { readonly pods: readonly PodPlace[]; readonly claims: readonly ClaimPlace[] } {
  return {
    pods: [{ path, shape: "spec", containers: ["", "sidecarContainers[]"], claims: "draResources[]" }],
    claims: ["claimSpec", "claimCreationSpec"].map((field) => ({
      path: `${path}.draResources[].${field}.devices[]`,
      defaultClass: "gpu.nvidia.com",
    })),
  };
}

/**
 * Sources, read 2026-11-27: kserve/kserve `pkg/apis/serving/{v1alpha1,v1beta1}`, NVIDIA/k8s-nim-operator `api/apps/v1alpha1` (`dra_types.go`: a claim without a class
 * is one of `gpu.nvidia.com`), knative/serving `pkg/apis/serving/v1`, kedacore/keda `apis/keda/v1alpha1`.
 */
export const SERVING: readonly CustomKinds[] = [
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["InferenceService"],
    pods: [
      ...["predictor", "transformer", "explainer"].map((component) => spec(`spec.${component}`, KSERVE_CONTAINERS)),
      spec("spec.predictor.workerSpec"),
    ],
  },
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["ServingRuntime", "ClusterServingRuntime"],
    pods: [spec("spec"), spec("spec.workerSpec")],
  },
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["LLMInferenceService", "LLMInferenceServiceConfig"],
    pods: KSERVE_WORKLOADS.map((path) => spec(path)),
  },
  { type: "workload", group: "serving.kserve.io", kinds: ["InferenceGraph"], pods: [spec("spec", [""])] },
  {
    type: "plain",
    group: "serving.kserve.io",
    kinds: ["TrainedModel"],
    because: "it names a model for a server that is an object of its own",
  },
  { type: "workload", group: "apps.nvidia.com", kinds: ["NIMService"], ...nim("spec") },
  {
    type: "workload",
    group: "apps.nvidia.com",
    kinds: ["NIMCache"],
    pods: [{ path: "spec", shape: "spec", containers: [""] }],
    refused: [
      {
        path: "spec.source.ngc.model.gpus",
        reason: "selects models by the GPUs of the nodes, for which the job must see one. Name `profiles` instead",
      },
    ],
  },
  { type: "workload", group: "apps.nvidia.com", kinds: ["NIMPipeline"], ...nim("spec.services[].spec") },
  {
    type: "workload",
    group: "serving.knative.dev",
    kinds: ["Service", "Configuration"],
    pods: [{ path: "spec.template", shape: "template" }],
  },
  { type: "workload", group: "serving.knative.dev", kinds: ["Revision"], pods: [spec("spec")] },
  { type: "plain", group: "serving.knative.dev", kinds: ["Route"], because: "it divides the traffic of services of its namespace" },
  { type: "workload", group: "keda.sh", kinds: ["ScaledJob"], pods: [{ path: "spec.jobTargetRef.template", shape: "template" }] },
  {
    type: "plain",
    group: "keda.sh",
    kinds: ["ScaledObject", "TriggerAuthentication"],
    because: "it scales a workload of its namespace within the quota",
  },
];
