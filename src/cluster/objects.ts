/** Kubernetes objects, wherever they were read: registered by the program, or named by a manifest. */
import { textOf } from "../json/text-of";
import { isObject } from "../dra/manifest/fields";
import { valueAt } from "../json/value-at";
import { isNamespaced } from "./scope";

/** A JSON object whose fields nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export interface ClusterObject {
  /** `resource.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for an object without one, which an API server refuses. */
  readonly name: string;
  /** Empty for objects that belong to the whole cluster. */
  readonly namespace: string;
  /** The whole object as it would be sent. */
  readonly body: JsonObject;
  readonly origin: Origin;
}

export type Origin =
  /** Part of the stack. */
  | { readonly type: "stack"; readonly urn: string }
  /** Of a file of the user's. */
  | { readonly type: "manifest"; readonly file: string; readonly line: number };

/** How an object is called in messages: `Pod mig-test/inference`. */
export function titleOf({ kind, namespace, name }: ClusterObject): string {
  const called = name === "" ? "(no name)" : name;
  return `${kind} ${namespace === "" ? called : `${namespace}/${called}`}`;
}

/** Where an object stands: `team-a.yaml:12`, or that it is the stack's. */
export function placeOf(origin: Origin): string {
  return origin.type === "manifest" ? `${origin.file}:${origin.line}` : "the stack";
}

/** An object from a manifest or a registration. @param namespace that of objects which name none. */
export function toObject(body: JsonObject, origin: Origin, namespace: string): ClusterObject {
  const { apiVersion, kind } = body as { apiVersion: string; kind: string };
  const { name, generateName, namespace: own } = objectAt(body, "metadata");
  return {
    apiVersion,
    kind,
    name: isSet(name) ? textOf(name) : isSet(generateName) ? `${textOf(generateName)}x` : "",
    namespace: isNamespaced(kind) ? (isSet(own) ? textOf(own) : namespace) : "",
    body,
    origin,
  };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The object at a path of a JSON value; one without fields where there is none. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path of a JSON value; an empty one where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** The name of an object as an API server shows it. */
export function nameOf(body: JsonObject): string {
  return textOf(valueAt(body, "metadata", "name"));
}

/** Whether a node or a pod has the condition Ready. */
export function isReady(body: JsonObject): boolean {
  return listAt(body, "status", "conditions").some((each) => valueAt(each, "type") === "Ready" && valueAt(each, "status") === "True");
}

/** Whether a pod has ended, and uses nothing any more. */
export function hasEnded(pod: JsonObject): boolean {
  const phase = valueAt(pod, "status", "phase");
  return phase === "Succeeded" || phase === "Failed";
}

/** The owner that makes another object in place of one that goes; undefined: nobody does. */
export function controllerOf(body: JsonObject): unknown {
  return listAt(body, "metadata", "ownerReferences").find((owner) => valueAt(owner, "controller") === true);
}

/** `mig-test/notebook` */
export function podTitle({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
