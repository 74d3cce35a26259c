import type { ClaimApiVersion, KubernetesRules } from "../../releases/kubernetes";
import { readQuantity } from "../manifest/quantity";
import { compileSelector } from "../selector/selector";
import { readConfiguration, readConstraint } from "./constraints";
import { Fields, isObject, problem } from "../manifest/fields";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault, labelValueFault } from "../manifest/names";
import type { AllocationMode, ClaimSpec, DeviceToleration, ExactRequest, Request, SubRequest } from "./types";

const EXACT_FIELDS = ["deviceClassName", "selectors", "allocationMode", "count", "adminAccess", "tolerations", "capacity"];
/** An alternative cannot ask for admin access. */
const SUB_REQUEST_FIELDS = ["name", ...EXACT_FIELDS.filter((field) => field !== "adminAccess")];
const FLAT_REQUEST_FIELDS = ["name", ...EXACT_FIELDS, "firstAvailable"];

/**
 * Reads `spec` of a claim, or `spec.spec` of a template, with the defaults and the validation of the API server
 * (`pkg/apis/resource/{v1,v1beta1}/defaults.go`, `pkg/apis/resource/validation/validation.go`). Problems are added to `problems`; the result is then of no use.
 */
export function readClaimSpec(
  value: unknown,
  path: string,
  apiVersion: ClaimApiVersion,
  rules: KubernetesRules,
  problems: string[],
): ClaimSpec {
  const { limits } = rules.claimApi;
  const spec = Fields.read(value, path, ["devices"], problems);
  const devices = spec && Fields.read(spec.value("devices"), spec.path("devices"), ["requests", "constraints", "config"], problems);
  if (devices === undefined) {
    return { requests: [], constraints: [], config: [] };
  }
  const requests = devices.items("requests", limits.requests, (item, itemPath) =>
    apiVersion === "resource.k8s.io/v1beta1"
      ? readFlatRequest(item, itemPath, rules, problems)
      : readRequest(item, itemPath, rules, problems),
  );
  refuseDuplicates(requests, devices.path("requests"), problems);
  const references = new Set(requests.flatMap(referencesOf));
  return {
    requests,
    constraints: devices.items("constraints", limits.constraints, (item, itemPath) =>
      readConstraint(item, itemPath, references, rules, problems),
    ),
    config: devices.items("config", limits.configurations, (item, itemPath) =>
      readConfiguration(item, itemPath, references, limits.parametersBytes, problems),
    ),
  };
}

/** v1 and v1beta2: `exactly` or `firstAvailable`. */
function readRequest(value: unknown, path: string, rules: KubernetesRules, problems: string[]): Request | undefined {
  const fields = Fields.read(value, path, ["name", "exactly", "firstAvailable"], problems);
  if (fields === undefined) {
    return undefined;
  }
  const name = fields.name("name", dnsLabelFault);
  const firstAvailable = readAlternatives(fields, rules);
  if (fields.isSet("exactly") === firstAvailable.length > 0) {
    problems.push(problem(path, undefined, 'exactly one of "exactly" and "firstAvailable" is required'));
    return undefined;
  }
  if (firstAvailable.length > 0) {
    return { type: "firstAvailable", name, firstAvailable };
  }
  const exactly = Fields.read(fields.value("exactly"), fields.path("exactly"), EXACT_FIELDS, problems);
  return exactly && { type: "exactly", name, exactly: readExact(exactly, rules) };
}

/** v1beta1: the fields of `exactly` are in the request itself. */
function readFlatRequest(value: unknown, path: string, rules: KubernetesRules, problems: string[]): Request | undefined {
  const fields = Fields.read(value, path, FLAT_REQUEST_FIELDS, problems);
  if (fields === undefined) {
    return undefined;
  }
  const name = fields.name("name", dnsLabelFault);
  const firstAvailable = readAlternatives(fields, rules);
  if (EXACT_FIELDS.some((field) => fields.isSet(field)) === firstAvailable.length > 0) {
    problems.push(problem(path, undefined, 'exactly one of "deviceClassName" and "firstAvailable" is required'));
    return undefined;
  }
  return firstAvailable.length > 0
    ? { type: "firstAvailable", name, firstAvailable }
    : { type: "exactly", name, exactly: readExact(fields, rules) };
}

function readAlternatives(fields: Fields, rules: KubernetesRules): readonly SubRequest[] {
  const alternatives = fields.items("firstAvailable", rules.claimApi.limits.alternatives, (item, path): SubRequest | undefined => {
    const alternative = Fields.read(item, path, SUB_REQUEST_FIELDS, fields.problems);
    return alternative && { name: alternative.name("name", dnsLabelFault), ...readExact(alternative, rules) };
  });
  refuseDuplicates(alternatives, fields.path("firstAvailable"), fields.problems);
  return alternatives;
}

