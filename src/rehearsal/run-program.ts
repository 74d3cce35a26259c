/** Runs the Pulumi program in this process, the way Pulumi's Automation API runs inline programs. */
import { RunError, runtime } from "@pulumi/pulumi";
import { LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Client, ClientUnaryCall } from "@grpc/grpc-js";
import type { DeployedStack } from "./deployed/deployed-stack";
import type { Offers } from "./stand-ins/invokes";
import { makeAccount } from "./stand-ins/account";
import { RecordingMonitor } from "./monitor/monitor";
import { keepCallbacksInTheirRun } from "./monitor/program-context";
import type { Mode, Recording } from "./monitor/recording";
import { leaveOutStackTraces } from "./stack-traces";

export interface RunOptions {
  /** Absolute path of the program's entry point, `index.ts`; or the program itself. */
  readonly program: string | (() => unknown);
  readonly project: string;
  readonly stack: string;
  /** Full keys (`shared-gpu:teams`, `aws:region`); structured values as JSON text, as the engine hands them over. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys whose values are secret. @default none */
  readonly secretKeys?: readonly string[];
  /** @default "known" */
  readonly mode?: Mode;
  /** What AWS is assumed to offer. @default every zone offers every instance type */
  readonly offers?: Offers;
  /** The stack as it is deployed. @default nothing is */
  readonly deployed?: DeployedStack | undefined;
  /** @default 16, as the CLI on most machines */
  readonly parallel?: number;
}

/** The region where nothing says otherwise: the monitor answers for it, the program decides whether it accepts none. */
const DEFAULT_REGION = "us-east-1";

/** The runtime makes clients for an address only. These never connect: the monitor answers them (docs/decisions/0013-the-program-is-answered-without-a-wire.md). */
const NOWHERE = "127.0.0.1:0";

/** A monitor for one run, not listening yet. */
export function makeMonitor(options: RunOptions): RecordingMonitor {
  const { project, stack, config, mode = "known", offers = {}, deployed } = options;
  return new RecordingMonitor({
    project,
    stack,
    mode,
    config,
    offers,
    deployed,
    account: makeAccount(config["aws:region"] ?? DEFAULT_REGION, stack),
  });
}

/**
 * Runs the program to its end and answers what it registered. A program that fails does not reject: its errors are in the
 * recording, beside whatever it had registered until then.
 */
export async function runProgram(options: RunOptions): Promise<Recording> {
  const monitor = makeMonitor(options);
  const onUncaught = (error: unknown) => {
    monitor.fail(messageOf(error));
  };
  // Failed registrations surface as unhandled rejections of the runtime's own promises (pulumi automation/server.js).
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
  try {
    await withLocalStorage(() => evaluate(options, monitor));
  } finally {
    monitor.close();
    process.off("uncaughtException", onUncaught);
    process.off("unhandledRejection", onUncaught);
  }
  return monitor.recording();
}

async function evaluate(options: RunOptions, monitor: RecordingMonitor): Promise<void> {
  const { program, project, stack, config, secretKeys = [], mode = "known", parallel = 16 } = options;
  runtime.resetOptions(project, stack, parallel, NOWHERE, NOWHERE, mode === "preview", "organization");
  runtime.setAllConfig({ ...config }, [...secretKeys]);
  const clients = [runtime.getMonitor(), runtime.getEngine()] as unknown as readonly [Client, Client];
  monitor.answerHere(...clients);
  keepDebugMessagesHere();
  keepCallbacksInTheirRun();
  leaveOutStackTraces();
  const ended = new AbortController();
  try {
    await Promise.race([evaluateStack(program, monitor), monitor.stalled(ended.signal)]);
  } finally {
    ended.abort();
    // A program that waits for ever has not disconnected, and its server of callbacks would keep this process.
    runtime.disconnectSync();
    // A run with its own state has its own clients, and `disconnect` closes only those of the process-wide state.
    clients.forEach((client) => {
      client.close();
    });
  }
}

async function evaluateStack(program: RunOptions["program"], monitor: RecordingMonitor): Promise<void> {
  try {
    await runtime.runInPulumiStack(async () => {
      try {
        const exported: unknown =
          typeof program === "string" ? ((await import(program)) as { readonly default: unknown }).default : program;
        return typeof exported === "function" ? await (exported as () => unknown)() : exported;
      } catch (error) {
        // Caught here, because the runtime hands a rejection to promises of its own as well, which nobody awaits.
        monitor.fail(messageOf(error));
        return undefined;
      }
    });
    await runtime.disconnect(true);
  } catch (error) {
    monitor.fail(messageOf(error));
    await runtime.disconnect(false);
  }
}

/** The runtime reports every step it takes. Nobody would read these hundreds of messages in the recording: `pulumi` shows them with --debug only. */
function keepDebugMessagesHere(): void {
  const client = runtime.getEngine();
  if (client === undefined) {
    return;
  }
  const log = client.log.bind(client) as (...args: readonly unknown[]) => ClientUnaryCall;
  client.log = (request: LogRequest, ...rest: readonly unknown[]) => {
    const callback = rest.at(-1);
    if (request.getSeverity() !== LogSeverity.DEBUG || typeof callback !== "function") {
      return log(request, ...rest);
    }
    callback(null, new Empty());
    // Nobody cancels a log message.
    return {} as ClientUnaryCall;
  };
}

/** What a person should read: a RunError is an answer to the user, anything else a fault with its place. */
function messageOf(error: unknown): string {
  if (RunError.isInstance(error)) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Gives a run its own runtime state, so that runs do not see each other. Pulumi keeps this out of its type declarations,
 * but uses it for exactly this in automation/server.js.
 */
async function withLocalStorage<T>(run: () => Promise<T>): Promise<T> {
  const state = (await import("@pulumi/pulumi/runtime/state")) as unknown as { withLocalStorage<R>(callback: () => R): R };
  return state.withLocalStorage(run);
}
