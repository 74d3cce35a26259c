/** Any JSON value as a text. A map can have a key that is called like a method of every object, and JavaScript's `String` fails on such a map. */
export function textOf(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
