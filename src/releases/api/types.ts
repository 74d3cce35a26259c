/** What an API server of one Kubernetes version serves, as its OpenAPI v3 documents say it. */

/** The part of JSON Schema that these documents use. Numbers have the formats of Go: `int32`, `int64`, `double`. */
export interface TypeSchema {
  /** `#/$defs/core.v1.PodSpec`. */
  readonly $ref?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly oneOf?: readonly TypeSchema[];
  readonly items?: TypeSchema;
  readonly properties?: Readonly<Record<string, TypeSchema>>;
  readonly required?: readonly string[];
  /** `false` where the type has `properties`: an API server refuses unknown fields (field validation `Strict`). */
  readonly additionalProperties?: TypeSchema | false;
}

export interface ServedKind {
  /** Key of its type in `$defs`. */
  readonly type: string;
  readonly scope: "Namespaced" | "Cluster";
  /** The name in URLs and rights: `deployments`. */
  readonly resource: string;
}

/** Made by `npm run release:api` from a running API server with its default settings. */
export interface ServedApi {
  /** Version of the API server: `v1.34.4`. */
  readonly source: string;
  /** Kinds that can be created, by group version (`apps/v1`), then by name. */
  readonly kinds: Readonly<Record<string, Readonly<Record<string, ServedKind>>>>;
  readonly $defs: Readonly<Record<string, TypeSchema>>;
}
