/** What is read of the user's, and what is not. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError, readText, requireTemporaryFolder, requireWritable, writeText } from "../../src/rehearsal/files";
import { printable } from "../../src/rehearsal/report/printable";
import { makeFolder } from "../support/folder";

test.each([
  ["a folder", (folder: string) => folder, /: is a folder\. Name its files, such as .*\/\*\.yaml$/],
  ["nothing", (folder: string) => join(folder, "no.yaml"), /: cannot be read \(ENOENT\)$/],
  ["a device", () => "/dev/zero", /: is no regular file\. Write its content to a file, or pipe it in and name -$/],
  ["a URL", () => "https://example.com/a.yaml", /: is a URL\. Download it, and name the file$/],
  [
    "a pipe, which would wait for ever",
    (folder: string) => {
      execFileSync("mkfifo", [join(folder, "pipe")]);
      return join(folder, "pipe");
    },
    /: is no regular file/,
  ],
  ["a file without an end", () => "/proc/self/pagemap", /: has more than 67108864 bytes, which is as much as is read$|cannot be read/],
])("%s is refused in one line", (_, pathIn, message) => {
  const path = pathIn(makeFolder({}));
  expect(() => readText(path)).toThrow(UserError);
  expect(() => readText(path)).toThrow(message);
});

test("a text is written as a whole, into folders that it makes", () => {
  const folder = makeFolder({});
  const path = join(folder, "a/b.html");
  writeText(path, "one");
  writeText(path, "two");
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(readdirSync(join(folder, "a"))).toEqual(["b.html"]);
});

// Node's own `mkdir -p` never ends there.
test.each(["/proc/folder/page.html", "/proc/self/one/two/page.html"])("%s cannot be written, which is told at once", (path) => {
  expect(() => {
    writeText(path, "");
  }).toThrow(/page\.html: cannot be written \(ENOENT\)$/);
});

test("whether a file can be written is found out without a trace of it", () => {
  const folder = makeFolder({ file: "" });
  requireWritable(join(folder, "a/b.html"));
  expect(readdirSync(join(folder, "a"))).toEqual([]);
  expect(() => requireWritable(folder)).toThrow(/: is a folder\. Name a file$/);
  expect(() => requireWritable(join(folder, "file/b.html"))).toThrow(/b\.html: cannot be written \(E(?:NOTDIR|EXIST)\)$/);
});

test("a missing folder for temporary files is told in one line", () => {
  const missing = join(makeFolder({}), "missing");
  expect(() => requireTemporaryFolder(missing)).toThrow(`${missing}: is no folder, and TMPDIR names it`);
});

test("control characters of others do not reach the terminal", () => {
  expect(printable({ name: "a\u001b[2Jb", list: ["\u0007", "c\nd"], count: 1, nothing: undefined })).toEqual({
    name: "a\\x1b[2Jb",
    list: ["\\x07", "c\nd"],
    count: 1,
    nothing: undefined,
  });
});
