/** What pods say of nodes and of each other. Source: `validateAffinity`, `ValidateTolerations` and `validateTopologySpreadConstraints` of Kubernetes. */
import { problem } from "../../../../dra/manifest/fields";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault, labelValueFault } from "../../../../dra/manifest/names";
import { labelProblems } from "../metadata";
import { labelSelectorProblems } from "../selectors";
import { asList, asPart, between, duplicates, each, formatted, isGiven, named, oneOf, required, text } from "../rules";
import type { Part, Problems } from "../rules";

/** @param labels of the pods. */
export function schedulingProblems(spec: Part, path: string, labels: Part): Problems {
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints, schedulingGates } = spec;
  return [
    ...labelProblems(nodeSelector, `${path}.nodeSelector`),
    ...each(tolerations, `${path}.tolerations`, tolerationProblems),
    ...nodeAffinityProblems(asPart(asPart(affinity)["nodeAffinity"]), `${path}.affinity.nodeAffinity`),
    ...["podAffinity", "podAntiAffinity"].flatMap((kind) =>
      podAffinityProblems(asPart(asPart(affinity)[kind]), `${path}.affinity.${kind}`, labels),
    ),
    ...spreadProblems(topologySpreadConstraints, `${path}.topologySpreadConstraints`, labels),
    ...each(schedulingGates, `${path}.schedulingGates`, ({ name }, at) => named(name, `${at}.name`, labelKeyFault)),
    ...duplicates(schedulingGates, `${path}.schedulingGates`, ({ name }) => text(name)),
  ];
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function tolerationProblems({ key, operator, value, effect, tolerationSeconds }: Part, path: string): Problems {
  const exists = operator === "Exists";
  return [
    ...formatted(key, `${path}.key`, labelKeyFault),
    ...(isGiven(key) || exists ? [] : [problem(`${path}.operator`, operator, 'must be "Exists" where the key is empty')]),
    ...oneOf(operator, `${path}.operator`, ["Equal", "Exists"]),
    ...(exists && isGiven(value) ? [problem(`${path}.value`, value, 'not allowed with operator "Exists"')] : []),
    ...(exists ? [] : formatted(value, `${path}.value`, labelValueFault)),
    ...oneOf(effect, `${path}.effect`, EFFECTS),
    ...(tolerationSeconds !== undefined && tolerationSeconds !== null && effect !== "NoExecute"
      ? [problem(`${path}.effect`, effect, 'must be "NoExecute" beside tolerationSeconds')]
      : []),
  ];
}

