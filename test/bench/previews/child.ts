/** One preview in a process of its own, for previews.ts: prints its time and how many resources it plans. */
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { register } from "ts-node";
import { Workspace } from "../../harness/engine/workspace";
import { ROOT } from "../../support/program";
import type { Preview } from "../previews";
import { MANAGED_NODE_GROUP } from "./managed-node-group";

const USUAL = join(__dirname, "usual-stack");

/** Programs are loaded within the preview, as Pulumi's host does. */
const PROGRAMS: Readonly<Record<string, { readonly program: PulumiFn; readonly pack: string }>> = {
  "this-stack": {
    program: async () => ((await import(join(ROOT, "index.ts"))) as { readonly default: PulumiFn }).default(),
    pack: join(ROOT, "policy-pack"),
  },
  "usual-stack": {
    program: () => {
      // Only what strips types here knows this extension until now; ts-node would be given its output.
      delete require.extensions[".ts"];
      // As Pulumi's host registers it for a project without `noCheck` (@pulumi/pulumi/cmd/run).
      register({ project: join(USUAL, "tsconfig.json"), scope: true, scopeDir: USUAL, typeCheck: true });
      return import(join(USUAL, "index.ts"));
    },
    pack: join(USUAL, "policy-pack"),
  },
};

async function main(name: string): Promise<void> {
  if (name === "command-line") {
    return printPreview(await byCommandLine());
  }
  const chosen = PROGRAMS[name];
  if (chosen === undefined) {
    throw new Error(`no program ${name}`);
  }
  const workspace = await Workspace.open({ program: chosen.program, plugins: { "eks:index:ManagedNodeGroup": MANAGED_NODE_GROUP } });
  try {
    const { succeeded, steps, diagnostics, stdout, stderr, wallMs } = await workspace.preview({ pack: chosen.pack });
    if (!succeeded) {
      throw new Error([...diagnostics.map(({ message }) => message), stdout, stderr].join("\n"));
    }
    printPreview({ wallMs, resources: steps.length });
  } finally {
    await workspace.close();
  }
}

/** `pulumi preview`, which starts the program in Pulumi's host, a process of its own. */
async function byCommandLine(): Promise<Preview> {
  const workspace = await Workspace.open();
  try {
    const { code, stdout, stderr, wallMs } = await workspace.commandLine(["preview", "--stack", "dev", "--policy-pack", "policy-pack"]);
    const [, resources] = /(\d+) to create/.exec(stdout) ?? [];
    if (code !== 0 || resources === undefined) {
      throw new Error(`${stdout}\n${stderr}`);
    }
    return { wallMs, resources: Number(resources) };
  } finally {
    await workspace.close();
  }
}

function printPreview(preview: Preview): void {
  process.stdout.write(JSON.stringify(preview));
}

void main(process.argv[2] ?? "");
