/** The Kubernetes objects that a resource represents. */
import { readCustomResource } from "../../src/cluster/custom-resources/contents";
import { searchStructure } from "../../src/cluster/custom-resources/structure";
import { findCustomKind } from "../../src/cluster/custom-resources/table";
import type { CarriedClaim, CustomContents } from "../../src/cluster/custom-resources/types";
import { isBuiltInKind } from "../../src/releases/api-kinds";
import type { StackMember } from "../evaluation/on-stack";
import type { Previewed } from "../evaluation/properties";
import { UNKNOWN, asRecord, kept, untypedEntries } from "../evaluation/snapshot";
import type { Snapshot } from "../evaluation/snapshot";
import { chartOf, localChartOf } from "./charts";
import { isKubernetesType, readKubernetesType } from "./kubernetes-type";

/** One object, or what a patch says of one. */
export interface KubernetesObject {
  /** API group; empty for the core group. */
  readonly group: string;
  /** `v1`, `apps/v1`: as in a manifest. */
  readonly apiVersion: string;
  /** Without the `Patch` and `List` of Pulumi's resources. */
  readonly kind: string;
  /** A patch (`DeploymentPatch`) has only some of the object's properties. */
  readonly isPatch: boolean;
  /** `items[2].` for an item of a list, otherwise empty. Messages put it before paths. */
  readonly prefix: string;
  /** Reads a property as plain data, with `UNKNOWN` for what is unknown until `pulumi up`. */
  readonly read: (key: string) => unknown;
  /** What a custom resource contains; undefined for the kinds of Kubernetes itself. */
  readonly contents: CustomContents | undefined;
}

/**
 * Reads the properties of an object whose group and kind the caller has compared: `readerOf<ServiceArgs>(object)("spec")`.
 * @typeParam Args the arguments of the kind in the SDK. A property that they do not have is a compile error.
 */
export function readerOf<Args>({ read }: Pick<KubernetesObject, "read">) {
  return <Key extends keyof Args & string>(key: Key) => read(key) as Previewed<Args[Key]> | undefined;
}

/** The properties of an object, wherever it is written. */
interface Body {
  readonly keys: () => readonly string[];
  readonly read: (key: string) => unknown;
}

type Declared = Pick<StackMember, "type" | "urn" | "props">;

/**
 * The objects of a resource: none if it is not of Kubernetes, several if it is a list or if a custom resource contains claims and other objects.
 * A program that registers resources itself can give a resource one kind by its type token and another by its `apiVersion` and `kind`.
 * Such a resource is read as both, so that neither hides the other.
 */
export const kubernetesObjects = kept(({ props }: Declared) => props, objectsOfResource);

function objectsOfResource({ type, urn, props }: Declared): readonly KubernetesObject[] {
  if (!isKubernetesType(type)) {
    return [];
  }
  const token = readKubernetesType(type);
  if (token.type === "release") {
    return [...createdNamespace(props), ...objectsInValues(props), ...objectsInChart(urn, props)];
  }
  const body: Body = { keys: () => Object.keys(props), read: (key) => props[key] };
  const [apiVersion, kind] = [body.read("apiVersion"), body.read("kind")];
  const content = typeof apiVersion === "string" && typeof kind === "string" ? { apiVersion, kind } : undefined;
  const ofType = token.type === "object" ? objectsOf(token.apiVersion, token.kind, "", body, content?.kind) : [];
  const agrees = token.type === "object" && token.apiVersion === content?.apiVersion && token.kind === content.kind;
  const ofContent = content === undefined || agrees ? [] : objectsOf(content.apiVersion, content.kind, "", body, content.kind);
  const others = ofContent.filter((object) => !ofType.some((known) => isSame(known, object)));
  return [...ofType, ...others].flatMap((object) => [object, ...carriedObjects(object)]);
}

function isSame(one: KubernetesObject, other: KubernetesObject): boolean {
  return one.apiVersion === other.apiVersion && one.kind === other.kind && one.prefix === other.prefix;
}

/** @param written the kind in the object itself, where it has one: it says whether a custom kind ends in `Patch`, or the resource is a patch of one. */
function objectsOf(
  apiVersion: string,
  fullKind: string,
  prefix: string,
  body: Body,
  written: string | undefined,
): readonly KubernetesObject[] {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const asWritten = () => objectOf({ group, apiVersion, kind: fullKind, isPatch: false, prefix }, body);
  if (fullKind.endsWith("List")) {
    const itemKind = fullKind.slice(0, -"List".length);
    const items = itemsOf(apiVersion, itemKind, prefix, body);
    const isList = fullKind === "List" ? apiVersion === "v1" : isKnownKind(group, itemKind);
    return isList ? items : [asWritten(), ...items];
  }
  const patched = fullKind.endsWith("Patch") ? fullKind.slice(0, -"Patch".length) : "";
  if (patched === "") {
    return [asWritten()];
  }
  const patch = () => objectOf({ group, apiVersion, kind: patched, isPatch: true, prefix }, body);
  return isKnownKind(group, patched) || written === patched ? [patch()] : written === fullKind ? [asWritten()] : [patch(), asWritten()];
}

