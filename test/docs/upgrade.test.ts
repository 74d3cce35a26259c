/** docs/upgrade.md says of each step which test runs it: the tests are there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/program";

const TEXT = readFileSync(join(ROOT, "docs/upgrade.md"), "utf8");
const NAMED = [...TEXT.matchAll(/`(test\/[\w/.-]+\.test\.ts)`(?:, "((?:[^"]|"(?=[^\n;.]))+?)"(?=[.;\n]))?/g)].map(
  ([, file = "", title]) => [file, title] as const,
);

test("every section with steps names a test", () => {
  const sections = TEXT.split(/^## /m).slice(1);
  expect(sections.filter((section) => !section.includes("Shown by: "))).toEqual([]);
  expect(NAMED.length).toBeGreaterThan(8);
});

test.each(NAMED)("%s has the test %s", (file, title) => {
  expect(readFileSync(join(ROOT, file), "utf8")).toContain(title ?? "test");
});
