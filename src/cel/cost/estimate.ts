import { isBind } from "../syntax/ast";
import type { CallExpr, Expr, FoldExpr, ListExpr, MapExpr, SelectExpr } from "../syntax/ast";
import type { Checked, Resolution } from "../types/checker";
import { callCost } from "./calls";
import type { CallContext } from "./calls";
import type { Environment } from "../environment";
import { fixed, NOTHING, plus, times, union, UNKNOWN } from "./ranges";
import type { Range } from "./ranges";
import { sizeAt } from "./sizes";
import type { CelType } from "../types/types";
import { isOptionalType, unwrapOptional } from "../types/types";
import { characterCount } from "../values/values";

/**
 * The worst-case cost of an expression in CEL's cost units, as the API server estimates it (cel-go 0.26 `checker/cost.go` and Kubernetes'
 * `library/cost.go`). Infinite where the size of what is compared has no bound.
 */
export function estimateCost(checked: Checked, environment: Environment): number {
  return new CostEstimator(checked, environment).cost(checked.expr).max;
}

/** Where a value comes from: a variable and then fields, `@keys`, `@values`, `@items`. Undefined for what is not reached from a variable. */
type Path = readonly string[] | undefined;

/** Sizes of what a list or map contains. */
interface EntrySizes {
  readonly of: "list" | "map";
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: Path;
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
}

const BASE_COST_OF_LIST = 10;
const BASE_COST_OF_MAP = 30;

class CostEstimator {
  readonly #paths = new Map<Expr, Path>();
  readonly #sizes = new Map<Expr, Range>();
  readonly #entrySizes = new Map<Expr, EntrySizes>();
  /** Innermost last. */
  readonly #locals: (readonly [string, Local])[] = [];

