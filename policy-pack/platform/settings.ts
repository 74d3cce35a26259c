/** The settings of the policies that treat the platform's own objects differently. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { BUILT_IN_NAMESPACES, PLATFORM_NAMESPACES } from "../../src/well-known/namespaces";
import type { Run } from "../engine/run";

export interface PlatformSettings {
  readonly platformProjects?: readonly string[];
  readonly platformNamespaces?: readonly string[];
}

export const DEFAULT_PROJECTS: readonly string[] = ["shared-gpu"];
/** In those of Kubernetes are the cluster's agents and the leases by which nodes count as alive. */
export const DEFAULT_NAMESPACES: readonly string[] = [...PLATFORM_NAMESPACES, ...BUILT_IN_NAMESPACES.filter((name) => name !== "default")];

export const PLATFORM_SCHEMA: PolicyConfigSchema["properties"] = {
  platformProjects: {
    type: "array",
    description: `The Pulumi projects whose components may create the platform's objects. Default: ${DEFAULT_PROJECTS.join(", ")}.`,
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

/** The platform's projects for policies without this setting: those that any other policy names. */
export function projectsOf({ settings }: Run): readonly string[] {
  const named = Object.values(settings).flatMap(({ platformProjects }) => (Array.isArray(platformProjects) ? [platformProjects] : []));
  return named.length > 0 ? named.flat().map(String) : DEFAULT_PROJECTS;
}
