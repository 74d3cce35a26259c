/** Objects and pods that a custom resource has as text: a manifest for another controller, a patch of a pod's spec. */
import { parseAllDocuments } from "yaml";

/** Names that a text must have before a colon to be read. Other texts are scripts, templates of messages and the like. */
const LOOKS_LIKE_OBJECT =
  /(?:^|[\s{,])["']?(?:apiVersion|containers|initContainers|tolerations|resourceClaims|hostPID|hostIPC|hostNetwork|nodeName|runtimeClassName|securityContext|deviceClassName|volumes|spec)["']?\s*:/;

/** No text of an object is longer: etcd does not store one. */
const MAX_CHARACTERS = 1_500_000;

export type TextReading =
  | { readonly type: "none" }
  | { readonly type: "values"; readonly values: readonly unknown[] }
  | { readonly type: "unreadable"; readonly reason: string };

/** What a text holds if it looks like YAML or JSON of an object, or of a part of one. */
export function readText(text: string): TextReading {
  if (!LOOKS_LIKE_OBJECT.test(unescaped(text))) {
    return { type: "none" };
  }
  if (text.length > MAX_CHARACTERS) {
    return { type: "unreadable", reason: "is longer than any object" };
  }
  try {
    const documents = parseAllDocuments(text, { merge: true });
    return documents.some(({ errors }) => errors.length > 0)
      ? { type: "unreadable", reason: "looks like a Kubernetes object and is not YAML" }
      : { type: "values", values: documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown) };
  } catch {
    return { type: "unreadable", reason: "has too many aliases or levels" };
  }
}

/** The text with the escapes of letters that JSON and YAML have in quoted names, and without the ends of lines that YAML joins there. */
function unescaped(text: string): string {
  return text.includes("\\")
    ? text
        .replace(/\\\r?\n\s*/g, "")
        .replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U0000([\da-f]{4}))/gi, (_, ...codes: readonly (string | undefined)[]) =>
          String.fromCharCode(parseInt(codes.slice(0, 3).join(""), 16)),
        )
    : text;
}
