/** Random changes of objects: what people mistype, leave out and make up, at any place of an object. */
import fc from "fast-check";
import type { ServedApi, TypeSchema } from "../../../src/releases/api/types";

type Json = unknown;
type Path = readonly (string | number)[];

/** A change, drawn without knowing the object: numbers select among the object's places. */
export interface Mutation {
  readonly place: number;
  readonly sort: "remove" | "null" | "value" | "move" | "repeat" | "unknown" | "misspell" | "add";
  readonly pick: number;
  readonly value: Json;
}

const VALUES: readonly Json[] = [
  ...[
    "",
    " ",
    "x",
    "A",
    "a b",
    "a_b",
    "-a",
    "a.b",
    "a/b",
    "a/b/c",
    "..",
    "../a",
    "/a",
    "0",
    "1",
    "-1",
    "abc",
    "true",
    "é",
    "a".repeat(64),
    "a".repeat(254),
  ],
  ...[
    "1Gi",
    "1.5",
    "500m",
    "1e3",
    "-1Gi",
    "1KB",
    "10%",
    "0%",
    "150%",
    "10.0.0.0/8",
    "Always",
    "Never",
    "OnFailure",
    "In",
    "Exists",
    "NoExecute",
    "TCP",
  ],
  ...[
    -1,
    0,
    1,
    2,
    1.5,
    100,
    511,
    512,
    65535,
    65536,
    70000,
    2 ** 31 - 1,
    2 ** 31,
    1e10,
    true,
    false,
    [],
    {},
    [""],
    ["a", "a"],
    [{}],
    { a: "b" },
    { a: 1 },
  ],
];

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    place: fc.nat(100_000),
    sort: fc.constantFrom<Mutation["sort"]>(
      "remove",
      "null",
      "value",
      "value",
      "value",
      "move",
      "repeat",
      "unknown",
      "misspell",
      "add",
      "add",
      "add",
    ),
    pick: fc.nat(100_000),
    value: fc.constantFrom(...VALUES),
  }),
  { minLength: 1, maxLength: 2 },
);

/** The object with all changes, a copy. */
export function mutate(object: Json, changes: readonly Mutation[], api: ServedApi, type: string): Json {
  return changes.reduce((current, change) => apply(structuredClone(current), change, api, type), object);
}

function apply(object: Json, { place, sort, pick, value }: Mutation, api: ServedApi, type: string): Json {
  const places = pathsOf(object).filter((path) => !isIdentity(path));
  const path = places[place % places.length] ?? [];
  const parent = at(object, path.slice(0, -1)) as Record<string | number, Json>;
  const key = path.at(-1) ?? "";
  const current = parent[key];
  switch (sort) {
    case "remove":
      if (Array.isArray(parent)) {
        parent.splice(Number(key), 1);
      } else {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
        delete parent[key];
      }
      break;
    case "null":
      parent[key] = null;
      break;
    case "value":
      parent[key] = value;
      break;
    case "move": {
      const other = places[pick % places.length] ?? [];
      parent[key] = structuredClone(at(object, other));
      break;
    }
    case "repeat":
      if (Array.isArray(current) && current.length > 0) {
        current.push(structuredClone(current[pick % current.length]));
      } else if (Array.isArray(parent)) {
        parent.push(structuredClone(current));
      }
      break;
    case "unknown":
      if (isRecord(current)) {
        current["extra"] = value;
      }
      break;
    case "misspell":
      if (!Array.isArray(parent) && typeof key === "string" && key.length > 3) {
        parent[`${key.slice(0, 2)}${key.slice(3)}`] = current;
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
        delete parent[key];
      }
      break;
    case "add": {
      const schema = schemaAt(api, type, path);
      const fields = Object.entries(schema?.properties ?? {}).filter(([name]) => isRecord(current) && !(name in current));
      const [name, field] = fields[pick % fields.length] ?? [];
      if (name !== undefined && field !== undefined && isRecord(current)) {
        current[name] = example(api, field, value, pick);
      }
      break;
    }
  }
  return object;
}

/** The kind decides to whom the object is sent, and its name belongs to the test. */
function isIdentity(path: Path): boolean {
  const [first] = path;
  return path.length === 0 || first === "apiVersion" || first === "kind" || first === "status";
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathsOf(value: Json, path: Path = []): readonly Path[] {
  const children = Array.isArray(value) ? value.map((_, index) => index) : isRecord(value) ? Object.keys(value) : [];
  return [path, ...children.flatMap((key) => pathsOf((value as Record<string | number, Json>)[key], [...path, key]))];
}

function at(value: Json, path: Path): Json {
  return path.reduce<Json>((current, key) => (current as Record<string | number, Json> | undefined)?.[key], value);
}

function resolve(api: ServedApi, schema: TypeSchema | undefined): TypeSchema | undefined {
  return schema?.$ref === undefined ? schema : resolve(api, api.$defs[schema.$ref.slice("#/$defs/".length)]);
}

function schemaAt(api: ServedApi, type: string, path: Path): TypeSchema | undefined {
  return path.reduce<TypeSchema | undefined>(
    (schema, key) => {
      const resolved = resolve(api, schema);
      if (typeof key === "number") {
        return resolve(api, resolved?.items);
      }
      const { additionalProperties } = resolved ?? {};
      return resolve(api, resolved?.properties?.[key] ?? (additionalProperties === false ? undefined : additionalProperties));
    },
    resolve(api, api.$defs[type]),
  );
}

/** A value of a type: mostly one that fits, so that rules beyond the type are met. */
function example(api: ServedApi, schema: TypeSchema, value: Json, pick: number): Json {
  const resolved = resolve(api, schema);
  switch (resolved?.type) {
    case "object": {
      const fields = Object.entries(resolved.properties ?? {});
      const wanted = fields.filter(([name], index) => resolved.required?.includes(name) === true || (pick + index) % 5 === 0).slice(0, 4);
      return Object.fromEntries(
        wanted.map(([name, field]) => [name, pick % 7 === 0 ? value : example(api, field, value, Math.floor(pick / 3))]),
      );
    }
    case "array":
      return pick % 5 === 0 ? [] : [resolved.items === undefined ? value : example(api, resolved.items, value, pick)];
    case "string":
      return resolved.enum?.[pick % resolved.enum.length] ?? (typeof value === "string" ? value : "a");
    case "integer":
    case "number":
      return typeof value === "number" && Number.isInteger(value) ? value : 1;
    case "boolean":
      return pick % 2 === 0;
    default:
      return value;
  }
}
