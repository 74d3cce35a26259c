/** What a document states with figures: every line of prose that has one, so that none is left that no test holds against the program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./program";

/** Digits that state nothing: in code, in the targets of links, in names of levels and products. */
const NAMES = /`[^`]*`|\]\([^)]*\)|\b(?:K8s|S3|EC2|v1|v1beta\d)\b/g;

/** The lines of a document's prose, without blocks, marks of quotations and list items. @param part of the document; by default all of it */
export function linesOf(document: string): readonly string[] {
  const text = readFileSync(join(ROOT, document), "utf8").replace(/^ *```[\s\S]*?^ *```$/gm, "");
  return text.split("\n").map((line) => line.replace(/^\s*(?:> ?)?(?:- )?/, "").trim());
}

/** Of these those that have a figure. */
export function withFigures(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /\d/.test(line.replace(NAMES, "")));
}
