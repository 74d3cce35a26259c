/** Jobs and CronJobs. Source: `pkg/apis/batch/validation` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import type { KubernetesRules } from "../../../releases/kubernetes";
import { isEmptySelector, labelSelectorProblems, selects } from "./selectors";
import { dnsLabelFault, labelKeyFault } from "../../../dra/manifest/names";
import { asList, asPart, between, each, formatted, named, isGiven, number, oneOf, oneOfRequired, required, text } from "./rules";
import type { Part, Problems } from "./rules";
import { templateProblems } from "./workloads";
import { scheduleFault, zoneFault } from "./schedule";

/** @param name of the Job; undefined for those that a controller names. */
export function jobProblems(spec: Part, rules: KubernetesRules, path = "spec", name?: string): Problems {
  const { parallelism, completionMode, backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished, template } = spec;
  const completions = completionsOf(spec);
  const { restartPolicy } = asPart(asPart(template)["spec"]);
  const isIndexed = completionMode === "Indexed";
  return [
    ...between(parallelism, `${path}.parallelism`, 0),
    ...between(completions, `${path}.completions`, 0),
    ...between(backoffLimit, `${path}.backoffLimit`, 0),
    ...between(activeDeadlineSeconds, `${path}.activeDeadlineSeconds`, 0),
    ...between(ttlSecondsAfterFinished, `${path}.ttlSecondsAfterFinished`, 0),
    ...oneOf(completionMode, `${path}.completionMode`, ["NonIndexed", "Indexed"]),
    ...(isIndexed && completions === undefined ? [problem(`${path}.completions`, undefined, "required with completionMode Indexed")] : []),
    ...(isIndexed ? between(parallelism, `${path}.parallelism`, 0, 100_000) : []),
    ...indexProblems(spec, path, isIndexed),
    ...oneOf(
      spec["podReplacementPolicy"],
      `${path}.podReplacementPolicy`,
      isGiven(spec["podFailurePolicy"]) ? ["Failed"] : ["TerminatingOrFailed", "Failed"],
    ),
    // With a selector of one's own the API server sets no labels, and only the pods of an Indexed Job are called by its name.
    ...(name === undefined || (spec["manualSelector"] === true && !isIndexed)
      ? []
      : nameProblems(name, isIndexed ? (completions ?? 1) : 0)),
    ...formatted(spec["managedBy"], `${path}.managedBy`, domainPrefixedFault),
    ...failurePolicyProblems(spec, path),

    ...successPolicyProblems(spec, path, isIndexed),
    ...ownSelectorProblems(spec, path),
    ...templateProblems(template, `${path}.template`, rules),
    ...(restartPolicy === "OnFailure" || restartPolicy === "Never"
      ? []
      : [problem(`${path}.template.spec.restartPolicy`, restartPolicy, "must be OnFailure or Never")]),
  ];
}

/** How many pods have to succeed: one if the Job names neither their number nor how many run at one time (`SetDefaults_Job`). */
function completionsOf({ completions, parallelism }: Part): number | undefined {
  return number(completions) ?? (isGiven(parallelism) ? undefined : 1);
}

const MAX_LABEL = 63;

/** The name of a Job is a label of its pods, and of an Indexed one the host name of each, with its index. */
function nameProblems(name: string, completions: number): Problems {
  const last = completions > 0 ? `-${String(completions - 1)}` : "";
  const longest = MAX_LABEL - last.length;
  if (name.length > longest) {
    return [problem("metadata.name", name, `must have at most ${String(longest)} characters: it is a part of a label of its pods`)];
  }
  return last !== "" && dnsLabelFault(`${name}${last}`) !== undefined
    ? [problem("metadata.name", name, "must not contain '.': with an index it is the host name of each pod of an Indexed Job")]
    : [];
}

function domainPrefixedFault(name: string): string | undefined {
  return /^[^/]+\/[^/]+$/.test(name) && labelKeyFault(name) === undefined
    ? undefined
    : "must have a domain, such as example.com/controller";
}

