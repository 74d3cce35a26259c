/** Runs this project's program in a test, through the same monitor as the rehearsal. */
import { join } from "node:path";
import { isSecretKey } from "../../src/config/secret-keys";
import { SECRET } from "../../src/rehearsal/monitor/marks";
import type { RecordedResource, Recording } from "../../src/rehearsal/monitor/recording";
import type { RunOptions } from "../../src/rehearsal/run-program";
import { readStack } from "../../src/rehearsal/stack-files";
import { defaultRelease } from "../../src/releases/find";
import { testedRelease } from "./tested-release";

export type { RecordedResource, Recording } from "../../src/rehearsal/monitor/recording";
export { UNKNOWN } from "../../src/rehearsal/monitor/wire";

export const ROOT = join(__dirname, "../..");

export interface ProgramOptions extends Pick<RunOptions, "mode" | "offers" | "deployed"> {
  /**
   * Settings over those of the stack, by key with or without namespace (`gpuPools`, `aws:region`); structures as they are.
   * `undefined` removes a setting. @default `{}`, with `apiServerAccess` set to `private` where the stack leaves it open
   */
  readonly config?: Readonly<Record<string, unknown>>;
  /** @default "dev" */
  readonly stack?: string;
  /** @default this project's index.ts */
  readonly program?: string;
}

/** Loads Pulumi's SDK when a program runs: most test files read what another one recorded. */
async function run(options: RunOptions): Promise<Recording> {
  const { runProgram: start } = await import("../../src/rehearsal/run-program");
  return start(options);
}

/** Runs the program and answers what it registered. @throws Error with the program's own words when it fails. */
export async function runProgram(options: ProgramOptions = {}): Promise<Recording> {
  const recording = await run(toRunOptions(options));
  if (recording.errors.length > 0) {
    throw new Error(recording.errors.join("\n"));
  }
  return recording;
}

/** Runs a program that is expected to fail. Its errors are in the recording, beside what it had registered by then. */
export async function runFailingProgram(options: ProgramOptions): Promise<Recording> {
  const recording = await run(toRunOptions(options));
  if (recording.errors.length === 0) {
    throw new Error("the program was expected to fail and did not");
  }
  return recording;
}

/**
 * Runs a few components instead of the whole program: nothing is read from the stack's files.
 * @param program makes the resources; what it returns becomes the stack's outputs.
 * @throws Error with the program's own words when it fails.
 */
export async function runComponents(
  program: () => unknown,
  options: Pick<ProgramOptions, "mode" | "offers"> & { readonly config?: Readonly<Record<string, string>> } = {},
): Promise<Recording> {
  const { config = { "aws:region": "us-east-1" }, mode, offers } = options;
  const recording = await run({ program, project: "shared-gpu", stack: "test", config, mode, offers });
  if (recording.errors.length > 0) {
    throw new Error(recording.errors.join("\n"));
  }
  return recording;
}

export function toRunOptions({
  config = {},
  stack = "dev",
  program = join(ROOT, "index.ts"),
  mode,
  offers,
  deployed,
}: ProgramOptions): RunOptions {
  const settings = readStack(ROOT, stack);
  const merged = new Map(Object.entries(settings.config));
  const access = `${settings.project}:apiServerAccess`;
  if ((merged.get(access) ?? "") === "") {
    merged.set(access, "private");
  }
  // The stack names no version. A run about another one is a run of the stack on that one.
  const tested = testedRelease();
  if (tested !== defaultRelease()) {
    merged.set(`${settings.project}:kubernetesVersion`, tested.kubernetesVersion);
  }
  for (const [name, value] of Object.entries(config)) {
    const key = name.includes(":") ? name : `${settings.project}:${name}`;
    if (value === undefined) {
      merged.delete(key);
    } else {
      merged.set(key, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
  }
  return {
    program,
    project: settings.project,
    stack,
    config: Object.fromEntries(merged),
    secretKeys: [...settings.encrypted, ...[...merged.keys()].filter(isSecretKey)],
    mode,
    offers,
    deployed,
  };
}

/** Every resource of a type. */
export function ofType(recording: Recording, type: string): readonly RecordedResource[] {
  return recording.resources.filter((resource) => resource.type === type);
}

/** The only resource of a type, or the one of that type with a name. @throws Error when there is not exactly one. */
export function only(recording: Recording, type: string, name?: string): RecordedResource {
  const found = ofType(recording, type).filter((resource) => name === undefined || resource.name === name);
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) {
    throw new Error(
      `expected one ${type}${name === undefined ? "" : ` named ${name}`}, found ${found.length}: ${ofType(recording, type)
        .map((resource) => resource.name)
        .join(", ")}`,
    );
  }
  return first;
}

/**
 * Everything that would stand readable in the state file: inputs and outputs of every resource with each secret replaced by
 * `[secret]`, as one JSON text to search in.
 */
export function plainState(recording: Recording): string {
  return JSON.stringify(
    recording.resources.map(({ urn, wire }) => ({ urn, ...wire })),
    (_key, value: unknown) => (isSecretMark(value) ? "[secret]" : value),
  );
}

function isSecretMark(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).includes(SECRET);
}
