/** The commands that the documents give, as far as they can be checked without being run. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/program";

const tests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => `test/${path}`);

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
];

// Jest runs what matches, and does not mention a part of a path that matches nothing.
const named = documents.flatMap((document) =>
  [...readFileSync(join(ROOT, document), "utf8").matchAll(/\bnpx jest ([^`\n]+)/g)].flatMap(([, parts = ""]) =>
    parts
      .split(" ")
      .filter((part) => !part.startsWith("-"))
      .map((part) => [document, part] as const),
  ),
);

test.each(named)("%s: there is a test in %s", (_, part) => {
  expect(tests.filter((path) => path.includes(part))).not.toEqual([]);
});

test("files that they write into the checkout are ignored, and so are not formatted either", () => {
  const written = documents.flatMap((document) =>
    [...readFileSync(join(ROOT, document), "utf8").matchAll(/^ *pulumi .* > (\S+)$/gm)].map(([, file = ""]) => `/${file}`),
  );
  expect(written).not.toEqual([]);
  const ignored = readFileSync(join(ROOT, ".gitignore"), "utf8").split("\n");
  expect(written.filter((file) => !ignored.includes(file))).toEqual([]);
});
