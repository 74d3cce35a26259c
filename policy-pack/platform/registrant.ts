/** Who registers an object: the platform, or somebody else. */
import type { Stack, StackMember } from "../evaluation/on-stack";
import { kubernetesObjects } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import type { Resource } from "../evaluation/on-resource";
import { DEFAULT_PROJECTS, platformNamespacesOf } from "./settings";
import type { PlatformSettings } from "./settings";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";
import { isOfPlatform } from "../evaluation/urn";

/**
 * Whether a component of the platform registered the resource: the URN names one of the platform's projects, and a component of type
 * `shared-gpu:...` around the resource. A manifest that the rehearsal only checks against a stack has no component around it.
 *
 * Anybody who writes a program can imitate both. So the policies allow because of it only what the API server refuses to a team anyway: cluster-scoped
 * objects, and objects in the platform's namespaces. They check what a team's credentials can create (pods and claims in its own namespace) whatever
 * the URN.
 */
export function isRegisteredByPlatform({ urn }: Resource, { platformProjects = DEFAULT_PROJECTS }: PlatformSettings): boolean {
  return isOfPlatform(urn, platformProjects);
}

/** A member of a stack as the rules for single resources see it. What its provider is configured with is unknown to a stack's policies. */
export function resourceOf({ type, urn, props }: StackMember, { getConfig }: Stack): Resource {
  return { type, urn, props, provider: undefined, getConfig };
}

/** The namespace that an object is created in: its own, its provider's if it names none, or `default`. */
export function namespaceOf(object: KubernetesObject, { provider }: Pick<Resource, "provider">): string | typeof UNKNOWN {
  const metadata = object.read("metadata");
  const namespace = asRecord(metadata)["namespace"] ?? provider?.props["namespace"];
  if (metadata === UNKNOWN || namespace === UNKNOWN) {
    return UNKNOWN;
  }
  return typeof namespace === "string" ? namespace : "default";
}

/** Whether an object is in one of the platform's namespaces. */
export function isInPlatformNamespace(object: KubernetesObject, resource: Resource, settings: PlatformSettings): "yes" | "no" | "unknown" {
  const namespace = namespaceOf(object, resource);
  if (namespace === UNKNOWN) {
    return "unknown";
  }
  return platformNamespacesOf(settings).includes(namespace) ? "yes" : "no";
}

/**
 * The objects of a resource that the policies about pods and Services check. The platform's own objects are exempt in the platform's own namespaces, where
 * teams have no rights. Neither condition is enough alone, because a program of a team can imitate the one and write the other.
 */
export function objectsToCheck(resource: Resource): readonly KubernetesObject[] {
  const settings = resource.getConfig<PlatformSettings>();
  return kubernetesObjects(resource).filter(
    (object) => !(isRegisteredByPlatform(resource, settings) && isInPlatformNamespace(object, resource, settings) === "yes"),
  );
}

/** The objects of a resource that the platform did not register. */
export function objectsOfOthers(resource: Resource): readonly KubernetesObject[] {
  return isRegisteredByPlatform(resource, resource.getConfig<PlatformSettings>()) ? [] : kubernetesObjects(resource);
}
