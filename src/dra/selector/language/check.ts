import { BINDING_MACROS, STANDARD_MACROS } from "../../../cel/syntax/macros";
import type { MacroTable } from "../../../cel/syntax/macros";
import { isBind } from "../../../cel/syntax/ast";
import type { CallExpr, Expr, FoldExpr, SelectExpr } from "../../../cel/syntax/ast";
import { ParseIssue } from "../../../cel/syntax/issues";
import { parse } from "../../../cel/syntax/parser";
import { hasAllowedWords } from "./pattern";
import { Refusal } from "./problem";
import type { Problem } from "./problem";
import { patternFault } from "./regular-expression";
import { CONSTRUCTORS, EQUALITIES, INSTEAD, INSTEAD_OF, LIMITS, METHODS, ORDERINGS } from "./vocabulary";
import type { Kind } from "./vocabulary";
import { checkWords } from "./words";

/** `has` and `cel.bind`. All other macros stay calls of a name that is not in the language. */
const MACROS: MacroTable = new Map([...STANDARD_MACROS, ...BINDING_MACROS].filter(([name]) => ["has/1", "x.bind/3"].includes(name)));

const checked = new Map<string, Problem | undefined>();
const MAX_CHECKED = 10_000;

/**
 * The first thing in an expression that a claim may not use in a selector; undefined where there is none. Such an expression may still not compile:
 * whether an attribute exists and has the type that it is compared with is for the compiler and for reach.
 */
export function selectorProblem(expression: string): Problem | undefined {
  // Stryker disable next-line all: what is not remembered is found again
  if (checked.has(expression)) {
    return checked.get(expression);
  }
  // Stryker disable next-line all: what is forgotten is found again
  if (checked.size >= MAX_CHECKED) {
    checked.clear();
  }
  const problem = firstProblem(expression);
  checked.set(expression, problem);
  return problem;
}

function firstProblem(expression: string): Problem | undefined {
  try {
    checkWords(expression);
    const expr = parse(expression, MACROS);
    expectCondition(expr, kindOf(expr, NO_BINDINGS));
  } catch (error) {
    if (error instanceof Refusal) {
      return error.problem;
    }
    // Stryker disable next-line ConditionalExpression: nothing else is thrown, unless the checker has a bug
    if (error instanceof ParseIssue) {
      return { about: "structure", offset: error.offset ?? 0, reason: error.message, instead: INSTEAD.attribute };
    }
    throw error;
  }
  return hasAllowedWords(expression)
    ? undefined
    : { about: "words", offset: 0, reason: "a name, a dot or a bracket is written in an unusual way", instead: INSTEAD.attribute };
}

type Bindings = ReadonlyMap<string, Kind>;
const NO_BINDINGS: Bindings = new Map();

const SCALARS: readonly Kind[] = ["boolean", "string", "integer", "quantity", "version", "attribute"];
const CONDITIONS: readonly Kind[] = ["boolean", "attribute"];

/** Of constants, by their type in JavaScript. */
const CONSTANTS: Readonly<Record<string, Kind>> = { boolean: "boolean", string: "string", bigint: "integer" };

// Stryker disable next-line all: the words of all other forms are refused before
const refuseForm = (expr: Expr): never => refuseWord(expr, "this form of expression is not allowed", INSTEAD.attribute);

/** The function that a call calls. */
function functionOf(expr: Expr): string | undefined {
  // Stryker disable next-line ConditionalExpression: nothing but a call has a function
  return expr.kind === "call" ? expr.function : undefined;
}

function isCallOf(expr: Expr, name: string): expr is CallExpr {
  return functionOf(expr) === name;
}

/** A string that is written out. */
function textOf(expr: Expr): string | undefined {
  // Stryker disable next-line ConditionalExpression: nothing but a constant has a value, and other constants than strings are refused wherever a text is
  return expr.kind === "literal" && typeof expr.value === "string" ? expr.value : undefined;
}

function kindOf(expr: Expr, bindings: Bindings): Kind {
  switch (expr.kind) {
    case "literal":
      return CONSTANTS[typeof expr.value] ?? refuseForm(expr);
    case "ident":
      return (
        bindings.get(expr.name) ??
        refuse(expr, `${expr.name} is neither the device's driver, attribute or capacity nor bound by cel.bind`, INSTEAD.bind)
      );
    case "select":
      return ofSelection(expr, bindings);
    case "call":
      return ofCall(expr, bindings);
    case "list":
      return refuse(expr, `a list can only stand behind "in"`, INSTEAD.list);
    case "fold":
      return isBind(expr) ? ofBinding(expr, bindings) : refuseForm(expr);
    // Stryker disable next-line all: the words of maps and messages are refused before
    default:
      return refuseForm(expr);
  }
}

/** `device.driver`, or a name behind a domain. */
function ofSelection(expr: SelectExpr, bindings: Bindings): Kind {
  const { operand, field, testOnly } = expr;
  if (isDevice(operand, bindings)) {
    return !testOnly && field === "driver"
      ? "string"
      : refuse(expr, `device.${field} is not a value`, field === "capacity" ? INSTEAD.quantity : INSTEAD.attribute);
  }
  const value = valueIn(kindOf(operand, bindings), expr);
  return testOnly ? "boolean" : value;
}

