/** Values of attributes, as far as they have the form of one. */
export function stringOf(attribute: unknown): string | undefined {
  return textOf(attribute, "string");
}

export function textOf(attribute: unknown, key: "string" | "version"): string | undefined {
  const text = typeof attribute === "object" && attribute !== null ? (attribute as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof text === "string" ? text : undefined;
}
