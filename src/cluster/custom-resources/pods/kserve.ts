/**
 * Model servers of KServe. Sources (kserve/kserve aaac4e2, 2026-08-21; read 2026-11-28): `pkg/controller/v1beta1/inferenceservice/{components,reconcilers}`,
 * `pkg/controller/v1alpha2/llmisvc`, `config/{runtimes,llmisvcconfig}`.
 */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { ClusterObject, JsonObject } from "../../objects";
import { containerFieldsOf, over, podFieldsOf } from "./reading";
import type { Context, CustomPods, Placement, ReadPods } from "./types";

/** Keys of a component that are a container: the model, or a framework of the older form. */
export const KSERVE_CONTAINERS: readonly string[] = [
  ...["model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle"],
  ...["art", "alibi", "aix"],
];

/** The container of a model, in a ServingRuntime and in the pod. */
const MODEL_CONTAINER = "kserve-container";

/** What the runtimes that KServe ships say of this container (`config/runtimes`): the default where the manifests do not have the runtime. */
const SHIPPED_CONTAINER: JsonObject = {
  name: MODEL_CONTAINER,
  image: "of-the-serving-runtime",
  securityContext: { allowPrivilegeEscalation: false, privileged: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
  resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "1", memory: "2Gi" } },
};

const COMPONENTS = ["predictor", "transformer", "explainer"] as const;

export const INFERENCE_SERVICE: ReadPods = (object, context) => {
  const spec = objectAt(object.body, "spec");
  const components = COMPONENTS.filter((name) => isObject(spec[name])).map((name) => component(object, name, context));
  return {
    pods: components.flatMap(({ pods }) => pods),
    unplaced: components.flatMap(({ unplaced = [] }) => unplaced),
    scales: components.flatMap(({ scales = [] }) => scales),
  };
};

function component(object: ClusterObject, role: (typeof COMPONENTS)[number], context: Context): Placement {
  const record = objectAt(object.body, "spec", role);
  const path = `spec.${role}`;
  // Knative starts one pod of a service that may go to zero, and the autoscaler of a Deployment keeps one.
  const least = Math.max(1, context.count(record, "minReplicas", path, 1));
  const most = context.count(record, "maxReplicas", path, 0);
  const scales = most > least ? [{ role, most }] : [];
  const key = KSERVE_CONTAINERS.find((name) => isObject(record[name]));
  const own = podFieldsOf(record);
  if (key === undefined) {
    const reason = `${path} has no container and no model, so KServe takes all of it from elsewhere`;
    return Array.isArray(own["containers"])
      ? { pods: [{ path, role, spec: own, count: least }], scales }
      : { pods: [], unplaced: [reason] };
  }
  const model = objectAt(record, key);
  const runtime = typeof model["runtime"] === "string" ? model["runtime"] : undefined;
  const found =
    runtime === undefined ? undefined : (context.find("ServingRuntime", runtime) ?? context.find("ClusterServingRuntime", runtime));
  const runtimeSpec = objectAt(found?.body, "spec");
  const spec = merged(runtimeSpec, own, containerFieldsOf(model, ["name"]), MODEL_CONTAINER);
  const worker = objectAt(record, "workerSpec");
  return {
    pods: [{ path, role, spec, count: least, written: [["containers[0]", key]] }],
    // The number of workers follows from the GPUs that containers ask for by count. A slice is a claim, which KServe does not count.
    ...(isObject(record["workerSpec"])
      ? {
          unplaced: [
            `KServe computes how many workers there are from nvidia.com/gpu resources (pipelineParallelSize ${textOf(worker["pipelineParallelSize"] ?? 1)}), and a claim is none: the workers are not placed`,
          ],
        }
      : {}),
    scales,
  };
}

/** A pod of a runtime with what a service adds: its fields count before those of the runtime, and its container's before that container's. */
function merged(runtime: JsonObject, own: JsonObject, container: JsonObject, name: string): JsonObject {
  const base = listAt(runtime, "containers").filter(isObject);
  const main = base.find((each) => each["name"] === name) ?? SHIPPED_CONTAINER;
  const others = [...base.filter((each) => each !== main), ...listAt(own, "containers")];
  const args = [...listAt(main, "args"), ...listAt(container, "args")];
  const pod = over(own, podFieldsOf(runtime, ["containers"]));
  const volumes = [...listAt(runtime, "volumes"), ...listAt(own, "volumes")];
  return {
    ...pod,
    ...(volumes.length > 0 ? { volumes } : {}),
    containers: [{ ...withContainer(container, main), ...(args.length > 0 ? { args } : {}), name }, ...others],
  };
}