function valueIn(kind: Kind, at: Expr): Kind {
  switch (kind) {
    case "attributes":
      return "attribute";
    case "capacities":
      return "quantity";
    default:
      return refuse(at, "only a domain of attributes or capacities has names in it", INSTEAD.attribute);
  }
}

function ofBinding({ accumulator, init, result }: FoldExpr, bindings: Bindings): Kind {
  const kind = kindOf(init, bindings);
  if (init.kind !== "select" && !isCallOf(init, "_[_]")) {
    return refuse(init, "cel.bind gives a name to a domain, an attribute or a capacity only", INSTEAD.bind);
  }
  return kindOf(result, new Map([...bindings, [accumulator, kind]]));
}

function ofCall(expr: CallExpr, bindings: Bindings): Kind {
  // The parser alone writes these names, with their operands.
  const [first, second] = expr.args as readonly [Expr, Expr];
  switch (expr.function) {
    case "_[_]":
      return ofIndex(expr, first, second, bindings);
    case "@in":
      return ofMembership(first, second, bindings);
    case "_?_:_":
      return ofConditional(expr.args, bindings);
  }
  const operator = /_?(.+?)_$/.exec(expr.function)?.[1];
  if (expr.target === undefined && operator !== undefined) {
    return ofOperator(expr, operator, bindings);
  }
  return expr.target === undefined ? ofFunction(expr) : ofMethod(expr, expr.target, bindings);
}

/** A domain of the device, or a name in one. */
function ofIndex(at: Expr, operand: Expr, key: Expr, bindings: Bindings): Kind {
  const domains = domainsOf(operand, bindings);
  const kind = domains ?? valueIn(kindOf(operand, bindings), at);
  return textOf(key) !== undefined ? kind : refuse(key, "domains and names are written out between quotes", INSTEAD.attribute);
}

/** What a domain is of, where an expression is `device.attributes` or `device.capacity`. */
function domainsOf(expr: Expr, bindings: Bindings): "attributes" | "capacities" | undefined {
  if (expr.kind !== "select" || expr.testOnly || !isDevice(expr.operand, bindings)) {
    return undefined;
  }
  return expr.field === "attributes" ? "attributes" : expr.field === "capacity" ? "capacities" : undefined;
}

function isDevice(expr: Expr, bindings: Bindings): boolean {
  // Stryker disable next-line ConditionalExpression: nothing else has a name
  return expr.kind === "ident" && expr.name === "device" && !bindings.has("device");
}

/** A value in a list of constants, or a name among those that the device has. */
function ofMembership(member: Expr, container: Expr, bindings: Bindings): Kind {
  if (container.kind === "list") {
    expect(member, kindOf(member, bindings), ["string", "integer", "attribute"], `"in" looks for a string or an integer`, INSTEAD.list);
    const kinds = container.elements.map(({ value, optional }) =>
      value.kind === "literal" && !optional ? kindOf(value, bindings) : undefined,
    );
    if (!["string", "integer"].some((legal) => kinds[0] === legal) || kinds.some((kind) => kind !== kinds[0])) {
      return refuse(container, "a list has constants only, all strings or all integers", INSTEAD.list);
    }
    return "boolean";
  }
  if (textOf(member) === undefined) {
    return refuse(member, "a name that a device may have is written out between quotes", INSTEAD.presence);
  }
  const domains = domainsOf(container, bindings) ?? kindOf(container, bindings);
  return expect(
    container,
    domains,
    ["attributes", "capacities"],
    `behind "in" stands a list of constants, or a domain`,
    INSTEAD.list,
    "boolean",
  );
}

function ofConditional(parts: readonly Expr[], bindings: Bindings): Kind {
  for (const part of parts) {
    expectCondition(part, kindOf(part, bindings));
  }
  return "boolean";
}

function ofOperator(expr: CallExpr, operator: string, bindings: Bindings): Kind {
  const kinds = expr.args.map((arg) => [arg, kindOf(arg, bindings)] as const);
  if (["&&", "||", "!"].includes(operator)) {
    kinds.forEach(([arg, kind]) => expectCondition(arg, kind));
    return "boolean";
  }
  const legal = isOneOf(operator, EQUALITIES)
    ? SCALARS
    : isOneOf(operator, ORDERINGS)
      ? (["string", "integer", "attribute"] as const)
      : undefined;
  if (legal === undefined) {
    return refuseWord(expr, `"${operator}" is not allowed, because selectors do not compute`, INSTEAD.quantity);
  }
  for (const [arg, kind] of kinds) {
    expect(
      arg,
      kind,
      legal,
      `"${operator}" does not compare this`,
      kind === "quantity" ? INSTEAD.quantity : kind === "version" ? INSTEAD.version : INSTEAD.attribute,
    );
  }
  return "boolean";
}

