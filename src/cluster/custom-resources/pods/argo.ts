/**
 * Workflows of Argo, as far as they are known before they run. Sources (argoproj/argo-workflows f016ad8, 2026-08-21; read 2026-11-28):
 * `workflow/controller/{workflowpod,steps,dag,operator}.go`, `pkg/apis/workflow/v1alpha1/workflow_types.go`, `docs/fields.md`.
 */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";
import { readText } from "../embedded-text";
import { containerFieldsOf, entriesOf, isSuspended, over, patchedPod, podFieldsOf } from "./reading";
import { MAX_STAGES, atMost, byDependency, inPhases, times, together } from "./stages";
import type { Stage } from "./stages";
import type { Context, CustomPods, Placement, ReadPods } from "./types";

/** The executor's own container, where a template has none: it creates an object, or moves data (`MinimalCtrSC`). */
const EXECUTOR: JsonObject = {
  name: "main",
  image: "quay.io/argoproj/argoexec",
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  },
};

/** Levels of templates that call others. Argo's own limit of recursion is 100. */
const MAX_CALLS = 100;

/** A workflow by the keys of its spec. */
export const argo =
  (...keys: readonly string[]): ReadPods =>
  ({ body }, context) => {
    const own = objectAt(body, ...keys);
    const reference = objectAt(own, "workflowTemplateRef");
    const kind = reference["clusterScope"] === true ? "ClusterWorkflowTemplate" : "WorkflowTemplate";
    const named = isObject(own["workflowTemplateRef"]) ? context.find(kind, textOf(reference["name"])) : undefined;
    if (isObject(own["workflowTemplateRef"]) && named === undefined) {
      return { pods: [], unplaced: [`its steps are those of ${kind} "${textOf(reference["name"])}", which is not in the manifests`] };
    }
    const spec = named === undefined ? own : over(own, objectAt(named.body, "spec"));
    const path = named === undefined ? keys.join(".") : `${kind} ${named.name}: spec`;
    const suspended = isSuspended(body, own["suspend"], valueAt(body, "spec", "suspend"));
    const placement = new Workflow(spec, path, context).placement();
    return suspended ? { ...placement, pods: placement.pods.map((pods) => ({ ...pods, count: 0 })) } : placement;
  };

interface Template {
  readonly template: JsonObject;
  readonly path: string;
}

class Workflow {
  private readonly unplaced = new Set<string>();
  private readonly known = new Map<string, readonly Stage[]>();

  constructor(
    private readonly spec: JsonObject,
    private readonly path: string,
    private readonly context: Context,
  ) {}

  placement(): Placement {
    const start = [this.spec["entrypoint"], this.spec["onExit"]].filter((name) => typeof name === "string" && name !== "");
    const stages = start.flatMap((name) => this.call({ template: name }, this.path, []));
    const limit = this.context.count(this.spec, "parallelism", this.path, Infinity);
    if (stages.length > MAX_STAGES) {
      this.unplaced.add(`it has more than ${String(MAX_STAGES)} stages one after the other, of which the later ones are not placed`);
    }
    const pods = inPhases(stages.slice(0, MAX_STAGES).map((stage) => atMost(stage, limit)));
    return {
      pods,
      unplaced: [...this.unplaced],
      volumes: listAt(this.spec, "volumeClaimTemplates").map((claim) => textOf(valueAt(claim, "metadata", "name"))),
    };
  }

  /** The stages of what a step, a task or the workflow itself calls. @param callers names of the templates on the way. */
  private call(step: JsonObject, at: string, callers: readonly string[]): readonly Stage[] {
    const found = this.templateOf(step, at);
    if (found === undefined) {
      return [];
    }
    const { path } = found;
    if (callers.includes(path) || callers.length > MAX_CALLS) {
      this.unplaced.add(`${path} calls itself, so how often it runs depends on run-time values: its further rounds are not placed`);
      return [];
    }
    const known = this.known.get(path);
    if (known !== undefined) {
      return known;
    }
    const stages = this.stagesOf(found, [...callers, path]).slice(0, MAX_STAGES + 1);
    this.known.set(path, stages);
    return stages;
  }

