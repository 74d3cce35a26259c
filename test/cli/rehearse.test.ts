/** What the command line of `npm start` asks for. */
import { exitCodeOf } from "../../src/cli/exit-codes";
import { readArguments } from "../../src/cli/rehearse-arguments";
import type { Report } from "../../src/rehearsal/report/report";

test.each<[readonly string[], string]>([
  [["--binaries", "bin"], "--binaries is an option of --control-plane: write --control-plane too"],
  [["--context", "kind"], "--context is an option of --control-plane: write --control-plane too"],
  [["--save", "difference.yaml"], "--save is an option of --control-plane: write --control-plane too"],
  [["--date", "2026-02-30"], '--date is "2026-02-30", which is no day of the calendar: write it as 2027-01-31'],
  [["--then", "rebot"], '--then: "rebot" is no step; did you mean "reboot"?'],
  [["--then", "upgrade=latest"], '--then: "upgrade=latest" is not to be understood: write upgrade=VERSION, such as upgrade=1.35'],
  [["--date", "tomorrow"], '--date is "tomorrow", which is no day of the calendar: write it as 2027-01-31'],
  [["--date", "2027-1-31"], '--date is "2027-1-31", which is no day of the calendar: write it as 2027-01-31'],
  [["--date", "2027-01-31T12:00:00Z"], '--date is "2027-01-31T12:00:00Z", which is no day of the calendar: write it as 2027-01-31'],
  [
    ["--control-plane", "--binaries", "bin", "--context", "kind"],
    "--binaries starts programs, and --context uses a cluster that runs: write one of them",
  ],
])("%j is refused", (argv, message) => {
  expect(() => readArguments(argv)).toThrow(message);
});

test.each<[readonly string[], ReturnType<typeof readArguments>["controlPlane"]]>([
  [[], undefined],
  [["--control-plane"], { source: { type: "programs", folder: undefined }, save: undefined }],
  [["--control-plane", "--binaries", "bin"], { source: { type: "programs", folder: "bin" }, save: undefined }],
  [["--control-plane", "--context", "kind", "--save", "a.yaml"], { source: { type: "context", name: "kind" }, save: "a.yaml" }],
])("%j says which control plane answers", (argv, expected) => {
  expect(readArguments(argv).controlPlane).toEqual(expected);
});

test.each<[Pick<Report, "result" | "controlPlane">, number]>([
  [{ result: "ok" }, 0],
  [{ result: "findings" }, 1],
  [{ result: "ok", controlPlane: comparison([]) }, 0],
  [{ result: "findings", controlPlane: comparison([]) }, 1],
  [{ result: "ok", controlPlane: comparison(["Pod a/b"]) }, 3],
  [{ result: "findings", controlPlane: comparison(["Pod a/b"]) }, 3],
])("%j ends with %i", (report, code) => {
  expect(exitCodeOf(report)).toBe(code);
});

function comparison(subjects: readonly string[]): NonNullable<Report["controlPlane"]> {
  const differences = subjects.map((subject) => ({ subject, place: "the stack", rehearsal: "accepts it", controlPlane: "refuses it: x" }));
  return { answeredBy: [], judged: 1, bothPlace: 1, bothRefuse: 0, stricter: [], notJudged: [], differences };
}

test.each<[string, readonly string[], string]>([
  ["an unknown option", ["--jsno"], "Unknown option '--jsno'; --help lists the options"],
  ["a stray word", ["production"], 'unexpected "production"; name manifests with --manifest FILE...'],
  ["an option without its value", ["--stack"], "Option '--stack <value>' argument missing; --help lists the options"],
])("%s is refused", (_, args, message) => {
  expect(() => readArguments(args)).toThrow(message);
});

test("manifests may be given one by one or as a shell expands them", () => {
  const { manifests, stack, namespace } = readArguments(["--manifest", "a.yaml", "b.yaml", "--manifest", "c.yaml"]);
  expect([...manifests].sort()).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
  expect({ stack, namespace }).toEqual({ stack: "dev", namespace: "default" });
});
