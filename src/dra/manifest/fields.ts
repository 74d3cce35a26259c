import { didYouMean } from "../../hardware/nearest";

/** A problem with one field, as `path: value: reason`. */
export function problem(path: string, value: unknown, reason: string): string {
  return value === undefined ? `${path}: ${reason}` : `${path}: ${abbreviated(value)}: ${reason}`;
}

/**
 * The fields of one JSON object, read as strictly as the API server reads a manifest (field validation `Strict`, kubectl's default):
 * a field it does not know, or a value of another type, is a problem. `null` counts as unset.
 * Problems are collected, so that one reading reports all of them.
 */
export class Fields {
  private constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly ownPath: string,
    readonly problems: string[],
  ) {}

  /** Undefined when the value is no object. An unset value is an object without fields, as in Go. */
  static read(value: unknown, path: string, known: readonly string[] | "all", problems: string[]): Fields | undefined {
    if (value === undefined || value === null) {
      return new Fields({}, path, problems);
    }
    if (!isObject(value)) {
      problems.push(problem(path || "manifest", value, "must be an object"));
      return undefined;
    }
    const fields = new Fields(value, path, problems);
    if (known !== "all") {
      for (const key of Object.keys(value).filter((candidate) => value[candidate] !== undefined && !known.includes(candidate))) {
        problems.push(problem(fields.path(key), undefined, `unknown field${didYouMean(key, known, "known fields")}`));
      }
    }
    return fields;
  }

  path(key: string): string {
    return this.ownPath === "" ? key : `${this.ownPath}.${key}`;
  }

  /** The value as it stands; undefined when unset. */
  value(key: string): unknown {
    return this.values[key] ?? undefined;
  }

  isSet(key: string): boolean {
    return this.value(key) !== undefined;
  }

  refuse(key: string, reason: string): void {
    this.problems.push(problem(this.path(key), this.value(key), reason));
  }

  string(key: string): string | undefined {
    return this.typed(key, "a string", (value) => typeof value === "string");
  }

  boolean(key: string): boolean | undefined {
    return this.typed(key, "a boolean", (value) => typeof value === "boolean");
  }

  integer(key: string): number | undefined {
    return this.typed(key, "an integer", Number.isInteger);
  }

  /** Empty when unset. */
  list(key: string): readonly unknown[] {
    return this.typed<unknown[]>(key, "a list", Array.isArray) ?? [];
  }

  /** Every item of a list as `read` makes it; what it makes undefined is left out. More than the maximum is a problem. */
  items<T>(key: string, maximum: number, read: (item: unknown, path: string) => T | undefined): readonly T[] {
    const items = this.list(key);
    if (items.length > maximum) {
      this.problems.push(problem(this.path(key), undefined, `${String(items.length)} entries; at most ${String(maximum)} are allowed`));
    }
    return items
      .map((item, index) => read(item, `${this.path(key)}[${String(index)}]`))
      .filter((result): result is T & NonNullable<unknown> => result !== undefined);
  }

  /** A required string of some format; empty when it is missing. `fault` says what is wrong with it. */
  name(key: string, fault: (name: string) => string | undefined): string {
    const name = this.string(key) ?? "";
    const reason = name === "" ? "required" : fault(name);
    if (reason !== undefined) {
      this.refuse(key, reason);
    }
    return name;
  }

  /** A list of strings; what is no string is a problem and left out. Empty when unset. */
  strings(key: string): readonly string[] {
    return this.list(key).filter((item, index): item is string => {
      if (typeof item === "string") {
        return true;
      }
      this.problems.push(problem(`${this.path(key)}[${String(index)}]`, item, "must be a string"));
      return false;
    });
  }

  /** An object whose values are all strings (`null` is an empty one). Empty when unset. */
  stringMap(key: string): Readonly<Record<string, string>> {
    const map = this.typed<Record<string, unknown>>(key, "an object", isObject) ?? {};
    const entries = Object.entries(map).map(([name, value]): readonly [string, string] => {
      if (typeof value === "string" || value === null) {
        return [name, value ?? ""];
      }
      this.problems.push(problem(`${this.path(key)}[${name}]`, value, "must be a string"));
      return [name, ""];
    });
    return Object.fromEntries(entries);
  }

  private typed<T>(key: string, description: string, hasType: (value: unknown) => boolean): T | undefined {
    const value = this.value(key);
    if (value !== undefined && !hasType(value)) {
      this.refuse(key, `must be ${description}`);
      return undefined;
    }
    return value as T | undefined;
  }
}

/** An object of which only some fields are of interest; the API server checks the others. */
export function readLeniently(value: unknown, path: string, problems: string[]): Fields | undefined {
  return Fields.read(value, path, "all", problems);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function abbreviated(value: unknown): string {
  const text = String(JSON.stringify(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
