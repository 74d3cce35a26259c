/** The pages for users, done: the commands that need neither an engine nor a cluster are run as a reader runs them. */
import { chmodSync, readFileSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "../support/child";
import { COMMANDS, DOCUMENTS, blocksOf, commandsOf, outputsOf } from "../support/documented-commands";
import { documentedManifests } from "../support/documented-manifests";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

const documented = DOCUMENTS.flatMap(commandsOf);

test.each(DOCUMENTS)("%s: of every command it is known what runs it", (document) => {
  expect(commandsOf(document)).not.toEqual([]);
  expect(commandsOf(document).filter((command) => !Object.hasOwn(COMMANDS, command))).toEqual([]);
});

test("no command is known that the documents do not give", () => {
  expect(Object.keys(COMMANDS).filter((command) => !documented.includes(command))).toEqual([]);
});

test.each(DOCUMENTS)("%s: every block is commands, what a command prints, settings or a manifest", (document) => {
  const manifests = documentedManifests().filter(({ place }) => place.startsWith(`${document}, `));
  const blocks = blocksOf(document);
  expect(blocks.filter(({ language }) => language === "yaml")).toHaveLength(manifests.length);
  expect([...new Set(blocks.map(({ language }) => language))].filter((language) => !["", "yaml", "json"].includes(language))).toEqual([]);
});

const commandsBy = (tier: string) => Object.keys(COMMANDS).filter((command) => COMMANDS[command]?.by === tier);

test.each(commandsBy("workflow"))("a workflow runs %s", (command) => {
  const folder = join(ROOT, ".github/workflows");
  const workflows = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  expect(workflows.some((text) => text.split("\n").some((line) => line.endsWith(command)))).toBe(true);
});

test("every script that they name exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly scripts: object };
  const named = documented.flatMap((command) => [...command.matchAll(/\bnpm run (\S+)/g)].map(([, script = ""]) => script));
  expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
});

const pod = documentedManifests().find(({ place }) => place.startsWith("README.md"))?.text ?? "";
/** The settings that a page shows, as the file that its commands name. */
const settings =
  DOCUMENTS.flatMap(blocksOf)
    .find(({ language }) => language === "json")
    ?.lines.join("\n") ?? "";
const folder = makeFolder({ "train.yaml": pod, "policy-config.json": settings, "bin/helm": `#!/bin/sh\ncat <<'END'\n${pod}END\n` });
chmodSync(join(folder, "bin/helm"), 0o700);

/** Runs a command in a shell, in the checkout. */
const run = (command: string) => {
  const line = ["train.yaml", "policy-config.json", "ask.html"].reduce((text, file) => text.replace(file, join(folder, file)), command);
  const env = { PATH: [join(folder, "bin"), process.env.PATH].join(delimiter) };
  return runCommand("bash", ["--norc", "-c", line], { cwd: ROOT, env });
};

test.each(commandsBy("process tier"))("%s", async (command) => {
  const expected = COMMANDS[command];
  if (expected?.by !== "process tier") throw new Error("it is in the table");
  const { code, stdout, stderr } = await run(command);
  expect({ code, stderr }).toEqual({ code: expected.code, stderr: "" });
  expect(stdout).toMatch(expected.prints);
  if (command === "npm start") {
    expectShown(stdout);
  }
});

/** What README.md shows of the report is in the report, in this order. */
function expectShown(report: string): void {
  const shown = outputsOf("README.md").flatMap(({ lines }) => lines.filter((line) => line !== "..."));
  expect(shown.length).toBeGreaterThan(5);
  expect(
    report
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => shown.includes(line)),
  ).toEqual(shown);
}