  private templateOf(step: JsonObject, at: string): Template | undefined {
    if (isObject(step["inline"])) {
      return { template: step["inline"], path: `${at}.inline` };
    }
    const reference = objectAt(step, "templateRef");
    const elsewhere = isObject(step["templateRef"]);
    const name = String(elsewhere ? reference["template"] : step["template"]);
    const kind = reference["clusterScope"] === true ? "ClusterWorkflowTemplate" : "WorkflowTemplate";
    const owner = elsewhere ? this.context.find(kind, textOf(reference["name"])) : undefined;
    if (name.includes("{{") || (elsewhere && owner === undefined)) {
      const what = elsewhere
        ? `template "${name}" of ${kind} "${textOf(reference["name"])}", which is not in the manifests`
        : `${name}, which is known only when it runs`;
      this.unplaced.add(`${at} runs ${what}: its pods are not placed`);
      return undefined;
    }
    const spec = owner === undefined ? this.spec : objectAt(owner.body, "spec");
    const path = owner === undefined ? this.path : `${kind} ${owner.name}: spec`;
    const entry = entriesOf(spec, "templates", path).find((each) => each.entry["name"] === name);
    if (entry === undefined) {
      this.unplaced.add(`${at}: there is no template "${name}", so Argo refuses the workflow`);
      return undefined;
    }
    return { template: over(entry.entry, objectAt(spec, "templateDefaults")), path: entry.path };
  }

  private stagesOf({ template, path }: Template, callers: readonly string[]): readonly Stage[] {
    const limit = this.context.count(template, "parallelism", path, Infinity);
    const run = (step: JsonObject, at: string) => this.loop(step, at, limit, callers);
    if (Array.isArray(template["steps"])) {
      const stages = template["steps"].flatMap((group: unknown, index) => {
        const steps: readonly unknown[] = Array.isArray(group) ? group : [group];
        return together(
          steps.map((step, position) => run(objectAt({ step }, "step"), `${path}.steps[${String(index)}][${String(position)}]`)),
        );
      });
      return stages.map((stage) => atMost(stage, limit));
    }
    if (isObject(template["dag"])) {
      const tasks = entriesOf(template["dag"], "tasks", `${path}.dag`);
      const levels = byDependency(
        tasks,
        ({ entry }) => textOf(entry["name"]),
        ({ entry }) => dependenciesOf(entry),
      );
      const stages = levels.flatMap((level) => together(level.map(({ entry, path: at }) => run(entry, at))));
      return stages.map((stage) => atMost(stage, limit));
    }
    if (isObject(template["resource"])) {
      this.unplaced.add(`${path}.resource creates or changes an object when the workflow runs: the pods of that object are not placed`);
    }
    const pods = this.podOf(template, path);
    return pods === undefined ? [] : [[pods]];
  }

  /** A step with its loop. What loops over a value of the run is placed once. */
  private loop(step: JsonObject, at: string, limit: number, callers: readonly string[]): readonly Stage[] {
    if (isObject(step["hooks"])) {
      this.unplaced.add(`${at}.hooks run when something comes true while the workflow runs: their pods are not placed`);
    }
    const stages = this.call(step, at, callers);
    const rounds = roundsOf(step);
    if (rounds !== undefined) {
      return times(stages, rounds);
    }
    const most = Math.min(limit, this.context.count(this.spec, "parallelism", this.path, Infinity));
    const number =
      most < Infinity
        ? `at most ${String(Math.max(0, most - 1))} more pods at once are not placed`
        : "any number of further pods at once is not placed. Set parallelism";
    this.unplaced.add(`${at} depends on run-time values (withParam or withSequence): one round is placed, ${number}`);
    return stages;
  }

