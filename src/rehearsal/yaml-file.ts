/** YAML files with errors that name file and line. */
import { basename } from "node:path";
import { Composer, Lexer, LineCounter, Parser, isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq } from "yaml";
import type { CST, Document, Node, Pair, Scalar, Tags, YAMLMap, YAMLParseError } from "yaml";
import { UserError, readText } from "./files";

export interface YamlDocument {
  readonly document: Document.Parsed;
  /** Its place among those of the text, from 0; empty ones count. */
  readonly index: number;
  /** The document as plain data: merge keys are applied, aliases are what they stand for. */
  readonly value: unknown;
  /** Its maps that have merge keys, in their order. */
  readonly mergingMaps: readonly YAMLMap[];
  /** Line in its file at which a node of it starts, from 1. */
  lineOf(node: { readonly range?: readonly [number, number, number] | null }): number;
}

/** How deep lists and maps may be in each other, in nodes of the path: twice as many as kubectl's largest schemas have. */
const MAX_DEPTH = 400;
const TOO_DEEP = "its lists and maps are nested too deeply. Write fewer levels";

/** How often a document may use its anchors. kubectl and the pulumi CLI allow more, and no file that a person writes comes near it. */
const MAX_ALIASES = 5_000;
const TOO_MANY_ALIASES = `its aliases stand for more than ${MAX_ALIASES} uses of one anchor. Write out the values, or use fewer aliases`;

/**
 * How much of a file is read. A document of so many lexemes (words, marks, spaces) is a List of 10,000 objects, and its nodes take most of the memory that
 * `npm start` has.
 */
const MAX_LEXEMES = 3_500_000;
const TOO_MANY_LEXEMES = "its document is too large to be read at once. Write a document for each object, with --- between them";
const MAX_DOCUMENTS = 50_000;
const TOO_MANY_DOCUMENTS = `has more than ${String(MAX_DOCUMENTS)} documents. Rehearse fewer at a time`;

/** Control characters, which no reader written in Go takes (go-yaml). */
// eslint-disable-next-line no-control-regex -- these are what it is about
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

const TEMPLATE = "has template actions ({{ ... }}), which are no YAML. Render it first, with `helm template` for a chart";

/** What a reader makes of YAML. */
export interface Dialect {
  /** Says what scalars are. @default those of YAML 1.2 */
  readonly customTags?: (tags: Tags) => Tags;
  /** Of a key that a map has twice, the last value counts. @default refused */
  readonly lastKeyCounts?: boolean;
}

/** A part of a file. */
export interface FilePart {
  /** Of the file. */
  readonly path: string;
  readonly text: string;
  /** Lines of the file before the part. */
  readonly linesBefore: number;
}

/**
 * Every document of a YAML text, empty ones left out, one after the other: the nodes of a document need many times the memory of its text.
 * @throws UserError with file and line when one is not YAML, or more than a person writes: anchors that contain themselves, or aliases of aliases.
 */
export function* parseYaml({ path, text, linesBefore }: FilePart, dialect: Dialect = {}): Generator<YamlDocument, void> {
  const lines = new LineCounter();
  const refuseAt = (offset: number, reason: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new UserError(`${path}:${line + linesBefore}:${col}: ${reason}`);
  };
  const control = text.search(CONTROL);
  if (control !== -1) {
    for (const { index } of text.slice(0, control).matchAll(/^/gm)) {
      lines.addNewLine(index);
    }
    refuseAt(control, "is not YAML: it has a control character. Write it as an escape in double quotes");
  }
  const refuse: Refuse = (node, reason) => refuseAt(node.range?.[0] ?? 0, reason);
  const lineOf: YamlDocument["lineOf"] = ({ range }) => lines.linePos(range?.[0] ?? 0).line + linesBefore;
  const composer = new Composer({ uniqueKeys: false, merge: true, customTags: dialect.customTags ?? null });
  let index = -1;
  for (const document of composer.compose(tokensOf(text, lines, refuseAt))) {
    index += 1;
    if (index === MAX_DOCUMENTS) {
      refuseAt(document.range[0], TOO_MANY_DOCUMENTS);
    }
    const [error] = document.errors;
    if (error !== undefined) {
      refuseAt(error.pos[0], /\{\{.*\}\}/.test(text) ? TEMPLATE : reasonOf(error));
    }
    const { contents } = document;
    if (contents !== null && !(isScalar(contents) && contents.value === null)) {
      const mergingMaps = checkNodes(document, dialect, refuse);
      yield { document, index, value: plainData(document, refuse), mergingMaps, lineOf };
    }
  }
}

