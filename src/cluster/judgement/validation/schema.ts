/** Holds objects against the types of an API server: unknown fields, values of another type, missing and unknown values. */
import Ajv from "ajv";
import type { ErrorObject, ValidateFunction } from "ajv";
import { isObject, problem } from "../../../dra/manifest/fields";
import { readQuantity } from "../../../dra/manifest/quantity";
import { didYouMean } from "../../../hardware/nearest";
import type { ServedApi, TypeSchema } from "../../../releases/api/types";

const ID = "kubernetes";

/** Go decodes numbers of these ranges; a double has no other bounds than JSON's. */
const FORMATS = {
  int32: { type: "number" as const, validate: (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 },
  int64: { type: "number" as const, validate: (value: number) => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 },
  double: true as const,
  quantity: { type: "string" as const, validate: (value: string) => readQuantity(value) !== undefined },
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/,
};

const validators = new WeakMap<ServedApi, Ajv>();

/**
 * @param type key of `$defs`.
 * @param missing whether missing fields are problems. To an API server they are only where a rule of the kind says so, whatever its schema calls required.
 */
export function schemaProblems(api: ServedApi, type: string, body: unknown, missing: "reported" | "leftToRules"): readonly string[] {
  const validate = validator(api, type);
  if (validate(body)) {
    return [];
  }
  // Go takes `null` and an empty text for an unset field.
  const errors = (validate.errors ?? []).filter(
    ({ keyword, data }) => data !== null && !(keyword === "enum" && data === "") && !(keyword === "required" && missing === "leftToRules"),
  );
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath));
  const first = errors.filter(({ keyword, instancePath }) => keyword !== "format" || !mistyped.has(instancePath));
  return [...new Set(first.flatMap((error) => problemOf(error, body, api)))];
}

function validator(api: ServedApi, type: string): ValidateFunction {
  let ajv = validators.get(api);
  if (ajv === undefined) {
    ajv = new Ajv({
      allErrors: true,
      strict: false,
      validateSchema: false,
      meta: false,
      inlineRefs: false,
      verbose: true,
      formats: FORMATS,
    });
    ajv.addSchema({ $id: ID, $defs: api.$defs });
    validators.set(api, ajv);
  }
  const reference = `${ID}#/$defs/${type}`;
  const validate = ajv.getSchema(reference);
  if (validate === undefined) {
    throw new Error(`the API has no type ${type}`);
  }
  return validate as ValidateFunction;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "a boolean",
};

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  int32: "an integer of 32 bits",
  int64: "an integer of 64 bits",
  byte: "Base64 text",
  "date-time": "a time such as 2026-01-31T12:00:00Z",
};

function problemOf({ keyword, instancePath, params, parentSchema, data }: ErrorObject, root: unknown, api: ServedApi): readonly string[] {
  const path = pathOf(instancePath, root);
  const at = (field: unknown) => (path === "" ? String(field) : `${path}.${String(field)}`);
  switch (keyword) {
    case "additionalProperties": {
      const { additionalProperty: field } = params as { readonly additionalProperty: string };
      const known = Object.keys((parentSchema as TypeSchema | undefined)?.properties ?? {});
      return [problem(at(field), undefined, `unknown field${didYouMean(field, known, "known fields")}`)];
    }
    case "required":
      return [problem(at((params as { readonly missingProperty: string }).missingProperty), undefined, "required")];
    case "enum":
      return [problem(path, data, `must be one of ${((parentSchema as TypeSchema | undefined)?.enum ?? []).join(", ")}`)];
    case "type":
      return isAlternative(parentSchema, api)
        ? []
        : [problem(path, data, `must be ${TYPE_NAMES[String((params as { readonly type: string }).type)] ?? "of another type"}`)];
    case "format":
      return isAlternative(parentSchema, api)
        ? []
        : [problem(path, data, `must be ${FORMAT_NAMES[String((params as { readonly format: string }).format)] ?? "in another format"}`)];
    case "oneOf":
      return [
        problem(
          path,
          data,
          `must be ${isQuantity(parentSchema) ? "a quantity, such as 500m or 16Gi" : "an integer of 32 bits or a string"}`,
        ),
      ];
    default:
      // A type that is referred to reports its own errors.
      return [];
  }
}

function isQuantity(schema: unknown): boolean {
  return (schema as TypeSchema | undefined)?.oneOf?.some(({ format }) => format === "quantity") === true;
}

/** Whether the schema is one alternative of a text or a number, whose failure says nothing yet. */
function isAlternative(schema: unknown, api: ServedApi): boolean {
  return Object.values(api.$defs).some(({ oneOf }) => oneOf?.includes(schema as TypeSchema) === true);
}

/** A JSON pointer as this project writes paths: `spec.containers[0].image`. */
function pathOf(pointer: string, root: unknown): string {
  let value = root;
  let path = "";
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) {
      path += `[${key}]`;
      value = value[Number(key)];
    } else {
      path += path === "" ? key : `.${key}`;
      value = isObject(value) ? value[key] : undefined;
    }
  }
  return path;
}
