/** The pods of a custom resource, by the table. */
import type { ClusterObject } from "../objects";
import type { Context, Makes, Placement } from "./pods/types";
import { findCustomKind } from "./table";

/** What comes of an object; undefined for a kind that the table does not have, or that makes nothing. */
export function makesOf({ apiVersion, kind }: ClusterObject): Makes | undefined {
  const entry = findCustomKind(apiVersion.split("/").slice(0, -1).join("/"), kind);
  return entry?.type === "workload" ? entry.makes : undefined;
}

/** The pods of an object; undefined if its kind makes none, or makes them in a way that nobody can know before. */
export function customPlacement(object: ClusterObject, context: Context): Placement | undefined {
  const makes = makesOf(object);
  return makes?.type === "pods" ? makes.read(object, context) : undefined;
}

/** The same, with the numbers of pods that the resource itself says. */
export function placementAsWritten(object: ClusterObject, finder: ReturnType<typeof finderOf>): Placement | undefined {
  const count: Context["count"] = (record, key, _, otherwise) => (typeof record[key] === "number" ? record[key] : otherwise);
  return customPlacement(object, { count, find: finder(object.namespace), scaling: undefined });
}

/** Finds the objects that a custom resource names. */
export function finderOf(objects: readonly ClusterObject[]): (namespace: string) => Context["find"] {
  const byName = new Map(objects.map((object) => [`${object.kind}/${object.namespace}/${object.name}`, object]));
  const anywhere = new Map(
    objects.filter(({ kind }) => kind.startsWith("Cluster")).map((object) => [`${object.kind}/${object.name}`, object]),
  );
  return (namespace) => (kind, name) => byName.get(`${kind}/${namespace}/${name}`) ?? anywhere.get(`${kind}/${name}`);
}
