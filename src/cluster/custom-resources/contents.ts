/** What a custom resource contains: pods, claims and other objects that its controller creates, and what nothing can check. */
import { isObject } from "../../dra/manifest/fields";
import { refusedAnywhere } from "./fields";
import { isUnknown, placesAt } from "./paths";
import type { Place } from "./paths";
import { claimFrom, podAt } from "./places";
import { searchStructure } from "./structure";
import { findCustomKind } from "./table";
import type { CarriedPod, CustomContents, RefusedField, Unchecked } from "./types";

const NOTHING: CustomContents = { pods: [], claims: [], objects: [], unchecked: [] };

/** Fields of every object in which its controller finds nothing to create. */
const NOT_SEARCHED = ["apiVersion", "kind", "metadata", "status"];

/**
 * Reads a custom resource: the places that the table names, and whatever else in it has the structure of a pod, of a claim or of an object, also in text.
 * @param body the whole object. Unknown parts are symbols.
 */
export function readCustomResource(group: string, kind: string, body: Readonly<Record<string, unknown>>): CustomContents {
  const entry = findCustomKind(group, kind);
  if (entry?.type === "plain") {
    return NOTHING;
  }
  const root = { path: "", value: body };
  const pods = byPath((entry?.pods ?? []).flatMap((place) => placesAt(root, place.path).flatMap((at) => podAt(place, at, root) ?? [])));
  const claims = (entry?.claims ?? []).flatMap((place) => placesAt(root, place.path).map((at) => claimFrom(at, place.defaultClass)));
  const found = searchStructure(Object.fromEntries(Object.entries(body).filter(([key]) => !NOT_SEARCHED.includes(key))), {
    pods: new Set(pods.flatMap(({ path }) => [path, `${path}.spec`])),
    read: new Set([
      ...[...pods.flatMap(({ containers }) => containers), ...claims].map(({ path }) => path),
      ...pods.flatMap(({ texts = [] }) => texts),
    ]),
    isKnownKind: entry !== undefined,
  });
  return {
    pods: [...pods, ...found.pods],
    claims: [...claims, ...found.claims],
    objects: found.objects,
    unchecked: [
      ...(entry?.refused ?? []).flatMap((field) => refusedAt(root, field)),
      ...refusedAnywhere(body, [...pods, ...found.pods]),
      ...found.unchecked,
    ],
  };
}

/** Several places can lead to one unknown record. */
function byPath(pods: readonly CarriedPod[]): readonly CarriedPod[] {
  return pods.filter(({ path, containers }, index) => containers.length > 0 || pods.findIndex((other) => other.path === path) === index);
}

function refusedAt(root: Place, { path, keys, reason }: RefusedField): readonly Unchecked[] {
  return placesAt(root, path).flatMap(({ path: at, value }): readonly Unchecked[] => {
    if (isUnknown(value)) {
      return [{ path: at, reason: undefined }];
    }
    if (keys === undefined) {
      return isSet(value) ? [{ path: at, reason }] : [];
    }
    const settings = isObject(value) ? Object.keys(value) : [];
    return settings.filter((key) => keys.test(key)).map((key) => ({ path: `${at}["${key}"]`, reason }));
  });
}

/** Whether a field asks for something: an empty list asks for nothing. */
function isSet(value: unknown): boolean {
  return value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
}
