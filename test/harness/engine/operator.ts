/** Somebody who does what docs/operations.md says: its commands as they stand there, in a checkout, with the real `pulumi` and `kubectl`. */
import { cpSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { kubeconfig } from "../../../src/control-plane/kubeconfig";
import { ROOT } from "../../support/program";
import { Reader } from "../fleet/reader";
import type { Deployment } from "./deployment";

/** Copied and not linked: `npm start` reads the stack's files of the checkout that it is in. */
const COPIED = ["src", "policy-pack", "index.ts", "package.json", "transpile.js", "workloads"];
/** Python's tools, where somebody has installed them. */
const VIRTUAL_ENVIRONMENT = ".venv";

export class Operator extends Reader {
  private readonly kubeconfigFile: string;

  constructor(private readonly deployment: Deployment) {
    const project = join(deployment.workspace.folder, "project");
    const kubeconfigFile = join(project, "kubeconfig.json");
    // What a person does at the prompt is the last.
    const environment = { KUBECONFIG: kubeconfigFile, PULUMI_STACK: "dev", PULUMI_SKIP_CONFIRMATIONS: "true" };
    super(async (line) => {
      // Between two settings that go together the stack may be one that the program refuses.
      if (!line.startsWith("pulumi config ")) await deployment.prepare();
      return deployment.workspace.shell(line, environment);
    });
    this.kubeconfigFile = kubeconfigFile;
    for (const part of COPIED) {
      cpSync(join(ROOT, part), join(project, part), { recursive: true, filter: (path) => basename(path) !== VIRTUAL_ENVIRONMENT });
    }
  }

  /** What `aws eks update-kubeconfig` does: there is no AWS to ask. */
  getIn(): void {
    writeFileSync(this.kubeconfigFile, kubeconfig(this.deployment.api.access));
  }
}
