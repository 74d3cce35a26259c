/** docs/operations.md against what its tests run: the engine tier runs the rows and the commands themselves. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROWS, cellsOf } from "../engine/operations/changes-table";
import { parseCall } from "../harness/engine/aws-cli/parse";
import { commandsOf, documentedCommands, documentedRemedies, notExecuted, section, tableOf } from "../support/operations";
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

/** Sections with a test of their own that takes their commands by place. */
const BY_PLACE = ["Rolling GPU nodes (AMI, Kubernetes version, volume size)"];

const REASONS = notExecuted();
const excused = (command: string) => REASONS.filter(([beginning]) => command === beginning || command.startsWith(`${beginning} `));

test("beside every command is the test that executes it, or the page says why none does", () => {
  const commands = documentedCommands().filter(({ heading }) => !BY_PLACE.includes(heading));
  expect(commands.length).toBeGreaterThan(40);
  expect(commands.filter(({ command, tests }) => (tests.length === 0) === (excused(command).length === 0))).toEqual([]);
});

test("every reason why a command is not executed is about a command of the page", () => {
  const commands = documentedCommands().map(({ command }) => command);
  expect(REASONS.filter(([beginning]) => !commands.some((command) => excused(command).some(([used]) => used === beginning)))).toEqual([]);
});

test("the tests that the page names are those that execute remedies", () => {
  const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"));
  const texts = files.map((file) => readFileSync(join(ROOT, "test", file), "utf8"));
  const ids = texts.flatMap((text) => [...text.matchAll(/^remedy\(\s*"([^"]+)"/gm)].map(([, id = ""]) => id));
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids.sort()).toEqual([...documentedRemedies()].sort());
});

const aws = documentedCommands()
  .map(({ command }) => command)
  .filter((command) => command.startsWith("aws ") && !["aws --version", "aws eks get-token"].includes(command));

test.each([...new Set(aws)])("%s is as the AWS CLI documents it", (command) => {
  const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);
  expect(parseCall(args.slice(1))).toMatchObject({ type: "call" });
});

test.each([
  ["ec2 get-console-output --instance-id i-1 --newest", "Unknown options: --newest"],
  ["ec2 get-console-output --latest", "the following arguments are required: --instance-id"],
  ["ec2 get-console-output --instance-id i-1 i-2", "Unknown options: i-2"],
  ["ec2 get-console-output --instance-id --latest", "argument --instance-id: expected one argument"],
  ["ec2 get-console-output --instance-id i-1 --output yml", 'Invalid choice: "yml"'],
  ["ec2 reset-instances --instance-ids i-1", 'argument command: Invalid choice: "ec2 reset-instances"'],
])("aws %s is refused", (line, reason) => {
  expect(parseCall(line.split(" "))).toEqual({ type: "invalid", reason });
});
