import { isBind } from "../syntax/ast";
import type { CallExpr, Expr, FoldExpr, ListExpr, MapExpr } from "../syntax/ast";
import { constantMembership, InstantiationError, invocation, rejectPattern } from "./calls";
import type { Checked } from "../types/checker";
import { equal } from "../values/equality";
import { EvaluationError, EvaluationPanic, Unknown } from "../values/failures";
import { roundsOver } from "./iteration";
import { alternative, logical } from "./logic";
import { constant, dynamic, literal, NO_SUCH_OVERLOAD, variable } from "./parts";
import type { Frame, Part, Run, Variables } from "./parts";
import { typeName } from "../values/type-name";
import { isKey, presence, selection } from "./selections";
import type { Step } from "./selections";
import { derived, EntryMap, isFailure, Optional, TypeValue } from "../values/values";
import type { Value } from "../values/values";

/** An expression ready to be evaluated for one set of values after another. */
export type Program = (variables: Variables) => Value;

/** For an expression without folds, which writes none. */
const NO_LOCALS: (Value | undefined)[] = [];

/** Turns a checked expression into closures. An error is what cel-go finds while it does the same: a conversion or pattern that cannot work. */
export function instantiate(checked: Checked): Program | EvaluationError {
  try {
    const builder = new Builder(checked);
    const { run } = builder.part(checked.expr);
    const { slots } = builder;
    return (variables) => runToEnd(run, { variables, locals: slots === 0 ? NO_LOCALS : new Array<Value | undefined>(slots) });
  } catch (error) {
    if (error instanceof InstantiationError) {
      return new EvaluationError(error.message);
    }
    throw error;
  }
}

function runToEnd(run: Run, frame: Frame): Value {
  try {
    return run(frame);
  } catch (error) {
    if (error instanceof EvaluationPanic) {
      return new EvaluationError(error.message);
    }
    throw error;
  }
}

class Builder {
  slots = 0;
  /** Innermost last. */
  readonly #scopes: (readonly [string, Run])[] = [];

  constructor(private readonly checked: Checked) {}

  part(expr: Expr): Part {
    const type = this.checked.typeNames.get(expr);
    if (type !== undefined) {
      return constant(new TypeValue(type));
    }
    switch (expr.kind) {
      case "literal":
        return constant(expr.value);
      case "ident":
        return dynamic(this.#variable(expr.name));
      case "select":
        return this.#chain(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "fold":
        return dynamic(isBind(expr) ? this.#bind(expr) : this.#fold(expr));
      case "message":
        throw new Error("the checker lets no message pass");
    }
  }

  #variable(written: string): Run {
    const name = written.replace(/^\./, "");
    const local = this.#scopes.findLast(([variable]) => variable === name);
    return local === undefined ? ({ variables }) => variables[name] ?? noAttribute(name) : local[1];
  }

  #call(expr: CallExpr): Part {
    switch (expr.function) {
      case "_[_]":
      case "_[?_]":
      case "_?._":
        return this.#chain(expr);
      case "_&&_":
        return dynamic(logical(this.#runs(expr.args), false));
      case "_||_":
        return dynamic(logical(this.#runs(expr.args), true));
      case "_?_:_":
        return dynamic(this.#conditional(expr));
      case "@not_strictly_false":
        return dynamic(this.#notStrictlyFalse(expr));
      case "_==_":
      case "_!=_":
        return this.#equality(expr);
    }
    const resolution = this.checked.calls.get(expr);
    if (resolution === undefined) {
      throw new Error(`the checker lets no unresolved call of ${expr.function} pass`);
    }
    const parts = [...(resolution.target === undefined ? [] : [resolution.target]), ...expr.args].map((arg) => this.part(arg));
    if (resolution.target !== undefined && (expr.function === "or" || expr.function === "orValue")) {
      return dynamic(alternative(parts, { unwrapped: expr.function === "orValue" }));
    }
    if (expr.function === "@in" && resolution.overloads.length === 1 && resolution.overloads[0]?.id === "in_list") {
      const membership = constantMembership(parts);
      if (membership !== undefined) {
        return membership;
      }
    }
    rejectPattern(expr.function, parts);
    return invocation(resolution.function, resolution.overloads, parts);
  }

  #runs(exprs: readonly Expr[]): readonly Run[] {
    return exprs.map((expr) => this.part(expr).run);
  }

  #conditional({ args }: CallExpr): Run {
    const [condition, consequent, alternate] = this.#runs(args);
    if (condition === undefined || consequent === undefined || alternate === undefined) {
      throw new Error("a conditional has three parts");
    }
    return (frame) => {
      const value = condition(frame);
      return value === true ? consequent(frame) : value === false ? alternate(frame) : isFailure(value) ? derived(value) : NO_SUCH_OVERLOAD;
    };
  }

  #notStrictlyFalse({ args }: CallExpr): Run {
    const [tested] = this.#runs(args);
    return (frame) => tested?.(frame) !== false;
  }

  #equality({ function: name, args }: CallExpr): Part {
    const [left, right] = args.map((arg) => this.part(arg));
    if (left === undefined || right === undefined) {
      throw new Error("a comparison has two sides");
    }
    const negated = name === "_!=_";
    return dynamic((frame) => {
      const a = left.run(frame);
      const b = right.run(frame);
      if (a instanceof EvaluationError) {
        return a;
      }
      if (b instanceof EvaluationError) {
        return b;
      }
      const same = equal(a, b);
      // What cannot be compared is not equal, and so `!=` is true of it.
      return same instanceof Unknown || !negated ? same : same !== true;
    });
  }

  #list({ elements }: ListExpr): Part {
    const parts = elements.map(({ value, optional }) => ({ part: this.part(value), optional }));
    const run: Run = (frame) => {
      const list: Value[] = [];
      for (const { part, optional } of parts) {
        const value = part.run(frame);
        if (isFailure(value)) {
          return derived(value);
        }
        if (!optional) {
          list.push(value);
        } else if (!(value instanceof Optional)) {
          return new EvaluationError("cannot initialize optional list element from non-optional value");
        } else if (value.value !== undefined) {
          list.push(value.value);
        }
      }
      return list;
    };
    return literal(
      run,
      parts.map(({ part }) => part),
    );
  }

  #map({ entries }: MapExpr): Part {
    const parts = entries.map(({ key, value, optional }) => ({ key: this.part(key), value: this.part(value), optional }));
    const run: Run = (frame) => {
      const map: [Value, Value][] = [];
      for (const { key, value, optional } of parts) {
        const keyValue = key.run(frame);
        if (isFailure(keyValue)) {
          return derived(keyValue);
        }
        const entryValue = value.run(frame);
        if (isFailure(entryValue)) {
          return derived(entryValue);
        }
        if (!optional) {
          map.push([keyValue, entryValue]);
        } else if (!(entryValue instanceof Optional)) {
          return new EvaluationError("cannot initialize optional entry from non-optional value");
        } else if (entryValue.value !== undefined) {
          map.push([keyValue, entryValue.value]);
        }
      }
      return new EntryMap(map);
    };
    return literal(
      run,
      parts.flatMap(({ key, value }) => [key, value]),
    );
  }

