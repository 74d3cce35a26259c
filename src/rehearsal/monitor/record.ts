/** From a registration to its record. */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import type { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import type { PlainMap, RecordedResource, ResourceKind, ResourceOptions } from "./recording";
import { unwrap } from "./wire";
import type { WireMap } from "./wire";

/** A registration as the monitor received it. */
export interface Request {
  readonly type: string;
  readonly name: string;
  /** URN of the parent; empty for the stack. */
  readonly parent: string;
  readonly kind: ResourceKind;
  readonly inputs: WireMap;
  /** `<urn>::<id>`; empty: the default provider of the package. */
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly options: ResourceOptions;
}

/** A registration as somebody asks for it: what it inherits and what transforms make of it is still to come. */
export interface AskedRequest extends Omit<Request, "options" | "provider" | "dependencies"> {
  /** Its provider and what it depends on, too. */
  readonly options: TransformResourceOptions;
  /** Functions of the program that change it and everything below it. */
  readonly transforms: readonly Callback[];
}

/** The options of a resource that sets none. */
export const NO_OPTIONS: ResourceOptions = {
  protect: false,
  ignoreChanges: [],
  replaceOnChanges: [],
  additionalSecretOutputs: [],
  aliases: [],
  deleteBeforeReplace: undefined,
  retainOnDelete: false,
  deletedWith: undefined,
  importId: undefined,
  customTimeouts: { create: "", update: "", delete: "" },
  version: "",
  pluginDownloadUrl: "",
  hooks: {},
};

/** A resource at its registration: its outputs are its inputs until somebody answers for its provider. */
export function newRecord(request: Request, urn: string, provider: string): RecordedResource {
  const { value, secretPaths } = unwrap(request.inputs);
  const plain = { inputs: value as PlainMap, secretInputs: secretPaths, outputs: value as PlainMap, secretOutputs: secretPaths };
  return {
    ...plain,
    urn,
    type: request.type,
    name: request.name,
    kind: request.kind,
    madeBy: undefined,
    id: undefined,
    parent: request.parent === "" ? undefined : request.parent,
    wire: { inputs: request.inputs, outputs: request.inputs },
    dependencies: request.dependencies,
    propertyDependencies: request.propertyDependencies,
    provider,
    options: request.options,
  };
}

/** The record with outputs. @param id empty or undefined for what has none, or none yet. */
export function withOutputs(resource: RecordedResource, outputs: WireMap, id: string | undefined): RecordedResource {
  const { value, secretPaths } = unwrap(outputs);
  return {
    ...resource,
    id: id === "" ? undefined : id,
    outputs: value as PlainMap,
    secretOutputs: secretPaths,
    wire: { ...resource.wire, outputs },
  };
}
