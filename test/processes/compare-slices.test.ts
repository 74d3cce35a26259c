/** The command as a user runs it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { HELP } from "../../src/cli/compare-slices-arguments";
import { recordedDocument } from "../dra/recorded-slices/recorded-slices";
import type { RecordingName } from "../dra/recorded-slices/recorded-slices";
import { runNode } from "../support/child";
import type { Finished } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

jest.setTimeout(180_000);

const compare = (...args: readonly string[]): Promise<Finished> =>
  runNode(["--require", "./transpile.js", "src/cli/compare-slices.ts", ...args], { cwd: ROOT });

function file(name: RecordingName, format: "yaml" | "json"): string {
  const path = join(makeFolder({}), `slices.${format}`);
  const document = recordedDocument(name);
  writeFileSync(path, format === "json" ? JSON.stringify(document) : stringify(document));
  return path;
}

test("slices that are what the model says exit with 0", async () => {
  const { code, stdout, stderr } = await compare(file("v0.4.1-80-9728", "yaml"));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("Node 1: equal\n");
});

test("slices that differ exit with 1, and --json prints one document of the documented form", async () => {
  const { code, stdout } = await compare("--json", file("v0.4.1-80", "json"));
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    format: 1,
    result: "differs",
    nodes: [
      {
        nodes: [1],
        result: "differs",
        description: expect.stringContaining("NVIDIA A100-SXM4-80GB") as unknown,
        differences: [{ subject: "capacity memory", of: "1g.10gb", published: "9856Mi", model: "9728Mi", count: 16 }],
        assumptions: expect.any(Array) as unknown,
      },
    ],
    slicesOfOtherDrivers: 0,
  });
});

test("several files are several clusters, whose nodes can have the same names", async () => {
  const { code, stdout } = await compare(file("v0.4.1-80-9728", "yaml"), file("v0.4.1-80", "json"), file("v0.4.1-80-9728", "json"));
  expect(code).toBe(1);
  expect(stdout).toContain("Nodes 1, 3: equal\n");
  expect(stdout).toContain("Node 2: differs\n");
});

test("what cannot be compared is one document with --json, too", async () => {
  const { code, stdout, stderr } = await compare("--json", "no-such-file.yaml");
  expect({ code, stderr, answer: JSON.parse(stdout) as unknown }).toEqual({
    code: 2,
    stderr: "",
    answer: { format: 1, result: "unknown", errors: [expect.stringContaining("no-such-file.yaml")] },
  });
});

test("what cannot be compared exits with 2, with a reason in one line", async () => {
  for (const [text, reason] of [
    ["apiVersion: v1\nkind: Node\nmetadata: {name: a}\n", "another kind than ResourceSlice"],
    ["a: [", "is not YAML"],
    ["", "no slice of the driver gpu.nvidia.com"],
  ] as const) {
    const { code, stdout, stderr } = await compare(join(makeFolder({ "slices.yaml": text }), "slices.yaml"));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(reason);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  }
});

test("a wrong command line exits with 2, and --help with 0", async () => {
  expect(await compare()).toMatchObject({ code: 2, stderr: expect.stringContaining("name a file with slices") as unknown });
  expect(await compare("--yaml", "x")).toMatchObject({ code: 2, stderr: expect.stringContaining("--help lists the options") as unknown });
  expect(await compare("/no/such/file")).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be read") as unknown });
  expect(await compare("--help")).toMatchObject({ code: 0, stdout: HELP });
});
