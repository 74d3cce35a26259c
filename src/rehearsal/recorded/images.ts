import { isObject } from "../../dra/manifest/fields";

/** The images of all containers in an object, wherever it has them, each once. */
export function imagesIn(value: unknown): readonly string[] {
  const found = new Set<string>();
  visit(value);
  return [...found];

  function visit(part: unknown): void {
    if (Array.isArray(part)) {
      part.forEach(visit);
    } else if (isObject(part)) {
      const { image } = part;
      if (typeof image === "string") {
        found.add(image);
      }
      Object.values(part).forEach(visit);
    }
  }
}
