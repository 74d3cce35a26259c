/** Files that commands write: none replaces another one, or what the command reads. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { requireOutputs } from "../../src/cli/outputs";
import packageJson from "../../package.json";
import { runNode } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

jest.setTimeout(60_000);

const save = (path: string | undefined) => ({ option: "--save", path });
const html = (path: string | undefined) => ({ option: "--html", path });
const from = (path: string) => ({ option: "--from", path });

test("two outputs are two files, however they are written", () => {
  const folder = makeFolder({});
  const file = join(folder, "a");
  mkdirSync(join(folder, "real"));
  symlinkSync(join(folder, "real"), join(folder, "linked"));
  for (const [one, other] of [
    [file, file],
    [file, `${folder}/./b/../a`],
    [file, relative(process.cwd(), file)],
    [join(folder, "real/a"), join(folder, "linked/a")],
    [join(folder, "new/a"), join(folder, "new/./a")],
  ] as const) {
    expect(() => {
      requireOutputs([save(one), html(other)]);
    }).toThrow(`--save and --html name the same file, ${other}: write two names`);
  }
  expect(() => {
    requireOutputs([save(file), html(join(folder, "b"))]);
    requireOutputs([save(undefined), html(undefined)]);
    requireOutputs([save(join(folder, "real/a")), html(join(folder, "a"))]);
  }).not.toThrow();
});

test("no output replaces an input", () => {
  const folder = makeFolder({ "state.json": "{}" });
  const file = join(folder, "state.json");
  symlinkSync(file, join(folder, "link.json"));
  expect(() => {
    requireOutputs([save(file)], [from(file)]);
  }).toThrow(`--save ${file} would replace the file that --from names: write another name`);
  expect(() => {
    requireOutputs([html(file)], [from(join(folder, "link.json"))]);
  }).toThrow("would replace");
  expect(() => {
    requireOutputs([save(join(folder, "other.json"))], [from(file)]);
    requireOutputs([save(join(folder, "-"))], [from("-")]);
    requireOutputs([save(join(folder, "other.json"))], [from(join(folder, "missing.json"))]);
  }).not.toThrow();
});

test.each<[keyof typeof packageJson.scripts, readonly string[], string]>([
  ["plan", ["--replay", "F", "--fleet", "1xp4d.24xlarge", "--html", "F"], "--html F would replace the file that --replay names"],
  ["doctor", ["--context", "a", "--evidence", "D", "--junit", "D/evidence.json"], "--junit and --evidence name the same file"],
  ["start", ["--manifest", "F", "--html", "F"], "--html F would replace the file that --manifest names"],
])("npm run %s %j is refused", async (script, args, reason) => {
  const folder = makeFolder({ file: "kept" });
  const named = (text: string) => text.replaceAll(/\bF\b/g, join(folder, "file")).replaceAll(/\bD\b/g, join(folder, "folder"));
  const [, ...command] = packageJson.scripts[script].split(" ");
  const { code, stderr } = await runNode([...command, ...args.map(named)], { cwd: ROOT });
  expect(stderr).toContain(named(reason));
  expect(code).toBeGreaterThan(0);
});
