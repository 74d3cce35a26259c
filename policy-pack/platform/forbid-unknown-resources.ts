import type { ResourceValidationPolicy } from "@pulumi/policy";
import { admission, EXCEPTIONS_SCHEMA, exceptionFor } from "../evaluation/exceptions";
import type { ExceptionSettings } from "../evaluation/exceptions";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onEveryResource } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import { UNKNOWN } from "../evaluation/snapshot";
import { chartOf, localChartOf } from "../resources/charts";
import { classifyRelease } from "../resources/classification/charts";
import { classifyType } from "../resources/classification/cloud-types";
import { classifyObject } from "../resources/classification/kubernetes-kinds";
import type { Classification } from "../resources/classification/types";
import { isKubernetesType, readKubernetesType } from "../resources/kubernetes-type";
import { kubernetesObjects } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { podTemplates } from "../resources/pod-specs";
import { isInPlatformNamespace, isRegisteredByPlatform } from "./registrant";
import { PLATFORM_SCHEMA, platformNamespacesOf } from "./settings";
import type { PlatformSettings } from "./settings";

type Settings = PlatformSettings & ExceptionSettings;

/**
 * Checks that the pack understands every resource. Each is judged by policies, or known to have no effect on GPUs, rights and other tenants, or unknown. An
 * unknown one is denied, because a list of bad types would never be complete.
 */
export const forbidUnknownResources: ResourceValidationPolicy = {
  name: "forbid-unknown-resources",
  displayName: "The pack understands every resource",
  description:
    "Checks that every resource is of a type that the pack judges or knows to have no effect on GPUs, rights and other tenants. Kinds of Kubernetes that it does not know, patches that hide what they change, and other ways to nodes, clusters and rights need an exception.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["tenancy", "kubernetes", "aws"],
  remediationSteps:
    "Write what the message names instead. If there is no other way, add the type to the setting allow, with a reason and the day until which it is admitted.",
  configSchema: { properties: { ...PLATFORM_SCHEMA, ...EXCEPTIONS_SCHEMA } },
  validateResource: onEveryResource((resource) =>
    isKubernetesType(resource.type) ? kubernetesFindings(resource) : typeFindings(resource, resource.getConfig<Settings>()),
  ),
};

function typeFindings(resource: Resource, settings: Settings): readonly Finding[] {
  const { type, provider } = resource;
  return findings(
    type,
    type,
    classifyType(type, provider !== undefined, () => isRegisteredByPlatform(resource, settings)),
    settings,
  );
}

function kubernetesFindings(resource: Resource): readonly Finding[] {
  const settings = resource.getConfig<Settings>();
  const token = readKubernetesType(resource.type);
  if (token.type === "malformed") {
    return findings(resource.type, resource.type, MALFORMED, settings);
  }
  if (token.type === "release") {
    return [...releaseFindings(resource, settings), ...objectFindings(resource, settings)];
  }
  const { apiVersion, kind } = resource.props;
  if (apiVersion === UNKNOWN || kind === UNKNOWN) {
    return [undetermined(apiVersion === UNKNOWN ? "apiVersion" : "kind", "which object it is")];
  }
  return objectFindings(resource, settings);
}

function objectFindings(resource: Resource, settings: Settings): readonly Finding[] {
  return kubernetesObjects(resource).flatMap((object) => {
    return isPlatforms(object, resource, settings)
      ? []
      : [...findings(tokenOf(object), object.kind, classifyObject(object), settings), ...uncheckedParts(object, settings)];
  });
}

function releaseFindings(resource: Resource, settings: Settings): readonly Finding[] {
  const chart = chartOf(resource);
  if (chart.reference === UNKNOWN) {
    return [undetermined("chart", "which chart is installed")];
  }
  const { namespace } = resource.props;
  const platformNamespaces: readonly unknown[] = platformNamespacesOf(settings);
  // The name of a namespace that does not exist yet is unknown in the first preview. `pulumi up` compares it.
  const isInPlatform = namespace === UNKNOWN || platformNamespaces.includes(namespace);
  const isPlatforms = isInPlatform && isRegisteredByPlatform(resource, settings);
  const classification = classifyRelease(chart, localChartOf(chart, resource.urn), isPlatforms);
  const reference = typeof chart.reference === "string" ? chart.reference : undefined;
  return findings(resource.type, `chart ${reference ?? "without a name"}`, classification, settings, reference);
}

const MALFORMED: Classification = {
  type: "unknown",
  why: "it is not a type of the Kubernetes provider",
  instead: "Use the classes of @pulumi/kubernetes",
};

/**
 * Whether the platform may register an object that nothing judges: cluster-scoped and other kinds of Kubernetes, on which teams have no rights, and
 * whatever it needs in its own namespaces. Pods and custom resources in a team's namespace are judged whoever registers them.
 */
function isPlatforms(object: KubernetesObject, resource: Resource, settings: Settings): boolean {
  if (!isRegisteredByPlatform(resource, settings)) {
    return false;
  }
  const inCluster = object.contents === undefined && podTemplates(object).length === 0;
  return inCluster || isInPlatformNamespace(object, resource, settings) === "yes";
}

/** The type token that the SDK gives to an object. */
function tokenOf({ apiVersion, kind, isPatch }: KubernetesObject): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}${isPatch ? "Patch" : ""}`;
}

/** @param chart as written, for a Helm release. */
function findings(type: string, title: string, classification: Classification, settings: Settings, chart?: string): readonly Finding[] {
  if (classification.type !== "unknown") {
    return [];
  }
  const { why, instead } = classification;
  const admitted = admission(type, settings, chart);
  switch (admitted.type) {
    case "admitted":
      return [];
    case "invalid":
      return [`${title}: the exception for ${type} does not count: ${admitted.problem}`];
    case "ended":
      return [`${title}: the exception for ${type} ended on ${admitted.until}, and ${why}. ${instead}, or renew the exception`];
    case "refused":
      return [`${title}: ${why}. ${instead}. To admit the type for some time, set ${exceptionFor(type, chart)} for this policy`];
  }
}

/** Parts of a custom resource that nothing can check. */
function uncheckedParts(object: KubernetesObject, settings: Settings): readonly Finding[] {
  const { kind, prefix, contents } = object;
  if (contents === undefined || admission(tokenOf(object), settings).type === "admitted") {
    return [];
  }
  return contents.unchecked.map(({ path, reason }) =>
    prefixed(`${kind}: `, reason === undefined ? undetermined(`${prefix}${path}`, "what it creates") : `"${prefix}${path}" ${reason}`),
  );
}
