/** docs/operations.md as tests read it: what it tells people to run, and its tables. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./program";

export interface Section {
  /** Without the marks in front. */
  readonly heading: string;
  readonly text: string;
}

/** @returns its sections, down to the smallest headings. */
export function sections(): readonly Section[] {
  const text = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
  return text
    .split(/^#+ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { heading: part.slice(0, end), text: part.slice(end + 1) };
    });
}

/** @throws Error when there is no such section. */
export function section(heading: string): Section {
  const found = sections().find((candidate) => candidate.heading === heading);
  if (found === undefined) {
    throw new Error(`docs/operations.md has no section "${heading}"`);
  }
  return found;
}

/** The rows of a section's table, cell by cell, without its head. */
export function tableOf({ text }: Section): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The blocks of a section with a language (`yaml`), or without (`""`: commands). */
export function blocksOf({ text }: Section, language: string): readonly string[] {
  return [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].filter(([, found]) => found === language).map(([, , block = ""]) => block);
}

const COMMAND = /^(aws|kubectl|npm|pulumi|PULUMI_\w+=\S+ pulumi|KUBECONFIG=\S+ kubectl) /;

/** What a section tells people to run: line by line, and in the midst of a sentence or a table. */
export function commandsOf(found: Section): readonly string[] {
  const lines = blocksOf(found, "").flatMap((block) => block.split("\n").map((line) => line.trim()));
  const spans = [...found.text.replace(/^ *```[\s\S]*?^ *```$/gm, "").matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  return [...lines.filter((line) => line !== "" && !line.startsWith("#")), ...spans.filter((span) => COMMAND.test(span))];
}
