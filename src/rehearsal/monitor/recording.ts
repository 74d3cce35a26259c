/** What a run of the program left behind: the shapes that the policy pack, the cluster simulation, the report and the tests read. */
import type { WireMap, WireValue } from "./wire";

/**
 * `known`: every computed output has a believable value, as after a successful `pulumi up`.
 * `preview`: computed outputs are unknown, as in the first `pulumi preview` of a new stack.
 */
export type Mode = "known" | "preview";

export type ResourceKind =
  | "stack"
  /** Made by a provider in a cloud or a cluster. */
  | "custom"
  /** Groups other resources; written in this project. */
  | "component"
  /** Groups other resources; written by a provider plugin (`awsx:ec2:Vpc`, `eks:index:Cluster`). */
  | "remoteComponent"
  /** A provider that the program configures itself. */
  | "provider"
  /** A provider that the engine configures from the stack's settings. */
  | "defaultProvider"
  /** Read, not managed: it exists already. */
  | "read";

/** The options of a resource that the engine or a policy may look at. */
export interface ResourceOptions {
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly string[];
  /** Undefined: the provider decides. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string | undefined;
  readonly importId: string | undefined;
  /** Durations such as `40m`; empty where the provider's own default holds. */
  readonly customTimeouts: { readonly create: string; readonly update: string; readonly delete: string };
  /** Version of the provider plugin that the SDK asks for. */
  readonly version: string;
  /** Where the plugin is to be downloaded from; empty for Pulumi's own place. */
  readonly pluginDownloadUrl: string;
  /** Names of the hooks by the moment at which the engine calls them; a moment without hooks is missing. */
  readonly hooks: Readonly<Partial<Record<HookMoment, readonly string[]>>>;
}

export type HookMoment = "beforeCreate" | "afterCreate" | "beforeUpdate" | "afterUpdate" | "beforeDelete" | "afterDelete" | "onError";

export interface RecordedResource {
  readonly urn: string;
  /** Pulumi type token, `aws:eks/nodeGroup:NodeGroup`. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  readonly kind: ResourceKind;
  /** Made by a remote component: stands for what its plugin is known to make, and was not registered by this program. */
  readonly madeBy: string | undefined;
  /** The provider's id; undefined for components and for what does not exist yet. */
  readonly id: string | undefined;
  /** URN of the parent; undefined for the stack. */
  readonly parent: string | undefined;
  /** Inputs without marks: secrets unwrapped, unknown values as `UNKNOWN`. */
  readonly inputs: PlainMap;
  /** Paths at which the inputs are secret. */
  readonly secretInputs: readonly string[];
  /** Outputs without marks. Of the stack: the stack's outputs. */
  readonly outputs: PlainMap;
  readonly secretOutputs: readonly string[];
  /** Inputs and outputs with all marks, as they crossed the wire. */
  readonly wire: { readonly inputs: WireMap; readonly outputs: WireMap };
  /** URNs of everything that it waits for. */
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** `<urn>::<id>` of its provider; empty where none applies. */
  readonly provider: string;
  readonly options: ResourceOptions;
}

/**
 * An object of plain values. Members are `any` as in Pulumi's own test interfaces, so that a test can write
 * `resource.inputs.scalingConfig.desiredSize`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type PlainMap = Readonly<Record<string, any>>;

/** A data source that the program called. */
export interface RecordedInvoke {
  /** `aws:index/getRegion:getRegion`. */
  readonly token: string;
  readonly args: PlainMap;
  readonly result: WireValue;
}

/** A message of the program or of the runtime. Debug messages are kept only where Pulumi's own host ran the program. */
export interface LogMessage {
  readonly severity: "debug" | "info" | "warning" | "error";
  readonly message: string;
  /** URN of the resource that it is about; empty where none. */
  readonly urn: string;
}

/** A finished run of the program. */
export interface Recording {
  readonly project: string;
  readonly stack: string;
  readonly mode: Mode;
  /** In the order of registration. The first is the stack. */
  readonly resources: readonly RecordedResource[];
  readonly invokes: readonly RecordedInvoke[];
  readonly logs: readonly LogMessage[];
  /** The stack's outputs without marks. */
  readonly outputs: PlainMap;
  /** Top-level names (and deeper paths) of outputs that are secret. */
  readonly secretOutputs: readonly string[];
  /** Why the program failed, in its own words; empty when it ran through. */
  readonly errors: readonly string[];
}
