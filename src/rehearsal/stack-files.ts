/**
 * Pulumi.yaml and Pulumi.<stack>.yaml as the engine reads them (pulumi/pulumi pkg/workspace/config.go and
 * sdk/go/common/workspace/project.go): declared defaults are merged in, values are checked against declared types.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isAlias, isMap, isScalar } from "yaml";
import type { Document } from "yaml";
import { nearestNames } from "../hardware/nearest";
import { parseJson } from "../json/parse";
import { valueAt } from "../json/value-at";
import { UserError } from "./files";
import { goEntries, goScalar, goValue } from "./go-scalars";
import { readSingleYaml } from "./yaml-file";

/** A `config:` entry of Pulumi.yaml. */
interface Declaration {
  readonly type?: string;
  readonly items?: Items;
  readonly default?: unknown;
  readonly value?: unknown;
  readonly secret?: boolean;
}

interface Items {
  readonly type: string;
  readonly items?: Items;
}

export interface Project {
  readonly name: string;
  readonly declarations: Readonly<Record<string, Declaration>>;
}

/** The configuration of one stack, as the engine hands it to the program. */
export interface StackSettings {
  readonly project: string;
  readonly stack: string;
  /** Full keys; structured values as JSON text. */
  readonly config: Readonly<Record<string, string>>;
  /** Full keys with an encrypted value. The rehearsal cannot decrypt it; a placeholder replaces it. */
  readonly encrypted: readonly string[];
  /** ESC environments that the stack imports. They are not read here. */
  readonly environments: readonly string[];
}

/** One configuration value: text, or a structure. */
type Value =
  | { readonly type: "text"; readonly text: string; readonly secure: boolean }
  | { readonly type: "structure"; readonly structure: unknown; readonly secure: boolean };

/** @throws UserError when Pulumi.yaml is missing or not a project. */
export function readProject(root: string): Project {
  const content = readSingleYaml(join(root, "Pulumi.yaml")).value as {
    readonly name?: unknown;
    readonly config?: Readonly<Record<string, Declaration>>;
  } | null;
  if (typeof content?.name !== "string") {
    throw new UserError("Pulumi.yaml: project is missing a 'name' attribute");
  }
  return { name: content.name, declarations: content.config ?? {} };
}

/**
 * Reads a stack's settings and merges the project's defaults.
 * @throws UserError for a stack without a file, a value of the wrong type or a missing required value.
 */
export function readStack(root: string, stack: string): StackSettings {
  const project = readProject(root);
  const path = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    throw new UserError(`no stack "${stack}": ${missingStack(root, stack)}`);
  }
  const { document, value: content } = readSingleYaml(path);
  const values = new Map<string, Value>();
  const entries = isMap(document.contents) ? goEntries(document.contents, document) : new Map<string, unknown>();
  const config = resolved(entries.get("config"), document);
  if (isMap(config)) {
    for (const [key, value] of goEntries(config, document)) {
      values.set(fullKey(project.name, key), toValue(resolved(value, document), document));
    }
  }
  applyDeclarations(project, stack, values);
  const { environment: environments } = content as { readonly environment?: unknown };
  return {
    project: project.name,
    stack,
    config: Object.fromEntries([...values].map(([key, value]) => [key, toText(value)])),
    encrypted: [...values].filter(([, value]) => value.secure).map(([key]) => key),
    environments: Array.isArray(environments) ? environments.map(String) : [],
  };
}

/** Names of the stack's GPU pools, in their order. What has none is left to the program, which says why it is wrong. */
export function gpuPoolNames({ project, config }: StackSettings): readonly string[] {
  const pools = parseJson(config[`${project}:gpuPools`] ?? "[]");
  return Array.isArray(pools) ? pools.map((pool) => String(valueAt(pool, "name"))) : [];
}

/** When the reservations of the stack's GPU pools end, as the configuration says it, by pool. */
export function reservationEnds({ project, config }: StackSettings): ReadonlyMap<string, string> {
  const pools = parseJson(config[`${project}:gpuPools`] ?? "[]");
  const ends = (Array.isArray(pools) ? pools : []).flatMap((pool) => {
    const endDate = valueAt(pool, "capacity", "endDate");
    return typeof endDate === "string" ? [[String(valueAt(pool, "name")), endDate] as const] : [];
  });
  return new Map(ends);
}

