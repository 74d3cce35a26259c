/** Reads a live cluster for the planner: lists, page by page, and nothing else. */
import { kubectlFor } from "../cluster/shell-line";
import type { JsonObject } from "../cluster/objects";
import { API_GROUPS, DRA_GROUP, DRA_VERSIONS, KINDS, KIND_NAMES } from "../planner/snapshot/kinds";
import type { Kind } from "../planner/snapshot/kinds";
import type { Gap, Snapshot } from "../planner/snapshot/snapshot";
import { ApiError } from "./api/api-server";
import type { ApiServer } from "./api/api-server";
import { UnusableError } from "./unusable";

/**
 * A cluster as it is now. What may not be read, or is not served, is a gap of the snapshot.
 * @param context names the cluster.
 * @param onProgress told what is read.
 * @throws UnusableError for a cluster that does not answer.
 */
export async function readCluster(api: ApiServer, context: string, onProgress: (text: string) => void): Promise<Snapshot> {
  const [version, dra] = await Promise.all([versionOf(api, context), draVersion(api)]);
  const gaps: Gap[] = [];
  const objects: Partial<Record<Kind, readonly JsonObject[]>> = {};
  for (const kind of KIND_NAMES) {
    const { resource, group, fieldSelector } = KINDS[kind];
    onProgress(`reading ${resource}`);
    objects[kind] = [];
    if (group === "dra" && dra.type === "absent") {
      gaps.push({ kind, reason: dra.reason });
      continue;
    }
    const apiVersion = { core: "v1", storage: `${API_GROUPS.storage}/v1`, dra: dra.type === "served" ? dra.apiVersion : "" }[group];
    const root = group === "core" ? "/api/v1" : `/apis/${apiVersion}`;
    try {
      const items = await api.list(
        `${root}/${resource}`,
        fieldSelector === undefined ? "" : `fieldSelector=${encodeURIComponent(fieldSelector)}`,
      );
      // Items of a list do not say what they are.
      objects[kind] = items.map((item) => ({ ...item, apiVersion, kind }));
    } catch (error) {
      gaps.push({ kind, reason: reasonOf(error) });
    }
  }
  return { source: `context ${context}`, kubernetesVersion: version, objects: objects as Snapshot["objects"], gaps };
}

/** `1.34`; undefined where it may not be read. @throws UnusableError for a cluster that does not answer. */
export async function versionOf(api: ApiServer, context: string): Promise<string | undefined> {
  try {
    const { major, minor } = (await api.get("/version")) as { readonly major?: string; readonly minor?: string };
    return `${String(major)}.${String(minor).replace(/\D+$/, "")}`;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) {
      return undefined;
    }
    throw new UnusableError(
      `context ${context}: the cluster does not answer (${reasonOf(error)}). ${kubectlFor(context)("version")} tells whether it can be reached`,
    );
  }
}

/** Under which version of `resource.k8s.io` objects are read, or why none are. */
export type DraVersion = { readonly type: "served"; readonly apiVersion: string } | { readonly type: "absent"; readonly reason: string };

export async function draVersion(api: ApiServer): Promise<DraVersion> {
  try {
    const { versions } = (await api.get(`/apis/${DRA_GROUP}`)) as { readonly versions?: readonly { readonly version: string }[] };
    const known = DRA_VERSIONS.find((candidate) => versions?.some(({ version }) => version === candidate));
    return known === undefined
      ? {
          type: "absent",
          reason: `the API server has ${DRA_GROUP} in ${(versions ?? []).map(({ version }) => version).join(", ")} only, and the planner reads ${DRA_VERSIONS.join(", ")}`,
        }
      : { type: "served", apiVersion: `${DRA_GROUP}/${known}` };
  } catch (error) {
    const reason =
      error instanceof ApiError && error.status === 404
        ? `the API server does not serve ${DRA_GROUP}: Dynamic Resource Allocation is absent before Kubernetes 1.34, or switched off`
        : reasonOf(error);
    return { type: "absent", reason };
  }
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
