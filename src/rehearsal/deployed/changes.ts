/** What the engine would do with a resource that is deployed, by what is known of its provider. Pure. */
import { SIGNATURE } from "../monitor/marks";
import { packageOf } from "../monitor/urn";
import { asMap, isWireMap, unwrap } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";
import type { RecordedResource } from "../monitor/recording";
import { HELM_RELEASE } from "../../well-known/resource-types";
import * as aws from "./aws";
import { DEFAULTS, differences } from "./differences";
import type { Difference } from "./differences";
import * as kubernetes from "./kubernetes";
import { comparable } from "./secrets";
import type { DeployedResource } from "./stack-export";

/** What an earlier run has left a resource with, so that the engine changes it whatever its arguments are. */
export type Mark =
  /** Somebody has told Pulumi to replace it. */
  | "tainted"
  /** Its replacement was interrupted after the deletion: it does not exist. */
  | "deleted"
  /** It was created or updated, and not ready in time. */
  | "notReady";

export interface Changes {
  readonly found: readonly Difference[];
  readonly marks: readonly Mark[];
  /** Paths because of which it is replaced. */
  readonly replacedFor: readonly string[];
  /** Paths that are encrypted in the export, so that nobody can compare them without the stack's passphrase. */
  readonly encrypted: readonly string[];
  /** Whether the project knows what a difference does. */
  readonly isUnderstood: boolean;
}

/** How a provider compares the arguments of its resources. */
interface Rules {
  readonly isSet: (path: string) => boolean;
  /** Whether another value at a path means another resource. */
  readonly replaces: (type: string, difference: Difference) => boolean;
  /** Arguments as the provider keeps them in the state. */
  readonly kept: (type: string, inputs: WireMap) => WireMap;
  /** Whether the tables have the type. */
  readonly knows: (type: string) => boolean;
}

const UNCHANGED = (_type: string, inputs: WireMap) => inputs;
const EVERY = () => true;
const NO_SET = () => false;

/** Arguments of a provider that say which plugin runs, and nothing about what it makes. */
const OF_PLUGIN = ["version", "__internal", "pluginDownloadURL"];

const PROVIDERS: Rules = {
  isSet: NO_SET,
  // pulumi-kubernetes, provider.go, DiffConfig. Of the AWS provider, no argument replaces what it has made.
  replaces: (_type, { path }) => path === "clusterIdentifier",
  kept: (_type, inputs) => without(inputs, OF_PLUGIN),
  knows: EVERY,
};

const RULES: Readonly<Record<string, Rules>> = {
  aws: {
    isSet: aws.isSet,
    replaces: (type, { path, kind }) => aws.replaces(type, path, kind === "delete"),
    kept: UNCHANGED,
    knows: aws.isKnown,
  },
  kubernetes: { isSet: NO_SET, replaces: (type, { path }) => kubernetes.replaces(type, path), kept: keptByKubernetes, knows: EVERY },
  // Everything random is decided once.
  random: { isSet: NO_SET, replaces: EVERY, kept: UNCHANGED, knows: EVERY },
};

/** Of a package that nothing is known about. */
const UNKNOWN_PACKAGE: Rules = { isSet: NO_SET, replaces: NO_SET, kept: UNCHANGED, knows: NO_SET };

const COMPONENT: Rules = { isSet: NO_SET, replaces: NO_SET, kept: UNCHANGED, knows: EVERY };

function rulesOf({ type, kind }: RecordedResource): Rules {
  switch (kind) {
    case "provider":
    case "defaultProvider":
      return PROVIDERS;
    case "custom":
    case "read":
      return RULES[packageOf(type)] ?? UNKNOWN_PACKAGE;
    default:
      return COMPONENT;
  }
}

