/**
 * How kubectl divides a file into documents. It reads JSON values one after the other for as long as there are any, and the rest as YAML: it cuts at lines that begin
 * with `---`, and takes the first document of each piece. Source: Kubernetes 1.34, k8s.io/apimachinery `pkg/util/yaml/decoder.go`; every case in the tests
 * was put to kubectl v1.34.4.
 */
import { UserError } from "./files";
import { kubectlTags } from "./go-scalars";
import { parseYaml } from "./yaml-file";
import type { Dialect, FilePart, YamlDocument } from "./yaml-file";

const KUBECTL: Dialect = { customTags: kubectlTags, lastKeyCounts: true };

/** A separator with something else than a comment behind it. */
const CROWDED_SEPARATOR = /^---(?!\s*$|\s+#)/m;

/**
 * Every document of a text, empty ones left out.
 * @throws UserError with file and line for what kubectl does not read, or leaves out without a word.
 */
export function* kubectlDocuments(path: string, text: string): Generator<YamlDocument, void> {
  const { values, rest } = leadingJson(path, text);
  for (const value of values) {
    yield* parseYaml(value, KUBECTL);
  }
  yield* yamlDocuments(rest);
}

function* yamlDocuments(part: FilePart): Generator<YamlDocument, void> {
  const { path, text, linesBefore } = part;
  const crowded = text.search(CROWDED_SEPARATOR);
  if (crowded !== -1) {
    const line = linesBefore + linesIn(text.slice(0, crowded)) + 1;
    throw new UserError(
      `${path}:${line}: kubectl reads nothing on the line of a separator (---). Write what is behind it on the next line`,
    );
  }
  for (const yaml of parseYaml(part, KUBECTL)) {
    const { document, index, lineOf } = yaml;
    const { directives, contents } = document;
    const line = contents === null ? linesBefore + 1 : lineOf(contents);
    if (directives.yaml.explicit === true || Object.keys(directives.tags).length > 1) {
      throw new UserError(`${path}:${line}: kubectl reads no directives (%YAML, %TAG). Leave them out`);
    }
    if (index > 0 && directives.docStart !== true) {
      throw new UserError(
        `${path}:${line}: kubectl leaves out what is between "..." and the next "---", without a word. Write "---" before it`,
      );
    }
    yield yaml;
  }
}

/** The JSON objects with which a text begins, and what is behind them. */
function leadingJson(path: string, text: string): { readonly values: readonly FilePart[]; readonly rest: FilePart } {
  const values: FilePart[] = [];
  let [start, line] = [0, 0];
  const part = (end?: number): FilePart => ({ path, text: text.slice(start, end), linesBefore: line });
  for (;;) {
    const blank = /[\s\ufeff]*/y;
    blank.lastIndex = start;
    const [space = ""] = blank.exec(text) ?? [];
    const end = text[start + space.length] === "{" ? endOfObject(text, start + space.length) : undefined;
    if (end === undefined || !isJson(text.slice(start + space.length, end))) {
      return { values, rest: part() };
    }
    line += linesIn(space);
    start += space.length;
    values.push(part(end));
    line += linesIn(text.slice(start, end));
    start = end;
  }
}

/** Where an object ends, if its text is JSON. */
function endOfObject(text: string, start: number): number | undefined {
  const token = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    depth += match[0] === "{" ? 1 : match[0] === "}" ? -1 : 0;
    if (depth === 0) {
      return token.lastIndex;
    }
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function linesIn(text: string): number {
  return text.split("\n").length - 1;
}
