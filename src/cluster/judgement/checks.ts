/** What the API server would refuse of objects as such. */
import { problem } from "../../dra/manifest/fields";
import { didYouMean } from "../../hardware/nearest";
import { BUILT_IN_NAMESPACES } from "../../well-known/namespaces";
import type { ServedApi } from "../../releases/api/types";
import type { KubernetesRules } from "../../releases/kubernetes";
import { required } from "./validation/rules";
import { isBuiltInGroup } from "./validation/served";
import { validationProblems } from "./validation/validate";
import { objectAt, placeOf } from "../objects";
import { valueAt } from "../../json/value-at";
import type { ClusterObject, JsonObject } from "../objects";

/** Why something is refused. */
export interface Refusal {
  readonly message: string;
  /** What an API server takes, and the rehearsal refuses on purpose. @default it refuses it too */
  readonly onPurpose?: Purpose;
}

/**
 * `requestUnknown`: a container names a request that its claim does not have. `neverSatisfied`: no device of any pool fits a claim. `policyPack`: the pack
 * denies it.
 */
export type Purpose = "requestUnknown" | "neverSatisfied" | "policyPack";

/** Something that the API server would refuse, or that could never work. */
export interface ObjectProblem extends Refusal {
  readonly object: ClusterObject;
}

/**
 * What is wrong with the manifests' objects as such. The stack's own are typed by its program, and a real API server takes them in the cluster tier's tests.
 * Of a group that Kubernetes does not serve no more is known than that its objects need names.
 */
export function objectProblems(objects: readonly ClusterObject[], api: ServedApi, rules: KubernetesRules): readonly ObjectProblem[] {
  return objects
    .filter(({ origin }) => origin.type === "manifest")
    .flatMap((object) => {
      const { apiVersion, name, body } = object;
      const nameless = name === "" ? required(undefined, "metadata.name") : notTexts(body);
      const problems = isBuiltInGroup(api, apiVersion) ? validationProblems(body, api, rules) : nameless;
      return problems.map((message) => ({ object, message }));
    });
}

/** Names that are none, whatever the kind. */
function notTexts(body: JsonObject): readonly string[] {
  const metadata = objectAt(body, "metadata");
  return ["name", "generateName", "namespace"].flatMap((field) => {
    const value = metadata[field];
    return value === undefined || value === null || typeof value === "string"
      ? []
      : [problem(`metadata.${field}`, value, "must be a string")];
  });
}

/** Manifest objects in namespaces that nothing makes. Whether custom resources are in one at all only their operators know. */
export function namespaceProblems(objects: readonly ClusterObject[], api: ServedApi): readonly ObjectProblem[] {
  const madeAt = new Map<string, { readonly index: number; readonly place: string }>();
  objects.forEach(({ kind, apiVersion, name, origin }, index) => {
    if (kind === "Namespace" && apiVersion === "v1" && !madeAt.has(name)) {
      madeAt.set(name, { index, place: placeOf(origin) });
    }
  });
  const known = [...BUILT_IN_NAMESPACES, ...madeAt.keys()];
  return objects.flatMap((object, index): readonly ObjectProblem[] => {
    const { namespace, origin, apiVersion } = object;
    if (origin.type !== "manifest" || namespace === "" || !isBuiltInGroup(api, apiVersion) || BUILT_IN_NAMESPACES.includes(namespace)) {
      return [];
    }
    const made = madeAt.get(namespace);
    if (made === undefined) {
      return [{ object, message: `namespace "${namespace}" does not exist${didYouMean(namespace, known)}` }];
    }
    // kubectl creates objects in the order of the file.
    return made.index > index
      ? [{ object, message: `namespace "${namespace}" does not exist yet: it is made at ${made.place}. Write the Namespace first` }]
      : [];
  });
}

/** Objects that exist already when they are created: a manifest would change what the stack manages, or what it made itself. */
export function duplicateProblems(objects: readonly ClusterObject[]): readonly ObjectProblem[] {
  const first = new Map<string, ClusterObject>();
  return objects.flatMap((object) => {
    // The API server makes a name of its own for each.
    if (valueAt(object.body, "metadata", "name") === undefined) {
      return [];
    }
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
