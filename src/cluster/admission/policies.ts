/**
 * What the ValidatingAdmissionPolicies of a cluster refuse, by their CEL expressions.
 * Source: k8s.io/api/admissionregistration/v1 and `k8s.io/apiserver/pkg/admission/plugin/policy` (v0.34).
 */
import { textOf } from "../../json/text-of";
import { compile } from "../../cel/compile";
import type { Program } from "../../cel/run/program";
import { isObject } from "../../dra/manifest/fields";
import type { KubernetesRules } from "../../releases/kubernetes";
import { NAMESPACE_NAME_LABEL } from "../../well-known/labels";
import { listAt, objectAt } from "../objects";
import { valueAt } from "../../json/value-at";
import type { ClusterObject, JsonObject } from "../objects";
import { admissionEnvironment, admissionVariables } from "./environment";
import type { AdmissionInput } from "./environment";

/** A request that creates an object. */
export interface Creation {
  readonly apiGroup: string;
  readonly apiVersion: string;
  /** Plural. */
  readonly resource: string;
  /** Empty for an object of the whole cluster. */
  readonly namespace: string;
  readonly object: JsonObject;
}

/** Expressions that a policy asks about a request. */
export interface Conditions {
  readonly matchConditions: readonly string[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}

interface Policy extends Conditions {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Of the labels of the request's namespace; empty: all. */
  readonly namespaces: readonly Requirement[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
}

/** One expression of a label selector. */
interface Requirement {
  readonly key: string;
  readonly operator: "In" | "Exists";
  readonly values: readonly string[];
}

/** Whose manifests are rehearsed is unknown. It is nobody who may change the policies themselves. */
const NOBODYS_RIGHTS = () => false;

export class AdmissionPolicies {
  private constructor(
    private readonly policies: readonly Policy[],
    private readonly labels: ReadonlyMap<string, JsonObject>,
    private readonly rules: KubernetesRules,
    /** Policies and bindings that are not evaluated, with what is not understood of them. */
    readonly notUnderstood: readonly { readonly object: ClusterObject; readonly message: string }[],
  ) {}

  /** The policies of the stack. Those of manifests are not evaluated: their outcome says so. */
  static of(objects: readonly ClusterObject[], rules: KubernetesRules): AdmissionPolicies {
    const ofKind = (kind: string) =>
      objects.filter((object) => object.kind === kind && object.apiVersion === API_VERSION && object.origin.type === "stack");
    const notUnderstood: { readonly object: ClusterObject; readonly message: string }[] = [];
    const policies = ofKind("ValidatingAdmissionPolicyBinding").flatMap((binding): readonly Policy[] => {
      const policy = ofKind("ValidatingAdmissionPolicy").find(({ name }) => name === valueAt(binding.body, "spec", "policyName"));
      if (policy === undefined) {
        return [];
      }
      const unknown = [
        ...unknownFields(policy.body["spec"], POLICY_FIELDS).map((path) => ({ object: policy, path })),
        ...unknownFields(binding.body["spec"], BINDING_FIELDS).map((path) => ({ object: binding, path })),
      ];
      if (unknown.length > 0) {
        notUnderstood.push(
          ...unknown.map(({ object, path }) => ({ object, message: `the rehearsal does not evaluate it: spec${path} is unknown here` })),
        );
        return [];
      }
      return [
        {
          name: policy.name,
          ...conditionsOf(policy.body["spec"]),
          rules: listAt(policy.body, "spec", "matchConstraints", "resourceRules") as readonly Rule[],
          namespaces: listAt(binding.body, "spec", "matchResources", "namespaceSelector", "matchExpressions") as readonly Requirement[],
        },
      ];
    });
    const namespaces = objects.filter(({ kind, apiVersion }) => kind === "Namespace" && apiVersion === "v1");
    const labels = new Map(namespaces.map(({ name, body }) => [name, objectAt(body, "metadata", "labels")]));
    return new AdmissionPolicies(policies, labels, rules, notUnderstood);
  }

  /** What each policy says that refuses a request, in the words of the API server. It names the first of its checks that fails. */
  refusals(creation: Creation): readonly string[] {
    return this.policies
      .filter((policy) => this.matches(policy, creation))
      .flatMap(({ name, ...conditions }) => {
        const input = { operation: "CREATE", object: creation.object, oldObject: undefined, allows: NOBODYS_RIGHTS };
        const [message] = failedChecks(conditions, input, this.rules);
        return message === undefined ? [] : [`ValidatingAdmissionPolicy ${name}: ${message}`];
      });
  }

