import { qualifiedName } from "../syntax/ast";
import type { CallExpr, Expr, FoldExpr, ListExpr, MapExpr, SelectExpr } from "../syntax/ast";
import type { Environment } from "../environment";
import type { Issue } from "../syntax/issues";
import type { Overload } from "./overloads";
import { TYPE_NAMES } from "./type-names";
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  formatType,
  INT,
  isDynamic,
  isDynamicOrError,
  isOptionalType,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  parameter,
  sameType,
  STRING,
  UINT,
  unwrapOptional,
} from "./types";
import type { CelType } from "./types";
import { assign, moreGeneral, substitute } from "./unification";
import type { Bindings } from "./unification";
import type { Literal } from "../values/values";
import { Uint } from "../values/values";

/** What a call turned out to call. */
export interface Resolution {
  readonly function: string;
  /** Undefined for functions, also those whose name looks like a method's (`optional.of`). */
  readonly target: Expr | undefined;
  /** The signatures that fit as far as types are known; more than one where an argument is dynamic. */
  readonly overloads: readonly Overload[];
}

/** An expression whose types are known. */
export interface Checked {
  readonly expr: Expr;
  readonly types: ReadonlyMap<Expr, CelType>;
  readonly calls: ReadonlyMap<CallExpr, Resolution>;
  /** Selections and identifiers that name a type. */
  readonly typeNames: ReadonlyMap<Expr, string>;
}

/** Checks the types of an expression by the rules of cel-go's checker. */
export function check(
  expr: Expr,
  environment: Environment,
): { readonly type: "checked"; readonly checked: Checked } | { readonly type: "issues"; readonly issues: readonly Issue[] } {
  const checker = new Checker(environment);
  checker.check(expr);
  return checker.issues.length > 0 ? { type: "issues", issues: checker.issues } : { type: "checked", checked: checker.result(expr) };
}

class Checker {
  readonly issues: Issue[] = [];
  readonly #types = new Map<Expr, CelType>();
  readonly #calls = new Map<CallExpr, Resolution>();
  readonly #typeNames = new Map<Expr, string>();
  #bindings: Bindings = new Map();
  #freeParameters = 0;
  /** Innermost last. */
  readonly #scopes: ReadonlyMap<string, CelType>[] = [];

  constructor(private readonly environment: Environment) {}

  result(expr: Expr): Checked {
    const types = new Map([...this.#types].map(([node, type]) => [node, substitute(this.#bindings, type, { freeToDyn: true })]));
    return { expr, types, calls: this.#calls, typeNames: this.#typeNames };
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case "literal":
        return literalType(expr.value);
      case "ident":
        return this.#identifier(expr, expr.name) ?? this.#undeclared(expr, expr.name);
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "message":
        return expr.name.startsWith("google.protobuf.") || expr.name.startsWith("kubernetes.")
          ? this.#issue(expr, `messages (${expr.name}{...}) are not modelled by this evaluator`)
          : this.#undeclared(expr, expr.name);
      case "fold":
        return this.#fold(expr);
    }
  }

  #identifier(expr: Expr, written: string): CelType | undefined {
    const name = written.replace(/^\./, "");
    const variable = this.#scopes.findLast((scope) => scope.has(name))?.get(name) ?? this.environment.variables.get(name)?.type;
    if (variable !== undefined) {
      return variable;
    }
    const type = TYPE_NAMES.get(name);
    if (type !== undefined) {
      this.#typeNames.set(expr, name);
    }
    return type;
  }

  #select(expr: SelectExpr): CelType {
    const name = qualifiedName(expr);
    const known = name === undefined ? undefined : this.#identifier(expr, name);
    if (known !== undefined) {
      return known;
    }
    const field = this.#field(expr, expr.operand, expr.field, false);
    return expr.testOnly ? BOOL : substitute(this.#bindings, field);
  }

  #field(expr: Expr, operand: Expr, field: string, optional: boolean): CelType {
    const operandType = substitute(this.#bindings, this.check(operand));
    const target = unwrapOptional(operandType);
    const type = this.#fieldOf(expr, target, field);
    return optional || isOptionalType(operandType) ? optionalOf(type) : type;
  }

  #fieldOf(expr: Expr, target: CelType, field: string): CelType {
    switch (target.kind) {
      case "map":
        return target.parameters[1] ?? DYN;
      case "object": {
        const fields = this.environment.objects.get(target.name);
        if (fields === undefined) {
          return this.#issue(expr, `unexpected failed resolution of '${target.name}'`);
        }
        return fields.get(field) ?? this.#issue(expr, `undefined field '${field}'`);
      }
      case "parameter":
        this.#unify([DYN], [target]);
        return DYN;
      default:
        if (!isDynamicOrError(target)) {
          this.#issue(expr, `type '${formatType(target)}' does not support field selection`);
        }
        return DYN;
    }
  }

