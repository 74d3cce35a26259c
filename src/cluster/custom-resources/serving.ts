/** Model servers and services. */
import { INFERENCE_SERVICE, KSERVE_CONTAINERS, LLM_INFERENCE_SERVICE } from "./pods/kserve";
import { KNATIVE_SERVICE } from "./pods/knative";
import { NIM_CACHE, NIM_PIPELINE, NIM_SERVICE } from "./pods/nim";
import type { Makes, ReadPods } from "./pods/types";
import type { ClaimPlace, CustomKinds, PodPlace } from "./types";

const pods = (read: ReadPods): Makes => ({ type: "pods", read });

const spec = (path: string, containers?: readonly string[]): PodPlace => ({ path, shape: "spec", ...(containers && { containers }) });

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
    makes: {
      type: "pods",
      read: INFERENCE_SERVICE,
      adds: {
        containers: "storage-initializer, and with Knative queue-proxy",
        setting: "the ClusterStorageContainer and ConfigMap config-features",
      },
    },
    pods: [
      ...["predictor", "transformer", "explainer"].map((component) => spec(`spec.${component}`, KSERVE_CONTAINERS)),
      spec("spec.predictor.workerSpec"),
    ],
  },
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["ServingRuntime", "ClusterServingRuntime"],
    makes: { type: "template" },
    pods: [spec("spec"), spec("spec.workerSpec")],
  },
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["LLMInferenceService"],
    makes: pods(LLM_INFERENCE_SERVICE),
    pods: KSERVE_WORKLOADS.map((path) => spec(path)),
  },
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["LLMInferenceServiceConfig"],
    makes: { type: "template" },
    pods: KSERVE_WORKLOADS.map((path) => spec(path)),
  },
  {
    type: "workload",
    group: "serving.kserve.io",
    kinds: ["InferenceGraph"],
    makes: { type: "named", why: "KServe runs a router for it, with an image and resources of its own ConfigMap" },
    pods: [spec("spec", [""])],
  },
  {
    type: "plain",
    group: "serving.kserve.io",
    kinds: ["TrainedModel"],
    because: "it names a model for a server that is an object of its own",
  },
  { type: "workload", group: "apps.nvidia.com", kinds: ["NIMService"], makes: pods(NIM_SERVICE), ...nim("spec") },
  {
    type: "workload",
    group: "apps.nvidia.com",
    kinds: ["NIMCache"],
    makes: pods(NIM_CACHE),
    pods: [{ path: "spec", shape: "spec", containers: [""] }],
    refused: [
      {
        path: "spec.source.ngc.model.gpus",
        reason: "selects models by the GPUs of the nodes, for which the job must see one. Name `profiles` instead",
      },
    ],
  },
  { type: "workload", group: "apps.nvidia.com", kinds: ["NIMPipeline"], makes: pods(NIM_PIPELINE), ...nim("spec.services[].spec") },
  {
    type: "workload",
    group: "serving.knative.dev",
    kinds: ["Service", "Configuration"],
    makes: {
      type: "pods",
      read: KNATIVE_SERVICE,
      adds: { containers: "queue-proxy", setting: "ConfigMap config-features, secure-pod-defaults" },
    },
    pods: [{ path: "spec.template", shape: "template" }],
  },
  {
    type: "workload",
    group: "serving.knative.dev",
    kinds: ["Revision"],
    makes: { type: "named", why: "Knative makes revisions itself, of the template of a Service" },
    pods: [spec("spec")],
  },
  { type: "plain", group: "serving.knative.dev", kinds: ["Route"], because: "it divides the traffic of services of its namespace" },
  {
    type: "workload",
    group: "keda.sh",
    kinds: ["ScaledJob"],
    makes: { type: "named", why: "KEDA starts a Job for what waits in a queue, up to maxReplicaCount" },
    pods: [{ path: "spec.jobTargetRef.template", shape: "template" }],
  },
  {
    type: "plain",
    group: "keda.sh",
    kinds: ["ScaledObject", "TriggerAuthentication"],
    because: "it scales a workload of its namespace within the quota",
  },
];
