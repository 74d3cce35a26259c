/** Somebody who reads docs/operations.md and runs what it prints. */
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { kubeconfig } from "../../../src/control-plane/kubeconfig";
import type { ApiServer } from "../../../src/live/api/api-server";
import { runCommand } from "../../support/child";
import type { Finished } from "../../support/child";
import { makeFolder } from "../../support/folder";
import { linkBinaries } from "../../support/go-binaries";
import { commandsOfRemedy } from "../../support/operations";

/** What is in the place of something in the document, by what it is. */
export type Names = Readonly<Record<string, string>>;

export class Reader {
  private readonly done = new Set<string>();

  /** @param shell runs a line where the reader is. */
  constructor(private readonly shell: (line: string) => Promise<Finished>) {}

  /** Runs one command of the document. @throws Error for a placeholder that has no name. */
  async run(command: string, names: Names = {}): Promise<Finished> {
    this.done.add(command);
    const line = Object.entries(names).reduce((text, [name, value]) => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), value), command);
    const placeholder = /(?<!-)\b[A-Z]{4,}\b(?!=)/.exec(line);
    if (placeholder !== null) {
      throw new Error(`${line}: what is ${placeholder[0]}?`);
    }
    return this.shell(line);
  }

  /** Runs a command, which has to succeed. @returns what it printed. */
  async do(command: string, names: Names = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, names);
    if (code !== 0) {
      throw new Error(`${command} ended with ${code}:\n${stdout}\n${stderr}`);
    }
    return stdout;
  }

  /** Commands of a remedy that have not been run. */
  left(id: string): readonly string[] {
    return commandsOfRemedy(id).filter((command) => !this.done.has(command));
  }
}

/** A reader with the real `kubectl` and the administrator's kubeconfig. */
export async function kubectlReader(api: ApiServer): Promise<Reader> {
  const { run } = await kubectlShell(api);
  return new Reader(run);
}

export interface Shell {
  readonly run: (line: string) => Promise<Finished>;
  /** Of its programs. */
  readonly env: Readonly<Record<string, string>>;
}

/** A shell with the real `kubectl` and the administrator's kubeconfig. The folder goes with the test file. */
export async function kubectlShell({ access }: ApiServer): Promise<Shell> {
  const folder = makeFolder({});
  const path = [await linkBinaries(["kubectl"], folder), process.env.PATH ?? ""].join(delimiter);
  const env = { PATH: path, KUBECONFIG: join(folder, "kubeconfig.json") };
  writeFileSync(env.KUBECONFIG, kubeconfig(access));
  // Bash takes the sockets of a child process for those of a remote shell, and reads ~/.bashrc, which can put the machine's own `aws` first on PATH.
  return { run: (line) => runCommand("bash", ["--norc", "-c", line], { cwd: folder, env }), env };
}

/**
 * The test that docs/operations.md names beside the commands of a remedy: it shows the fault, and then runs the commands as they are printed.
 * @param body gets the commands in their order; undefined where the tests before it have run them.
 */
export function remedy(id: string, reader: () => Reader, body?: (commands: readonly string[]) => Promise<void>): void {
  test(`remedy ${id}`, async () => {
    await body?.(commandsOfRemedy(id));
    expect(reader().left(id)).toEqual([]);
  });
}
