/**
 * markdownlint rule: a path in `code` that begins like one of this repository exists.
 * Links are checked by markdownlint-rule-relative-links; most paths in the documentation are no links.
 *
 * `*` and a placeholder such as `<name>` stand for one part of a path, `**` for any number, `{a,b}` for each.
 * A line number after a colon is not looked at.
 */
import { readdirSync } from "node:fs";

/** The folders that a path of this repository begins with; files at its root are not looked at. */
const FOLDERS = ["src", "policy-pack", "test", "docs", "workloads", ".ci", ".github"];
const IN_FOLDER = new RegExp(`^(${FOLDERS.map((folder) => folder.replace(".", "\\.")).join("|")})/`);
const NOT_COMMITTED = /(^|\/)(node_modules|dist|\.venv|__pycache__|\.[a-z]+_cache)(\/|$)/;

const entries = new Set(
  FOLDERS.flatMap((folder) => [folder, ...readdirSync(folder, { recursive: true }).map((path) => `${folder}/${path}`)]),
);

/** @type {import("markdownlint").Rule} */
export default {
  names: ["repository-paths"],
  description: "Paths of this repository exist",
  tags: ["links"],
  parser: "micromark",
  function: ({ parsers, config }, onError) => {
    const toCome = config.toCome ?? [];
    for (const token of codeSpans(parsers.micromark.tokens)) {
      const path = token.text.replace(/^`+\s?|\s?`+$/g, "").replace(/:\d+(-\d+)?$/, "");
      if (!IN_FOLDER.test(path) || /\s/.test(path) || NOT_COMMITTED.test(path)) {
        continue;
      }
      const there = exists(path);
      if (there === toCome.includes(path)) {
        const detail = there ? `${path} exists now: remove it from toCome in .markdownlint-cli2.jsonc` : `${path} does not exist`;
        onError({ lineNumber: token.startLine, detail });
      }
    }
  },
};

function codeSpans(tokens) {
  return tokens.flatMap((token) => (token.type === "codeText" ? [token] : codeSpans(token.children)));
}

function exists(path) {
  const pattern = new RegExp(
    `^${path
      .replace(/\/$/, "")
      .split(/(\*\*|\*|<[^>]*>|\{[^}]*\})/)
      .map(toPattern)
      .join("")}$`,
  );
  return entries.has(path) || [...entries].some((entry) => pattern.test(entry));
}

function toPattern(part) {
  if (part === "**") return ".*";
  if (part === "*" || part.startsWith("<")) return "[^/]+";
  if (part.startsWith("{")) return `(${part.slice(1, -1).split(",").map(escape).join("|")})`;
  return escape(part);
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