  /** A run of selections and indexings is one instruction, since one optional step makes all after it optional. */
  #chain(expr: Expr): Part {
    const steps: Step[] = [];
    const testOnly = expr.kind === "select" && expr.testOnly;
    let base = expr;
    for (;;) {
      if (this.checked.typeNames.has(base)) {
        break;
      }
      if (base.kind === "select" && (base === expr || !base.testOnly)) {
        steps.unshift({ key: constant(base.field), optional: false });
        base = base.operand;
        continue;
      }
      const [operand, key] = base.kind === "call" ? base.args : [];
      if (base.kind !== "call" || !["_[_]", "_[?_]", "_?._"].includes(base.function) || operand === undefined || key === undefined) {
        break;
      }
      steps.unshift({ key: this.#key(key), optional: base.function !== "_[_]" });
      base = operand;
    }
    const { run } = this.part(base);
    return dynamic(testOnly ? presence(run, steps) : selection(run, steps));
  }

  #key(expr: Expr): Part {
    const part = this.part(expr);
    if (part.constant && part.value !== undefined && !isKey(part.value)) {
      throw new InstantiationError(`invalid qualifier type: ${typeName(part.value)}`);
    }
    return part;
  }

  #bind(expr: FoldExpr): Run {
    const init = this.part(expr.init).run;
    const slot = this.slots++;
    // Evaluated when it is first looked at, if ever.
    const result = this.#inScope([[expr.accumulator, (frame) => (frame.locals[slot] ??= init(frame))]], expr.result);
    return (frame) => {
      frame.locals[slot] = undefined;
      return result(frame);
    };
  }

  #fold(expr: FoldExpr): Run {
    const range = this.part(expr.range).run;
    const init = this.part(expr.init).run;
    const [accumulator, first, second] = [this.slots++, this.slots++, this.slots++];
    const outer = [[expr.accumulator, variable(accumulator)] as const];
    const inner = [
      ...outer,
      [expr.variable, variable(first)] as const,
      ...(expr.secondVariable === undefined ? [] : [[expr.secondVariable, variable(second)] as const]),
    ];
    const condition = this.#inScope(inner, expr.condition);
    const step = this.#inScope(inner, expr.step);
    const result = this.#inScope(outer, expr.result);
    const two = expr.secondVariable !== undefined;
    return (frame) => {
      const rounds = roundsOver(range(frame), two);
      if (isFailure(rounds)) {
        return rounds;
      }
      const { locals } = frame;
      locals[accumulator] = init(frame);
      for (let round = 0; round < rounds.first.length; round++) {
        locals[first] = rounds.first[round];
        locals[second] = rounds.second(round);
        if (condition(frame) === false) {
          break;
        }
        locals[accumulator] = step(frame);
      }
      return result(frame);
    };
  }

  #inScope(variables: readonly (readonly [string, Run])[], expr: Expr): Run {
    this.#scopes.push(...variables);
    const { run } = this.part(expr);
    this.#scopes.splice(-variables.length);
    return run;
  }
}

/** A variable that the environment declares and nobody gave a value. */
function noAttribute(name: string): EvaluationError {
  return new EvaluationError(`no such attribute(s): ${name}`);
}