function isOneOf(text: string, table: readonly string[]): boolean {
  return table.includes(text);
}

/** `quantity` and `semver`, of a literal in its plain form. */
function ofFunction(expr: CallExpr): Kind {
  const { function: name, args } = expr;
  const constructor = isConstructor(name) ? CONSTRUCTORS[name] : undefined;
  if (constructor === undefined) {
    // A method with a dot and nothing before it has only words that are allowed. The API server knows no function of that name.
    const isMisplaced = name === "has" || (name.startsWith(".") && Object.hasOwn(METHODS, name.slice(1)));
    return (isMisplaced ? refuse : refuseWord)(
      expr,
      `${name.replace(/[_@]/g, "") || name}() is not allowed`,
      INSTEAD_OF[name] ?? INSTEAD.attribute,
    );
  }
  const [literal] = args;
  const text = literal && textOf(literal);
  if (args.length !== 1 || text === undefined || !FORM_OF[name as keyof typeof CONSTRUCTORS].test(text)) {
    return refuseWord(literal ?? expr, `${name}() takes one plain literal`, constructor.example);
  }
  return constructor.result;
}

function isConstructor(name: string | undefined): name is keyof typeof CONSTRUCTORS {
  return Object.keys(CONSTRUCTORS).some((each) => each === name);
}

const FORM_OF = {
  quantity: new RegExp(`^${CONSTRUCTORS.quantity.form}$`),
  semver: new RegExp(`^${CONSTRUCTORS.semver.form}$`),
} as const satisfies Readonly<Record<keyof typeof CONSTRUCTORS, RegExp>>;

function ofMethod(expr: CallExpr, target: Expr, bindings: Bindings): Kind {
  const { function: name, args } = expr;
  if (name === "orValue" && isCallOf(target, "_?._")) {
    return ofDefault(expr, target, bindings);
  }
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method === undefined) {
    return (name === "bind" ? refuse : refuseWord)(expr, `${name}() is not allowed`, INSTEAD_OF[name] ?? INSTEAD.attribute);
  }
  const instead = method.argument === "pattern" ? INSTEAD.pattern : method.on.includes("string") ? INSTEAD.text : INSTEAD.quantity;
  expect(target, kindOf(target, bindings), method.on, `${name}() is not a method of this`, instead);
  const [argument, ...others] = args;
  const anotherNumber = `${name}() has another number of arguments`;
  if (method.argument === "none") {
    return argument === undefined ? method.result : refuse(expr, anotherNumber, instead);
  }
  if (argument === undefined || others.length > 0) {
    return refuse(expr, anotherNumber, instead);
  }
  if (method.argument === "pattern") {
    checkPattern(argument);
  } else {
    expect(argument, kindOf(argument, bindings), method.argument, `${name}() does not take this`, instead);
  }
  return method.result;
}

function checkPattern(argument: Expr): void {
  const pattern = textOf(argument);
  if (pattern === undefined) {
    return refuseWord(argument, "a regular expression is written out between quotes", INSTEAD.pattern);
  }
  if (pattern.length > LIMITS.patternCharacters) {
    refuse(argument, `a regular expression has at most ${String(LIMITS.patternCharacters)} characters`, INSTEAD.pattern);
  }
  const fault = patternFault(pattern);
  if (fault !== undefined) {
    refuse(argument, `the regular expression is not allowed: ${fault}`, INSTEAD.pattern);
  }
}

/** `domain.?name.orValue(constant)`. */
function ofDefault(expr: CallExpr, optional: CallExpr, bindings: Bindings): Kind {
  // The parser gives both operands.
  const [domain] = optional.args as readonly [Expr, Expr];
  const [fallback, ...others] = expr.args;
  if (fallback === undefined || others.length > 0) {
    return refuse(expr, "orValue() takes one constant", INSTEAD.optional);
  }
  const kind = valueIn(kindOf(domain, bindings), optional);
  const isConstant = fallback.kind === "literal" || isConstructor(functionOf(fallback));
  if (!isConstant) {
    return refuse(fallback, "orValue() takes one constant", INSTEAD.optional);
  }
  const legal: readonly Kind[] = kind === "quantity" ? ["quantity"] : ["string", "integer", "boolean", "version"];
  return expect(
    fallback,
    kindOf(fallback, bindings),
    legal,
    "orValue() takes a constant of the type that is missing",
    INSTEAD.optional,
    kind,
  );
}

function expectCondition(at: Expr, kind: Kind): void {
  expect(at, kind, CONDITIONS, "this is neither true nor false", INSTEAD.attribute);
}

/** The result where the kind is legal. */
function expect(at: Expr, kind: Kind, legal: readonly Kind[], reason: string, instead: string, result: Kind = kind): Kind {
  return legal.includes(kind) ? result : refuse(at, reason, instead);
}

function refuse({ offset }: Expr, reason: string, instead: string): never {
  throw new Refusal({ about: "structure", offset, reason, instead });
}

function refuseWord({ offset }: Expr, reason: string, instead: string): never {
  throw new Refusal({ about: "words", offset, reason, instead });
}
