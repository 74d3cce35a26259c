/** The connections of programs that run one after the other in one process. */
import * as settings from "@pulumi/pulumi/runtime/settings";

/** What Pulumi keeps out of its type declarations. */
interface Internals {
  readonly grpcClientOptions: Record<string, unknown>;
}

/**
 * Gives each run of a program connections of its own. grpc-js keeps those of a process in one pool, by address, and the Automation API never closes a run's
 * clients. One that a failed program still uses after its engine has ended keeps failing there. A later engine on the same port would fail with it:
 * "UNAVAILABLE: No connection established. Last error: null".
 */
export function separateConnections(): void {
  (settings as unknown as Internals).grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
}
