/** Reads a live cluster for the doctor: lists, page by page, and nothing else. */
import type { JsonObject } from "../../cluster/objects";
import type { ApiServer } from "../../live/api/api-server";
import { draVersion, reasonOf, versionOf } from "../../live/snapshot";
import { DRA_GROUP } from "../../planner/snapshot/kinds";
import { OBSERVED_KIND_NAMES, observedKind } from "./kinds";
import type { ObservedKind } from "./kinds";
import { noObjects } from "./observation";
import type { ObservedGap, Observation } from "./observation";

/** Lists that are asked for at the same time. */
const LISTS_AT_ONCE = 4;

/**
 * A cluster as it is now. What may not be read, or is not served, is a gap.
 * @param context names the cluster.
 * @param onProgress told what is read.
 * @throws UnusableError for a cluster that does not answer.
 */
export async function observeCluster(api: ApiServer, context: string, onProgress: (text: string) => void): Promise<Observation> {
  const [kubernetesVersion, dra] = await Promise.all([versionOf(api, context), draVersion(api)]);
  const gaps: ObservedGap[] = [];
  const objects = noObjects(OBSERVED_KIND_NAMES);
  const readKind = async (kind: ObservedKind) => {
    const { group, resource, fieldSelector } = observedKind(kind);
    if (group === DRA_GROUP && dra.type === "absent") {
      gaps.push({ kind, reason: dra.reason });
      return;
    }
    const apiVersion = group === DRA_GROUP && dra.type === "served" ? dra.apiVersion : group === "" ? "v1" : `${group}/v1`;
    onProgress(`reading ${resource}`);
    try {
      const query = fieldSelector === undefined ? "" : `fieldSelector=${encodeURIComponent(fieldSelector)}`;
      const items = await api.list(`/${group === "" ? "api" : "apis"}/${apiVersion}/${resource}`, query);
      // Items of a list do not say what they are.
      objects[kind] = items.map((item): JsonObject => ({ ...item, apiVersion, kind }));
    } catch (error) {
      gaps.push({ kind, reason: reasonOf(error) });
    }
  };
  const left = [...OBSERVED_KIND_NAMES];
  await Promise.all(
    Array.from({ length: LISTS_AT_ONCE }, async () => {
      for (let kind = left.shift(); kind !== undefined; kind = left.shift()) {
        await readKind(kind);
      }
    }),
  );
  return { source: `context ${context}`, readAt: new Date().toISOString(), kubernetesVersion, objects, gaps, names: "kept" };
}
