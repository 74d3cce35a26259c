/** Somebody who does what docs/operations.md says: its commands as they stand there, in a checkout, with the real `pulumi` and `kubectl`. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubeconfig } from "../../../src/control-plane/kubeconfig";
import type { Finished } from "../../support/child";
import { commandsOf, section } from "../../support/operations";
import { ROOT } from "../../support/program";
import type { Deployment } from "./deployment";

/** What stands for something in the document, by what it is. */
export type Names = Readonly<Record<string, string>>;

/** Copied and not linked: `npm start` reads the stack's files of the checkout that it is in. */
const COPIED = ["src", "policy-pack", "index.ts", "package.json", "transpile.js", "workloads"];

export class Operator {
  private readonly done = new Set<string>();
  private readonly kubeconfigFile: string;
  private readonly environment: Readonly<Record<string, string>>;

  constructor(private readonly deployment: Deployment) {
    const project = join(deployment.workspace.folder, "project");
    for (const part of COPIED) {
      cpSync(join(ROOT, part), join(project, part), { recursive: true });
    }
    this.kubeconfigFile = join(project, "kubeconfig.json");
    this.environment = {
      KUBECONFIG: this.kubeconfigFile,
      PULUMI_STACK: "dev",
      // What a person does at the prompt.
      PULUMI_SKIP_CONFIRMATIONS: "true",
    };
  }

  /** What `aws eks update-kubeconfig` does: there is no AWS to ask. */
  getIn(): void {
    writeFileSync(this.kubeconfigFile, kubeconfig(this.deployment.api.access));
  }

  /** Runs one command of the document. */
  async run(command: string, names: Names = {}): Promise<Finished> {
    this.done.add(command);
    // Between two settings that go together the stack may be one that the program refuses.
    if (!command.startsWith("pulumi config ")) await this.deployment.prepare();
    const line = Object.entries(names).reduce((text, [name, value]) => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), value), command);
    const placeholder = /(?<!-)\b[A-Z]{4,}\b(?!=)/.exec(line);
    if (placeholder !== null) {
      throw new Error(`${line}: what is ${placeholder[0]}?`);
    }
    return this.deployment.workspace.shell(line, this.environment);
  }

  /** Runs a command, which has to succeed. @returns what it printed. */
  async do(command: string, names: Names = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, names);
    if (code !== 0) {
      throw new Error(`${command} ended with ${code}:\n${stdout}\n${stderr}`);
    }
    return stdout;
  }

  /** Commands of a section that have not been run. */
  left(heading: string): readonly string[] {
    return commandsOf(section(heading)).filter((command) => !this.done.has(command));
  }
}
