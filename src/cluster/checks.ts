/** What the API server would refuse of objects as such. */
import { didYouMean } from "../hardware/nearest";
import { BUILT_IN_NAMESPACES } from "../well-known/namespaces";
import { placeOf } from "./objects";
import type { ClusterObject } from "./objects";

/** Something that the API server would refuse, or that could never work. */
export interface ObjectProblem {
  readonly object: ClusterObject;
  readonly message: string;
}

/** Manifest objects in namespaces that nothing makes. */
export function namespaceProblems(objects: readonly ClusterObject[]): ObjectProblem[] {
  const known = [
    ...BUILT_IN_NAMESPACES,
    ...objects.filter(({ kind, apiVersion }) => kind === "Namespace" && apiVersion === "v1").map(({ name }) => name),
  ];
  return objects
    .filter(({ namespace, origin }) => origin.type === "manifest" && namespace !== "" && !known.includes(namespace))
    .map((object) => ({ object, message: `namespace "${object.namespace}" does not exist${didYouMean(object.namespace, known)}` }));
}

/** Objects that exist already when they are created: a manifest would change what the stack manages, or what it made itself. */
export function duplicateProblems(objects: readonly ClusterObject[]): readonly ObjectProblem[] {
  const first = new Map<string, ClusterObject>();
  return objects.flatMap((object) => {
    const identity = [object.apiVersion.split("/").slice(0, -1).join("/"), object.kind, object.namespace, object.name].join(" ");
    const known = first.get(identity);
    if (known === undefined) {
      first.set(identity, object);
      return [];
    }
    const message =
      known.origin.type === "stack"
        ? "is part of the stack; applying the manifest would change what Pulumi manages"
        : `is defined twice, first at ${placeOf(known.origin)}`;
    return [{ object, message }];
  });
}
