/**
 * Finds the phrases that docs/contributing/style.md tells you not to write, in Markdown, stack files, comments and messages.
 */
import { readFileSync, readdirSync } from "node:fs";

const STYLE_PAGE = "docs/contributing/style.md";
const ROOTS = [".", ".github", "docs", "policy-pack", "src", "workloads"];
const READ = /\.(md|ts|mjs)$|^Pulumi.*\.yaml$/;

const rules = readRules(readFileSync(STYLE_PAGE, "utf8"));
const findings = listFiles().flatMap(findIn);
for (const { place, phrase, instead } of findings) {
  console.error(`${place} "${phrase}": write ${instead}`);
}
process.exitCode = findings.length === 0 ? 0 : 1;

/** The rows of the table under "Words": phrases with commas between them, and what to write. */
function readRules(page) {
  const [, section = ""] = page.split("\n## Words\n");
  const [, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row) => {
    const [, phrases, instead] = row.split("|").map((cell) => cell.trim());
    return phrases.split(", ").map((phrase) => ({ pattern: toPattern(phrase), instead }));
  });
}

/** The words of a phrase with anything between them that a line break in prose, in a comment or in a text puts there. */
function toPattern(phrase) {
  const words = phrase.split(" ").map((word) => word.replaceAll(".", "\\."));
  return new RegExp(`(?<![\\w-])${words.join('[\\s*/"`+]+')}(?![\\w-])`, "gi");
}

function listFiles() {
  const files = ROOTS.flatMap((root) =>
    readdirSync(root, { recursive: root !== ".", withFileTypes: true }).map((entry) => ({
      entry,
      path: `${entry.parentPath}/${entry.name}`,
    })),
  );
  return files
    .filter(({ entry }) => entry.isFile() && READ.test(entry.name))
    .map(({ path }) => path.replace(/^\.\//, ""))
    .filter((path) => path !== STYLE_PAGE && !/(^|\/)(node_modules|dist|\.venv)\//.test(path));
}

function findIn(path) {
  const text = readFileSync(path, "utf8");
  return rules.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map((match) => ({
      place: `${path}:${text.slice(0, match.index).split("\n").length}`,
      phrase: match[0].replace(/[\s*/]+/g, " "),
      instead,
    })),
  );
}