function indexProblems(spec: Part, path: string, isIndexed: boolean): Problems {
  const { backoffLimitPerIndex, maxFailedIndexes } = spec;
  return [
    ...between(backoffLimitPerIndex, `${path}.backoffLimitPerIndex`, 0),
    ...between(maxFailedIndexes, `${path}.maxFailedIndexes`, 0),
    ...(isGiven(backoffLimitPerIndex) && !isIndexed
      ? [problem(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, "requires completionMode Indexed")]
      : []),
    ...(isGiven(maxFailedIndexes) && !isGiven(backoffLimitPerIndex)
      ? [problem(`${path}.backoffLimitPerIndex`, undefined, "required beside maxFailedIndexes")]
      : []),
    ...((number(maxFailedIndexes) ?? -Infinity) > (completionsOf(spec) ?? Infinity)
      ? [problem(`${path}.maxFailedIndexes`, maxFailedIndexes, "must be at most completions")]
      : []),
  ];
}

const ACTIONS = ["FailJob", "FailIndex", "Ignore", "Count"];

function failurePolicyProblems({ podFailurePolicy, template, backoffLimitPerIndex }: Part, path: string): Problems {
  if (podFailurePolicy === undefined || podFailurePolicy === null) {
    return [];
  }
  const { restartPolicy, containers: main, initContainers } = asPart(asPart(template)["spec"]);
  const containers = [...asList(main), ...asList(initContainers)].map((container) => text(asPart(container)["name"]));
  return [
    ...(restartPolicy === "Never"
      ? []
      : [problem(`${path}.template.spec.restartPolicy`, restartPolicy, "must be Never beside podFailurePolicy")]),
    ...each(asPart(podFailurePolicy)["rules"], `${path}.podFailurePolicy.rules`, ({ action, onExitCodes, onPodConditions }, at) => [
      ...(isGiven(action) ? oneOf(action, `${at}.action`, ACTIONS) : required(action, `${at}.action`)),
      ...(action === "FailIndex" && !isGiven(backoffLimitPerIndex)
        ? [problem(`${at}.action`, action, "requires backoffLimitPerIndex")]
        : []),
      ...((onExitCodes === undefined || onExitCodes === null) === (asList(onPodConditions).length === 0)
        ? [problem(at, undefined, "exactly one of onExitCodes and onPodConditions is required")]
        : []),
      ...(onExitCodes === undefined || onExitCodes === null ? [] : exitCodeProblems(asPart(onExitCodes), `${at}.onExitCodes`, containers)),

      ...each(onPodConditions, `${at}.onPodConditions`, ({ type, status }, condition) => [
        ...named(type, `${condition}.type`, labelKeyFault),

        ...oneOf(status, `${condition}.status`, ["True", "False", "Unknown"]),
      ]),
    ]),
  ];
}

function exitCodeProblems({ operator, values, containerName }: Part, path: string, containers: readonly string[]): Problems {
  const codes = asList(values);
  return [
    ...(containerName === undefined || containerName === null ? [] : oneOfRequired(containerName, `${path}.containerName`, containers)),
    ...oneOfRequired(operator, `${path}.operator`, ["In", "NotIn"]),

    ...(codes.length === 0 ? [problem(`${path}.values`, undefined, "required")] : []),
    ...(operator === "In" && codes.some((code) => code === 0 || code === null)
      ? [problem(`${path}.values`, 0, "must not be 0 with In")]
      : []),
    ...(new Set(codes).size < codes.length ? [problem(`${path}.values`, values, "duplicate")] : []),
    ...(codes.some((code, index) => index > 0 && Number(code) < Number(codes[index - 1]))
      ? [problem(`${path}.values`, values, "must be in ascending order")]
      : []),
  ];
}

