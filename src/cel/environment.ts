import type { Sizes } from "./cost/sizes";
import type { Library } from "./library/library";
import type { MacroTable } from "./syntax/macros";
import { mergeFunctions } from "./types/overloads";
import type { FunctionTable } from "./types/overloads";
import type { CelType, TypeKind } from "./types/types";

/** A variable that expressions may use. */
export interface Variable {
  readonly type: CelType;
  /** The largest sizes of what is reached from it; undefined: they are unknown, which makes whatever depends on them too expensive. */
  readonly sizes?: Sizes;
}

/** How long an expression may be, and what it may cost. */
export interface Limits {
  /** Length of the expression in bytes of UTF-8. */
  readonly maxLengthBytes: number;
  /** Worst-case cost in CEL's cost units. */
  readonly maxCost: number;
}

/**
 * What an expression may use, and within which limits. An environment is a value: whoever compiles an expression hands it in, so expressions of
 * several Kubernetes versions, or of selectors and admission policies, can be compiled side by side.
 */
export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  /** Fields of the object types that have some, by the name of the type. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, CelType>>;
  readonly functions: FunctionTable;
  readonly macros: MacroTable;
  /** Functions that exist in Kubernetes and are left out here, each with the reason. */
  readonly notModelled: ReadonlyMap<string, string>;
  /** Kinds of types that an expression may result in. */
  readonly results: readonly TypeKind[];
  readonly limits: Limits;
}

export interface EnvironmentParts {
  /** In the order in which their overloads are tried. */
  readonly libraries: readonly Library[];
  readonly variables: Readonly<Record<string, Variable>>;
  readonly objects?: Readonly<Record<string, Readonly<Record<string, CelType>>>>;
  /** Why no expression needs the functions that the libraries leave out. */
  readonly whyNotModelled: string;
  readonly results: readonly TypeKind[];
  readonly limits: Limits;
}

/** Makes an environment of libraries, variables and limits. */
export function makeEnvironment({ libraries, variables, objects = {}, whyNotModelled, results, limits }: EnvironmentParts): Environment {
  return {
    variables: new Map(Object.entries(variables)),
    objects: new Map(Object.entries(objects).map(([name, fields]) => [name, new Map(Object.entries(fields))])),
    functions: mergeFunctions(libraries.map(({ functions }) => functions ?? {})),
    macros: new Map(libraries.flatMap(({ macros }) => [...(macros ?? [])])),
    notModelled: new Map(libraries.flatMap(({ notModelled }) => (notModelled ?? []).map((name) => [name, whyNotModelled] as const))),
    results,
    limits,
  };
}
