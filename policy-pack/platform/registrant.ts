/** Who registers an object: the platform, or anybody else. */
import { kubernetesObjects } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import type { Resource } from "../evaluation/on-resource";
import { DEFAULT_NAMESPACES, DEFAULT_PROJECTS } from "./settings";
import type { PlatformSettings } from "./settings";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";
import { isOfPlatform } from "../evaluation/urn";

/**
 * Whether a component of the platform registered the resource: the URN names one of the platform's projects, and a component of type
 * `shared-gpu:...` around the resource. Manifests that are only held against a stack have no component around them.
 *
 * Both can be imitated by whoever writes a program of their own. What is allowed because of it is therefore only what the API server refuses to a
 * team anyway: cluster-scoped objects, and objects in the platform's namespaces. What a team's credentials can create (pods and claims in its own
 * namespace) is judged without regard to the URN.
 */
export function isRegisteredByPlatform({ urn }: Resource, { platformProjects = DEFAULT_PROJECTS }: PlatformSettings): boolean {
  return isOfPlatform(urn, platformProjects);
}

/** Whether an object is in one of the platform's namespaces, as it says itself or as its provider decides where it does not say. */
export function isInPlatformNamespace(
  object: KubernetesObject,
  { provider }: Resource,
  { platformNamespaces = DEFAULT_NAMESPACES }: PlatformSettings,
): "yes" | "no" | "unknown" {
  const metadata = object.read("metadata");
  const { namespace } = asRecord(metadata);
  const effective = namespace ?? provider?.props["namespace"];
  if (metadata === UNKNOWN || effective === UNKNOWN) {
    return "unknown";
  }
  return typeof effective === "string" && platformNamespaces.includes(effective) ? "yes" : "no";
}

/**
 * The objects of a resource that are judged where teams can make the like themselves. The platform's own pass in the platform's own namespaces, where
 * teams have no rights; neither alone exempts an object, because a program of a team can imitate the one and write the other.
 */
export function objectsToJudge(resource: Resource): readonly KubernetesObject[] {
  const settings = resource.getConfig<PlatformSettings>();
  return kubernetesObjects(resource).filter(
    (object) => !(isRegisteredByPlatform(resource, settings) && isInPlatformNamespace(object, resource, settings) === "yes"),
  );
}
