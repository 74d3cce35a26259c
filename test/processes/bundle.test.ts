/** The published pack: the folder that `npm run build:policy-pack` makes, away from this repository, in Pulumi's own policy host. */
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { ResourceClaimTemplate } from "@pulumi/kubernetes/resource/v1";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { evaluatePack, isMandatory } from "../../src/rehearsal/policy/evaluate";
import { loadPack } from "../../src/rehearsal/policy/load-pack";
import { parsePackConfig } from "../../src/rehearsal/policy/pack-config";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import type { Mode, Recording } from "../../src/rehearsal/monitor/recording";
import { UNKNOWN } from "../../src/rehearsal/monitor/wire";
import { runNode } from "../support/child";
import { makeFolder } from "../support/folder";
import { servePackInHost } from "../support/host";
import type { ServedInHost } from "../support/host";
import { ROOT, runComponents } from "../support/program";
import { recordedProgram } from "../support/recordings/recorded-program";

const WHOLE_GPU = { spec: { spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu.nvidia.com" } }] } } } };

let folder: string;
let manifest: { readonly dependencies: Readonly<Record<string, string>>; readonly files: readonly string[]; readonly version: string };
let source: ServedPack;
let bundle: ServedInHost;
let devStack: Recording;

beforeAll(async () => {
  folder = join(makeFolder({}), "pack");
  const built = await runNode(["--require", "./transpile.js", "policy-pack/build.ts", folder], { cwd: ROOT });
  expect(built).toMatchObject({ code: 0, stderr: "" });
  manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as typeof manifest;
  // What `npm install` would put there: the declared dependencies, and nothing else of this repository.
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), link);
  }
  bundle = await servePackInHost(folder);
  devStack = await recordedProgram({ mode: "preview" });
  source = await loadPack(join(ROOT, "policy-pack"));
});
afterAll(async () => {
  await bundle.stop();
});

test("it is one file beside its papers, with the two packages of Pulumi pinned as in this project", () => {
  expect(readdirSync(folder).sort()).toEqual(["node_modules", "package.json", ...manifest.files].sort());
  const project = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as typeof manifest;
  expect(manifest.dependencies).toEqual({
    "@pulumi/policy": project.dependencies["@pulumi/policy"],
    "@pulumi/pulumi": project.dependencies["@pulumi/pulumi"],
  });
});

test("its file needs nothing but those packages and Node", () => {
  const required = [...readFileSync(join(folder, "index.js"), "utf8").matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name ?? "");
  const others = required.filter((name) => !Object.keys(manifest.dependencies).some((own) => name === own || name.startsWith(`${own}/`)));
  expect(others.filter((name) => !isBuiltin(name))).toEqual([]);
});

const verdicts = async ({ resources }: Pick<Recording, "resources">, mode: Mode = "known") => ({
  ofBundle: await evaluatePack(bundle.pack, resources, {}, mode),
  ofSource: await evaluatePack(source, resources, {}, mode),
});

// The rehearsal's own test has the same stack with every value known.
test("over the dev stack before its first deployment it says what the checkout says: nothing mandatory", async () => {
  const { ofBundle, ofSource } = await verdicts(devStack, "preview");
  expect(ofBundle).toEqual(ofSource);
  expect(ofBundle.violations.filter(isMandatory)).toEqual([]);
});

test("configured as in the documented example it finds nothing mandatory either", async () => {
  const config = parsePackConfig(readFileSync(join(ROOT, "docs/examples/policy-config.json"), "utf8"));
  const { violations } = await evaluatePack(bundle.pack, devStack.resources, config, "preview");
  expect(violations.filter(isMandatory)).toEqual([]);
});

test("it hears whether the run is a preview, and refuses at `up` what the preview leaves to it", async () => {
  const ENCRYPTION = {
    policy: "eks-secrets-encrypted",
    urn: expect.stringContaining("$eks:index:Cluster$aws:eks/cluster:Cluster") as string,
  };
  const resources = devStack.resources.map((resource) => {
    const inputs = { ...resource.wire.inputs, encryptionConfig: UNKNOWN };
    return resource.type === "aws:eks/cluster:Cluster" ? { ...resource, wire: { ...resource.wire, inputs } } : resource;
  });
  const [preview, up] = [await verdicts({ resources }, "preview"), await verdicts({ resources })];
  for (const { violations } of Object.values(preview)) {
    expect(violations).toContainEqual({
      ...ENCRYPTION,
      enforcementLevel: "advisory",
      message: expect.stringContaining("`pulumi up` checks it") as string,
    });
    expect(violations.filter(isMandatory)).toEqual([]);
  }
  for (const { violations } of Object.values(up)) {
    expect(violations).toContainEqual(expect.objectContaining({ ...ENCRYPTION, enforcementLevel: "mandatory" }));
  }
});

test("it judges claims by a guess, and says so, if one of two clusters does not say its Kubernetes version", async () => {
  const [cluster] = devStack.resources.filter(({ type }) => type === "aws:eks/cluster:Cluster");
  if (cluster === undefined) {
    throw new Error("the dev stack has no cluster");
  }
  const silent = { ...cluster, urn: `${cluster.urn}-2`, wire: { ...cluster.wire, inputs: { ...cluster.wire.inputs, version: UNKNOWN } } };
  const { resources: claims } = await runComponents(() => {
    new ResourceClaimTemplate("whole", WHOLE_GPU);
  });
  const guessed = async (clusters: typeof claims) => {
    const { ofBundle, ofSource } = await verdicts({ resources: [...clusters, ...claims] }, "preview");
    return [ofBundle, ofSource].map(({ violations }) => JSON.stringify(violations).includes("judged by the rules of Kubernetes"));
  };
  expect(await guessed([cluster])).toEqual([false, false]);
  expect(await guessed([cluster, silent])).toEqual([true, true]);
});

test("a setting that it does not have is refused", async () => {
  const attempt = evaluatePack(bundle.pack, [], parsePackConfig('{"eks-api-server-not-open-to-world": {"widestIpv4Prefx": 16}}'));
  await expect(attempt).rejects.toThrow("eks-api-server-not-open-to-world: widestIpv4Prefx: not a setting; did you mean widestIpv4Prefix?");
});

test("over a few bad resources it says what the checkout says", async () => {
  const { ofBundle, ofSource } = await verdicts(
    await runComponents(() => {
      new LaunchTemplate("open", { metadataOptions: { httpTokens: "optional" } });
      new Release("operator", { chart: "gpu-operator", version: "*", values: { grafana: { adminPassword: "hunter2" } } });
      new ResourceClaimTemplate("whole", WHOLE_GPU);
    }),
  );
  expect(ofBundle).toEqual(ofSource);
  const policies = new Set(ofBundle.violations.filter(isMandatory).map(({ policy }) => policy));
  for (const policy of [
    "nodes-imdsv2-one-hop",
    "volumes-encrypted",
    "one-gpu-allocator",
    "chart-versions-pinned",
    "enforce-balanced-mig-profiles",
  ]) {
    expect(policies).toContain(policy);
  }
  expect(JSON.stringify(ofBundle)).not.toContain("hunter2");
});
