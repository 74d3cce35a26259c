/** What an API server serves, in the compact form of `src/releases/api`. */
import type { ServedApi, ServedKind, TypeSchema } from "../../../src/releases/api/types";
import type { ApiServer } from "../../../src/live/api/api-server";

/** A schema of an OpenAPI v3 document, as far as Kubernetes writes them. */
interface OpenApiSchema extends Omit<TypeSchema, "oneOf" | "items" | "properties" | "additionalProperties"> {
  readonly allOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema;
  readonly "x-kubernetes-group-version-kind"?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** Reads all of it: a request per group version and two for each document. */
export async function readServedApi(api: ApiServer): Promise<ServedApi> {
  const { gitVersion } = (await api.get("/version")) as unknown as { readonly gitVersion: string };
  const { groups } = (await api.get("/apis")) as unknown as {
    readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
  };
  const paths = ["/api/v1", ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
  const schemas = new Map<string, OpenApiSchema>();
  const lists: ResourceList[] = [];
  for (const path of paths) {
    lists.push((await api.get(path)) as unknown as ResourceList);
    const document = (await api.get(`/openapi/v3${path}`)) as unknown as {
      readonly components?: { readonly schemas?: Readonly<Record<string, OpenApiSchema>> };
    };
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      schemas.set(name, schema);
    }
  }
  return compact(gitVersion, lists, schemas);
}

function compact(source: string, lists: readonly ResourceList[], schemas: ReadonlyMap<string, OpenApiSchema>): ServedApi {
  const typeOfKind = new Map(
    [...schemas].flatMap(([name, schema]) =>
      (schema["x-kubernetes-group-version-kind"] ?? []).map(({ group, version, kind }): [string, string] => [
        `${group}/${version}/${kind}`,
        name,
      ]),
    ),
  );
  const kinds = sorted(
    lists.map(({ groupVersion, resources }): [string, Readonly<Record<string, ServedKind>>] => {
      const creatable = resources.filter(({ name, verbs }) => !name.includes("/") && verbs.includes("create"));
      return [
        groupVersion,
        sorted(
          creatable.map(({ name, kind, namespaced }): [string, ServedKind] => {
            const type = typeOfKind.get(`${groupVersion.includes("/") ? groupVersion : `/${groupVersion}`}/${kind}`);
            if (type === undefined) {
              throw new Error(`no schema is of the kind ${groupVersion} ${kind}`);
            }
            return [kind, { type: shortName(type), scope: namespaced ? "Namespaced" : "Cluster", resource: name }];
          }),
        ),
      ];
    }),
  );
  const used = new Set<string>();
  const visit = (name: string) => {
    if (!used.has(name)) {
      used.add(name);
      references(schemas.get(name)).forEach(visit);
    }
  };
  for (const [name] of schemas) {
    if (Object.values(kinds).some((byKind) => Object.values(byKind).some(({ type }) => type === shortName(name)))) {
      visit(name);
    }
  }
  const $defs = sorted(
    [...used].map((name): [string, TypeSchema] => [
      shortName(name),
      TEXT_FORMATS[shortName(name)] ?? compactSchema(schemas.get(name) ?? {}),
    ]),
  );
  return { source, kinds, $defs };
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `io.k8s.api.core.v1.PodSpec` is `core.v1.PodSpec` here. */
function shortName(name: string): string {
  return name.replace(/^io\.k8s\.(?:api|apimachinery\.pkg|kube-aggregator\.pkg\.apis|apiextensions-apiserver\.pkg\.apis)\./, "");
}

const REFERENCE = "#/components/schemas/";

function references(schema: OpenApiSchema | undefined): readonly string[] {
  if (schema === undefined) {
    return [];
  }
  return [
    ...(schema.$ref === undefined ? [] : [schema.$ref.slice(REFERENCE.length)]),
    ...[
      schema.items,
      schema.additionalProperties,
      ...(schema.allOf ?? []),
      ...(schema.oneOf ?? []),
      ...Object.values(schema.properties ?? {}),
    ].flatMap(references),
  ];
}

/** Types whose text has a format that their schema does not say. */
const TEXT_FORMATS: Readonly<Record<string, TypeSchema>> = {
  "meta.v1.FieldsV1": {},
  "api.resource.Quantity": { oneOf: [{ type: "string", format: "quantity" }, { type: "number" }] },
  "util.intstr.IntOrString": { oneOf: [{ type: "integer", format: "int32" }, { type: "string" }] },
};

/** Without descriptions, defaults and merge strategies, none of which decides what is refused. */
function compactSchema(schema: OpenApiSchema): TypeSchema {
  const [only, ...others] = schema.allOf ?? [];
  if (only !== undefined) {
    if (others.length > 0) {
      throw new Error(`a schema is of several at once: ${JSON.stringify(schema.allOf)}`);
    }
    return compactSchema(only);
  }
  const { $ref, type, format, enum: legal, required, oneOf, items, properties, additionalProperties } = schema;
  return {
    ...($ref === undefined ? {} : { $ref: `#/$defs/${shortName($ref.slice(REFERENCE.length))}` }),
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(legal === undefined ? {} : { enum: legal }),
    ...(required === undefined ? {} : { required }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(compactSchema) }),
    ...(items === undefined ? {} : { items: compactSchema(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: compactSchema(additionalProperties) }),
    ...(properties === undefined
      ? {}
      : {
          properties: sorted(Object.entries(properties).map(([key, value]) => [key, compactSchema(value)])),
          additionalProperties: false as const,
        }),
  };
}
