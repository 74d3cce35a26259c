/** YAML files with errors that name file and line. */
import { basename } from "node:path";
import { LineCounter, isScalar, parseAllDocuments } from "yaml";
import type { Document } from "yaml";
import { UserError, readText } from "./files";

export interface YamlDocument {
  readonly document: Document.Parsed;
  /** Line in its file at which a node of it starts, from 1. */
  lineOf(node: { readonly range?: readonly [number, number, number] | null }): number;
}

/** Every document of a YAML file, empty ones left out. @throws UserError with file, line and column when one is not YAML. */
export function readYaml(path: string, text: string = readText(path)): readonly YamlDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true });
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
  return documents
    .filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
    .map((document) => ({ document, lineOf: ({ range }) => lines.linePos(range?.[0] ?? 0).line }));
}

/** The only document of a YAML file. @throws UserError when there are none or several. */
export function readSingleYaml(path: string): Document.Parsed {
  const [first, ...others] = readYaml(path);
  if (first === undefined || others.length > 0) {
    throw new UserError(`${basename(path)}: has ${others.length + (first === undefined ? 0 : 1)} YAML documents, expected one`);
  }
  return first.document;
}
