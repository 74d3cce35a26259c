/** Jobs of Kubeflow Trainer. Sources (kubeflow/trainer 8c0f505, 2026-08-21; read 2026-11-28): `pkg/apis/trainer/v1alpha1`, `pkg/runtime`, `manifests/base/runtimes`. */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";
import { entriesOf, isSuspended, nameOf, over, patchedPod } from "./reading";
import { jobSetPods, withProcesses } from "./templates";
import type { CustomPods, ReadPods } from "./types";

/** The runtimes that Trainer ships with one job of one container, `node`, and nothing else. */
const SHIPPED: readonly string[] = ["torch-distributed", "jax-distributed", "xgboost-distributed"];
const SHIPPED_SPEC: JsonObject = {
  replicatedJobs: [
    {
      name: "node",
      template: {
        metadata: { labels: { "trainer.kubeflow.org/trainjob-ancestor-step": "trainer" } },
        spec: { template: { spec: { containers: [{ name: "node", image: "of-the-runtime" }] } } },
      },
    },
  ],
};

const REMEDY =
  "The runtimes that Trainer ships set none. Write a TrainingRuntime of your own with these fields, and name it in spec.runtimeRef";

/** The label of a job of a runtime that says which part of a TrainJob it is. */
const STEP_LABEL = "trainer.kubeflow.org/trainjob-ancestor-step";

export const TRAIN_JOB: ReadPods = ({ body }, context) => {
  const spec = objectAt(body, "spec");
  const { name, kind = "ClusterTrainingRuntime" } = objectAt(spec, "runtimeRef");
  const runtime = context.find(textOf(kind), textOf(name));
  if (runtime === undefined && !SHIPPED.includes(textOf(name))) {
    return { pods: [], unplaced: [`its pods are those of ${textOf(kind)} "${textOf(name)}", which is not in the manifests`] };
  }
  const runtimeSpec = objectAt(runtime?.body, "spec");
  const template = runtime === undefined ? SHIPPED_SPEC : objectAt(runtimeSpec, "template", "spec");
  const nodes = context.count(
    objectAt(spec, "trainer"),
    "numNodes",
    "spec.trainer",
    Number(valueAt(runtimeSpec, "mlPolicy", "numNodes") ?? 1),
  );
  const processes = valueAt(spec, "trainer", "numProcPerNode") ?? valueAt(runtimeSpec, "mlPolicy", "torch", "numProcPerNode");
  const stopped = isSuspended(body, spec["suspend"]);
  const path = runtime === undefined ? "spec" : `${textOf(kind)} ${textOf(name)}: spec.template.spec`;
  const jobs = entriesOf(template, "replicatedJobs", path);
  return {
    pods: jobSetPods(template, path, () => stopped, context).map((pods, index) => {
      const job = jobs[index]?.entry ?? {};
      const isTrainer = valueAt(job, "template", "metadata", "labels", STEP_LABEL) === "trainer" || job["name"] === "node";
      const own = withOverrides(pods, nameOf(job, "name", index), spec);
      return isTrainer
        ? {
            ...own,
            ...(runtime === undefined ? { remedy: REMEDY } : {}),
            spec: withProcesses(withTrainer(own.spec, objectAt(spec, "trainer")), processes),
            count: stopped ? 0 : nodes,
          }
        : own;
    }),
  };
};

/** What a TrainJob says for single jobs of its runtime. */
function withOverrides(pods: CustomPods, job: string, spec: JsonObject): CustomPods {
  const isFor = (override: unknown) => listAt(override, "targetJobs").some((target) => valueAt(target, "name") === job);
  const patches = [
    ...listAt(spec, "podSpecOverrides").filter(isFor),
    ...listAt(spec, "podTemplateOverrides")
      .filter(isFor)
      .map((override) => valueAt(override, "spec")),
    ...listAt(spec, "runtimePatches").flatMap((patch) =>
      listAt(patch, "trainingRuntimeSpec", "template", "spec", "replicatedJobs")
        .filter((each) => valueAt(each, "name") === job)
        .map((each) => valueAt(each, "template", "spec", "template", "spec")),
    ),
  ].filter(isObject);
  return { ...pods, spec: patches.reduce<JsonObject>(patchedPod, objectAt({ spec: pods.spec }, "spec")) };
}

/** The trainer's own container: `node`. */
function withTrainer(spec: unknown, trainer: JsonObject): unknown {
  const { image, command, args, env, resourcesPerNode: resources } = trainer;
  const own = Object.fromEntries(Object.entries({ image, command, args, resources }).filter(([, value]) => value !== undefined));
  const containers = listAt(spec, "containers").map((container) =>
    valueAt(container, "name") === "node" && isObject(container)
      ? { ...over(own, container), env: [...listAt(container, "env"), ...listAt({ env }, "env")] }
      : container,
  );
  return isObject(spec) ? { ...spec, containers } : spec;
}
