/** The commands of README.md that need the pulumi CLI or a cluster, line by line as it gives them, from the first to the last. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS, commandsOf } from "../support/documented-commands";
import { Deployment } from "../harness/engine/deployment";

const commands = [...new Set(commandsOf("README.md"))].filter((command) => COMMANDS[command]?.by === "engine tier");

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open();
  const { workspace } = deployment;
  const curl = join(workspace.folder, "bin/curl");
  writeFileSync(curl, "#!/bin/sh\necho 203.0.113.7\n");
  chmodSync(curl, 0o700);
  // A reader begins without the stack. Its file names charts that the tests have.
  expect(await workspace.shell("pulumi stack rm dev --yes --preserve-config")).toMatchObject({ code: 0 });
});
afterAll(() => deployment.close());

/** What the reader has exported by now. */
const exported: string[] = [];

test.each(commands)("%s", async (command) => {
  const expected = COMMANDS[command];
  if (expected?.by !== "engine tier") throw new Error("it is in the table");
  // The reader answers "yes".
  const env = { PULUMI_SKIP_CONFIRMATIONS: "true" };
  const { code, stdout, stderr } = await deployment.workspace.shell([...exported, command].join("; "), env);
  expect({ code, output: code === 0 ? "" : `${stdout}\n${stderr}` }).toEqual({ code: 0, output: "" });
  expect(stdout).toMatch(expected.prints);
  if (command.startsWith("export ")) {
    exported.push(command);
  }
});
