/**
 * `npm run build:policy-pack [FOLDER]`: creates a folder (default: policy-pack/dist) that is a policy pack by itself, to copy anywhere or to publish:
 * everything of this repository in one JavaScript file, and the two Pulumi packages as pinned dependencies. It does not bundle these: Pulumi's policy
 * host is part of @pulumi/pulumi and loads it from the pack's own node_modules, and the host and the pack must share one copy.
 */
import { build } from "esbuild";
import type { Metafile, Plugin } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { policyFiles } from "./policy-files";

const SHARED_WITH_THE_HOST = ["@pulumi/policy", "@pulumi/pulumi"];

/** Gives the bundle a `policies.ts` that imports the policy files by name, in the order in which the checkout loads them. */
const POLICIES: Plugin = {
  name: "policies",
  setup({ onLoad }) {
    onLoad({ filter: /policy-pack[\\/]policies\.ts$/ }, () => {
      const files = policyFiles();
      const imports = files.map((file, index) => `import * as file${index} from "./${file}";`);
      const modules = files.map((_, index) => `file${index}`);
      return {
        contents: [
          ...[`import { policiesOf } from "./policy-files";`, ...imports],
          `export const policies = [${modules.join(", ")}].flatMap(policiesOf);`,
        ].join("\n"),
        loader: "ts",
        resolveDir: __dirname,
      };
    });
  },
};

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

async function buildPack(folder: string): Promise<void> {
  const project = readManifest(join(__dirname, "../package.json"));
  const pack = readManifest(join(__dirname, "package.json"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  const { metafile } = await build({
    entryPoints: [join(__dirname, "index.ts")],
    outfile: join(folder, "index.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: SHARED_WITH_THE_HOST.flatMap((name) => [name, `${name}/*`]),
    metafile: true,
    plugins: [POLICIES],
    logLevel: "warning",
  });

  const dependencies = Object.fromEntries(SHARED_WITH_THE_HOST.map((name) => [name, project.dependencies[name]]));
  const files = ["index.js", "PulumiPolicy.yaml", "README.md", "THIRD-PARTY-LICENSES.txt"];
  const { name, version, license } = pack;
  write(
    "package.json",
    `${JSON.stringify({ name, version, private: true, license, main: "index.js", files, dependencies }, undefined, 2)}\n`,
  );
  write("PulumiPolicy.yaml", policyProject(version, license));
  write("README.md", readme(name));
  write("THIRD-PARTY-LICENSES.txt", licenses(metafile));

  function write(file: string, content: string): void {
    writeFileSync(join(folder, file), content);
  }
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

/** The licences of the packages in the bundle, which must be distributed with it. */
function licenses(metafile: Metafile): string {
  const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const sections = [...packages].sort().map((name) => {
    const folder = join(__dirname, "../node_modules", name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) {
      throw new Error(`the package ${name} has no licence file, so the bundle cannot include it`);
    }
    return `${name}\n${"=".repeat(name.length)}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return sections.join("\n\n");
}

function policyProject(version: string, license: string): string {
  return `# JavaScript: the host needs no TypeScript.
runtime:
  name: nodejs
  options:
    typescript: false
main: index.js
version: ${version}
description: Keeps tenants of shared NVIDIA GPUs on EKS inside their MIG slices, and the platform under them safe.
license: ${license}
`;
}

function readme(name: string): string {
  return `# ${name}

A Pulumi policy pack for NVIDIA MIG GPUs shared by Dynamic Resource Allocation on Amazon EKS. Built from the repository; do not edit.

    npm install
    pulumi preview --policy-pack .
    pulumi preview --policy-pack . --policy-pack-config policy-config.json
    pulumi policy publish ORGANIZATION

Every policy and its settings are described in docs/policies.md of the repository.
`;
}

void buildPack(resolve(process.argv[2] ?? join(__dirname, "dist")));
