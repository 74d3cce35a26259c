/** Runs of Tekton: a pod for each task. Sources (tektoncd/pipeline 3ee1745, 2026-08-20; read 2026-11-28): `pkg/pod/pod.go`, `pkg/apis/pipeline/{pod,v1}`, `pkg/reconciler`. */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { ClusterObject, JsonObject } from "../../objects";
import { containerFieldsOf, entriesOf, nameOf, over, podFieldsOf } from "./reading";
import { byDependency, inPhases } from "./stages";
import type { Context, CustomPods, Placement, ReadPods } from "./types";

/** What a run says of the pods of its tasks. */
interface Run {
  readonly podTemplate: JsonObject;
  readonly serviceAccountName: unknown;
  readonly workspaces: readonly unknown[];
  readonly computeResources?: unknown;
}

type Task =
  { readonly type: "task"; readonly spec: JsonObject; readonly path: string } | { readonly type: "unknown"; readonly reason: string };

export const TASK_RUN: ReadPods = ({ body }, context) => {
  const spec = objectAt(body, "spec");
  const found = taskOf(spec, "spec", context);
  if (found.type === "unknown") {
    return { pods: [], unplaced: [found.reason] };
  }
  const run = { ...runOf(spec), computeResources: spec["computeResources"] };
  return { pods: [podOf(found.spec, found.path, "", run, context, isPending(spec) ? 0 : 1)] };
};

export const PIPELINE_RUN: ReadPods = ({ body }, context) => {
  const spec = objectAt(body, "spec");
  const reference = objectAt(spec, "pipelineRef");
  const named = typeof reference["name"] === "string" ? context.find("Pipeline", reference["name"]) : undefined;
  if (!isObject(spec["pipelineSpec"]) && named === undefined) {
    return { pods: [], unplaced: [notFound("pipeline", "Pipeline", reference)] };
  }
  const pipeline = isObject(spec["pipelineSpec"]) ? spec["pipelineSpec"] : objectAt(named?.body, "spec");
  const path = named === undefined ? "spec.pipelineSpec" : `Pipeline ${named.name}: spec`;
  return placement(pipeline, path, spec, context);
};

function placement(pipeline: JsonObject, path: string, run: JsonObject, context: Context): Placement {
  const unplaced: string[] = [];
  const tasks = entriesOf(pipeline, "tasks", path);
  const names = tasks.map(({ entry }) => textOf(entry["name"]));
  const levels = byDependency(
    tasks,
    ({ entry }) => textOf(entry["name"]),
    ({ entry }) => waitsFor(entry, names),
  );
  const stages = [...levels, entriesOf(pipeline, "finally", path)].map((level) =>
    level.flatMap(({ entry, path: at }, index): readonly CustomPods[] => {
      const name = nameOf(entry, "name", index);
      const found = taskOf(entry, at, context);
      if (found.type === "unknown") {
        unplaced.push(found.reason);
        return [];
      }
      const rounds = roundsOf(entry);
      if (rounds === undefined) {
        unplaced.push(`${at}.matrix depends on run-time values: one round is placed, any number of further pods at once is not placed`);
      }
      return [podOf(found.spec, found.path, name, runOf(run, name), context, isPending(run) ? 0 : (rounds ?? 1))];
    }),
  );
  return { pods: inPhases(stages.filter((stage) => stage.length > 0)), unplaced };
}

/** The spec of the task that a run, or a task of a pipeline, has or names. */
function taskOf(record: JsonObject, at: string, { find }: Context): Task {
  if (isObject(record["taskSpec"])) {
    return { type: "task", spec: record["taskSpec"], path: `${at}.taskSpec` };
  }
  if (!isObject(record["taskRef"])) {
    return { type: "unknown", reason: `${at} is a pipeline of its own, or a task of another controller: its pods are not placed` };
  }
  const reference = record["taskRef"];
  const kind = typeof reference["kind"] === "string" ? reference["kind"] : "Task";
  const found: ClusterObject | undefined = typeof reference["name"] === "string" ? find(kind, reference["name"]) : undefined;
  return found === undefined
    ? { type: "unknown", reason: notFound(at, kind, reference) }
    : { type: "task", spec: objectAt(found.body, "spec"), path: `${kind} ${found.name}: spec` };
}

