/** Controllers of pods in `apps/v1`, and ReplicationControllers. Source: `pkg/apis/apps/validation` and `pkg/apis/core/validation` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { dnsLabelFault } from "../../../dra/manifest/names";
import type { KubernetesRules } from "../../../releases/kubernetes";
import { annotationProblems, labelProblems } from "./metadata";
import { podAnnotationProblems } from "./pods/annotations";
import { podSpecProblems } from "./pods/spec";
import type { PodSpecOptions } from "./pods/spec";
import { asList, asPart, between, each, formatted, isGiven, named, number, oneOf, scaled, scaledProblems, text } from "./rules";
import type { Part, Problems } from "./rules";
import { isEmptySelector, labelSelectorProblems, selects } from "./selectors";
import { claimSpecProblems } from "./volume-claims";

/** A pod template whose pods always run. */
export function templateProblems(template: unknown, path: string, rules: KubernetesRules, options: PodSpecOptions = {}): Problems {
  const { metadata, spec } = asPart(template);
  return [
    ...(template === undefined || template === null ? [problem(path, undefined, "required")] : []),
    ...labelProblems(asPart(metadata)["labels"], `${path}.metadata.labels`),
    ...annotationProblems(asPart(metadata)["annotations"], `${path}.metadata.annotations`),
    ...podAnnotationProblems(asPart(metadata)["annotations"], `${path}.metadata.annotations`, asPart(spec), `${path}.spec`),
    ...podSpecProblems(spec, `${path}.spec`, rules, { ...options, labels: asPart(metadata)["labels"] }),
  ];
}

function foreverProblems(template: unknown, path: string): Problems {
  const { restartPolicy, activeDeadlineSeconds } = asPart(asPart(template)["spec"]);
  return [
    ...(isGiven(restartPolicy) && restartPolicy !== "Always"
      ? [problem(`${path}.spec.restartPolicy`, restartPolicy, "must be Always")]
      : []),
    ...(isGiven(activeDeadlineSeconds)
      ? [problem(`${path}.spec.activeDeadlineSeconds`, activeDeadlineSeconds, "not allowed for pods that run forever")]
      : []),
  ];
}

function selectorProblems(spec: Part, path: string): Problems {
  const { selector, template } = spec;
  const labels = asPart(asPart(asPart(template)["metadata"])["labels"]);
  if (selector === undefined || selector === null) {
    return [problem(`${path}.selector`, undefined, "required")];
  }
  return [
    ...labelSelectorProblems(selector, `${path}.selector`),
    ...(isEmptySelector(selector) ? [problem(`${path}.selector`, undefined, "must not be empty")] : []),
    ...(isEmptySelector(selector) || selects(selector, labels)
      ? []
      : [problem(`${path}.template.metadata.labels`, labels, "must match spec.selector")]),
  ];
}

export function deploymentProblems(spec: Part, rules: KubernetesRules): Problems {
  const { replicas, minReadySeconds, progressDeadlineSeconds, revisionHistoryLimit, strategy, template } = spec;
  const deadline = number(progressDeadlineSeconds) ?? 600;
  return [
    ...between(replicas, "spec.replicas", 0),
    ...selectorProblems(spec, "spec"),
    ...strategyProblems(asPart(strategy), "spec.strategy"),
    ...between(minReadySeconds, "spec.minReadySeconds", 0),
    ...between(revisionHistoryLimit, "spec.revisionHistoryLimit", 0),
    ...between(progressDeadlineSeconds, "spec.progressDeadlineSeconds", 0),
    ...(deadline <= (number(minReadySeconds) ?? 0)
      ? [problem("spec.progressDeadlineSeconds", deadline, "must be more than minReadySeconds")]
      : []),
    ...templateProblems(template, "spec.template", rules),
    ...foreverProblems(template, "spec.template"),
  ];
}