  #call(expr: CallExpr): CelType {
    const [first, second] = expr.args;
    if (expr.function === "_?._" && first !== undefined && second?.kind === "literal" && typeof second.value === "string") {
      this.#types.set(second, STRING);
      this.#calls.set(expr, { function: expr.function, target: undefined, overloads: this.environment.functions.get(expr.function) ?? [] });
      return substitute(this.#bindings, this.#field(expr, first, second.value, true));
    }
    for (const arg of expr.args) {
      this.check(arg);
    }
    return expr.target === undefined ? this.#resolve(expr, expr.function, undefined) : this.#methodCall(expr, expr.target);
  }

  /** `a.b.f()` is a function named `a.b.f` if there is one, else a method of `a.b`. */
  #methodCall(expr: CallExpr, target: Expr): CelType {
    const prefix = qualifiedName(target);
    const name = `${prefix?.replace(/^\./, "") ?? ""}.${expr.function}`;
    if (prefix !== undefined && (this.environment.functions.has(name) || this.environment.notModelled.has(name))) {
      return this.#resolve(expr, name, undefined);
    }
    this.check(target);
    return this.#resolve(expr, expr.function, target);
  }

  #resolve(expr: CallExpr, written: string, target: Expr | undefined): CelType {
    const name = target === undefined ? written.replace(/^\./, "") : written;
    const whyNotModelled = this.environment.notModelled.get(name);
    if (whyNotModelled !== undefined) {
      return this.#issue(expr, `'${name}' is not modelled by this evaluator: ${whyNotModelled}`);
    }
    const declared = this.environment.functions.get(name);
    if (declared === undefined) {
      return this.#undeclared(expr, written);
    }
    const given = [...(target === undefined ? [] : [target]), ...expr.args].map((arg) => this.#types.get(arg) ?? ERROR);
    if (name === "_&&_" || name === "_||_") {
      return this.#logical(expr, name, declared, given);
    }
    const overloads: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of declared.filter((candidate) => candidate.method === (target !== undefined))) {
      const { parameters, result: declaredResult } = this.#instantiate(overload);
      if (this.#unify(given, parameters)) {
        overloads.push(overload);
        const type = substitute(this.#bindings, declaredResult);
        result = result === undefined || isDynamic(result) || sameType(result, type) ? (result ?? type) : DYN;
      }
    }
    if (result === undefined) {
      return this.#noOverload(expr, name, given, target !== undefined);
    }
    this.#calls.set(expr, { function: name, target, overloads });
    return result;
  }

  #logical(expr: CallExpr, name: string, overloads: readonly Overload[], given: readonly CelType[]): CelType {
    this.#calls.set(expr, { function: name, target: undefined, overloads });
    const fits = given.map((type, index) => this.#unify([type], [BOOL]) || this.#mismatch(expr.args[index] ?? expr, BOOL, type));
    return fits.every(Boolean) ? BOOL : ERROR;
  }

  #noOverload(expr: CallExpr, name: string, given: readonly CelType[], isMethod: boolean): CelType {
    const [receiver, ...rest] = given.map((type) => formatType(substitute(this.#bindings, type, { freeToDyn: true })));
    const signature = isMethod
      ? `${receiver ?? ""}.(${rest.join(", ")})`
      : `(${(receiver === undefined ? [] : [receiver, ...rest]).join(", ")})`;
    return this.#issue(expr, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  /** A signature whose type parameters are free ones of this expression. */
  #instantiate({ parameters, result }: Overload): { readonly parameters: readonly CelType[]; readonly result: CelType } {
    const fresh = new Map<string, CelType>();
    const collect = (type: CelType): void => {
      if (type.kind === "parameter" && !fresh.has(type.name)) {
        fresh.set(type.name, this.#freeParameter());
      }
      type.parameters.forEach(collect);
    };
    [...parameters, result].forEach(collect);
    return { parameters: parameters.map((type) => substitute(fresh, type)), result: substitute(fresh, result) };
  }

  #list({ elements }: ListExpr): CelType {
    let joined: CelType | undefined;
    for (const { value, optional } of elements) {
      joined = this.#join(joined, this.#elementType(value, optional));
    }
    return listOf(joined ?? this.#freeParameter());
  }

  #map({ entries }: MapExpr): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.check(key));
      values = this.#join(values, this.#elementType(value, optional));
    }
    return mapOf(keys ?? this.#freeParameter(), values ?? this.#freeParameter());
  }

  #elementType(expr: Expr, optional: boolean): CelType {
    const type = this.check(expr);
    if (optional && !isOptionalType(type) && !isDynamic(type)) {
      this.#mismatch(expr, optionalOf(type), type);
    }
    return optional ? unwrapOptional(type) : type;
  }

  /** Types that do not go together make `dyn` here; that literals hold one type each is validated afterwards. */
  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) {
      return current;
    }
    return this.#unify([previous], [current]) ? moreGeneral(previous, current) : DYN;
  }

  #fold(expr: FoldExpr): CelType {
    this.check(expr.range);
    const accumulator = this.check(expr.init);
    const range = substitute(this.#bindings, this.#types.get(expr.range) ?? ERROR);
    this.#scopes.push(new Map([[expr.accumulator, accumulator]]));
    this.#scopes.push(this.#loopVariables(expr, range));
    this.#assertType(expr.condition, BOOL);
    this.#assertType(expr.step, accumulator);
    this.#scopes.pop();
    const result = this.check(expr.result);
    this.#scopes.pop();
    return substitute(this.#bindings, result);
  }

  #loopVariables({ range, variable, secondVariable }: FoldExpr, type: CelType): ReadonlyMap<string, CelType> {
    const [first = DYN, second = DYN] = this.#loopTypes(range, type, secondVariable !== undefined);
    return new Map([[variable, first], ...(secondVariable === undefined ? [] : [[secondVariable, second] as const])]);
  }

  #loopTypes(range: Expr, type: CelType, two: boolean): readonly CelType[] {
    switch (type.kind) {
      case "list":
        return two ? [INT, ...type.parameters] : type.parameters;
      case "map":
        return type.parameters;
      case "dyn":
      case "error":
      case "parameter":
        this.#unify([DYN], [type]);
        return [DYN, DYN];
      default:
        this.#issue(range, `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
        return [ERROR, ERROR];
    }
  }

  #assertType(expr: Expr, expected: CelType): void {
    const type = this.check(expr);
    if (!this.#unify([expected], [type])) {
      this.#mismatch(expr, expected, type);
    }
  }

  #unify(given: readonly CelType[], expected: readonly CelType[]): boolean {
    const bindings = assign(this.#bindings, given, expected);
    this.#bindings = bindings ?? this.#bindings;
    return bindings !== undefined;
  }

  #freeParameter(): CelType {
    return parameter(`_var${String(this.#freeParameters++)}`);
  }

  #undeclared(expr: Expr, name: string): CelType {
    return this.#issue(expr, `undeclared reference to '${name}' (in container '')`);
  }

  #mismatch(expr: Expr, expected: CelType, found: CelType): false {
    this.#issue(expr, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
    return false;
  }

  #issue({ offset }: Expr, message: string): CelType {
    this.issues.push({ offset, message });
    return ERROR;
  }
}

function literalType(value: Literal): CelType {
  switch (typeof value) {
    case "boolean":
      return BOOL;
    case "bigint":
      return INT;
    case "number":
      return DOUBLE;
    case "string":
      return STRING;
  }
  return value === null ? NULL : value instanceof Uint ? UINT : BYTES;
}