function nodeAffinityProblems(affinity: Part, path: string): Problems {
  const { requiredDuringSchedulingIgnoredDuringExecution: must, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity;
  const terms = asPart(must)["nodeSelectorTerms"];
  const requiredPath = `${path}.requiredDuringSchedulingIgnoredDuringExecution`;
  const preferredPath = `${path}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(must !== undefined && must !== null && asList(terms).length === 0
      ? [problem(`${requiredPath}.nodeSelectorTerms`, undefined, "at least one term is required")]
      : []),
    ...each(terms, `${requiredPath}.nodeSelectorTerms`, (term, at) => termProblems(term, at, valueProblems)),
    ...each(preferred, preferredPath, ({ weight, preference }, at) => [
      ...between(weight ?? 0, `${at}.weight`, 1, 100),
      // kube-scheduler reads no values of preferences where there is one node only, so the API server takes any.
      ...termProblems(asPart(preference), `${at}.preference`, () => []),
    ]),
  ];
}

function termProblems({ matchExpressions, matchFields }: Part, path: string, ofValues: typeof valueProblems): Problems {
  return [
    ...each(matchExpressions, `${path}.matchExpressions`, (requirement, at) => [
      ...requirementProblems(requirement, at),
      ...ofValues(requirement, at),
    ]),
    ...each(matchFields, `${path}.matchFields`, ({ key, operator, values }, at) => [
      ...oneOf(key, `${at}.key`, ["metadata.name"]),
      ...(isGiven(key) ? [] : required(key, `${at}.key`)),
      ...oneOf(operator, `${at}.operator`, ["In", "NotIn"]),
      ...(isGiven(operator) ? [] : required(operator, `${at}.operator`)),
      ...(asList(values).length === 1 ? [] : [problem(`${at}.values`, undefined, "must have exactly one entry")]),
      ...asList(values).flatMap((name, index) => named(name, `${at}.values[${String(index)}]`, dnsSubdomainFault)),
    ]),
  ];
}

function requirementProblems({ key, operator, values }: Part, path: string): Problems {
  const count = asList(values).length;
  const countProblem = (reason: string) => [problem(`${path}.values`, undefined, reason)];
  const ofValues = (): Problems => {
    switch (operator) {
      case "In":
      case "NotIn":
        return count === 0 ? countProblem(`required with ${text(operator)}`) : [];
      case "Exists":
      case "DoesNotExist":
        return count > 0 ? countProblem(`not allowed with ${text(operator)}`) : [];
      case "Gt":
      case "Lt":
        return count === 1 ? [] : countProblem(`must have exactly one entry with ${text(operator)}`);
      default:
        return [problem(`${path}.operator`, operator, "must be one of In, NotIn, Exists, DoesNotExist, Gt, Lt")];
    }
  };
  return [...ofValues(), ...named(key, `${path}.key`, labelKeyFault)];
}

function valueProblems({ values }: Part, path: string): Problems {
  return asList(values).flatMap((value, index) => formatted(value, `${path}.values[${String(index)}]`, labelValueFault));
}

function podAffinityProblems(affinity: Part, path: string, labels: Part): Problems {
  const ofTerm = (term: Part, at: string) => podTermProblems(term, at, labels);
  return [
    ...each(affinity["requiredDuringSchedulingIgnoredDuringExecution"], `${path}.requiredDuringSchedulingIgnoredDuringExecution`, ofTerm),
    ...each(
      affinity["preferredDuringSchedulingIgnoredDuringExecution"],
      `${path}.preferredDuringSchedulingIgnoredDuringExecution`,
      ({ weight, podAffinityTerm }, at) => [
        ...between(weight ?? 0, `${at}.weight`, 1, 100),
        ...ofTerm(asPart(podAffinityTerm), `${at}.podAffinityTerm`),
      ],
    ),
  ];
}

function podTermProblems(term: Part, path: string, labels: Part): Problems {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term;
  const keyLists = ["matchLabelKeys", "mismatchLabelKeys"].filter((field) => asList(term[field]).length > 0);
  const mismatched = asList(term["mismatchLabelKeys"]);
  return [
    ...(isGiven(labelSelector) ? [] : keyLists.map((field) => problem(`${path}.${field}`, undefined, "requires a labelSelector"))),
    ...keyLists.flatMap((field) =>
      asList(term[field]).flatMap((key, index) => named(key, `${path}.${field}[${String(index)}]`, labelKeyFault)),
    ),
    ...asList(term["matchLabelKeys"]).flatMap((key, index) =>
      mismatched.includes(key) ? [problem(`${path}.matchLabelKeys[${String(index)}]`, key, "is in mismatchLabelKeys too")] : [],
    ),
    ...repeatedKeyProblems(term, path, labels),
    ...labelSelectorProblems(labelSelector, `${path}.labelSelector`),
    ...labelSelectorProblems(namespaceSelector, `${path}.namespaceSelector`),
    ...asList(namespaces).flatMap((namespace, index) => named(namespace, `${path}.namespaces[${String(index)}]`, dnsLabelFault)),
    ...named(topologyKey, `${path}.topologyKey`, labelKeyFault),
  ];
}

/**
 * The API server adds the pod's own value of each key to the selector, and then refuses a selector that has it twice. It looks at pods only, so that it takes a
 * template whose pods it refuses. Source: `ValidateMatchLabelKeysAndMismatchLabelKeys`, and `mutatePodAffinity` of `pkg/registry/core/pod/strategy.go`.
 */
function repeatedKeyProblems({ labelSelector, matchLabelKeys }: Part, path: string, labels: Part): Problems {
  const { matchLabels, matchExpressions } = asPart(labelSelector);
  const keys = asList(matchLabelKeys);
  const inSelector = [...Object.keys(asPart(matchLabels)), ...asList(matchExpressions).map((expression) => asPart(expression)["key"])];
  const count = (list: readonly unknown[], key: unknown) => list.filter((other) => other === key).length;
  return isGiven(labelSelector)
    ? keys.flatMap((key, index) => {
        const added = Object.hasOwn(labels, text(key)) ? count(keys.slice(0, index + 1), key) : 0;
        return added + count(inSelector, key) > 1
          ? [
              problem(
                `${path}.matchLabelKeys[${String(index)}]`,
                key,
                "the labelSelector has it already, so the API server refuses the pods",
              ),
            ]
          : [];
      })
    : [];
}

function spreadProblems(constraints: unknown, path: string, labels: Part): Problems {
  return [
    ...each(
      constraints,
      path,
      (
        { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector, matchLabelKeys, nodeAffinityPolicy, nodeTaintsPolicy },
        at,
      ) => [
        ...repeatedKeyProblems({ labelSelector, matchLabelKeys }, at, labels),
        ...between(maxSkew ?? 0, `${at}.maxSkew`, 1),
        ...required(topologyKey, `${at}.topologyKey`),
        ...(asList(matchLabelKeys).length > 0 && !isGiven(labelSelector)
          ? [problem(`${at}.matchLabelKeys`, undefined, "requires a labelSelector")]
          : []),
        ...asList(matchLabelKeys).flatMap((key, index) => named(key, `${at}.matchLabelKeys[${String(index)}]`, labelKeyFault)),
        ...(isGiven(whenUnsatisfiable)
          ? oneOf(whenUnsatisfiable, `${at}.whenUnsatisfiable`, ["DoNotSchedule", "ScheduleAnyway"])
          : required(undefined, `${at}.whenUnsatisfiable`)),
        ...between(minDomains, `${at}.minDomains`, 1),
        ...(minDomains !== undefined && whenUnsatisfiable === "ScheduleAnyway"
          ? [problem(`${at}.minDomains`, minDomains, "is allowed with whenUnsatisfiable DoNotSchedule only")]
          : []),
        ...oneOf(nodeAffinityPolicy, `${at}.nodeAffinityPolicy`, ["Honor", "Ignore"]),
        ...oneOf(nodeTaintsPolicy, `${at}.nodeTaintsPolicy`, ["Honor", "Ignore"]),
        ...labelSelectorProblems(labelSelector, `${at}.labelSelector`),
      ],
    ),
    ...duplicates(
      constraints,
      path,
      ({ topologyKey, whenUnsatisfiable }) => (isGiven(topologyKey) ? `{${text(topologyKey)}, ${text(whenUnsatisfiable)}}` : ""),
      "",
    ),
  ];
}
