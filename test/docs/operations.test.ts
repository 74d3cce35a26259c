/** docs/operations.md against what its tests run: the engine tier runs the rows and the commands themselves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROWS, cellsOf } from "../engine/operations/changes-table";
import { commandsOf, section, tableOf } from "../support/operations";
import { ROOT } from "../support/program";

const table = tableOf(section("What a change does"));

test.each(ROWS.map((row) => [row.change, cellsOf(row)]))("the table says of %s what is run", (_, cells) => {
  expect(table).toContainEqual(cells);
});

test("the table says nothing else", () => {
  expect(table.map(([change]) => change).sort()).toEqual(ROWS.map(({ change }) => change).sort());
});

/** A change of versions is an upgrade, which the table does not run. */
const UPGRADES = ["kubernetesVersion", "gpuSoftware"];

test("every key of the configuration is in the table", () => {
  const { config } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { readonly config: Readonly<Record<string, unknown>> };
  const text = table.map(([change]) => change).join(" ");
  expect(Object.keys(config).filter((key) => !new RegExp(`\`${key}\\b`).test(text))).toEqual(UPGRADES);
});

// Their tests take the commands by place and expect none besides: `pulumi up` in the midst of a sentence would be one.
test.each(["An `up` that was interrupted", "Changing a layout"])("%s gives every command once", (heading) => {
  const commands = commandsOf(section(heading));
  expect(commands.length).toBeGreaterThan(4);
  expect(commands).toEqual([...new Set(commands)]);
});