/** What the parser of the YAML library makes of a text, as far as it is read. */
function* tokensOf(text: string, lines: LineCounter, refuseAt: (offset: number, reason: string) => never): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let [lexemes, offset] = [0, 0];
  for (const lexeme of new Lexer().lex(text)) {
    lexemes = lexeme === "---" ? 0 : lexemes + 1;
    if (lexemes > MAX_LEXEMES) {
      refuseAt(offset, TOO_MANY_LEXEMES);
    }
    yield* parser.next(lexeme);
    offset += lexeme.length;
  }
  yield* parser.end();
}

function reasonOf({ message, code }: YAMLParseError): string {
  // The parser calls itself for every level, and says so when it can no more.
  return message.startsWith("Maximum call stack") ? TOO_DEEP : `is not YAML: ${message.split("\n")[0] ?? code}`;
}

/** The only document of a YAML file. @throws UserError when there are none or several. */
export function readSingleYaml(path: string): YamlDocument {
  const [first, ...others] = parseYaml({ path, text: readText(path), linesBefore: 0 });
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

/** The parser can do this too, in a time that grows with the square of the number of keys. A merge key may be there several times. */
function checkKeys(map: YAMLMap, { lastKeyCounts = false }: Dialect, refuse: Refuse): void {
  const seen = new Set<string>();
  for (const pair of map.items) {
    if (isMergeKey(pair)) {
      continue;
    }
    if (isCollection(pair.key)) {
      // `{{ .Values.name }}` is a map in a map.
      refuse(pair.key, isMap(pair.key) && pair.key.flow === true ? TEMPLATE : "is not YAML: a list or a map cannot be a key");
    }
    const key = String(pair.key);
    if (seen.has(key) && !lastKeyCounts) {
      refuse(isNode(pair.key) ? pair.key : map, `is not YAML: Map keys must be unique, and "${key}" is there twice`);
    }
    seen.add(key);
  }
}

/** Refuses what no reader reads, and what readers read differently. @returns the maps that have merge keys */
function checkNodes(document: Document.Parsed, dialect: Dialect, refuse: Refuse): readonly YAMLMap[] {
  const anchors = new Map<string, unknown>();
  const mergingMaps: YAMLMap[] = [];
  let aliases = 0;
  const check = (node: Node, path: readonly unknown[]) => {
    if (isAlias(node)) {
      aliases += 1;
      if (aliases > MAX_ALIASES) {
        refuse(node, TOO_MANY_ALIASES);
      }
      const target = anchors.get(node.source);
      if (target === undefined) {
        refuse(node, `*${node.source} names no anchor before it. Write &${node.source} at the value it stands for`);
      }
      if (path.includes(target)) {
        refuse(node, `the anchor &${node.source} contains itself. Write out the value that *${node.source} stands for`);
      }
      return;
    }
    if (path.length > MAX_DEPTH) {
      refuse(node, TOO_DEEP);
    }
    if (isMap(node)) {
      checkKeys(node, dialect, refuse);
      if (node.items.some(isMergeKey)) {
        mergingMaps.push(node);
      }
    }
    const { anchor } = node as Scalar | YAMLMap;
    if (anchor !== undefined && anchor !== "") {
      anchors.set(anchor, node);
    }
  };
  visitNodes(document.contents, [document], check);
  return mergingMaps;
}

/** The library's `visit` makes a list of the path for every node. @param path to the node. It has other nodes once `check` has returned. */
function visitNodes(node: unknown, path: unknown[], check: (node: Node, path: readonly unknown[]) => void): void {
  if (!isNode(node)) {
    return;
  }
  check(node, path);
  if (isCollection(node)) {
    path.push(node);
    for (const item of node.items) {
      if (isPair(item)) {
        path.push(item);
        visitNodes(item.key, path, check);
        visitNodes(item.value, path, check);
        path.pop();
      } else {
        visitNodes(item, path, check);
      }
    }
    path.pop();
  }
}

function plainData(document: Document.Parsed, refuse: Refuse): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const reason =
      error instanceof ReferenceError ? TOO_MANY_ALIASES : `is not YAML: ${error instanceof Error ? error.message : String(error)}`;
    return refuse(document.contents as Node, reason);
  }
}
