/** The folder in which the CLI finds a project, and the environment that it runs in. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "../../support/program";

/** What `pulumi` reads of a checkout, besides the files that a workspace has copies of. */
const PROGRAM_PARTS = [
  "index.ts",
  "src",
  "policy-pack",
  "workloads",
  "node_modules",
  "package.json",
  "tsconfig.json",
  "tsconfig.check.json",
  "transpile.js",
  "compile",
];

/** Makes a project folder with copies of the files that runs change. @returns its path. */
export function makeProject(folder: string, stack: string): string {
  const project = join(folder, "project");
  mkdirSync(project);
  for (const file of ["Pulumi.yaml", `Pulumi.${stack}.yaml`]) {
    cpSync(join(ROOT, file), join(project, file));
  }
  return project;
}

/** Adds the program itself, which the CLI needs when it starts it in a process of its own. */
export function linkProgram(project: string): void {
  for (const part of PROGRAM_PARTS.filter((name) => !existsSync(join(project, name)))) {
    symlinkSync(join(ROOT, part), join(project, part));
  }
}

/** @param commands folder with the real programs and those that stand in. @param attach ports of the stand-in providers. */
export function environmentOf(folder: string, commands: string, attach: string): Record<string, string> {
  return {
    PATH: [commands, process.env.PATH ?? ""].join(delimiter),
    HOME: folder,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_PROVIDERS: attach,
  };
}
