/**
 * A stack under the real pulumi CLI: a temporary folder with this project's own Pulumi.yaml and stack file, a state in files, the
 * providers that stand in for AWS, and the Automation API, which runs the program in this process and everything else in the CLI.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import type { EngineEvent, OutputMap, PulumiFn } from "@pulumi/pulumi/automation";
import { parseDocument } from "yaml";
import { runCommand } from "../../support/child";
import type { Finished } from "../../support/child";
import { ENGINE_BINARIES, linkBinaries } from "../../support/go-binaries";
import type { BinaryName } from "../../support/go-binaries";
import { ROOT } from "../../support/program";
import { writeCommands, writeLanguageHost } from "./commands";
import { separateConnections } from "./connections";
import { installedParts, linkComponents } from "./parts";
import type { Parts } from "./parts";
import { environmentOf, linkProgram, makeProject } from "./project";
import { collectRejections } from "./rejections";
import { outcomeOf } from "./outcome";
import type { Outcome } from "./outcome";
import type { Thing } from "./providers/cloud";
import { startStandIns } from "./providers/stand-ins";
import type { StandIns, StandInOptions } from "./providers/stand-ins";

export { errorsOf } from "./outcome";
export type { Moment, Outcome, Step, Violation } from "./outcome";

export interface WorkspaceOptions extends StandInOptions {
  /** The real programs of the run. @default the CLI and the Kubernetes provider */
  readonly binaries?: readonly BinaryName[];
  /** @default this project's index.ts */
  readonly program?: PulumiFn;
  /** @default "dev" */
  readonly stack?: string;
  /** Settings over those of the stack, by key without namespace or with one; structures as they are. `apiServerAccess` is `private` unless set. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The bearer token of the API server's administrator. @default one that no server knows */
  readonly token?: string;
  /** More environment of the CLI and the plugins. @default none */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** The policy pack's folder; false: none. @default this project's pack */
  readonly pack?: string | false;
  /** The text of a `--policy-pack-config` file. @default the pack's own defaults */
  readonly packConfig?: object;
  /** URNs, with wildcards, of the only resources that an `up` may change. @default all */
  readonly targets?: readonly string[];
  /** Another program for this run alone. */
  readonly program?: PulumiFn;
  /** Hears of each event of the engine while the run goes on. */
  readonly onEvent?: (event: EngineEvent) => void;
}

const PACK = join(ROOT, "policy-pack");

/** This project's program as the Automation API runs it. */
export async function stackProgram(): Promise<PulumiFn> {
  const { default: program } = (await import(join(ROOT, "index.ts"))) as { readonly default: PulumiFn };
  return program;
}

export class Workspace {
  private ending = new AbortController();
  private current: Promise<unknown> = Promise.resolve();

  private constructor(
    /** The temporary folder. */
    readonly folder: string,
    readonly standIns: StandIns,
    private readonly stackName: string,
    private readonly stack: Stack,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly parts: Parts,
  ) {}

  /** Makes the folder and the stack. Whoever makes one has to close it. */
  static async open(options: WorkspaceOptions = {}): Promise<Workspace> {
    const { binaries = ENGINE_BINARIES, stack: stackName = "dev", config = {}, env = {} } = options;
    separateConnections();
    const folder = mkdtempSync(join(tmpdir(), "shared-gpu-engine-"));
    const standIns = await startStandIns(options);
    try {
      const commands = await linkBinaries(binaries, folder);
      writeCommands(commands, { token: options.token ?? "a token that no server knows" });
      const parts = installedParts();
      // Components that only the test knows are in the stand-ins alone.
      const attach = options.plugins === undefined ? linkComponents(parts, commands, standIns.attach) : standIns.attach;
      const project = makeProject(folder, stackName);
      mkdirSync(join(folder, "state"));
      const program = options.program ?? (await stackProgram());
      const environment = { ...env, ...environmentOf(folder, commands, attach) };
      const pulumiCommand = await PulumiCommand.get({ root: folder });
      const local = await LocalWorkspace.create({ workDir: project, program, envVars: environment, pulumiCommand });
      const workspace = new Workspace(folder, standIns, stackName, await Stack.create(stackName, local), environment, parts);
      workspace.configure({ apiServerAccess: "private", ...config });
      return workspace;
    } catch (error) {
      standIns.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Changes settings in the stack's file, as an editor does; `undefined` removes one. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    const path = join(this.folder, "project", `Pulumi.${this.stackName}.yaml`);
    const document = parseDocument(readFileSync(path, "utf8"));
    for (const [name, value] of Object.entries(settings)) {
      const key = name.includes(":") ? name : `shared-gpu:${name}`;
      if (value === undefined) {
        document.deleteIn(["config", key]);
      } else {
        document.setIn(["config", key], document.createNode(value));
      }
    }
    writeFileSync(path, document.toString());
  }

  preview(options: RunOptions = {}): Promise<Outcome> {
    return this.run(options, (common) => this.stack.preview(common));
  }

  up(options: RunOptions = {}): Promise<Outcome> {
    const { targets } = options;
    return this.run(options, (common) => this.stack.up({ ...common, ...(targets === undefined ? {} : { target: [...targets] }) }));
  }

  refresh(): Promise<Outcome> {
    return this.run({ pack: false }, (common) => this.stack.refresh(common));
  }

  destroy(): Promise<Outcome> {
    return this.run({ pack: false }, (common) => this.stack.destroy(common));
  }

  /**
   * Runs the CLI by itself, as a person does: it starts the program in Pulumi's language host. The project's folder gets what the program consists of.
   * @returns its exit code and what it printed.
   */
  commandLine(args: readonly string[]): Promise<Finished> {
    return this.runInProject(join(this.folder, "bin", "pulumi"), ["--non-interactive", "--color", "never", ...args]);
  }

  /** Runs a line of a shell there. @param env over that of the CLI. */
  shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.runInProject("bash", ["--norc", "-c", line], env);
  }

