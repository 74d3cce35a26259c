/** docs/configuration.md against the schema and the program: types, defaults, fields, and the errors that it quotes, whole or line by line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { formatProblem, formatProblems, parseConfig } from "../../src/config/parse";
import { KEYS } from "../../src/config/schema";
import type { Key } from "../../src/config/schema";
import { STACK } from "../config/stacks";
import { ROOT } from "../support/program";

const page = readFileSync(join(ROOT, "docs/configuration.md"), "utf8");

/** The text of each key's section. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((part) => [/^`([^`]+)`/.exec(part)?.[1] ?? "", part]),
);

type Row = Readonly<Record<string, string>>;

/** The rows of the section's tables whose heads begin with this column, by column. */
function rowsOf(key: string, firstColumn: string): readonly Row[] {
  const cells = (line: string) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  const tables = (sections.get(key) ?? "").split("\n\n").filter((block) => block.startsWith(`| ${firstColumn} |`));
  return tables.flatMap((table) => {
    const [head = "", , ...rows] = table.trim().split("\n");
    return rows.map((row) => Object.fromEntries(cells(row).map((cell, index) => [cells(head)[index] ?? "", cell])));
  });
}

/** What stands for no default, with what happens instead, and for a key that has to be set. */
const WITHOUT_DEFAULT = /^none(:|, required$)/;
const defaultOf = (cell = ""): unknown => (WITHOUT_DEFAULT.test(cell) ? undefined : parse(cell.replaceAll("`", "")));

/** The words of the page for a type of Pulumi.yaml or of JSON Schema. */
const WORDS: Readonly<Record<string, RegExp>> = {
  string: /^string/,
  integer: /^integer$/,
  boolean: /^boolean$/,
  array: /^list of (strings|maps)$/,
  object: /^map( of strings)?$/,
};

test.each(Object.entries(KEYS))("type and default of %s", (key, spec) => {
  const [row] = rowsOf(key, "type");
  expect(row?.["type"]).toMatch(WORDS[spec.type] ?? "");
  // A blank default means that the key has to be set.
  expect(defaultOf(row?.["default"])).toEqual(!("default" in spec) || spec.default === "" ? undefined : spec.default);
});

interface JsonSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
}

/** The fields of a key's map, or of the maps in its list; of several kinds of map those that are not the kind itself. */
function fieldsOf({ properties = {}, items, oneOf = [] }: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  const inner = [...(items === undefined ? [] : [items]), ...oneOf].flatMap(fieldsOf);
  return [...Object.entries(properties).filter(([name]) => name !== "type"), ...inner];
}

const schemaOf = (key: Key): JsonSchema => z.toJSONSchema(KEYS[key].schema, { io: "input" }) as JsonSchema;
const FIELDS = (["systemPool", "gpuPools", "teams", "fashionMnist", "partitionGate"] as const).map((key) => ({
  key,
  fields: fieldsOf(schemaOf(key)),
}));
const charts = Object.values(schemaOf("charts").properties ?? {}).map((chart) => ({ key: "charts", fields: fieldsOf(chart) }));

test.each([...FIELDS, ...charts])("fields of $key", ({ key, fields }) => {
  const rows = rowsOf(key, "field");
  expect(rows.map((row) => row["field"])).toEqual(fields.map(([name]) => `\`${name}\``));
  for (const [index, [name, schema]] of fields.entries()) {
    const { type = "", default: value } = rows[index] ?? {};
    // What an empty map is filled with has a default each.
    expect([name, defaultOf(value) ?? {}]).toEqual([name, schema.default ?? {}]);
    expect([name, type]).toEqual([name, schema.type === undefined ? type : expect.stringMatching(WORDS[schema.type] ?? "")]);
  }
});

const ERRORS = [...page.matchAll(/^```yaml rejected\n([^]*?)^```\n\n^```\n([^]*?)^```$/gm)].map(([, settings = "", message = ""]) => ({
  settings,
  message: message.trimEnd(),
}));

test.each(ERRORS)("the error of $settings", ({ settings, message }) => {
  const entries = Object.entries(parse(settings) as object).map(([key, value]) => [key.replace(/^shared-gpu:/, ""), value]);
  const result = parseConfig({ ...STACK, fashionMnist: { type: "none" }, ...Object.fromEntries(entries) });
  const problems = result.type === "invalid" ? result.problems : [];
  expect([formatProblems(problems), problems.map(formatProblem).join("\n")]).toContain(message);
});

test("every key has an error", () => {
  expect([...sections].filter(([key, text]) => key !== "" && !text.includes("```yaml rejected")).map(([key]) => key)).toEqual([]);
});
