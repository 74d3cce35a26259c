/** Environment variables of containers. Source: `ValidateEnv` and `validateEnvFrom` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { asPart, each, exactlyOne, isGiven, named, required, text } from "../rules";
import type { Part, Problems } from "../rules";
import { dataKeyFault } from "../names";
import { dnsSubdomainFault } from "../../../dra/manifest/names";

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
  const isOfMetadata = /^metadata\.(?:labels|annotations)\['[^']+'\]$/.test(field);
  return isOfMetadata || legal.includes(field)
    ? []
    : [problem(`${path}.fieldPath`, field, `must be one of ${legal.join(", ")}, metadata.labels['KEY'] or metadata.annotations['KEY']`)];
}

export function resourceFieldProblems({ resource }: Part, path: string): Problems {
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
