/** The metadata of objects. Source: `k8s.io/apimachinery/pkg/api/validation` and the name functions of each kind in `pkg/apis` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault, labelValueFault } from "../../../dra/manifest/names";
import type { KubernetesRules } from "../../../releases/kubernetes";
import { asPart, asList, between, each, formatted, isGiven, named, required, text } from "./rules";
import type { Part, Problems } from "./rules";

const DNS_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

function letterLabelFault(name: string): string | undefined {
  return name.length <= 63 && DNS_1035_LABEL.test(name)
    ? undefined
    : "must be a DNS label that begins with a letter: at most 63 lower case letters, digits and '-'";
}

/** What is wrong with a Service's name, in a version of Kubernetes. */
export function serviceNameFault({ serviceNamesWithDigits }: KubernetesRules): (name: string) => string | undefined {
  return serviceNamesWithDigits ? dnsLabelFault : letterLabelFault;
}

/** Names that become a part of a URL, of roles and their bindings. */
export function pathSegmentFault(name: string): string | undefined {
  return name === "." || name === ".." || /[/%]/.test(name) ? "must not be '.' or '..', and must not contain '/' or '%'" : undefined;
}

/** Its jobs are called by its name and 11 characters more. */
function cronJobNameFault(name: string): string | undefined {
  return name.length > 52 ? "must have at most 52 characters" : undefined;
}

const NAME_FAULTS: ReadonlyMap<string, (name: string) => string | undefined> = new Map([
  ["Namespace", dnsLabelFault],
  ["StatefulSet", dnsLabelFault],
  ["Role", pathSegmentFault],
  ["ClusterRole", pathSegmentFault],
  ["RoleBinding", pathSegmentFault],
  ["ClusterRoleBinding", pathSegmentFault],
  ["PodDisruptionBudget", pathSegmentFault],
]);

/** Questions to the API server, which keeps none of them. */
const UNNAMED: ReadonlySet<string> = new Set([
  ...["TokenReview", "SelfSubjectReview", "SubjectAccessReview", "LocalSubjectAccessReview"],
  ...["SelfSubjectAccessReview", "SelfSubjectRulesReview"],
]);

/**
 * Kinds whose finalizers need no domain: their validation is that of `k8s.io/apimachinery`, where the one of `pkg/apis/core` asks for more.
 * Source: `pkg/apis/{coordination,node,admissionregistration,policy}/validation` of Kubernetes v1.34.4, kube-aggregator and apiextensions-apiserver.
 */
const FREE_FINALIZERS: ReadonlySet<string> = new Set([
  ...["Lease", "LeaseCandidate", "RuntimeClass", "PodDisruptionBudget", "APIService", "CustomResourceDefinition"],
  ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"],
  ...["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration"],
]);

const MAX_ANNOTATIONS_BYTES = 256 * 1024;

export function metadataProblems(kind: string, scope: "Namespaced" | "Cluster", metadata: unknown, rules: KubernetesRules): Problems {
  const { name, generateName, namespace, labels, annotations, ownerReferences, finalizers, resourceVersion, generation } = asPart(metadata);
  const finalizerFault = FREE_FINALIZERS.has(kind) ? labelKeyFault : finalizerWithDomainFault;
  const fault = kind === "Service" ? serviceNameFault(rules) : (NAME_FAULTS.get(kind) ?? dnsSubdomainFault);
  return [
    ...formatted(generateName, "metadata.generateName", (prefix) => fault(withoutTrailingDash(prefix))),
    // The API server adds five characters to a prefix of at most 58.
    ...(isGiven(generateName) && !isGiven(name)
      ? formatted(generateName, "metadata.generateName", (prefix) => fault(`${prefix.slice(0, 58)}x`))
      : UNNAMED.has(kind)
        ? []
        : named(name, "metadata.name", fault)),
    ...(kind === "CronJob" ? formatted(name, "metadata.name", cronJobNameFault) : []),
    // Of an object of the whole cluster the API server removes it.
    ...(scope === "Namespaced" ? formatted(namespace, "metadata.namespace", dnsLabelFault) : []),
    // Such a file was read out of a cluster (apiserver, `ErrResourceVersionSetOnCreate`).
    ...formatted(resourceVersion, "metadata.resourceVersion", (version) =>
      /^0*[1-9]\d*$/.test(version) ? "must not be set on an object that is created. Remove it" : undefined,
    ),
    ...between(generation, "metadata.generation", 0),
    ...labelProblems(labels, "metadata.labels"),
    ...annotationProblems(annotations, "metadata.annotations"),
    ...each(ownerReferences, "metadata.ownerReferences", ownerProblems),
    ...asList(finalizers).flatMap((finalizer, index) => named(finalizer, `metadata.finalizers[${String(index)}]`, finalizerFault)),
  ];
}

/** A prefix ends where the API server goes on, so that a dash at its end is none at the end of the name. */
function withoutTrailingDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -2)}a` : prefix;
}

function ownerProblems(owner: Part, path: string): Problems {
  return [
    ...["apiVersion", "kind", "name", "uid"].flatMap((field) => required(owner[field], `${path}.${field}`)),
    ...formatted(owner["apiVersion"], `${path}.apiVersion`, (version) =>
      /^([^/]*\/)?[^/]+$/.test(version) ? undefined : "must be a version, or a group and a version: apps/v1",
    ),
  ];
}

/** A finalizer without a domain is one of Kubernetes' own. */
function finalizerWithDomainFault(finalizer: string): string | undefined {
  const known = ["kubernetes", "orphan", "foregroundDeletion"];
  return (
    labelKeyFault(finalizer) ??
    (finalizer.includes("/") || known.includes(finalizer) ? undefined : "must have a domain, such as example.com/finalizer")
  );
}

export function labelProblems(labels: unknown, path: string): Problems {
  return Object.entries(asPart(labels)).flatMap(([key, value]) => [
    ...keyProblems(key, path),
    ...formatted(value, `${path}[${key}]`, labelValueFault),
  ]);
}

export function annotationProblems(annotations: unknown, path: string): Problems {
  const entries = Object.entries(asPart(annotations));
  const bytes = entries.reduce((sum, [key, value]) => sum + bytesOf(key) + bytesOf(text(value)), 0);
  return [
    ...entries.flatMap(([key]) => keyProblems(key.toLowerCase(), path)),
    ...(bytes > MAX_ANNOTATIONS_BYTES
      ? [problem(path, undefined, `${String(bytes)} bytes; at most ${String(MAX_ANNOTATIONS_BYTES)} are allowed`)]
      : []),
  ];
}

function keyProblems(key: string, path: string): Problems {
  const fault = key === "" ? "must not be empty" : labelKeyFault(key);
  return fault === undefined ? [] : [problem(path, key, fault)];
}

function bytesOf(value: string): number {
  return new TextEncoder().encode(value).length;
}
