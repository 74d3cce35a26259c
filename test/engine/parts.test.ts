/** What counts as installed, and what a run says of it. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sdkVersion } from "../support/installed";
import { REQUIRED, describeParts, installedParts, linkComponents } from "../harness/engine/parts";

const { env } = process;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shared-gpu-parts-"));
  process.env = { ...env, PATH: join(folder, "bin"), PULUMI_HOME: join(folder, "home"), KUBEBUILDER_ASSETS: "", [REQUIRED]: "" };
});
afterEach(() => {
  process.env = env;
  rmSync(folder, { recursive: true, force: true });
});

function install(path: string, mode = 0o700): string {
  const program = join(folder, path);
  mkdirSync(join(program, ".."), { recursive: true });
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, mode);
  return program;
}

const installed = (plugin: string, version = sdkVersion(plugin)) =>
  install(`home/plugins/resource-${plugin}-v${version}/pulumi-resource-${plugin}`);

test("plugins of the SDKs' versions are found where pulumi plugin install puts them", () => {
  const paths = { kubernetes: installed("kubernetes"), eks: installed("eks"), awsx: installed("awsx") };
  expect(installedParts()).toEqual({
    "language host": undefined,
    "kubernetes plugin": paths.kubernetes,
    "awsx plugin": paths.awsx,
    "eks plugin": paths.eks,
  });
});

test("what is on PATH comes first, whatever its version, and other versions elsewhere are passed over", () => {
  installed("awsx", "0.0.1");
  installed("eks");
  const [host, eks] = [install("bin/pulumi-language-nodejs"), install("bin/pulumi-resource-eks")];
  install("bin/pulumi-resource-kubernetes", 0o600);
  expect(installedParts()).toEqual({ "language host": host, "kubernetes plugin": undefined, "awsx plugin": undefined, "eks plugin": eks });
});

test("the engine attaches to the stand-ins of what is not installed, and finds the rest", () => {
  installed("eks");
  mkdirSync(join(folder, "commands"));
  expect(linkComponents(installedParts(), join(folder, "commands"), "aws:1,awsx:2,eks:3,random:4")).toBe("aws:1,awsx:2,random:4");
  expect(readdirSync(join(folder, "commands"))).toEqual(["pulumi-resource-eks"]);
});

test("a run says what each part is", () => {
  const eks = installed("eks");
  expect(describeParts(installedParts())).toEqual([
    "language host: stand-in",
    "kubernetes plugin: built from its Go module",
    "awsx plugin: stand-in",
    `eks plugin: ${eks}`,
    "aws plugin: stand-in, always",
    "random plugin: stand-in, always",
  ]);
});

test("where every part is required, a missing one ends the run with the command that installs it", () => {
  process.env[REQUIRED] = "true";
  installed("eks");
  installed("kubernetes");
  expect(() => describeParts(installedParts())).toThrow(
    `language host (comes with a released Pulumi CLI), awsx plugin (pulumi plugin install resource awsx v${sdkVersion("awsx")})`,
  );
  installed("awsx");
  install("bin/pulumi-language-nodejs");
  expect(() => describeParts(installedParts())).not.toThrow();
});
