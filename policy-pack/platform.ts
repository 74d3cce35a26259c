/** Who registers an object: the platform, or anybody else. */
import type { PolicyConfigSchema, ResourceValidationArgs } from "@pulumi/policy";
import { UNKNOWN, asRecord, readPartly } from "./snapshot";
import { kubernetesObjects } from "./objects";
import type { KubernetesObject } from "./objects";

/** The settings of the policies that tell the platform's own objects from others. */
export interface PlatformSettings {
  readonly platformProjects?: readonly string[];
  readonly platformNamespaces?: readonly string[];
}

const DEFAULT_PROJECTS: readonly string[] = ["shared-gpu"];
const DEFAULT_NAMESPACES: readonly string[] = ["gpu-operator", "nvidia-dra-driver", "partition-gate", "monitoring", "kube-system"];
/** Types of the platform's components begin so. */
const COMPONENT = "shared-gpu:";

export const PLATFORM_SCHEMA: PolicyConfigSchema["properties"] = {
  platformProjects: {
    type: "array",
    description: `The Pulumi projects whose components may make the platform's objects. Default: ${DEFAULT_PROJECTS.join(", ")}.`,
    items: { type: "string" },
    uniqueItems: true,
  },
  platformNamespaces: {
    type: "array",
    description: `The platform's namespaces. Default: ${DEFAULT_NAMESPACES.join(", ")}.`,
    items: { type: "string" },
    uniqueItems: true,
  },
};

/**
 * Whether a component of the platform registered the resource: the URN names one of the platform's projects, and a component of type
 * `shared-gpu:...` around the resource. Manifests that are only held against a stack have no component around them.
 *
 * Both can be imitated by whoever writes a program of their own. What is allowed because of it is therefore only what the API server refuses to a
 * team anyway: cluster-scoped objects, and objects in the platform's namespaces. What a team's credentials can create (pods and claims in its own
 * namespace) is judged without regard to the URN.
 */
export function isOfPlatform({ urn }: ResourceValidationArgs, { platformProjects = DEFAULT_PROJECTS }: PlatformSettings): boolean {
  const [, project = "", types = ""] = urn.split("::");
  return platformProjects.includes(project) && types.startsWith(COMPONENT) && types.includes("$");
}

/** Whether an object is in one of the platform's namespaces, as it says itself or as its provider decides where it does not say. */
export function isInPlatformNamespace(
  object: KubernetesObject,
  { provider }: ResourceValidationArgs,
  { platformNamespaces = DEFAULT_NAMESPACES }: PlatformSettings,
): "yes" | "no" | "unknown" {
  const metadata = object.read("metadata");
  const { namespace } = asRecord(metadata);
  const effective = namespace ?? (provider === undefined ? undefined : readPartly(provider.props, "namespace"));
  if (metadata === UNKNOWN || effective === UNKNOWN) {
    return "unknown";
  }
  return typeof effective === "string" && platformNamespaces.includes(effective) ? "yes" : "no";
}

/**
 * The objects of a resource that are judged where teams can make the like themselves. The platform's own pass in the platform's own namespaces, where teams have no
 * rights; neither alone exempts an object, because a program of a team can imitate the one and write the other.
 */
export function objectsToJudge(args: ResourceValidationArgs): readonly KubernetesObject[] {
  if (!args.type.startsWith("kubernetes:")) {
    return [];
  }
  const settings = args.getConfig<PlatformSettings>();
  return kubernetesObjects(args).filter(
    (object) => !(isOfPlatform(args, settings) && isInPlatformNamespace(object, args, settings) === "yes"),
  );
}
