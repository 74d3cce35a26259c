/** What `npm start -- --from-export` says of a workspace's stack, as steps that can be compared with the engine's. */
import { join } from "node:path";
import { DeployedStack } from "../../../src/rehearsal/deployed/deployed-stack";
import { isOfProvider, titleOf } from "../../../src/rehearsal/deployed/plan";
import type { Step } from "../../../src/rehearsal/deployed/plan";
import { readExport } from "../../../src/rehearsal/deployed/stack-export";
import { runProgram } from "../../../src/rehearsal/run-program";
import { readStack } from "../../../src/rehearsal/stack-files";
import { ROOT } from "../../support/program";
import type { Outcome, Workspace } from "./workspace";

const STACK = "dev";
/** Steps of components say nothing of their own. */
const COMPONENT = /^(shared-gpu|awsx|eks):/;
const PARTS_OF_REPLACEMENTS: ReadonlySet<string> = new Set(["create-replacement", "delete-replaced"]);

export interface Foretold {
  /** What the program refuses. */
  readonly errors: readonly string[];
  /** In the order in which their turn comes; what stays the same is left out. */
  readonly steps: readonly Step[];
}

/** Writes an export with the CLI and rehearses with it. Not while the engine runs the program: it would run in this process twice at a time. */
export async function foretell(workspace: Workspace): Promise<Foretold> {
  const file = join(workspace.folder, "export.json");
  const { code, stderr } = await workspace.commandLine(["stack", "export", "--stack", STACK, "--file", file]);
  if (code !== 0) {
    throw new Error(stderr);
  }
  const { project, config, encrypted } = readStack(join(workspace.folder, "project"), STACK);
  const place = { project, stack: STACK };
  const deployed = new DeployedStack(readExport(file, place), place);
  const { errors } = await runProgram({ ...place, program: join(ROOT, "index.ts"), config, secretKeys: encrypted, deployed });
  return { errors, steps: deployed.steps().filter((step) => step.type !== "same" && isOfProvider(step)) };
}

/** `update NodeGroup a100`, sorted, in the engine's words. */
export function foretoldChanges({ steps }: Foretold): readonly string[] {
  return steps.map((step) => `${operationOf(step)} ${titleOf(step)}`).sort();
}

function operationOf(step: Step): string {
  if (step.type !== "delete") {
    return step.type;
  }
  // What an interrupted replacement has left.
  return step.deployed.delete ? "delete-replaced" : step.deployed.pendingReplacement ? "remove-pending-replace" : "delete";
}

/** The same of a run of the engine; a replacement is one line. */
export function changesOf({ steps }: Outcome): readonly string[] {
  const replaced = new Set(steps.filter(({ op }) => op === "replace").map(({ type, name }) => `${type} ${name}`));
  return steps
    .filter(({ op, type, name }) => !COMPONENT.test(type) && !(PARTS_OF_REPLACEMENTS.has(op) && replaced.has(`${type} ${name}`)))
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();
}