/** The name of the stack's cluster. Undefined: the program says what is wrong. */
export function clusterNameOf({ project, config }: StackSettings): string | undefined {
  return config[`${project}:clusterName`];
}

function missingStack(root: string, stack: string): string {
  const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []);
  if (stacks.length === 0) {
    return `there is no Pulumi.${stack}.yaml and no other stack file`;
  }
  return `there is no Pulumi.${stack}.yaml; did you mean "${nearestNames(stack, stacks, 1).join()}"? Known: ${stacks.join(", ")}`;
}

/** Keys without a namespace belong to the project. */
function fullKey(project: string, key: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Scalars are text; `secure:` marks an encrypted value. */
function toValue(node: unknown, document: Document): Value {
  if (isScalar(node)) {
    return { type: "text", text: String(goScalar(node) ?? ""), secure: false };
  }
  const content = goValue(node, document);
  if (isSecure(content)) {
    return { type: "text", text: PLACEHOLDER, secure: true };
  }
  const secure = containsSecure(content);
  return { type: "structure", structure: secure ? withPlaceholders(content) : content, secure };
}

/** Stands for a value that only `pulumi` can decrypt. An address, because some secrets have to be one. */
const PLACEHOLDER = "https://secret.invalid/";

function isSecure(content: unknown): boolean {
  return typeof content === "object" && content !== null && Object.keys(content).length === 1 && "secure" in content;
}

function containsSecure(content: unknown): boolean {
  return isSecure(content) || (typeof content === "object" && content !== null && Object.values(content).some(containsSecure));
}

function withPlaceholders(content: unknown): unknown {
  if (isSecure(content)) {
    return PLACEHOLDER;
  }
  if (Array.isArray(content)) {
    return content.map(withPlaceholders);
  }
  return typeof content === "object" && content !== null
    ? Object.fromEntries(Object.entries(content).map(([key, item]) => [key, withPlaceholders(item)]))
    : content;
}

function toText(value: Value): string {
  return value.type === "text" ? value.text : JSON.stringify(value.structure, sortKeys);
}

/** The engine is written in Go, whose JSON has the keys of a map in order. */
function sortKeys(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}

/** Merges defaults and checks types, in the engine's order and words. */
function applyDeclarations(project: Project, stack: string, values: Map<string, Value>): void {
  const declared = Object.entries(project.declarations).sort(([a], [b]) => (a < b ? -1 : 1));
  const missing: string[] = [];
  for (const [name, declaration] of declared) {
    const key = fullKey(project.name, name);
    const fallback = declaration.value ?? declaration.default;
    if (values.has(key)) {
      continue;
    }
    if (fallback !== undefined) {
      values.set(
        key,
        typeof fallback === "object"
          ? { type: "structure", structure: fallback, secure: false }
          : { type: "text", text: String(fallback), secure: false },
      );
    } else if (key.startsWith(`${project.name}:`)) {
      missing.push(name);
    }
  }
  if (missing.length > 0) {
    throw new UserError(`Stack '${stack}' is missing configuration ${missing.length > 1 ? "values" : "value"} ${listOf(missing)}`);
  }
  for (const [name, declaration] of declared) {
    const value = values.get(fullKey(project.name, name));
    if (declaration.type === undefined || value === undefined) {
      continue;
    }
    if (declaration.secret === true && !value.secure) {
      throw new UserError(`Stack '${stack}' with configuration key '${name}' must be encrypted as it's secret`);
    }
    const content = value.type === "text" ? value.text : value.structure;
    if (!value.secure && !hasType(declaration.type, declaration.items, content)) {
      throw new UserError(
        `Stack '${stack}' with configuration key '${name}' must be of type '${typeName(declaration.type, declaration.items)}', but is ${JSON.stringify(content)}`,
      );
    }
  }
}

/** The engine's ValidateConfigValue. */
function hasType(type: string, items: Items | undefined, value: unknown): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return Array.isArray(value) && items !== undefined && value.every((item) => hasType(items.type, items.items, item));
  }
}

function typeName(type: string, items: Items | undefined): string {
  return type === "array" && items !== undefined ? `array<${typeName(items.type, items.items)}>` : type;
}

function listOf(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  return quoted.length === 1 ? (quoted[0] ?? "") : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1) ?? ""}`;
}
