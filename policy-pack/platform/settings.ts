/** The settings of the policies that treat the platform's own objects differently. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { CLUSTER_NAMESPACES, PLATFORM_NAMESPACES } from "../../src/well-known/namespaces";
import type { Run } from "../engine/run";
import { CUSTOM_GROUPS } from "./rights/allowed";

export interface PlatformSettings {
  readonly platformProjects?: readonly string[];
  readonly platformNamespaces?: readonly string[];
}

export const DEFAULT_PROJECTS: readonly string[] = ["shared-gpu"];
const DEFAULT_NAMESPACES: readonly string[] = [...PLATFORM_NAMESPACES, ...CLUSTER_NAMESPACES];

export function platformNamespacesOf({ platformNamespaces = DEFAULT_NAMESPACES }: PlatformSettings): readonly string[] {
  return platformNamespaces;
}

/** The settings of the policies about rights. */
export interface RightsSettings extends PlatformSettings {
  readonly customGroups?: readonly string[];
}

export function customGroupsOf({ customGroups = CUSTOM_GROUPS }: RightsSettings): readonly string[] {
  return customGroups;
}

/** The setting of policies for the whole stack. */
export const PLATFORM_PROJECTS: PolicyConfigSchema["properties"] = {
  platformProjects: {
    type: "array",
    // Stryker disable next-line StringLiteral: there is one default, so nothing stands between two of them
    description: `The Pulumi projects whose components may create the platform's objects. Default: ${DEFAULT_PROJECTS.join(", ")}.`,
    items: { type: "string" },
    uniqueItems: true,
  },
};

/** The setting of policies for which only the namespaces count, and not who registers what. */
export const PLATFORM_NAMESPACES_SCHEMA: PolicyConfigSchema["properties"] = {
  platformNamespaces: {
    type: "array",
    description: `The platform's namespaces. Default: ${DEFAULT_NAMESPACES.join(", ")}.`,
    items: { type: "string" },
    uniqueItems: true,
  },
};

export const PLATFORM_SCHEMA: PolicyConfigSchema["properties"] = { ...PLATFORM_PROJECTS, ...PLATFORM_NAMESPACES_SCHEMA };

const CUSTOM_GROUPS_SCHEMA: PolicyConfigSchema["properties"] = {
  customGroups: {
    type: "array",
    description: `API groups of custom resources that roles may hold: everything in their own namespace, and reading in all. Default: ${CUSTOM_GROUPS.join(", ")}.`,
    items: { type: "string" },
    uniqueItems: true,
  },
};

/** The settings of the policy about roles and bindings by themselves. */
export const RIGHTS_SCHEMA: PolicyConfigSchema["properties"] = { ...PLATFORM_SCHEMA, ...CUSTOM_GROUPS_SCHEMA };

/** The settings of the policy about bindings and the roles that they name. */
export const BOUND_ROLES_SCHEMA: PolicyConfigSchema["properties"] = { ...PLATFORM_PROJECTS, ...CUSTOM_GROUPS_SCHEMA };

/** The platform's projects for policies without this setting: those that any other policy names. */
export function projectsOf({ settings }: Run): readonly string[] {
  const named = Object.values(settings).flatMap(({ platformProjects }) => (Array.isArray(platformProjects) ? [platformProjects] : []));
  return named.length > 0 ? named.flat().map(String) : DEFAULT_PROJECTS;
}
