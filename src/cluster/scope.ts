/** Whether objects of a kind belong to a namespace or to the whole cluster. */
import { servedApi } from "../releases/api/find";
import { defaultRelease } from "../releases/find";

/** Of kinds that Kubernetes serves. No version has changed the scope of one. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  Object.values(servedApi(defaultRelease()).kinds).flatMap((kinds) =>
    Object.entries(kinds).flatMap(([kind, { scope }]) => (scope === "Cluster" ? [kind] : [])),
  ),
);

/** Whether objects of a kind live in a namespace. A kind that Kubernetes does not serve counts as one that does. */
export function isNamespaced(kind: string): boolean {
  return !CLUSTER_SCOPED.has(kind);
}