function notFound(what: string, kind: string, reference: JsonObject): string {
  const name = reference["name"];
  return typeof name === "string"
    ? `${what}: its steps are those of ${kind} "${name}", which is not in the manifests`
    : `${what}: its steps come from outside of the cluster (${textOf(reference["resolver"] ?? "no name")})`;
}

function runOf(spec: JsonObject, task?: string): Run {
  const own = listAt(spec, "taskRunSpecs").find((each) => task !== undefined && valueAt(each, "pipelineTaskName") === task);
  const common = over(objectAt(spec, "taskRunTemplate"), spec);
  return {
    podTemplate: over(objectAt(own, "podTemplate"), objectAt(common, "podTemplate")),
    serviceAccountName: valueAt(own, "serviceAccountName") ?? common["serviceAccountName"],
    workspaces: listAt(spec, "workspaces"),
    computeResources: valueAt(own, "computeResources"),
  };
}

function isPending(spec: JsonObject): boolean {
  return /Pending|Cancelled|StoppedRunFinally/.test(textOf(spec["status"] ?? ""));
}

/** All steps of a task are containers of one pod, which run one after the other: Kubernetes adds up what they ask for. */
function podOf(task: JsonObject, path: string, role: string, run: Run, { find }: Context, count: number): CustomPods {
  const template = objectAt(task, "stepTemplate");
  const steps = listAt(task, "steps").map((value, index) => {
    const step = objectAt({ value }, "value");
    const reference = valueAt(step, "ref", "name");
    const action = typeof reference === "string" ? objectAt(find("StepAction", reference)?.body, "spec") : {};
    const own = over(asContainer(step), asContainer(action));
    const container = over(own, asContainer(template));
    const isSum = index === 0 && isObject(run.computeResources);
    return {
      ...container,
      name: `step-${nameOf(step, "name", index)}`,
      image: container["image"] ?? "of-the-step",
      ...(isSum ? { resources: run.computeResources } : {}),
    };
  });
  const sidecars = listAt(task, "sidecars").map((value, index) => ({
    ...asContainer(objectAt({ value }, "value")),
    name: `sidecar-${nameOf(objectAt({ value }, "value"), "name", index)}`,
  }));
  const claims = run.workspaces.flatMap((workspace, index) => {
    const { persistentVolumeClaim } = objectAt({ workspace }, "workspace");
    return persistentVolumeClaim === undefined ? [] : [{ name: `ws-${String(index)}`, persistentVolumeClaim }];
  });
  const { serviceAccountName } = run;
  return {
    path,
    role,
    count,
    written: [
      ...sidecars.map((_, index) => [`containers[${String(steps.length + index)}]`, `sidecars[${String(index)}]`] as const),
      ["containers[", "steps["],
    ],
    spec: {
      ...podFieldsOf(run.podTemplate),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      restartPolicy: "Never",
      volumes: [...listAt(task, "volumes"), ...listAt(run.podTemplate, "volumes"), ...claims],
      containers: [...steps, ...sidecars],
    },
  };
}

function asContainer(record: JsonObject): JsonObject {
  const { computeResources, resources } = record;
  const amounts = computeResources ?? resources;
  return { ...containerFieldsOf(record), ...(amounts === undefined ? {} : { resources: amounts }) };
}

/** Tasks that another waits for: it says so, or reads a result of theirs. */
function waitsFor(task: JsonObject, names: readonly string[]): readonly string[] {
  const text = JSON.stringify(task);
  return [...listAt(task, "runAfter").map(String), ...names.filter((name) => text.includes(`$(tasks.${name}.`))];
}

/** How many times a task runs at once; undefined where that depends on the run. */
function roundsOf(task: JsonObject): number | undefined {
  const matrix = objectAt(task, "matrix");
  const lengths = listAt(matrix, "params").map((param) => {
    const value = valueAt(param, "value");
    return Array.isArray(value) && !JSON.stringify(value).includes("[*]") ? value.length : NaN;
  });
  const rounds =
    lengths.length === 0 && listAt(matrix, "include").length > 0
      ? listAt(matrix, "include").length
      : lengths.reduce((product, length) => product * length, 1);
  return Number.isNaN(rounds) ? undefined : rounds;
}
