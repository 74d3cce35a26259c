import { isDeepStrictEqual } from "node:util";
import type { Expr } from "../../src/cel/syntax/ast";
import { parse } from "../../src/cel/syntax/parser";

/** Stands in for the cluster's authorizers: `authorizer.group(g).resource(r).check(verb).allowed()` is what `allows` says to `verb r.g`. */
export class Authorizer {
  constructor(
    private readonly allows: (right: string) => boolean,
    private readonly asked: Readonly<Record<string, unknown>> = {},
  ) {}

  call(method: string, args: readonly unknown[]): unknown {
    return method === "allowed"
      ? this.allows(`${String(this.asked.check)} ${String(this.asked.resource)}.${String(this.asked.group)}`)
      : new Authorizer(this.allows, { ...this.asked, [method]: args[0] });
  }
}

type Scope = Readonly<Record<string, unknown>>;

/** The functions that the guardrails use; anything else is an error. Logical operators are in `evaluate`, since they do not evaluate all their arguments. */
const FUNCTIONS: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  "!_": (a) => a !== true,
  "_==_": (a, b) => isDeepStrictEqual(a, b),
  "_!=_": (a, b) => !isDeepStrictEqual(a, b),
  "@in": (a, b) => (Array.isArray(b) ? b.includes(a) : Object.hasOwn(b as object, a as string)),
  "_>_": (a, b) => Number(a) > Number(b),
  "_<_": (a, b) => Number(a) < Number(b),
  "_*_": (a, b) => Number(a) * Number(b),
  max: (a) => Math.max(...(a as readonly number[])),
  sum: (a) => (a as readonly number[]).reduce((total, each) => total + each, 0),
  "_+_": (a, b) => [...(a as readonly unknown[]), ...(b as readonly unknown[])],
  "_[_]": (a, b) => field(a as Scope, String(b)),
  size: (a) => (a as readonly unknown[]).length,
  dyn: (a) => a,
  split: (a, b) => (a as string).split(b as string),
  lowerAscii: (a) => (a as string).toLowerCase(),
  contains: (a, b) => (a as string).includes(b as string),
  startsWith: (a, b) => (a as string).startsWith(b as string),
  "@not_strictly_false": (a) => a !== false,
};

/**
 * Evaluates the part of CEL in which the guardrails are written, over JSON. The project's own evaluator knows the environment of device selectors only;
 * this stands in for the API server's where there is none.
 * @throws Error for what is not in that part, and for a field that is missing, as CEL does
 */
export function evaluateCel(expression: string, scope: Scope): unknown {
  return evaluate(parse(expression), scope);
}

function evaluate(expr: Expr, scope: Scope): unknown {
  switch (expr.kind) {
    case "literal":
      return typeof expr.value === "bigint" ? Number(expr.value) : expr.value;
    case "ident":
      return field(scope, expr.name);
    case "select": {
      const operand = evaluate(expr.operand, scope) as Scope;
      return expr.testOnly ? Object.hasOwn(operand, expr.field) : field(operand, expr.field);
    }
    case "list":
      return expr.elements.map(({ value }) => evaluate(value, scope));
    case "call":
      return evaluateCall(expr.function, expr.target === undefined ? expr.args : [expr.target, ...expr.args], scope);
    case "fold": {
      let accumulated = evaluate(expr.init, scope);
      const inner = (extra: Scope) => ({ ...scope, ...extra, [expr.accumulator]: accumulated });
      const range = evaluate(expr.range, scope) as object;
      for (const element of Array.isArray(range) ? (range as readonly unknown[]) : Object.keys(range)) {
        if (evaluate(expr.condition, inner({ [expr.variable]: element })) === false) break;
        accumulated = evaluate(expr.step, inner({ [expr.variable]: element }));
      }
      return evaluate(expr.result, inner({}));
    }
    case "map":
      return Object.fromEntries(expr.entries.map(({ key, value }) => [evaluate(key, scope), evaluate(value, scope)]));
    default:
      throw new Error(`the guardrails use ${expr.kind}, which their tests do not know`);
  }
}

function evaluateCall(name: string, args: readonly Expr[], scope: Scope): unknown {
  switch (name) {
    case "_&&_":
      return args.every((arg) => evaluate(arg, scope) === true);
    case "_||_":
      return args.some((arg) => evaluate(arg, scope) === true);
    case "_?_:_": {
      const [condition, ...branches] = args.map((arg) => () => evaluate(arg, scope));
      return branches[condition?.() === true ? 0 : 1]?.();
    }
    default: {
      const [target, ...rest] = args.map((arg) => evaluate(arg, scope));
      if (target instanceof Authorizer) {
        return target.call(name, rest);
      }
      const apply = FUNCTIONS[name];
      if (apply === undefined) {
        throw new Error(`the guardrails use ${name}, which their tests do not know`);
      }
      return apply(target, ...rest);
    }
  }
}

function field(object: Scope, name: string): unknown {
  if (!Object.hasOwn(object, name)) {
    throw new Error(`no such key: ${name}`);
  }
  return object[name];
}
