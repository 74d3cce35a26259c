/** Command lines: what every command refuses alike. */
import { readDoctorArguments } from "../../src/cli/doctor-arguments";
import { readPlanArguments } from "../../src/cli/plan/arguments";
import { readArguments } from "../../src/cli/rehearse-arguments";
import { readRelayoutArguments } from "../../src/cli/relayout/arguments";

test.each<[string, (argv: readonly string[]) => unknown, readonly string[]]>([
  ["rehearse", readArguments, ["--stack", "dev"]],
  ["plan", readPlanArguments, ["--status", "--context", "a"]],
  ["doctor", readDoctorArguments, ["--context", "a"]],
  ["relayout", readRelayoutArguments, ["--layout", "all-balanced", "--context", "a"]],
])("%s takes each option once, and no empty value", (_, read, argv) => {
  const [option = "", value = ""] = argv.slice(-2);
  expect(() => read(argv)).not.toThrow();
  expect(() => read([...argv, option, "other"])).toThrow(`${option} is written twice: write it once`);
  expect(() => read([...argv, `${option}=${value}`])).toThrow(`${option} is written twice: write it once`);
  expect(() => read([...argv.slice(0, -1), ""])).toThrow(`${option} has an empty value: write one, or leave the option out`);
  expect(() => read([...argv.slice(0, -2), `${option}=`])).toThrow(`${option} has an empty value`);
  expect(() => read([...argv, "--surprise"])).toThrow(/^Unknown option '--surprise'; --help lists the options$/);
  expect(() => read([...argv, "--json=1"])).toThrow(/; --help lists the options$/);
});

test("what may be there several times may", () => {
  expect(readRelayoutArguments(["--layout", "a", "--context", "b", "--node", "c", "--node", "d"])).toMatchObject({ nodes: ["c", "d"] });
  expect(readArguments(["--manifest", "a.yaml", "--manifest", "b.yaml", "--json", "--json"])).toMatchObject({
    manifests: ["a.yaml", "b.yaml"],
  });
});