/** Compares a registration with what is deployed. */
export function changesOf(resource: RecordedResource, deployed: DeployedResource): Changes {
  const { type, wire, options } = resource;
  const rules = rulesOf(resource);
  const wanted = rules.kept(type, unwrap(wire.inputs).value as WireMap);
  const { inputs, encrypted } = comparable(rules.kept(type, deployed.inputs as WireMap), wanted);
  const found = differences(withoutFilledIn(inputs, wanted) as WireMap, wanted, rules.isSet);
  const isReplacing = (difference: Difference) =>
    rules.replaces(type, difference) || options.replaceOnChanges.some((path) => isBelow(difference.path, path));
  return {
    found,
    marks: marksOf(deployed),
    replacedFor: found.filter(isReplacing).map(({ path }) => path),
    encrypted,
    isUnderstood: rules.knows(type),
  };
}

function marksOf({ taint, pendingReplacement, initErrors }: DeployedResource): readonly Mark[] {
  return [
    ...(taint ? (["tainted"] as const) : []),
    ...(pendingReplacement ? (["deleted"] as const) : []),
    ...(initErrors.length > 0 ? (["notReady"] as const) : []),
  ];
}

/** The inputs with the deployed values at paths whose changes are ignored (pulumi/pulumi pkg/resource/deploy/step_generator.go, processIgnoreChanges). */
export function withIgnored(inputs: WireMap, deployed: WireMap, paths: readonly string[]): WireMap {
  return paths.reduce((result, path) => withValue(result, deployed, path.split(".")), inputs);
}

function withValue(inputs: WireMap, deployed: WireMap, [name = "", ...rest]: readonly string[]): WireMap {
  const value = deployed[name];
  if (rest.length > 0) {
    return isWireMap(value) && isWireMap(inputs[name]) ? { ...inputs, [name]: withValue(inputs[name], value, rest) } : inputs;
  }
  return value === undefined ? without(inputs, [name]) : { ...inputs, [name]: value };
}

/** Whether an argument, or something in it, is another one. */
export function isChanged({ found }: Changes, argument: string): boolean {
  return found.some(({ path }) => isBelow(path, argument));
}

/** Whether a path is another one, or inside it. */
function isBelow(path: string, other: string): boolean {
  return other === "*" || path === other || path.startsWith(`${other}.`) || path.startsWith(`${other}[`);
}

function without(inputs: WireMap, names: readonly string[]): WireMap {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
}

/** What a provider has filled in where the program says nothing, it fills in again. */
function withoutFilledIn(deployed: WireValue, wanted: WireValue | undefined): WireValue {
  if (Array.isArray(deployed)) {
    const items = Array.isArray(wanted) ? wanted : [];
    return deployed.map((item: WireValue, index) => withoutFilledIn(item, items[index] as WireValue | undefined));
  }
  if (!isWireMap(deployed)) {
    return deployed;
  }
  const filled = Array.isArray(deployed[DEFAULTS]) ? (deployed[DEFAULTS] as readonly WireValue[]) : [];
  const given = asMap(wanted);
  return Object.fromEntries(
    Object.entries(deployed)
      .filter(([name]) => !(filled.includes(name) && given[name] === undefined))
      .map(([name, value]) => [name, withoutFilledIn(value, given[name])]),
  );
}

const SECRET_OBJECT = "kubernetes:core/v1:Secret";

/** As the Kubernetes provider keeps what it is given. */
function keptByKubernetes(type: string, inputs: WireMap): WireMap {
  if (type === HELM_RELEASE) {
    // Fields that say nothing are there or not, by the provider's version; `compat` is the SDK's message to the provider.
    const kept = Object.entries(inputs).filter(([name, value]) => name !== "compat" && value !== "" && value !== false && value !== null);
    return Object.fromEntries(kept);
  }
  if (type === SECRET_OBJECT && asMap(inputs.stringData)[SIGNATURE] !== undefined) {
    return { ...without(inputs, ["stringData"]), data: inputs.stringData ?? null };
  }
  if (type === SECRET_OBJECT && isWireMap(inputs.stringData)) {
    const encoded = Object.entries(inputs.stringData).map(([name, value]) => [name, Buffer.from(String(value)).toString("base64")]);
    return { ...without(inputs, ["stringData"]), data: { ...asMap(inputs.data), ...Object.fromEntries(encoded) } };
  }
  return inputs;
}