  private podOf(template: JsonObject, path: string): CustomPods | undefined {
    const main = mainContainers(template);
    if (main === undefined) {
      return undefined;
    }
    const wf = this.spec;
    const either = (key: string) => (listAt(template, key).length > 0 ? listAt(template, key) : listAt(wf, key));
    const first = (key: string, ofWorkflow = key) => template[key] ?? wf[ofWorkflow];
    const set = {
      nodeSelector: first("nodeSelector"),
      affinity: first("affinity"),
      schedulerName: first("schedulerName"),
      priorityClassName: first("priorityClassName", "podPriorityClassName"),
      securityContext: first("securityContext"),
      serviceAccountName: first("serviceAccountName"),
      hostNetwork: wf["hostNetwork"],
      imagePullSecrets: wf["imagePullSecrets"],
    };
    const spec = {
      ...podFieldsOf(set),
      restartPolicy: "Never",
      tolerations: either("tolerations"),
      volumes: [...listAt(wf, "volumes"), ...listAt(template, "volumes")],
      initContainers: listAt(template, "initContainers").map((container) => containerFieldsOf(container)),
      containers: [...main.containers, ...listAt(template, "sidecars").map((container) => containerFieldsOf(container))],
    };
    const annotations = objectAt(template, "metadata", "annotations");
    const patches = [wf["podSpecPatch"], template["podSpecPatch"]].filter((patch) => typeof patch === "string" && patch !== "");
    const patched = patches.reduce<JsonObject>((pod, patch) => this.patched(pod, String(patch), path), spec);
    const { containers, field } = main;
    const written = [
      ...containers.map(
        (_, index) => [`containers[${String(index)}]`, isObject(template["containerSet"]) ? `${field}[${String(index)}]` : field] as const,
      ),
      ...listAt(template, "sidecars").map(
        (_, index) => [`containers[${String(containers.length + index)}]`, `sidecars[${String(index)}]`] as const,
      ),
    ];
    return { path, role: textOf(template["name"] ?? ""), spec: patched, annotations, count: 1, written: written.reverse() };
  }

  private patched(pod: JsonObject, patch: string, path: string): JsonObject {
    const reading = readText(patch);
    const [value] = reading.type === "values" ? reading.values : [];
    if (isObject(value)) {
      return patchedPod(pod, value);
    }
    this.unplaced.add(`${path}: its podSpecPatch is computed when the workflow runs, and its pod is placed without it`);
    return pod;
  }
}

/** The containers of a template that runs a pod; undefined for one that waits, or runs in the agent. */
function mainContainers(template: JsonObject): { readonly containers: readonly JsonObject[]; readonly field: string } | undefined {
  const own = ["container", "script"].find((key) => isObject(template[key]));
  if (own !== undefined) {
    return { containers: [{ ...containerFieldsOf(template[own]), name: "main" }], field: own };
  }
  if (isObject(template["containerSet"])) {
    const containers = listAt(template, "containerSet", "containers").map((container) => containerFieldsOf(container));
    return { containers, field: "containerSet.containers" };
  }
  const executed = ["resource", "data"].find((key) => isObject(template[key]));
  return executed === undefined ? undefined : { containers: [EXECUTOR], field: executed };
}

/** The tasks that a task waits for: a list, or the names in an expression such as `a && (b.Succeeded || c.Failed)`. */
function dependenciesOf(task: JsonObject): readonly string[] {
  const { depends } = task;
  const named = typeof depends === "string" ? (depends.match(/[A-Za-z0-9_-]+(?:\.[A-Za-z]+)?/g) ?? []) : [];
  return [...listAt(task, "dependencies").map(String), ...named.map((name) => name.replace(/\..*$/, ""))];
}

/** How many rounds a loop has; undefined where that is known only when it runs. */
function roundsOf(step: JsonObject): number | undefined {
  const { withItems, withParam, withSequence } = step;
  if (Array.isArray(withItems)) {
    return withItems.length;
  }
  if (typeof withParam === "string") {
    return lengthOf(withParam);
  }
  if (!isObject(withSequence)) {
    return 1;
  }
  const number = (key: string, otherwise?: number) => (withSequence[key] === undefined ? otherwise : Number(withSequence[key]));
  const [total, first, last] = [number("count"), number("start", 0), number("end")];
  const rounds = total ?? (last === undefined || first === undefined ? NaN : Math.abs(last - first) + 1);
  return Number.isSafeInteger(rounds) && rounds >= 0 ? rounds : undefined;
}

/** The entries of a list that is written out as JSON. */
function lengthOf(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.length : undefined;
  } catch {
    return undefined;
  }
}
