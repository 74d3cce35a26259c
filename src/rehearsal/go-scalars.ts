/**
 * What programs written in Go make of words without quotes: kubectl in a manifest, and the pulumi CLI in a stack file. The CLI's
 * YAML reader (go-yaml v3, resolve.go) decides by the spelling of a word what it is, and the CLI then hands numbers on as numbers: `1.30` becomes 1.3, `0123` becomes 83.
 */
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, Scalar, ScalarTag, Tags, YAMLMap } from "yaml";
import { isMergeKey, mergedMaps } from "./yaml-file";

const INTEGER = /^([-+]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|[1-9]\d*|0)$/i;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A scalar as the CLI has it; integers as bigint, because a stack's setting keeps all their digits. */
export function goScalar(scalar: Scalar): string | number | bigint | boolean | null {
  const { value, source = "", type } = scalar;
  if (type !== "PLAIN" || value === null || typeof value === "boolean") {
    return value as string | boolean | null;
  }
  const plain = source.replaceAll("_", "");
  const [, sign, digits = ""] = INTEGER.exec(plain) ?? [];
  if (sign !== undefined) {
    const size = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return sign === "-" ? -size : size;
  }
  if (FLOAT.test(plain)) {
    return Number(plain);
  }
  // A day is a time to Go, and this is how Go prints one.
  return DATE.test(source) ? `${source} 00:00:00 +0000 UTC` : source;
}

/** The values of a map by key: its own, then those that merge keys add. go-yaml v3 takes the map's own value whichever comes first (decode.go, `merge`). */
export function goEntries(map: YAMLMap, document: Document): ReadonlyMap<string, unknown> {
  const own = map.items.filter((pair) => !isMergeKey(pair));
  const entries = new Map(own.map(({ key, value }) => [String(isScalar(key) ? goScalar(key) : key), value]));
  for (const source of map.items.filter(isMergeKey).flatMap(({ value }) => mergedMaps(value, document))) {
    for (const [key, value] of goEntries(source, document)) {
      if (!entries.has(key)) {
        entries.set(key, value);
      }
    }
  }
  return entries;
}

/** A structure as JSON has it. */
export function goValue(node: unknown, document: Document): unknown {
  if (isAlias(node)) {
    return goValue(node.resolve(document), document);
  }
  if (isMap(node)) {
    return Object.fromEntries([...goEntries(node, document)].map(([key, value]) => [key, goValue(value, document)]));
  }
  if (isSeq(node)) {
    return node.items.map((item) => goValue(item, document));
  }
  const value = isScalar(node) ? goScalar(node) : null;
  return typeof value === "bigint" ? Number(value) : value;
}

/** The words that go-yaml v2 takes for something else than text (go.yaml.in/yaml/v2, resolve.go). */
const KUBECTL_WORDS: ReadonlyMap<string, boolean | number | null> = new Map<string, boolean | number | null>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word): [string, boolean] => [word, true]),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word): [string, boolean] => [word, false]),
  ...["", "~", "null", "Null", "NULL"].map((word): [string, null] => [word, null]),
  ...["inf", "Inf", "INF"].flatMap((word): [string, number][] => [
    [`.${word}`, Infinity],
    [`+.${word}`, Infinity],
    [`-.${word}`, -Infinity],
  ]),
  ...[".nan", ".NaN", ".NAN"].map((word): [string, number] => [word, NaN]),
]);

/** A word without quotes as kubectl has it: it reads YAML 1.1, in which `yes` is true and `010` is 8. */
export function kubectlScalar(word: string): string | number | boolean | null {
  const known = KUBECTL_WORDS.get(word);
  if (known !== undefined) {
    return known;
  }
  const plain = word.startsWith(".") ? word : word.replaceAll("_", "");
  const [, sign, digits = ""] = /^[-+\d]/.test(word) ? (INTEGER.exec(plain) ?? []) : [];
  if (sign !== undefined) {
    const size = Number(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return sign === "-" ? -size : size;
  }
  return /^[-+.\d]/.test(word) && FLOAT.test(plain) ? Number(plain) : word;
}

const tag = (name: string, resolve: ScalarTag["resolve"]): ScalarTag => ({ tag: `tag:yaml.org,2002:${name}`, resolve });

/** For the YAML library: every scalar without quotes, and those with a tag of their own, as kubectl reads them. */
export function kubectlTags(tags: Tags): Tags {
  return [
    ...tags.filter((each) => typeof each === "object" && (each.collection !== undefined || /:(?:str|merge)$/.test(each.tag))),
    ...["int", "float", "bool", "null"].map((name) => tag(name, kubectlScalar)),
    tag("timestamp", (text) => text),
    tag("binary", (text) => Buffer.from(text, "base64").toString("utf8")),
    // The merge key is another tag, which comes later.
    { ...tag("plain", kubectlScalar), default: true, test: /^(?!<<$)/ },
  ];
}