/** Lists of a container that have names add up, as in a strategic merge. */
function withContainer(own: JsonObject, base: JsonObject): JsonObject {
  const lists = ["env", "volumeMounts", "ports"].flatMap((key) => {
    const all = [...listAt(base, key), ...listAt(own, key)];
    return all.length > 0 ? [[key, all]] : [];
  });
  return { ...over(own, base), ...(Object.fromEntries(lists) as JsonObject) };
}

/** The container of an LLMInferenceService, as the configurations that KServe ships have it (`config-llm-template.yaml`). */
const LLM_CONTAINER: JsonObject = {
  name: "main",
  image: "of-the-llm-configuration",
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};

export const LLM_INFERENCE_SERVICE: ReadPods = (object, context) => {
  const spec = objectAt(object.body, "spec");
  const references = listAt(spec, "baseRefs").map((entry) => textOf(valueAt(entry, "name")));
  const missing = references.filter((name) => context.find("LLMInferenceServiceConfig", name) === undefined);
  const base = references.reduce<JsonObject>(
    (all, name) => over(objectAt(context.find("LLMInferenceServiceConfig", name)?.body, "spec"), all),
    {},
  );
  const whole = over(spec, base);
  const prefill = objectAt(whole, "prefill");
  const scheduler = objectAt(whole, "router", "scheduler");
  return {
    pods: [
      ...llmPods(whole, "spec", "decode", context),
      ...(isObject(whole["prefill"]) ? llmPods(prefill, "spec.prefill", "prefill", context) : []),
      ...(isObject(scheduler["template"])
        ? [
            {
              path: "spec.router.scheduler.template",
              role: "scheduler",
              spec: scheduler["template"],
              count: context.count(scheduler, "replicas", "spec.router.scheduler", 1),
            },
          ]
        : []),
    ],
    unplaced: missing.map((name) => `it takes fields from LLMInferenceServiceConfig "${name}", which is not in the manifests`),
  };
};

/** A Deployment, or with workers a LeaderWorkerSet whose groups have as many pods as the parallelism says (`ParallelismSpec.GetSize`). */
function llmPods(record: JsonObject, path: string, role: string, { count }: Context): readonly CustomPods[] {
  const replicas = count(record, "replicas", path, 1);
  // The configurations that KServe ships hand it on to the server.
  const tensor = count(objectAt(record, "parallelism"), "tensor", `${path}.parallelism`, 1);
  const base = { containers: [tensor > 1 ? { ...LLM_CONTAINER, args: ["--tensor-parallel-size", String(tensor)] } : LLM_CONTAINER] };
  const template = {
    path: `${path}.template`,
    role,
    spec: merged(base, withoutMain(record["template"]), mainOf(record["template"]), "main"),
  };
  if (!isObject(record["worker"])) {
    return [{ ...template, count: replicas }];
  }
  const parallelism = objectAt(record, "parallelism");
  const at = `${path}.parallelism`;
  const pipeline = count(parallelism, "pipeline", at, 0);
  const size = pipeline > 0 ? pipeline : Math.ceil(count(parallelism, "data", at, 1) / Math.max(1, count(parallelism, "dataLocal", at, 1)));
  const worker = merged(base, withoutMain(record["worker"]), mainOf(record["worker"]), "main");
  return [
    { ...template, count: replicas },
    { path: `${path}.worker`, role: `${role}-worker`, spec: worker, count: replicas * Math.max(0, size - 1) },
  ];
}

const isMain = (container: unknown) => valueAt(container, "name") === "main";

function mainOf(template: unknown): JsonObject {
  return containerFieldsOf(listAt(template, "containers").find(isMain));
}

function withoutMain(template: unknown): JsonObject {
  return { ...podFieldsOf(template), containers: listAt(template, "containers").filter((each) => !isMain(each)) };
}
