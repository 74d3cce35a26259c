import { Fields, isObject, problem } from "../manifest/fields";

/** Tolerates node taints. */
export interface NodeToleration {
  /** Undefined: every key. */
  readonly key: string | undefined;
  readonly operator: "Equal" | "Exists";
  readonly value: string;
  /** Undefined: every effect. */
  readonly effect: string | undefined;
}

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"] as const;

export interface NodeRequirement {
  readonly key: string;
  readonly operator: (typeof OPERATORS)[number];
  readonly values: readonly string[];
}

/** Every requirement has to be met; a term without any matches no node. */
export interface NodeSelectorTerm {
  /** About the node's labels. */
  readonly matchExpressions: readonly NodeRequirement[];
  /** About the node's fields, of which Kubernetes knows one: `metadata.name`. */
  readonly matchFields: readonly NodeRequirement[];
}

/** `affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution` of a pod's spec. */
export function readNodeAffinity(spec: Fields): readonly NodeSelectorTerm[] | undefined {
  const required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"].reduce<unknown>(
    (value, key) => (isObject(value) ? value[key] : undefined),
    { affinity: spec.value("affinity") },
  );
  return readNodeSelector(required, `${spec.path("affinity")}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`, spec.problems);
}

/** A NodeSelector of `v1`; undefined where there is none. */
export function readNodeSelector(selector: unknown, path: string, problems: string[]): readonly NodeSelectorTerm[] | undefined {
  if (selector === undefined || selector === null) {
    return undefined;
  }
  const terms = Fields.read(selector, path, ["nodeSelectorTerms"], problems);
  return terms
    ?.list("nodeSelectorTerms")
    .map((term, index) => readNodeSelectorTerm(term, `${path}.nodeSelectorTerms[${String(index)}]`, problems));
}

export function readNodeSelectorTerm(term: unknown, path: string, problems: string[]): NodeSelectorTerm {
  const fields = Fields.read(term, path, ["matchExpressions", "matchFields"], problems);
  return {
    matchExpressions: fields === undefined ? [] : readRequirements(fields, "matchExpressions"),
    matchFields: fields === undefined ? [] : readRequirements(fields, "matchFields"),
  };
}

function readRequirements(term: Fields, key: string): readonly NodeRequirement[] {
  return readRequirementsOf(OPERATORS, term, key);
}

/** Requirements on labels, with the operators that are allowed where they stand. */
export function readRequirementsOf<T extends NodeRequirement["operator"]>(
  operators: readonly T[],
  term: Fields,
  key: string,
): readonly (NodeRequirement & { readonly operator: T })[] {
  return term.list(key).flatMap((item, index): (NodeRequirement & { readonly operator: T })[] => {
    const fields = Fields.read(item, `${term.path(key)}[${String(index)}]`, ["key", "operator", "values"], term.problems);
    const operator = operators.find((candidate) => candidate === fields?.string("operator"));
    if (fields === undefined || operator === undefined) {
      fields?.refuse("operator", `must be one of ${operators.join(", ")}`);
      return [];
    }
    return [{ key: fields.string("key") ?? "", operator, values: fields.strings("values") }];
  });
}

export function readTolerations(spec: Fields): readonly NodeToleration[] {
  return spec.list("tolerations").flatMap((item, index): NodeToleration[] => {
    const path = `${spec.path("tolerations")}[${String(index)}]`;
    const fields = Fields.read(item, path, ["key", "operator", "value", "effect", "tolerationSeconds"], spec.problems);
    const operator = fields?.string("operator") || "Equal";
    if (fields === undefined || (operator !== "Equal" && operator !== "Exists")) {
      fields?.refuse("operator", 'must be "Equal" or "Exists"');
      return [];
    }
    const key = fields.string("key") || undefined;
    if (key === undefined && operator === "Equal") {
      fields.refuse("operator", 'must be "Exists" where the key is empty');
    }
    return [{ key, operator, value: fields.string("value") ?? "", effect: fields.string("effect") || undefined }];
  });
}

/** Volumes in a pod's own spec that kube-scheduler gives to one pod. Source: Kubernetes v1.34.4, `needsRestrictionsCheck` of its plugin VolumeRestrictions. */
const EXCLUSIVE_VOLUMES = ["awsElasticBlockStore", "gcePersistentDisk", "iscsi", "rbd"];

/** Paths of the rules that kube-scheduler obeys and this model does not. */
export function unmodelledRules(spec: Fields): readonly string[] {
  // The API server makes every port of a pod with the node's network a port of the node (`SetDefaults_PodSpec`).
  const isOnHost = spec.value("hostNetwork") === true;
  const hasHostPorts = ({ ports }: Record<string, unknown>) =>
    Array.isArray(ports) &&
    ports.some((port) => isObject(port) && (isOnHost || (port["hostPort"] !== undefined && port["hostPort"] !== 0)));
  return [
    ...matchesIn(spec, "containers", hasHostPorts),
    ...matchesIn(spec, "initContainers", (container) => container["restartPolicy"] === "Always" && hasHostPorts(container)),
    ...matchesIn(spec, "volumes", (volume) => EXCLUSIVE_VOLUMES.some((kind) => isObject(volume[kind]))),
  ];
}

/** Paths of the entries of a list that are of a kind. */
export function matchesIn(spec: Fields, key: string, isRule: (item: Record<string, unknown>) => boolean): readonly string[] {
  return spec.list(key).flatMap((item, index) => {
    const path = `${spec.path(key)}[${String(index)}]`;
    if (!isObject(item)) {
      spec.problems.push(problem(path, item, "must be an object"));
      return [];
    }
    return isRule(item) ? [path] : [];
  });
}