function readExact(fields: Fields, rules: KubernetesRules): ExactRequest {
  const { limits } = rules.claimApi;
  return {
    deviceClassName: fields.name("deviceClassName", dnsSubdomainFault),
    selectors: fields.items("selectors", limits.selectors, (item, path) => readSelector(item, path, rules, fields.problems)),
    allocationMode: readAllocationMode(fields),
    adminAccess: fields.boolean("adminAccess") ?? false,
    tolerations: fields.items("tolerations", limits.tolerations, (item, path) => readToleration(item, path, fields.problems)),
    capacityRequests: readCapacityRequests(fields),
  };
}

function readSelector(value: unknown, path: string, rules: KubernetesRules, problems: string[]): string | undefined {
  const selector = Fields.read(value, path, ["cel"], problems);
  const cel = selector && Fields.read(selector.value("cel"), selector.path("cel"), ["expression"], problems);
  if (cel === undefined) {
    return undefined;
  }
  const expression = cel.string("expression") ?? "";
  const compiled = compileSelector(expression, rules);
  if (compiled.type === "invalid") {
    cel.refuse("expression", compiled.message);
  }
  return expression;
}

function readAllocationMode(fields: Fields): AllocationMode {
  const mode = fields.string("allocationMode") ?? "ExactCount";
  const count = fields.integer("count") ?? 0;
  switch (mode) {
    case "All":
      if (count !== 0) {
        fields.refuse("count", 'must not be set with allocationMode "All"');
      }
      return { type: "All" };
    case "ExactCount":
    case "":
      if (count < 0) {
        fields.refuse("count", "must be greater than zero");
      }
      return { type: "ExactCount", count: count === 0 ? 1 : count };
    default:
      fields.refuse("allocationMode", 'must be "ExactCount" or "All"');
      return { type: "All" };
  }
}

function readToleration(value: unknown, path: string, problems: string[]): DeviceToleration | undefined {
  const fields = Fields.read(value, path, ["key", "operator", "value", "effect", "tolerationSeconds"], problems);
  if (fields === undefined) {
    return undefined;
  }
  const key = fields.string("key") || undefined;
  const operator = fields.string("operator") || "Equal";
  const tolerated = fields.string("value") ?? "";
  const effect = fields.string("effect") || undefined;
  const keyFault = key === undefined ? undefined : labelKeyFault(key);
  if (keyFault !== undefined) {
    fields.refuse("key", keyFault);
  }
  if (operator !== "Equal" && operator !== "Exists") {
    fields.refuse("operator", 'must be "Equal" or "Exists"');
  }
  const valueFault = operator === "Equal" ? labelValueFault(tolerated) : tolerated && 'must be empty with operator "Exists"';
  if (valueFault) {
    fields.refuse("value", valueFault);
  }
  if (effect !== undefined && effect !== "NoSchedule" && effect !== "NoExecute") {
    fields.refuse("effect", 'must be "NoSchedule" or "NoExecute"');
    return undefined;
  }
  return {
    key,
    operator: operator === "Exists" ? "Exists" : "Equal",
    value: tolerated,
    effect,
    tolerationSeconds: fields.integer("tolerationSeconds"),
  };
}

function readCapacityRequests(fields: Fields): Readonly<Record<string, string>> {
  const capacity = Fields.read(fields.value("capacity"), fields.path("capacity"), ["requests"], fields.problems);
  const requests = capacity?.value("requests") ?? {};
  if (capacity === undefined || !isObject(requests)) {
    capacity?.refuse("requests", "must be an object");
    return {};
  }
  return Object.fromEntries(
    Object.entries(requests).map(([name, value]) => {
      const quantity = typeof value === "number" ? String(value) : (value ?? "0");
      if (typeof quantity !== "string" || readQuantity(quantity) === undefined) {
        fields.problems.push(problem(`${capacity.path("requests")}[${name}]`, value, "must be a quantity, such as 10Gi"));
        return [name, "0"];
      }
      return [name, quantity];
    }),
  );
}

function referencesOf(request: Request): readonly string[] {
  return [request.name, ...(request.type === "firstAvailable" ? request.firstAvailable.map(({ name }) => `${request.name}/${name}`) : [])];
}

function refuseDuplicates(named: readonly { readonly name: string }[], path: string, problems: string[]): void {
  named.forEach(({ name }, index) => {
    if (named.findIndex((other) => other.name === name) < index) {
      problems.push(problem(`${path}[${String(index)}].name`, name, "duplicate"));
    }
  });
}