function strategyProblems({ type, rollingUpdate }: Part, path: string): Problems {
  if (type === "Recreate") {
    return rollingUpdate === undefined || rollingUpdate === null
      ? []
      : [problem(`${path}.rollingUpdate`, undefined, "not allowed with type Recreate")];
  }
  const { maxUnavailable, maxSurge } = asPart(rollingUpdate);
  return [
    ...oneOf(type, `${path}.type`, ["Recreate", "RollingUpdate"]),
    ...scaledProblems(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`),
    ...scaledProblems(maxSurge, `${path}.rollingUpdate.maxSurge`, "any"),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [problem(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, "must not be 0 when maxSurge is 0")]
      : []),
  ];
}

function isZero(value: unknown): boolean {
  return scaled(value)?.value === 0;
}

export function replicaSetProblems(spec: Part, rules: KubernetesRules): Problems {
  return [
    ...between(spec["replicas"], "spec.replicas", 0),
    ...between(spec["minReadySeconds"], "spec.minReadySeconds", 0),
    ...selectorProblems(spec, "spec"),
    ...templateProblems(spec["template"], "spec.template", rules),
    ...foreverProblems(spec["template"], "spec.template"),
  ];
}

export function daemonSetProblems(spec: Part, rules: KubernetesRules): Problems {
  const { updateStrategy, template } = spec;
  const { type, rollingUpdate } = asPart(updateStrategy);
  const { maxUnavailable, maxSurge } = asPart(rollingUpdate);
  return [
    ...selectorProblems(spec, "spec"),
    ...between(spec["minReadySeconds"], "spec.minReadySeconds", 0),
    ...between(spec["revisionHistoryLimit"], "spec.revisionHistoryLimit", 0),
    ...oneOf(type, "spec.updateStrategy.type", ["RollingUpdate", "OnDelete"]),
    ...scaledProblems(maxUnavailable, "spec.updateStrategy.rollingUpdate.maxUnavailable"),
    ...scaledProblems(maxSurge, "spec.updateStrategy.rollingUpdate.maxSurge"),
    ...(isZero(maxUnavailable) && (maxSurge === undefined || isZero(maxSurge))
      ? [problem("spec.updateStrategy.rollingUpdate.maxUnavailable", maxUnavailable, "must not be 0 when maxSurge is 0")]
      : []),
    ...((scaled(maxSurge)?.value ?? 0) > 0 && !isZero(maxUnavailable)
      ? [problem("spec.updateStrategy.rollingUpdate.maxSurge", maxSurge, "must be 0 when maxUnavailable is not")]
      : []),
    ...templateProblems(template, "spec.template", rules),
    ...foreverProblems(template, "spec.template"),
  ];
}

export function statefulSetProblems(spec: Part, rules: KubernetesRules): Problems {
  const { podManagementPolicy, updateStrategy, volumeClaimTemplates, template, ordinals } = spec;
  const { type, rollingUpdate } = asPart(updateStrategy);
  const moreVolumes = asList(volumeClaimTemplates).map((claim) => text(asPart(asPart(claim)["metadata"])["name"]));
  return [
    ...between(spec["replicas"], "spec.replicas", 0),
    ...between(spec["minReadySeconds"], "spec.minReadySeconds", 0),
    ...formatted(spec["serviceName"], "spec.serviceName", dnsLabelFault),
    ...oneOf(podManagementPolicy, "spec.podManagementPolicy", ["OrderedReady", "Parallel"]),
    ...oneOf(type, "spec.updateStrategy.type", ["RollingUpdate", "OnDelete"]),
    ...(type === "OnDelete" && rollingUpdate !== undefined
      ? [problem("spec.updateStrategy.rollingUpdate", undefined, "not allowed with type OnDelete")]
      : []),
    ...between(asPart(rollingUpdate)["partition"], "spec.updateStrategy.rollingUpdate.partition", 0),
    ...between(asPart(ordinals)["start"], "spec.ordinals.start", 0),
    ...["whenDeleted", "whenScaled"].flatMap((field) =>
      oneOf(asPart(spec["persistentVolumeClaimRetentionPolicy"])[field], `spec.persistentVolumeClaimRetentionPolicy.${field}`, [
        "Retain",
        "Delete",
      ]),
    ),
    ...selectorProblems(spec, "spec"),
    ...templateProblems(template, "spec.template", rules, { moreVolumes }),
    ...foreverProblems(template, "spec.template"),
    ...each(volumeClaimTemplates, "spec.volumeClaimTemplates", (claim, at) => [
      // Each is a volume of the pods, by its name.
      ...named(asPart(claim["metadata"])["name"], `${at}.metadata.name`, dnsLabelFault),
      ...claimSpecProblems(claim["spec"], `${at}.spec`),
    ]),
  ];
}

/** Its selector is a map of labels, by default those of its pods. */
export function replicationControllerProblems(spec: Part, rules: KubernetesRules): Problems {
  const { selector, template } = spec;
  const labels = asPart(asPart(asPart(template)["metadata"])["labels"]);
  const own = asPart(selector);
  const effective = Object.keys(own).length === 0 ? labels : own;
  return [
    ...between(spec["replicas"], "spec.replicas", 0),
    ...between(spec["minReadySeconds"], "spec.minReadySeconds", 0),
    ...(Object.keys(effective).length === 0 ? [problem("spec.selector", undefined, "required")] : []),
    ...(selects({ matchLabels: effective }, labels) ? [] : [problem("spec.template.metadata.labels", labels, "must match spec.selector")]),
    ...templateProblems(template, "spec.template", rules),
    ...foreverProblems(template, "spec.template"),
  ];
}
