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

/** A command of the document, and the remedies in whose tests it is executed as it is printed. */
export interface DocumentedCommand {
  readonly command: string;
  readonly heading: string;
  /** Ids of remedies. */
  readonly tests: readonly string[];
}

/** The section with the commands that no test can execute, and why. */
const NOT_EXECUTED = "What no test executes";

/** In the midst of a sentence these are names of a step, and no command to copy. */
const NAMES_OF_STEPS = ["npm start", "pulumi up", "pulumi destroy"];

/**
 * Every command that the document prints, with the tests beside it: below a block `Test: `id`.`, in a sentence or a row of a table `(test `id`)`.
 */
export function documentedCommands(): readonly DocumentedCommand[] {
  return sections()
    .filter(({ heading }) => heading !== NOT_EXECUTED)
    .flatMap(({ heading, text }) => {
      const found: DocumentedCommand[] = [];
      let block: string[] | undefined;
      let waiting: readonly string[] = [];
      let isCommands = false;
      for (const line of text.split("\n")) {
        const [, language] = /^ *```(\w*)$/.exec(line) ?? [];
        if (language !== undefined && block === undefined) {
          [block, isCommands] = [[], language === ""];
        } else if (language !== undefined && block !== undefined) {
          waiting = isCommands ? block : waiting;
          block = undefined;
        } else if (block !== undefined) {
          block.push(...(line.trim() === "" || line.trim().startsWith("#") ? [] : [line.trim()]));
        } else if (line.trim() !== "") {
          const tests = idsIn(/^ *Tests?: (.*)\.$/.exec(line)?.[1]);
          found.push(...waiting.map((command) => ({ command, heading, tests })));
          waiting = [];
          const beside = [...line.matchAll(/\(tests? ([^)]*)\)/g)].flatMap(([, ids]) => idsIn(ids));
          const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
          const commands = spans.filter((span) => COMMAND.test(span) && !NAMES_OF_STEPS.includes(span));
          found.push(...commands.map((command) => ({ command, heading, tests: beside })));
        }
      }
      return [...found, ...waiting.map((command) => ({ command, heading, tests: [] }))];
    });
}

function idsIn(text = ""): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, id = ""]) => id);
}

/** How the commands begin that no test can execute, by the reason. */
export function notExecuted(): readonly (readonly [command: string, reason: string])[] {
  return tableOf(section(NOT_EXECUTED)).flatMap(([commands = "", reason = ""]) =>
    idsIn(commands).map((command) => [command, reason] as const),
  );
}

/** The remedies whose tests the document names, those where nothing is to be run among them. */
export function documentedRemedies(): ReadonlySet<string> {
  const text = sections().map((found) => found.text);
  const named = text.flatMap((part) => [...part.matchAll(/^ *Tests?: (.*)\.$|\(tests? ([^)]*)\)/gm)]);
  return new Set(named.flatMap(([, below, beside]) => [...idsIn(below), ...idsIn(beside)]));
}

/** The commands that the test of a remedy has to execute, in the document's order. @throws Error for an id that the document does not name. */
export function commandsOfRemedy(id: string): readonly string[] {
  if (!documentedRemedies().has(id)) {
    throw new Error(`docs/operations.md names no test \`${id}\``);
  }
  return documentedCommands()
    .filter(({ tests }) => tests.includes(id))
    .map(({ command }) => command);
}