function successPolicyProblems(spec: Part, path: string, isIndexed: boolean): Problems {
  const { successPolicy } = spec;
  if (successPolicy === undefined || successPolicy === null) {
    return [];
  }
  const { rules } = asPart(successPolicy);
  const completions = completionsOf(spec) ?? Infinity;
  return [
    ...(isIndexed ? [] : [problem(`${path}.successPolicy`, undefined, "requires completionMode Indexed")]),
    ...(asList(rules).length === 0 ? [problem(`${path}.successPolicy.rules`, undefined, "required")] : []),
    ...each(rules, `${path}.successPolicy.rules`, ({ succeededCount, succeededIndexes }, at) => {
      if (!isGiven(succeededCount) && !isGiven(succeededIndexes)) {
        return [problem(at, undefined, "succeededCount or succeededIndexes is required")];
      }
      const indexes = isGiven(succeededIndexes) ? readIndexes(text(succeededIndexes), completions) : undefined;
      return [
        ...between(succeededCount, `${at}.succeededCount`, 1, indexes?.type === "indexes" ? indexes.count : completions),
        ...(indexes?.type === "invalid" ? [problem(`${at}.succeededIndexes`, succeededIndexes, indexes.reason)] : []),
      ];
    }),
  ];
}

type Indexes = { readonly type: "indexes"; readonly count: number } | { readonly type: "invalid"; readonly reason: string };

/** Numbers and ranges of indexes, `0-3,7` (`validateIndexesFormat`). */
function readIndexes(list: string, completions: number): Indexes {
  let [last, count] = [-1, 0];
  for (const interval of list.split(",")) {
    const [, first = "", end = first] = /^(\d+)(?:-(\d+))?$/.exec(interval) ?? [];
    const [from, to] = [Number(first), Number(end)];
    if (first === "" || from <= last || to < from) {
      return { type: "invalid", reason: "must be numbers and ranges in ascending order, such as 0-3,7" };
    }
    if (to >= completions) {
      return { type: "invalid", reason: `must be below completions, ${String(completions)}: the first index is 0` };
    }
    count += to - from + 1;
    last = to;
  }
  return { type: "indexes", count };
}

/** A Job selects its pods itself. */
function ownSelectorProblems({ selector, manualSelector, template }: Part, path: string): Problems {
  // Of a Job an API server takes an empty one for none.
  const isTemplate = path !== "spec";
  const isSet = selector !== undefined && selector !== null;
  if (manualSelector !== true) {
    return isSet && (isTemplate || !isEmptySelector(selector))
      ? [problem(`${path}.selector`, undefined, "must not be set without manualSelector: the Job selects its own pods")]
      : [];
  }
  const labels = asPart(asPart(asPart(template)["metadata"])["labels"]);
  return isSet
    ? [
        ...labelSelectorProblems(selector, `${path}.selector`),
        ...(selects(selector, labels) ? [] : [problem(`${path}.template.metadata.labels`, labels, "must match spec.selector")]),
      ]
    : [problem(`${path}.selector`, undefined, "required with manualSelector")];
}

export function cronJobProblems(spec: Part, rules: KubernetesRules): Problems {
  const { schedule, timeZone, concurrencyPolicy, jobTemplate } = spec;
  const jobSpec = asPart(jobTemplate)["spec"];
  const fault = isGiven(schedule) ? scheduleFault(text(schedule), timeZone) : "required";
  return [
    ...(fault === undefined ? [] : [problem("spec.schedule", isGiven(schedule) ? schedule : undefined, fault)]),
    ...between(spec["startingDeadlineSeconds"], "spec.startingDeadlineSeconds", 0),
    ...between(spec["successfulJobsHistoryLimit"], "spec.successfulJobsHistoryLimit", 0),
    ...between(spec["failedJobsHistoryLimit"], "spec.failedJobsHistoryLimit", 0),
    ...formatted(timeZone, "spec.timeZone", zoneFault),
    ...oneOf(concurrencyPolicy, "spec.concurrencyPolicy", ["Allow", "Forbid", "Replace"]),
    ...(jobTemplate === undefined
      ? [problem("spec.jobTemplate", undefined, "required")]
      : jobProblems(asPart(jobSpec), rules, "spec.jobTemplate.spec")),
  ];
}
