/** Pulumi's runtime as the command loads it. Jest has a module loader of its own, so this is seen in a process without it. */
import { runNode } from "../support/child";
import { ROOT } from "../support/program";

/** Runs a script after which `loaded` is to be printed. */
async function printed(script: string): Promise<unknown> {
  const code = `
    require("./src/rehearsal/late-modules.ts").loadLate();
    const { runtime } = require("@pulumi/pulumi");
    const loaded = () => [
      "typescript/lib/typescript.js",
      "arborist/lib/index.js",
      "normalize-package-data/lib/normalize.js",
      "pulumi/automation/index.js",
    ].filter((file) =>
      Object.values(require.cache).some(({ filename }) => filename?.endsWith(file)));
    (async () => { ${script} })().then((result) => console.log(JSON.stringify(result)));`;
  const { stdout, stderr } = await runNode(["--require", "./transpile.js", "--eval", code], { cwd: ROOT });
  return stdout === "" ? stderr : JSON.parse(stdout);
}

test("what serializes functions or runs the CLI is not loaded", async () => {
  expect(await printed("return loaded();")).toEqual([]);
});

test("what serializes functions is loaded where a program needs it", async () => {
  const serialize = "const { text } = await runtime.serializeFunction(() => 42); return [text.includes('42'), loaded()];";
  expect(await printed(serialize)).toEqual([true, ["typescript/lib/typescript.js"]]);
  const paths = "const paths = await runtime.computeCodePaths({}); return [paths.size > 0, loaded()];";
  expect(await printed(paths)).toEqual([true, ["arborist/lib/index.js", "normalize-package-data/lib/normalize.js"]]);
});

test("what runs the CLI is loaded where a program needs it", async () => {
  const create = `
    const { automation } = require("@pulumi/pulumi");
    const { LocalWorkspace } = require("@pulumi/pulumi/automation");
    return [typeof automation.LocalWorkspace, LocalWorkspace === automation.LocalWorkspace, loaded()];`;
  expect(await printed(create)).toEqual(["function", true, ["pulumi/automation/index.js"]]);
});
