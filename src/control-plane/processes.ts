/** The processes of one control plane. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UnusableError } from "../live/unusable";
import { waitFor } from "../live/wait";

/** A limit against hanging: on a busy machine an API server takes its time. */
const START_TIMEOUT_MS = 120_000;

const GO_STACK = /^(?:\s|goroutine |[\w./*()-]+\(.*\)$)/;
const SHOWN_LINES = 4;
const SHOWN_CHARACTERS = 400;

/** Starts and watches programs through a supervisor that ends them, and removes the folder, with this process. */
export class Processes {
  private readonly supervisor: ChildProcess;
  private readonly exits = new Map<string, number | string>();
  private readonly ended: Promise<void>;

  constructor(
    private readonly folder: string,
    private readonly programs: Readonly<Record<string, string>>,
  ) {
    // Detached: a Ctrl-C goes to the whole group, and the supervisor has to outlive it for as long as the clearing up takes.
    this.supervisor = fork(join(__dirname, "supervisor.js"), [folder], { detached: true, stdio: "ignore", execArgv: [] });
    this.ended = new Promise((resolve) => this.supervisor.once("exit", () => resolve()));
    this.supervisor.on("exit", (code, signal) => this.exits.set("the supervisor of the control plane", code ?? signal ?? ""));
    this.supervisor.on("message", ({ name, code }: { readonly name: string; readonly code: number | string }) =>
      this.exits.set(name, code),
    );
  }

  start(name: string, args: readonly string[]): void {
    this.exits.delete(name);
    this.send({ type: "start", name, command: this.programs[name], args });
  }

  /** A supervisor that has ended hears nothing; `until` tells of its end. */
  private send(message: object): void {
    this.supervisor.send(message, () => undefined);
  }

  async restart(name: string, args: readonly string[]): Promise<void> {
    this.send({ type: "stop", name });
    await waitFor(`the end of ${name}`, () => Promise.resolve(this.exits.has(name)));
    this.start(name, args);
  }

  /**
   * Waits for what a process brings about; false and undefined are not yet it, and neither is an error.
   * @throws UnusableError with what was seen last, and the end of the log, when it takes too long, or when any of the processes exits: an API server whose etcd could
   * not have its port would otherwise talk to whoever has it.
   */
  async until<T>(name: string, look: () => Promise<T | false | undefined>): Promise<T> {
    let found: T | false | undefined;
    let seen = "nothing";
    let atFault = name;
    const isThere = async (): Promise<boolean> => {
      const [exit] = this.exits;
      if (exit !== undefined) {
        atFault = exit[0];
        throw new Error(`${exit[0]} ended with ${exit[1]}`);
      }
      try {
        found = await look();
        seen = String(found);
      } catch (error) {
        found = undefined;
        seen = messageOf(error);
      }
      return found !== false && found !== undefined;
    };
    try {
      await waitFor(name, isThere, { timeoutMs: START_TIMEOUT_MS, describe: () => Promise.resolve(seen) });
    } catch (error) {
      throw new UnusableError([`${atFault} did not start: ${messageOf(error)}`, ...this.lastWordsOf(atFault)].join("\n  "));
    }
    return found as T;
  }

  async end(): Promise<void> {
    if (this.supervisor.connected) {
      this.supervisor.disconnect();
    }
    await this.ended;
    // A supervisor that could not start has removed nothing.
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The last lines of a log that are no frames of Go's stacks. */
  private lastWordsOf(name: string): readonly string[] {
    try {
      const lines = readFileSync(join(this.folder, `${name}.log`), "utf8").split("\n");
      return lines
        .filter((line) => line !== "" && !GO_STACK.test(line))
        .slice(-SHOWN_LINES)
        .map((line) => line.slice(0, SHOWN_CHARACTERS));
    } catch {
      return [];
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