  constructor(
    private readonly checked: Checked,
    private readonly environment: Environment,
  ) {}

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case "literal":
      case "message":
        return NOTHING;
      case "ident":
        this.#paths.set(expr, this.#path(expr));
        return fixed(1);
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "fold":
        return isBind(expr) ? this.#bind(expr) : this.#fold(expr);
    }
  }

  #select(expr: SelectExpr): Range {
    const operand = this.cost(expr.operand);
    if (expr.testOnly || this.checked.typeNames.has(expr)) {
      return operand;
    }
    this.#paths.set(expr, [...(this.#path(expr.operand) ?? []), expr.field]);
    return ["map", "object", "parameter"].includes(this.#type(expr.operand)?.kind ?? "") ? plus(operand, fixed(1)) : operand;
  }

  #call(expr: CallExpr): Range {
    const resolution = this.checked.calls.get(expr);
    const [first] = expr.args;
    if (expr.function === "dyn" && expr.target === undefined && first !== undefined) {
      const cost = plus(fixed(1), this.cost(first));
      this.#copySizes(expr, first);
      return cost;
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    if (resolution === undefined) {
      return NOTHING;
    }
    const targetCost = resolution.target === undefined ? NOTHING : this.cost(resolution.target);
    return plus(targetCost, this.#overloads(expr, resolution, argCosts));
  }

  /** Whatever overload it turns out to be: the range over all that fit. */
  #overloads(expr: CallExpr, resolution: Resolution, argCosts: readonly Range[]): Range {
    let cost: Range = { min: Infinity, max: 0 };
    let size: Range | undefined;
    for (const { id } of resolution.overloads) {
      const estimate = callCost(this.#context(expr, resolution, id, argCosts));
      cost = union(cost, estimate.cost);
      if (estimate.size !== undefined) {
        size = size === undefined ? estimate.size : union(size, estimate.size);
      }
      this.#trackEntries(expr, id);
      const [container] = expr.args;
      if ((id === "index_list" || id === "index_map") && container !== undefined) {
        size = this.#entriesOf(container)?.value;
        this.#paths.set(expr, [...(this.#path(container) ?? []), id === "index_list" ? "@items" : "@values"]);
      }
      size ??= this.#size(expr);
    }
    if (size !== undefined) {
      this.#sizes.set(expr, size);
    }
    return cost;
  }

  #context(expr: CallExpr, resolution: Resolution, overload: string, argCosts: readonly Range[]): CallContext {
    return {
      function: resolution.function,
      overload,
      target: resolution.target,
      args: expr.args,
      argCosts,
      typeOf: (arg) => this.#type(arg),
      sizeOf: (arg) => this.#size(arg) ?? UNKNOWN,
      sizeOfElements: (list) => {
        const path = this.#path(list);
        return (path === undefined ? undefined : this.#sizeAt([...path, "@items"])) ?? UNKNOWN;
      },
    };
  }

  /** What `?:` and `+` know of the elements of their results. */
  #trackEntries(expr: CallExpr, overload: string): void {
    const parts =
      overload === "conditional" ? expr.args.slice(1) : ["add_string", "add_bytes", "add_list"].includes(overload) ? expr.args : [];
    const [a, b] = parts.map((part) => this.#entriesOf(part));
    if (a !== undefined && b !== undefined) {
      this.#entrySizes.set(expr, { of: a.of, key: union(a.key, b.key), value: union(a.value, b.value) });
    }
  }

  #list(expr: ListExpr): Range {
    const costs = expr.elements.map(({ value }) => this.cost(value));
    this.#entrySizes.set(expr, { of: "list", key: fixed(1), value: this.#sizesOf(expr.elements.map(({ value }) => value)) });
    return costs.reduce(plus, fixed(BASE_COST_OF_LIST));
  }

  #map(expr: MapExpr): Range {
    const costs = expr.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]);
    this.#entrySizes.set(expr, {
      of: "map",
      key: this.#sizesOf(expr.entries.map(({ key }) => key)),
      value: this.#sizesOf(expr.entries.map(({ value }) => value)),
    });
    return costs.reduce(plus, fixed(BASE_COST_OF_MAP));
  }

  #sizesOf(parts: readonly Expr[]): Range {
    return parts.map((part) => this.#size(part) ?? UNKNOWN).reduce(union, { min: parts.length === 0 ? 0 : Infinity, max: 0 });
  }

  #bind(expr: FoldExpr): Range {
    const cost = plus(this.cost(expr.range), this.cost(expr.init));
    this.#locals.push([expr.accumulator, this.#localOf(expr.init)]);
    const result = this.cost(expr.result);
    this.#copySizes(expr, expr.result);
    this.#locals.pop();
    return plus(cost, result);
  }

  #fold(expr: FoldExpr): Range {
    const before = plus(this.cost(expr.range), this.cost(expr.init));
    this.#locals.push([expr.accumulator, this.#localOf(expr.init)]);
    const variables = this.#loopVariables(expr);
    this.#locals.push(...variables);
    const round = plus(this.cost(expr.condition), this.cost(expr.step));
    this.#locals.splice(-variables.length);
    const result = this.cost(expr.result);
    this.#locals.pop();

    const rounds = this.#size(expr.range) ?? UNKNOWN;
    this.#setFoldSize(expr, rounds);
    return plus(plus(before, result), times(rounds, round));
  }

  #setFoldSize(expr: FoldExpr, rounds: Range): void {
    const size = expr.init.kind === "literal" ? this.#size(expr.init) : rounds;
    if (size !== undefined && ["literal", "list", "map"].includes(expr.init.kind)) {
      this.#sizes.set(expr, size);
    }
    const entries = expr.init.kind === "list" || expr.init.kind === "map" ? this.#entriesOf(expr.step) : undefined;
    if (entries !== undefined) {
      this.#entrySizes.set(expr, entries);
    }
  }

  #loopVariables({ range, variable, secondVariable }: FoldExpr): readonly (readonly [string, Local])[] {
    const entries = this.#entriesOf(range);
    const isList = (entries?.of ?? this.#type(range)?.kind) === "list";
    const local = (part: string, size: Range | undefined): Local => ({
      path: [...(this.#path(range) ?? []), part],
      size,
      entries: undefined,
    });
    const key = local(isList ? "@indices" : "@keys", entries?.key);
    const value = local(isList ? "@items" : "@values", entries?.value);
    if (secondVariable === undefined) {
      return [[variable, isList ? value : key]];
    }
    // cel-go appends both parts to one slice. Where that has room left, the second overwrites the first.
    const length = this.#path(range)?.length ?? 0;
    const overwritten = length > 0 && !Number.isInteger(Math.log2(length));
    return [
      [variable, overwritten ? { ...key, path: value.path } : key],
      [secondVariable, value],
    ];
  }

  #localOf(expr: Expr): Local {
    return { path: this.#path(expr), entries: this.#entriesOf(expr), size: this.#size(expr) };
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#size(from);
    const entries = this.#entriesOf(from);
    if (size !== undefined) {
      this.#sizes.set(to, size);
    }
    if (entries !== undefined) {
      this.#entrySizes.set(to, entries);
    }
  }

  #size(expr: Expr): Range | undefined {
    const computed = this.#sizes.get(expr) ?? literalSize(expr);
    if (computed !== undefined) {
      return computed;
    }
    const path = this.#path(expr);
    const declared = path === undefined ? undefined : this.#sizeAt(path);
    if (declared !== undefined) {
      this.#sizes.set(expr, declared);
      return declared;
    }
    const type = this.#type(expr);
    return type !== undefined && isScalar(type) ? fixed(1) : this.#local(expr)?.size;
  }

  #sizeAt([variable = "", ...path]: readonly string[]): Range | undefined {
    return sizeAt(this.environment.variables.get(variable)?.sizes, path);
  }

  #entriesOf(expr: Expr): EntrySizes | undefined {
    return this.#entrySizes.get(expr) ?? this.#local(expr)?.entries;
  }

  #path(expr: Expr): Path {
    const local = this.#local(expr);
    return local === undefined ? (expr.kind === "ident" ? [expr.name.replace(/^\./, "")] : this.#paths.get(expr)) : local.path;
  }

  #local(expr: Expr): Local | undefined {
    return expr.kind === "ident" ? this.#locals.findLast(([name]) => name === expr.name)?.[1] : undefined;
  }

  #type(expr: Expr): CelType | undefined {
    return this.checked.types.get(expr);
  }
}

function literalSize(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case "literal": {
      const { value } = expr;
      return fixed(typeof value === "string" ? characterCount(value) : value instanceof Uint8Array ? value.length : 1);
    }
    case "list":
      return fixed(expr.elements.length);
    case "map":
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}

function isScalar(type: CelType): boolean {
  return ["bool", "double", "int", "uint"].includes(type.kind) || (isOptionalType(type) && isScalar(unwrapOptional(type)));
}
