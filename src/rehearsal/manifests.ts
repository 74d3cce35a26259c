/** The user's own Kubernetes manifests. */
import { isMap, isSeq } from "yaml";
import type { Document, YAMLMap } from "yaml";
import { isObject } from "../dra/manifest/fields";
import type { PlainMap, RecordedResource } from "./monitor/recording";
import { NO_OPTIONS, newRecord } from "./monitor/record";
import { STACK_TYPE, makeUrn } from "./monitor/urn";
import type { WireMap } from "./monitor/wire";
import { UserError, readText } from "./files";
import { kubectlDocuments } from "./kubectl-documents";
import { isMergeKey, mergedMaps } from "./yaml-file";
import type { YamlDocument } from "./yaml-file";
import { objectAt, placeOf, toObject } from "../cluster/objects";
import { valueAt } from "../json/value-at";
import type { ClusterObject, JsonObject, Origin } from "../cluster/objects";

/** What the API server takes of one request, in bytes (Kubernetes, apiserver `MaxRequestBodyBytes`): an object that aliases make larger is one that nobody can create. */
const MAX_OBJECT_BYTES = 3 * 2 ** 20;

/** How many objects of all files together are judged and placed: several times what a cluster of this size holds. */
const MAX_OBJECTS = 50_000;

/** The objects of several files, in their order. @throws UserError as {@link readManifest}, and for more objects than a person rehearses. */
export function readManifests(files: readonly string[], namespace: string): readonly ClusterObject[] {
  const objects: ClusterObject[] = [];
  for (const file of files) {
    for (const object of readManifest(file, namespace)) {
      objects.push(object);
    }
    if (objects.length > MAX_OBJECTS) {
      throw new UserError(`${file}: with it there are more than ${String(MAX_OBJECTS)} objects. Rehearse fewer at a time`);
    }
  }
  return objects;
}

/**
 * Reads every object of a manifest file: all documents, and the items of `List` kinds. Merge keys and aliases are read as kubectl reads them.
 * @param namespace of objects that name none, as `kubectl --namespace`.
 * @throws UserError with file and line for what is not YAML, or not a Kubernetes object.
 */
export function readManifest(file: string, namespace: string): readonly ClusterObject[] {
  const objects: ClusterObject[] = [];
  for (const yaml of kubectlDocuments(file, readText(file))) {
    const { document, value, lineOf } = yaml;
    const root = document.contents;
    if (!isMap(root) || !isObject(value)) {
      throw new UserError(
        `${file}:${root === null ? 1 : lineOf(root)}: is not a Kubernetes object: expected apiVersion, kind and metadata, found ${isSeq(root) ? "a list" : "a string"}`,
      );
    }
    checkMergeKeys(yaml, file);
    for (const { body, line } of itemsOf(root, value, file, lineOf)) {
      objects.push(readObject(body, { type: "manifest", file, line }, namespace));
    }
  }
  if (objects.length === 0) {
    throw new UserError(`${file}: holds no Kubernetes object`);
  }
  return objects;
}

/**
 * Refuses a merge key after a key that it sets too: kubectl takes the later of the two (go-yaml v2, decode.go), YAML's own definition the map's.
 * The file means one thing to its reader and another to the cluster.
 */
function checkMergeKeys({ document, mergingMaps, lineOf }: YamlDocument, file: string): void {
  for (const map of mergingMaps) {
    const seen = new Set<string>();
    for (const pair of map.items) {
      const keys = isMergeKey(pair) ? mergedMaps(pair.value, document).flatMap((source) => keysOf(source, document)) : [String(pair.key)];
      const twice = isMergeKey(pair) ? keys.find((key) => seen.has(key)) : undefined;
      if (twice !== undefined) {
        throw new UserError(
          `${file}:${lineOf(map)}: the merge key (<<) sets "${twice}", which stands before it, and kubectl takes the later of the two. Write the merge key first, and only one`,
        );
      }
      keys.forEach((key) => seen.add(key));
    }
  }
}

function keysOf(map: YAMLMap, document: Document): readonly string[] {
  return map.items.flatMap((pair) =>
    isMergeKey(pair) ? mergedMaps(pair.value, document).flatMap((source) => keysOf(source, document)) : [String(pair.key)],
  );
}

