/** YAML files with errors that name file and line. */
import { basename } from "node:path";
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit } from "yaml";
import type { Document, Node, Pair, YAMLMap } from "yaml";
import { UserError, readText } from "./files";

export interface YamlDocument {
  readonly document: Document.Parsed;
  /** The document as plain data: merge keys are applied, aliases are what they stand for. */
  readonly value: unknown;
  /** Line in its file at which a node of it starts, from 1. */
  lineOf(node: { readonly range?: readonly [number, number, number] | null }): number;
}

/** How often a document may use its anchors. kubectl and the pulumi CLI allow more, and no file that a person writes comes near it. */
const MAX_ALIASES = 10_000;

/**
 * Every document of a YAML file, empty ones left out.
 * @throws UserError with file and line when one is not YAML, or more than a person writes: anchors that contain themselves, or aliases of aliases.
 */
export function readYaml(path: string, text: string = readText(path)): readonly YamlDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, merge: true });
  if (!Array.isArray(parsed)) {
    return [];
  }
  const documents = parsed as Document.Parsed[];
  for (const { errors } of documents) {
    const [error] = errors;
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new UserError(`${path}:${line}:${col}: is not YAML: ${error.message.split("\n")[0]?.replace(/ at line.*$/, "") ?? error.code}`);
    }
  }
  const lineOf: YamlDocument["lineOf"] = ({ range }) => lines.linePos(range?.[0] ?? 0).line;
  return documents
    .filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
    .map((document) => {
      const refuse: Refuse = (node, reason) => {
        throw new UserError(`${path}:${lineOf(node)}: ${reason}`);
      };
      checkNodes(document, refuse);
      return { document, value: plainData(document, refuse), lineOf };
    });
}

/** The only document of a YAML file. @throws UserError when there are none or several. */
export function readSingleYaml(path: string): YamlDocument {
  const [first, ...others] = readYaml(path);
  if (first === undefined || others.length > 0) {
    throw new UserError(`${basename(path)}: has ${others.length + (first === undefined ? 0 : 1)} YAML documents, expected one`);
  }
  return first;
}

/** Whether a pair of a map is a merge key: `<<` without quotes. */
export function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && typeof key.value === "symbol" && key.value.description === "<<";
}

/** The maps that a merge key names, first the one whose keys count. */
export function mergedMaps(value: unknown, document: Document): readonly YAMLMap[] {
  const source = isAlias(value) ? value.resolve(document) : value;
  if (isMap(source)) {
    return [source];
  }
  return isSeq(source) ? source.items.flatMap((item) => mergedMaps(item, document)) : [];
}

type Refuse = (node: Node, reason: string) => never;

/** Refuses what no reader reads, and what readers read differently. */
function checkNodes(document: Document.Parsed, refuse: Refuse): void {
  const anchors = new Map<string, unknown>();
  visit(document, {
    Value(_key, node) {
      if (node.anchor !== undefined && node.anchor !== "") {
        anchors.set(node.anchor, node);
      }
    },
    Alias(_key, node, path) {
      const target = anchors.get(node.source);
      if (target === undefined) {
        refuse(node, `*${node.source} names no anchor before it. Write &${node.source} at the value it stands for`);
      }
      if (path.some((ancestor) => ancestor === target)) {
        refuse(node, `the anchor &${node.source} contains itself. Write out the value that *${node.source} stands for`);
      }
    },
  });
}

function plainData(document: Document.Parsed, refuse: Refuse): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const reason =
      error instanceof ReferenceError
        ? `its aliases stand for more than ${MAX_ALIASES} uses of one anchor. Write out the values, or use fewer aliases`
        : `is not YAML: ${error instanceof Error ? error.message : String(error)}`;
    return refuse(document.contents as Node, reason);
  }
}
