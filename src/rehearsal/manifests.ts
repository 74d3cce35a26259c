/** The user's own Kubernetes manifests. */
import { isMap, isScalar, isSeq } from "yaml";
import type { Document, YAMLMap } from "yaml";
import type { PlainMap, RecordedResource } from "./monitor/recording";
import { NO_OPTIONS, newRecord } from "./monitor/record";
import { STACK_TYPE, makeUrn } from "./monitor/urn";
import type { WireMap } from "./monitor/wire";
import { UserError } from "./files";
import { readYaml } from "./yaml-file";
import type { YamlDocument } from "./yaml-file";
import { placeOf, toObject } from "../cluster/objects";
import type { ClusterObject, Origin } from "../cluster/objects";

/**
 * Reads every object of a manifest file: all documents, and the items of `List` kinds.
 * @param namespace of objects that name none, as `kubectl --namespace`.
 * @throws UserError with file and line for what is not YAML, or not a Kubernetes object.
 */
export function readManifest(file: string, namespace: string): readonly ClusterObject[] {
  const documents = readYaml(file);
  if (documents.length === 0) {
    throw new UserError(`${file}: holds no Kubernetes object`);
  }
  return documents.flatMap(({ document, lineOf }) => {
    const root = document.contents;
    if (!isMap(root)) {
      throw new UserError(
        `${file}:${root === null ? 1 : lineOf(root)}: is not a Kubernetes object: expected apiVersion, kind and metadata, found ${isSeq(root) ? "a list" : "a string"}`,
      );
    }
    return itemsOf(root, file, lineOf).map((node) => readObject(node, document, { type: "manifest", file, line: lineOf(node) }, namespace));
  });
}

function itemsOf(root: YAMLMap, file: string, lineOf: YamlDocument["lineOf"]): readonly YAMLMap[] {
  const kind = root.get("kind");
  const items = root.get("items");
  if (typeof kind !== "string" || !kind.endsWith("List") || !isSeq(items)) {
    return [root];
  }
  return items.items.map((item) => {
    if (!isMap(item)) {
      throw new UserError(`${file}:${lineOf(root)}: an item of the ${kind} is not a Kubernetes object`);
    }
    return item;
  });
}

function readObject(
  node: YAMLMap,
  document: Document.Parsed,
  origin: Extract<Origin, { type: "manifest" }>,
  namespace: string,
): ClusterObject {
  const missing = ["apiVersion", "kind", "metadata"].filter((key) => {
    const value = node.get(key, true);
    return key === "metadata" ? !isMap(value) : !isScalar(value) || typeof value.value !== "string";
  });
  if (missing.length > 0) {
    throw new UserError(`${placeOf(origin)}: is not a Kubernetes object: ${missing.join(" and ")} missing or of the wrong type`);
  }
  const object = toObject(node.toJS(document) as PlainMap, origin, namespace);
  if (object.name === "") {
    throw new UserError(`${placeOf(origin)}: ${object.kind} has no metadata.name`);
  }
  return object;
}

/** A manifest's object as the resource that a Pulumi program would register for it, so that the policy pack can look at it. */
export function asResource(object: ClusterObject, stack: string, project: string): RecordedResource {
  const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["core", object.apiVersion];
  const type = `kubernetes:${group}/${version}:${object.kind}`;
  const parent = makeUrn(stack, project, "", STACK_TYPE, `${project}-${stack}`);
  const id = object.namespace === "" ? object.name : `${object.namespace}/${object.name}`;
  // The namespace is written out, as the API server would: a policy must not have to guess it.
  const metadata = { ...(object.body.metadata as WireMap), ...(object.namespace === "" ? {} : { namespace: object.namespace }) };
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