  private runInProject(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    if (this.parts["language host"] === undefined) {
      writeLanguageHost(join(this.folder, "bin"));
    }
    const project = join(this.folder, "project");
    linkProgram(project);
    return runCommand(command, args, { cwd: project, env: { ...this.environment, ...env } });
  }

  /** The state as it stands in the file: secrets encrypted. */
  state(): { readonly resources: readonly StateResource[]; readonly text: string } {
    const text = readFileSync(join(this.folder, "state", ".pulumi", "stacks", "shared-gpu", `${this.stackName}.json`), "utf8");
    const { checkpoint } = JSON.parse(text) as {
      readonly checkpoint: { readonly latest?: { readonly resources?: readonly StateResource[] } };
    };
    return { resources: checkpoint.latest?.resources ?? [], text };
  }

  /** What exists in the cloud and not in the state: what was being created when a run was killed. */
  unrecorded(): readonly Thing[] {
    const recorded = new Set(this.state().resources.map(({ id }) => id));
    return this.standIns.cloud.all.filter(({ id }) => !recorded.has(id));
  }

  /** The stack's outputs; secrets are marked and readable. */
  outputs(): Promise<OutputMap> {
    return this.stack.outputs();
  }

  /** Ends everything, a run that goes on too, and removes the folder. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.current;
    this.standIns.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(
    options: RunOptions,
    start: (common: CommonOptions) => Promise<{ readonly stdout: string; readonly stderr: string }>,
  ): Promise<Outcome> {
    const { pack = PACK, packConfig, program, onEvent = () => undefined } = options;
    const events: EngineEvent[] = [];
    this.ending = new AbortController();
    const common: CommonOptions = {
      color: "never",
      onEvent: (event) => {
        events.push(event);
        onEvent(event);
      },
      signal: this.ending.signal,
      ...(program === undefined ? {} : { program }),
      ...(pack === false ? {} : { policyPacks: [pack] }),
      ...(packConfig === undefined ? {} : { policyPackConfigs: [this.write("pack-config.json", JSON.stringify(packConfig))] }),
    };
    const started = performance.now();
    const running = collectRejections(async () => {
      try {
        return { ...(await start(common)), succeeded: true };
      } catch (error) {
        return { ...commandResultOf(error), succeeded: false };
      }
    });
    this.current = running.catch(() => undefined);
    const { result, rejections } = await running;
    if (result.succeeded && rejections.length > 0) {
      throw rejections[0];
    }
    const { succeeded, stdout, stderr } = result;
    return outcomeOf(events, { succeeded, stdout, stderr, wallMs: performance.now() - started });
  }

  /** Writes a file into the temporary folder. @returns its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }
}

/** A resource in an exported state, as far as tests look at it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface CommonOptions {
  readonly color: "never";
  readonly onEvent: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
  readonly program?: PulumiFn;
  readonly policyPacks?: string[];
  readonly policyPackConfigs?: string[];
}

/** What the CLI printed before it failed. @throws the error itself when it comes from somewhere else. */
function commandResultOf(error: unknown): { readonly stdout: string; readonly stderr: string } {
  if (error instanceof Error && "commandResult" in error) {
    return error.commandResult as { readonly stdout: string; readonly stderr: string };
  }
  throw error;
}
