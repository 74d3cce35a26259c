import { isObject } from "../manifest/fields";

/** The labels of an object, as far as they are texts. */
export function readLabels(labels: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(isObject(labels) ? labels : {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
