/** What the rehearsal says of a deployment's stack, whoever has changed its file meanwhile: the test, or `pulumi config set`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { migConfigsOf } from "../../../src/rehearsal/recorded/mig-manager";
import type { MigConfigs } from "../../../src/rehearsal/recorded/mig-manager";
import { nodesOf } from "../../../src/rehearsal/recorded/nodes";
import type { Node } from "../../../src/cluster/nodes";
import { readStack } from "../../../src/rehearsal/stack-files";
import { runProgram } from "../../support/program";

const STACK = "dev";

export class StackRehearsal {
  private text = "";
  private last: { readonly nodes: readonly Node[]; readonly migConfigs: MigConfigs } = { nodes: [], migConfigs: { type: "stock" } };

  /** The nodes of all node groups. */
  get nodes(): readonly Node[] {
    return this.last.nodes;
  }

  /** The layouts that MIG Manager knows. */
  get migConfigs(): MigConfigs {
    return this.last.migConfigs;
  }

  /**
   * Looks whether the stack's file has changed. Not while the engine runs the program: it would run in this process twice at a time.
   * @param project the folder with the file. @throws Error when the program refuses the settings.
   */
  async update(project: string): Promise<void> {
    const text = readFileSync(join(project, `Pulumi.${STACK}.yaml`), "utf8");
    if (text !== this.text) {
      const recording = await runProgram({ config: readStack(project, STACK).config });
      this.last = { nodes: nodesOf(recording).nodes, migConfigs: migConfigsOf(recording) };
      this.text = text;
    }
  }
}
