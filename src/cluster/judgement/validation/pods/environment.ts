/** Environment variables of containers. Source: `ValidateEnv` and `validateEnvFrom` of Kubernetes. */
import { problem } from "../../../../dra/manifest/fields";
import { asPart, each, exactlyOne, isGiven, named, required, text } from "../rules";
import type { Part, Problems } from "../rules";
import { dataKeyFault } from "../names";
import { dnsSubdomainFault, labelKeyFault } from "../../../../dra/manifest/names";

/** Since 1.34 every printable ASCII character but `=`. */
const VARIABLE_NAME = /^[ -<>-~]+$/;

const FIELDS = [
  ...["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"],
  ...["status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"],
];
const RESOURCES = [
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
];

function variableNameFault(name: string): string | undefined {
  return VARIABLE_NAME.test(name) ? undefined : "must consist of printable ASCII characters other than '='";
}

export function environmentProblems({ env, envFrom }: Part, path: string): Problems {
  return [...each(env, `${path}.env`, variableProblems), ...each(envFrom, `${path}.envFrom`, sourceProblems)];
}

function variableProblems({ name, value, valueFrom }: Part, path: string): Problems {
  const nameProblems = named(name, `${path}.name`, variableNameFault);
  if (valueFrom === undefined || valueFrom === null) {
    return nameProblems;
  }
  const source = asPart(valueFrom);
  const from = `${path}.valueFrom`;
  return [
    ...nameProblems,
    ...(isGiven(value) ? [problem(from, undefined, "not allowed beside value")] : []),
    ...exactlyOne(source, from, ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"]),
    ...(["configMapKeyRef", "secretKeyRef"] as const).flatMap((key) =>
      source[key] === undefined ? [] : keyReferenceProblems(asPart(source[key]), `${from}.${key}`),
    ),
    ...(source["fieldRef"] === undefined ? [] : fieldProblems(asPart(source["fieldRef"]), `${from}.fieldRef`, FIELDS)),
    ...(source["resourceFieldRef"] === undefined
      ? []
      : resourceFieldProblems(asPart(source["resourceFieldRef"]), `${from}.resourceFieldRef`)),
  ];
}

function keyReferenceProblems({ name, key }: Part, path: string): Problems {
  return [...named(name, `${path}.name`, dnsSubdomainFault), ...named(key, `${path}.key`, dataKeyFault)];
}

/** @param legal fields besides single labels and annotations. */
export function fieldProblems({ fieldPath, apiVersion }: Part, path: string, legal: readonly string[]): Problems {
  if (isGiven(apiVersion) && apiVersion !== "v1") {
    return [problem(`${path}.apiVersion`, apiVersion, "must be v1")];
  }
  if (!isGiven(fieldPath)) {
    return required(fieldPath, `${path}.fieldPath`);
  }
  const field = text(fieldPath);
  const [, kind, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(field) ?? [];
  if (key !== undefined) {
    const fault = labelKeyFault(kind === "annotations" ? key.toLowerCase() : key);
    return fault === undefined ? [] : [problem(`${path}.fieldPath`, field, fault)];
  }
  return legal.includes(field)
    ? []
    : [problem(`${path}.fieldPath`, field, `must be one of ${legal.join(", ")}, metadata.labels['KEY'] or metadata.annotations['KEY']`)];
}

/** In what a container can be told its requests and limits. */
const DIVISORS: ReadonlyMap<string, readonly string[]> = new Map([
  ["cpu", ["1m", "1"]],
  ...["memory", "ephemeral-storage"].map((name): [string, readonly string[]] => [
    name,
    ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
  ]),
]);

export function resourceFieldProblems({ resource, divisor }: Part, path: string): Problems {
  const legal = DIVISORS.get(text(resource).slice(text(resource).indexOf(".") + 1));
  if (isGiven(divisor) && divisor !== "0" && divisor !== 0 && legal !== undefined && !legal.includes(String(divisor))) {
    return [problem(`${path}.divisor`, divisor, `must be one of ${legal.join(", ")}`)];
  }
  if (!isGiven(resource)) {
    return required(resource, `${path}.resource`);
  }
  return RESOURCES.includes(text(resource)) || /^(?:limits|requests)\.hugepages-/.test(text(resource))
    ? []
    : [problem(`${path}.resource`, resource, `must be one of ${RESOURCES.join(", ")}`)];
}

function sourceProblems(source: Part, path: string): Problems {
  return [
    ...(isGiven(source["prefix"]) ? named(source["prefix"], `${path}.prefix`, variableNameFault) : []),
    ...exactlyOne(source, path, ["configMapRef", "secretRef"]),
    ...(["configMapRef", "secretRef"] as const).flatMap((key) =>
      source[key] === undefined ? [] : named(asPart(source[key])["name"], `${path}.${key}.name`, dnsSubdomainFault),
    ),
  ];
}