/** What lies beside manifests and is none, with what to do. */
const OTHER_FILES: readonly { readonly is: (body: JsonObject, file: string) => boolean; readonly hint: string }[] = [
  {
    is: (body, file) => body["apiVersion"] === "v2" || /(?:^|[/\\])values[^/\\]*\.ya?ml$/.test(file),
    hint: "It is a part of a Helm chart. Render the chart: helm template CHART | npm start -- --manifest -",
  },
  { is: (body) => isObject(body["services"]), hint: "It is a Compose file. Write its services as Deployments and Services" },
  {
    is: (body) => isObject(body["mig-configs"]),
    hint: "It is a configuration of MIG Manager. Write its layout into gpuPools of the stack (docs/configuration.md)",
  },
];

interface Item {
  readonly body: unknown;
  readonly line: number;
}

function itemsOf(root: YAMLMap, value: JsonObject, file: string, lineOf: YamlDocument["lineOf"]): readonly Item[] {
  const { kind, items } = value;
  const line = lineOf(root);
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) {
    return [{ body: value, line }];
  }
  const nodes = root.get("items", true);
  return items.map((item: unknown, index) => {
    if (!isObject(item)) {
      throw new UserError(`${file}:${line}: an item of the ${kind} is not a Kubernetes object`);
    }
    if (item["kind"] === "List") {
      throw new UserError(`${file}:${line}: an item of the ${kind} is a List itself, which kubectl does not read. Write out its items`);
    }
    // The items of a list of one kind need not repeat it.
    const body = kind === "List" ? item : { apiVersion: value["apiVersion"], kind: kind.slice(0, -"List".length), ...item };
    const node = isSeq(nodes) ? nodes.items[index] : undefined;
    return { body, line: isMap(node) ? lineOf(node) : line };
  });
}

function readObject(body: unknown, origin: Extract<Origin, { type: "manifest" }>, namespace: string): ClusterObject {
  const { apiVersion, kind } = body as JsonObject;
  const missing = [...(typeof apiVersion === "string" ? [] : ["apiVersion"]), ...(typeof kind === "string" ? [] : ["kind"])];
  if (typeof apiVersion === "string" && apiVersion.startsWith("kustomize.config.k8s.io/")) {
    throw new UserError(
      `${placeOf(origin)}: is a kustomization, not a Kubernetes object. Build it first: kubectl kustomize FOLDER | npm start -- --manifest -`,
    );
  }
  if (missing.length > 0) {
    const hint = OTHER_FILES.find(({ is }) => is(body as JsonObject, origin.file))?.hint;
    const reason = `is not a Kubernetes object: ${missing.join(" and ")} missing or of the wrong type`;
    throw new UserError(`${placeOf(origin)}: ${reason}${hint === undefined ? "" : `. ${hint}`}`);
  }
  if (bytesUpTo(body, MAX_OBJECT_BYTES) > MAX_OBJECT_BYTES) {
    throw new UserError(
      `${placeOf(origin)}: the ${String(kind)} is larger than ${MAX_OBJECT_BYTES / 2 ** 20} MiB with its aliases written out, which no API server accepts. Divide it`,
    );
  }
  return toObject(body as PlainMap, origin, namespace);
}

/** About the size of a value as JSON, counted until it is more than the maximum: an alias is one value in memory and many in JSON. */
function bytesUpTo(value: unknown, maximum: number): number {
  if (typeof value !== "object" || value === null) {
    return String(value).length + 2;
  }
  let bytes = 2;
  for (const [key, item] of Object.entries(value)) {
    bytes += (Array.isArray(value) ? 1 : key.length + 4) + bytesUpTo(item, maximum - bytes);
    if (bytes > maximum) {
      break;
    }
  }
  return bytes;
}

/**
 * A manifest's object as the resource that a Pulumi program would register for it, so that the policy pack can look at it.
 * @param index of the object among the manifests'. It tells apart those that the API server gives a name.
 */
export function asResource(object: ClusterObject, stack: string, project: string, index = 0): RecordedResource {
  const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["core", object.apiVersion];
  const type = `kubernetes:${group}/${version}:${object.kind}`;
  const parent = makeUrn(stack, project, "", STACK_TYPE, `${project}-${stack}`);
  const name = valueAt(object.body, "metadata", "name") === undefined ? `${object.name}#${String(index)}` : object.name;
  const id = object.namespace === "" ? name : `${object.namespace}/${name}`;
  // The namespace is written out, as the API server would: a policy must not have to guess it.
  const metadata = {
    ...(objectAt(object.body, "metadata") as WireMap),
    ...(object.namespace === "" ? {} : { namespace: object.namespace }),
  };
  const inputs = { ...(object.body as WireMap), metadata };
  const request = {
    type,
    name: id,
    parent,
    kind: "custom" as const,
    inputs,
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    options: NO_OPTIONS,
  };
  return { ...newRecord(request, makeUrn(stack, project, parent, type, id), ""), id };
}
