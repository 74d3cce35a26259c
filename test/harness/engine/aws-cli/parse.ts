/** Reads a command line of the AWS CLI, at least as strictly as the CLI itself. */
import { GLOBAL_OPTIONS, OPERATIONS, OUTPUTS } from "./operations";

export interface Call {
  readonly type: "call";
  /** `ec2 describe-instances`. */
  readonly operation: string;
  /** The values of each option that was given; none of a flag. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

export type ParsedCall = Call | { readonly type: "invalid"; readonly reason: string };

/** @param args without the name of the program. */
export function parseCall([service = "", verb = "", ...rest]: readonly string[]): ParsedCall {
  const operation = `${service} ${verb}`;
  const known = OPERATIONS[operation];
  if (known === undefined) {
    return { type: "invalid", reason: `argument command: Invalid choice: "${operation}"` };
  }
  const kinds = { ...GLOBAL_OPTIONS, ...known.options };
  const options = new Map<string, string[]>();
  let current: string | undefined;
  for (const arg of rest) {
    if (arg.startsWith("--")) {
      const name = arg.slice(2);
      const flag = name.replace(/^no-/, "");
      current = kinds[flag] === "flag" ? flag : name;
      if (kinds[current] === undefined) {
        return { type: "invalid", reason: `Unknown options: ${arg}` };
      }
      if (options.has(current)) {
        return { type: "invalid", reason: `${arg} is given twice` };
      }
      options.set(current, []);
    } else {
      const values = current === undefined ? undefined : options.get(current);
      const kind = current === undefined ? undefined : kinds[current];
      if (values === undefined || kind === "flag" || (kind === "value" && values.length > 0)) {
        return { type: "invalid", reason: `Unknown options: ${arg}` };
      }
      values.push(arg);
    }
  }
  const [empty] = [...options].filter(([name, values]) => kinds[name] !== "flag" && values.length === 0);
  if (empty !== undefined) {
    return { type: "invalid", reason: `argument --${empty[0]}: expected one argument` };
  }
  const missing = known.required.filter((name) => !options.has(name));
  if (missing.length > 0) {
    return { type: "invalid", reason: `the following arguments are required: ${missing.map((name) => `--${name}`).join(", ")}` };
  }
  const [output = "json"] = options.get("output") ?? [];
  return OUTPUTS.includes(output) ? { type: "call", operation, options } : { type: "invalid", reason: `Invalid choice: "${output}"` };
}

/** The values of a filter in shorthand, `Name=tag:team,Values=a,b`. @throws Error for what is no filter. */
export function parseFilter(text: string): { readonly name: string; readonly values: readonly string[] } {
  const { name, values } = /^Name=(?<name>[^,=]+),Values=(?<values>.+)$/.exec(text)?.groups ?? {};
  if (name === undefined || values === undefined) {
    throw new Error(`Error parsing parameter '--filters': ${text}`);
  }
  return { name, values: values.split(",") };
}
