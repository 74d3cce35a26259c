/** `npm start` as a user runs it. */
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { HELP } from "../../src/cli/rehearse-arguments";
import type { Report } from "../../src/rehearsal/report/report";
import { runNode } from "../support/child";
import type { Finished } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

jest.setTimeout(180_000);

const start = (...args: readonly string[]): Promise<Finished> =>
  runNode(["--require", "./transpile.js", "src/cli/rehearse.ts", ...args], { cwd: ROOT });

test("a stack without findings exits with 0, and --json prints one document of the documented form", async () => {
  const html = join(makeFolder({}), "pages/dev.html");
  const { code, stdout, stderr } = await start("--json", "--html", html);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const report = JSON.parse(stdout) as Report;
  expect(Object.keys(report)).toEqual([
    "format",
    "project",
    "stack",
    "date",
    "result",
    "findings",
    "warnings",
    "objectWarnings",
    "objects",
    "resources",
    "policy",
    "advisories",
    "nodes",
    "pods",
    "profiles",
    "cost",
    "beforeYouDeploy",
    "assumptions",
    "notModelled",
  ]);
  expect(report).toMatchObject({ format: 1, result: "ok", findings: [] });
  expect(report.nodes.flatMap((node) => node.gpus?.list ?? [])[0]?.parts[0]).toEqual({
    start: expect.any(Number) as number,
    memorySlices: expect.any(Number) as number,
    type: "slice",
    profile: expect.any(String) as string,
    computeSlices: expect.any(Number) as number,
    device: expect.any(String) as string,
    holders: expect.any(Array) as string[],
    claim: expect.any(String) as string,
  });
  expect(readFileSync(html, "utf8")).toContain("<!doctype html>");
});

test("--date judges as on another day", async () => {
  const { code, stdout } = await start("--json", "--html", join(makeFolder({}), "page.html"), "--date", "2027-04-01");
  const { date, policy, beforeYouDeploy, cost } = JSON.parse(stdout) as Report;
  expect({ code, date }).toEqual({ code: 0, date: "2027-04-01" });
  expect(policy.violations.map(({ message }) => message).join("\n")).toContain(
    'Standard support of Kubernetes 1.34 ended on 2026-12-02. Extended support, at a higher price, ends on 2027-12-02. Upgrade "version" to 1.35, then to 1.36',
  );
  expect(beforeYouDeploy).toContainEqual({
    title: "Plan the upgrade from Kubernetes 1.34",
    detail:
      "Its standard support on EKS ended on 2026-12-02. The stack stays on the version in extended support until 2027-12-02, at 0.50 USD more per hour. " +
      "A new stack can start with 1.36. A running cluster goes one version at a time: 1.35, then 1.36.",
    commands: ["pulumi config set kubernetesVersion 1.35 --stack dev"],
  });
  expect(cost.controlPlane).toBe(0.6);
});

test("a manifest that the pack refuses exits with 1 and names the request", async () => {
  const claim = (name: string, deviceClass: string) =>
    `apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: ${name}}\nspec: {devices: {requests: [{name: ${name}-request, exactly: {deviceClassName: ${deviceClass}}}]}}`;
  const folder = makeFolder({ "a.yaml": claim("greedy", "gpu.nvidia.com"), "b.yaml": claim("modest", "mig-small.nvidia.com") });
  const files = ["a.yaml", "b.yaml"].map((name) => join(folder, name));
  const { code, stdout } = await start("--namespace", "mig-test", "--html", join(folder, "page.html"), "--manifest", ...files);
  expect(code).toBe(1);
  expect(stdout).toMatch(/ResourceClaim mig-test\/greedy \(.*a\.yaml:1\)/);
  expect(stdout).toContain("greedy-request");
  expect(stdout).not.toContain("modest-request");
  expect(stdout).not.toContain("\u001b");
});

test("without --control-plane nothing of it is loaded", () => {
  const source = `require("./src/cli/rehearse.ts"); process.on("exit", () => {
    const loaded = Object.keys(require.cache).filter((path) => /src\\/(trial|control-plane|fleet|live)\\//.test(path));
    process.stdout.write(JSON.stringify(loaded));
  });`;
  const { stdout } = spawnSync(process.execPath, ["--require", "./transpile.js", "--eval", source], { cwd: ROOT, encoding: "utf8" });
  expect(stdout).toMatch(/all 5 pods are placed\n[^]*\[\]$/);
});

test("--help explains itself and exits with 0", async () => {
  expect(await start("--help")).toMatchObject({ code: 0, stdout: HELP, stderr: "" });
  for (const part of [
    "--stack",
    "--manifest",
    "--json",
    "--html",
    "--policy-pack-config",
    "--control-plane",
    "--binaries",
    "--context",
    "--save",
    "Exit codes",
    "Examples",
  ]) {
    expect(HELP).toContain(part);
  }
});

test("a mistake of the user's exits with 2 and one line, without a stack trace", async () => {
  const message = 'no stack "prod": there is no Pulumi.prod.yaml; did you mean "dev"? Known: dev\n';
  expect(await start("--stack", "prod")).toMatchObject({ code: 2, stdout: "", stderr: message });
});

test("with --json, a refusal is a document too", async () => {
  const { code, stdout, stderr } = await start("--json", "--manifest", "nowhere.yaml");
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({ format: 1, result: "refused", errors: ["nowhere.yaml: cannot be read (ENOENT)"] });
});
