/** What processes compile and keep for the ones after them, in a folder with the loader, its compiler, and a source of its own. */
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../support/folder";
import { runNode } from "../support/child";
import { ROOT } from "../support/program";

const COMPILED = "node_modules/.cache/shared-gpu/compiled";

/** Prints the value of `value.ts`, and whether the compiler was loaded. */
const MAIN = `
  import { value } from "./value";
  const hasCompiled = Object.keys(require.cache).some((file) => file.includes("@swc/core/index.js"));
  console.log(JSON.stringify({ value: value(), hasCompiled }));`;

function checkout(value: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = makeFolder({ "main.ts": MAIN, "value.ts": value, ...files });
  for (const part of ["transpile.js", "compile"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules/@swc"), join(folder, "node_modules/@swc"));
  return folder;
}

async function run(folder: string): Promise<unknown> {
  const { code, stdout, stderr } = await runNode(["--require", "./transpile.js", "main.ts"], { cwd: folder });
  return code === 0 && stderr === "" ? JSON.parse(stdout) : stderr;
}

const kept = (folder: string): string[] => readdirSync(join(folder, COMPILED)).map((name) => join(folder, COMPILED, name));

test("a second process does not compile", async () => {
  const folder = checkout("export const value = (): number => 1;");
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: true });
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: false });
});

test("a source that changes is compiled again, also if its length stays", async () => {
  const folder = checkout("export const value = (): number => 1;");
  await run(folder);
  writeFileSync(join(folder, "value.ts"), "export const value = (): number => 2;");
  expect(await run(folder)).toEqual({ value: 2, hasCompiled: true });
  writeFileSync(join(folder, "value.ts"), "export const value = (): number => 1;");
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: true });
});

test("a module that changes is loaded as it is now, also if its length stays", async () => {
  const value = 'export const value = (): unknown => require("./plain.js");';
  const folder = checkout(value, { "plain.js": "module.exports = (() => 1)();" });
  await run(folder);
  writeFileSync(join(folder, "plain.js"), "module.exports = (() => 2)();");
  expect(await run(folder)).toEqual({ value: 2, hasCompiled: false });
});

test("another version of the compiler compiles again", async () => {
  const folder = makeFolder({
    "main.ts": MAIN,
    "value.ts": "export const value = (): number => 1;",
    "node_modules/@swc/core/package.json": '{ "name": "@swc/core", "version": "1.0.0" }',
    "node_modules/@swc/core/index.js": `module.exports = require(${JSON.stringify(join(ROOT, "node_modules/@swc/core"))});`,
  });
  for (const part of ["transpile.js", "compile"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  await run(folder);
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: false });
  writeFileSync(join(folder, "node_modules/@swc/core/package.json"), '{ "name": "@swc/core", "version": "1.0.1" }');
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: true });
});

test.each<readonly [string, (file: Buffer) => Buffer]>([
  ["is empty", () => Buffer.alloc(0)],
  ["ends early", (file) => file.subarray(0, file.length - 100)],
  [
    "has zeros at its end, as after a loss of power",
    (file) => Buffer.concat([file.subarray(0, file.length / 2), Buffer.alloc(file.length / 2)]),
  ],
  ["has another byte", (file) => Buffer.from(file.toString("latin1").replace("value", "walue"), "latin1")],
])("what is kept and %s is not used, and replaced", async (_, damage) => {
  const folder = checkout("export const value = (): number => 1;");
  await run(folder);
  for (const file of kept(folder)) writeFileSync(file, damage(readFileSync(file)));
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: true });
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: false });
});

test("where nothing can be written, each process compiles", async () => {
  const folder = checkout("export const value = (): number => 1;", { "node_modules/.cache": "a file, where the folder would be" });
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: true });
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: true });
});

test("processes that write at once leave one whole result", async () => {
  const folder = checkout("export const value = (): number => 1;");
  const results = await Promise.all(Array.from({ length: 4 }, () => run(folder)));
  // On a busy machine one can start so late that it finds what another one has left.
  expect(results).toEqual(Array(4).fill({ value: 1, hasCompiled: expect.any(Boolean) as boolean }));
  expect(results).toContainEqual({ value: 1, hasCompiled: true });
  expect(kept(folder)).toHaveLength(1);
  expect(await run(folder)).toEqual({ value: 1, hasCompiled: false });
});

test("a module gets what Node.js gives it, compiled or kept", async () => {
  const value = 'export const value = (): unknown => (require("plain") as () => unknown)();';
  const plain = `#!/usr/bin/env node
    const { basename } = require("node:path");
    module.exports = () => ({
      name: basename(__filename),
      folder: basename(__dirname),
      isMain: require.main === module,
      main: basename(require.main.filename),
      resolved: basename(require.resolve("./es.mjs")),
      isCached: require.cache[__filename] === module,
      es: require("es"),
      extensions: typeof require.extensions[".ts"],
      paths: require.resolve.paths("x").length > 0,
    });`;
  const folder = checkout(value, {
    "node_modules/plain/index.js": plain,
    "node_modules/plain/es.mjs": "export default 1;",
    "node_modules/es/index.js": "export const isModule = true;",
  });
  const expected = {
    ...{ name: "index.js", folder: "plain", isMain: false, main: "main.ts", resolved: "es.mjs" },
    ...{ isCached: true, es: { isModule: true }, extensions: "function", paths: true },
  };
  expect(await run(folder)).toEqual({ value: expected, hasCompiled: true });
  expect(await run(folder)).toEqual({ value: expected, hasCompiled: false });
});

test("a mistake is shown at its place, compiled or kept", async () => {
  const folder = checkout('export const value = (): unknown => (require("./plain.js") as () => unknown)();', {
    "plain.js": "module.exports = () => { throw new Error('here'); };",
  });
  const place = /plain\.js:1:32\)/;
  expect(await run(folder)).toMatch(place);
  expect(await run(folder)).toMatch(place);
});

test("a process that a signal ends keeps what it wrote before", async () => {
  const folder = checkout("export const value = (): number => 1;", {
    "killed.js": 'require("./value.ts"); require("./compile/kept").writeKept(); process.kill(process.pid, "SIGKILL");',
  });
  const { code } = await runNode(["--require", "./transpile.js", "killed.js"], { cwd: folder });
  expect(code).toBe(-1);
  expect(kept(folder)).toHaveLength(1);
});
