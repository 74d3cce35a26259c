import type { PulumiType } from "../schema";

/** What Pulumi passes as text, by the key's type in Pulumi.yaml: the value that the text stands for, or the text itself where it stands for none of that type. */
export function decodeValue(text: string, type: PulumiType): unknown {
  switch (type) {
    case "string":
      return text;
    case "integer":
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
    case "object":
      return parseJson(text);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The shape check refuses the text by its key: it is neither list nor map.
    return text;
  }
}