function isKnownKind(group: string, kind: string): boolean {
  return isBuiltInKind(group, kind) || findCustomKind(group, kind) !== undefined;
}

function itemsOf(apiVersion: string, itemKind: string, prefix: string, { read }: Body): readonly KubernetesObject[] {
  const items = read("items");
  if (items === UNKNOWN) {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    return [objectOf({ group, apiVersion, kind: itemKind, isPatch: false, prefix: `${prefix}items.` }, UNKNOWN_BODY)];
  }
  return untypedEntries(items).flatMap((item, index) => {
    // Items of a typed list can omit their kind, those of a plain List cannot.
    const { apiVersion: itemVersion = apiVersion, kind = itemKind } = asRecord(item);
    const body = item === UNKNOWN ? UNKNOWN_BODY : bodyOf(asRecord(item));
    return objectsOf(String(itemVersion), String(kind), `${prefix}items[${index}].`, body, String(kind));
  });
}

const UNKNOWN_BODY: Body = { keys: () => ["spec"], read: () => UNKNOWN };

function bodyOf(record: Readonly<Record<string, unknown>>): Body {
  return { keys: () => Object.keys(record), read: (key) => (Object.hasOwn(record, key) ? record[key] : undefined) };
}

function objectOf(object: Omit<KubernetesObject, "read" | "contents">, { keys, read }: Body): KubernetesObject {
  const { group, kind } = object;
  if (isBuiltInKind(group, kind)) {
    return { ...object, read, contents: undefined };
  }
  let contents: CustomContents | undefined;
  return {
    ...object,
    read,
    get contents() {
      return (contents ??= readCustomResource(group, kind, Object.fromEntries(keys().map((key) => [key, read(key)]))));
    },
  };
}

/** The namespace that Helm creates for a release. */
function createdNamespace({ createNamespace, namespace }: Snapshot): readonly KubernetesObject[] {
  return createNamespace === undefined || createNamespace === null || createNamespace === false
    ? []
    : objectOfBody("createNamespace: ", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
}

/** The objects that the values of a chart bring along (`extraManifests`), which Helm installs with it. */
function objectsInValues(props: Snapshot): readonly KubernetesObject[] {
  const { values, namespace } = props;
  const { objects } = searchStructure(values, { pods: new Set(), read: new Set(), isKnownKind: true });
  return objects
    .flatMap(({ path, body }) => objectOfBody(`values.${path}.`, inNamespace(body, namespace)))
    .flatMap((object) => [object, ...carriedObjects(object)]);
}

/** The objects of a chart that is in a folder or archive of the program's. Helm installs them in the namespace of the release. */
function objectsInChart(urn: string, props: Snapshot): readonly KubernetesObject[] {
  const local = localChartOf(chartOf({ props }), urn);
  return (local.type === "objects" ? local.objects : [])
    .flatMap(({ path, body }) => objectOfBody(`${path}: `, inNamespace(body, props["namespace"])))
    .flatMap((object) => [object, ...carriedObjects(object)]);
}

function objectOfBody(prefix: string, body: Readonly<Record<string, unknown>>): readonly KubernetesObject[] {
  const { apiVersion, kind } = body;
  return objectsOf(String(apiVersion), String(kind), prefix, bodyOf(body), String(kind));
}

/** The claims and the other objects that a custom resource contains, and what these contain. */
function carriedObjects(object: KubernetesObject): readonly KubernetesObject[] {
  const { contents, prefix } = object;
  if (contents === undefined) {
    return [];
  }
  const { namespace } = asRecord(object.read("metadata"));
  const objects = contents.objects.flatMap(({ path, body }) => objectOfBody(`${prefix}${path}.`, inNamespace(body, namespace)));
  return [...contents.claims.map((claim) => claimIn(claim, object)), ...objects.flatMap((inner) => [inner, ...carriedObjects(inner)])];
}

/** An object without a namespace is created in that of the custom resource or of the chart. */
function inNamespace(body: Readonly<Record<string, unknown>>, namespace: unknown): Readonly<Record<string, unknown>> {
  const metadata = asRecord(body["metadata"]);
  return metadata["namespace"] === undefined && namespace !== undefined ? { ...body, metadata: { ...metadata, namespace } } : body;
}

/** A claim that the controller of a custom resource creates beside it. */
function claimIn({ path, apiVersion, spec }: CarriedClaim, { read, prefix }: KubernetesObject): KubernetesObject {
  const body = bodyOf({ metadata: read("metadata"), spec });
  return objectOf({ group: "resource.k8s.io", apiVersion, kind: "ResourceClaim", isPatch: false, prefix: `${prefix}${path}: ` }, body);
}