  private matches({ rules, namespaces }: Policy, { apiGroup, apiVersion, resource, namespace, object }: Creation): boolean {
    const isOf = (entries: readonly string[], value: string) => entries.includes("*") || entries.includes(value);
    const isAsked = rules.some(
      (rule) =>
        isOf(rule.operations, "CREATE") &&
        isOf(rule.apiGroups, apiGroup) &&
        isOf(rule.apiVersions, apiVersion) &&
        isOf(rule.resources, resource),
    );
    if (!isAsked || namespaces.length === 0) {
      return isAsked;
    }
    const isNamespace = apiGroup === "" && resource === "namespaces";
    const name = isNamespace ? textOf(valueAt(object, "metadata", "name")) : namespace;
    // A selector of namespaces keeps no object of the whole cluster out, except a namespace itself.
    return name === "" || namespaces.every((requirement) => holds(requirement, { ...this.labels.get(name), [NAMESPACE_NAME_LABEL]: name }));
  }
}

const API_VERSION = "admissionregistration.k8s.io/v1";

/** Fields of the two specs that are understood, with the values of those that have a fixed one. Lists and maps are looked into. */
interface Fields {
  readonly [field: string]: Fields | readonly string[] | "any";
}

const POLICY_FIELDS: Fields = {
  failurePolicy: ["Fail"],
  matchConstraints: {
    matchPolicy: ["Equivalent"],
    resourceRules: { apiGroups: "any", apiVersions: "any", operations: "any", resources: "any" },
  },
  matchConditions: { name: "any", expression: "any" },
  validations: { expression: "any", message: "any", reason: "any" },
};

const BINDING_FIELDS: Fields = {
  policyName: "any",
  validationActions: ["Deny"],
  matchResources: { namespaceSelector: { matchExpressions: { key: "any", operator: ["In", "Exists"], values: "any" } } },
};

function unknownFields(value: unknown, fields: Fields | readonly string[] | "any", path = ""): readonly string[] {
  if (fields === "any") {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((entry, index) => unknownFields(entry, fields, `${path}[${String(index)}]`));
  }
  if (Array.isArray(fields)) {
    return fields.includes(value) ? [] : [path];
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([key, entry]) => {
        const known = Object.hasOwn(fields, key) ? (fields as Fields)[key] : undefined;
        return known === undefined ? [`${path}.${key}`] : unknownFields(entry, known, `${path}.${key}`);
      })
    : [path];
}

function holds({ key, operator, values }: Requirement, labels: JsonObject): boolean {
  return operator === "Exists" ? Object.hasOwn(labels, key) : values.includes(String(labels[key]));
}

/** The expressions of a policy's spec. */
export function conditionsOf(spec: unknown): Conditions {
  return {
    matchConditions: listAt(spec, "matchConditions").map((condition) => textOf(valueAt(condition, "expression"))),
    validations: listAt(spec, "validations").map((validation) => ({
      expression: textOf(valueAt(validation, "expression")),
      message: textOf(valueAt(validation, "message")),
    })),
  };
}

/** The messages of the checks that a request does not pass. An expression that fails to evaluate refuses, as `failurePolicy: Fail` does. */
export function failedChecks(
  { matchConditions, validations }: Conditions,
  input: AdmissionInput,
  rules: KubernetesRules,
): readonly string[] {
  const variables = admissionVariables(input);
  const answers = (expression: string) => programOf(expression, rules)(variables);
  return matchConditions.some((expression) => answers(expression) === false)
    ? []
    : validations.filter(({ expression }) => answers(expression) !== true).map(({ message }) => message);
}

/** Expressions compiled once: the policies of a cluster are asked about each of its objects. */
const programs = new WeakMap<KubernetesRules, Map<string, Program>>();

/** @throws Error for an expression that the API server does not take in a policy, which is therefore in no cluster. */
function programOf(expression: string, rules: KubernetesRules): Program {
  const compiled = programs.get(rules) ?? new Map<string, Program>();
  programs.set(rules, compiled);
  const known = compiled.get(expression);
  if (known !== undefined) {
    return known;
  }
  const compilation = compile(expression, admissionEnvironment(rules));
  if (compilation.type === "refused") {
    throw new Error(`${expression}: ${compilation.message}`);
  }
  compiled.set(expression, compilation.run);
  return compilation.run;
}
