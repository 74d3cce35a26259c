/** Where a command reads a cluster from. */
import { resolve } from "node:path";
import type { ApiServer } from "../live/api/api-server";
import type { Snapshot } from "../planner/snapshot/snapshot";
import { UserError, readText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";

const ROOT = resolve(__dirname, "../..");

/** What `read` reads of the live cluster of a context of kubectl. @throws UserError where the cluster cannot be read. */
export async function readContext<T>(context: string, read: (api: ApiServer) => Promise<T>): Promise<T> {
  const { ApiServer, isOfCluster } = await import("../live/api/api-server");
  const { accessOf } = await import("../live/api/context");
  try {
    const api = new ApiServer(accessOf(context));
    try {
      return await read(api);
    } finally {
      api.close();
    }
  } catch (error) {
    throw isOfCluster(error) ? new UserError(error.message) : error;
  }
}

/** The cluster that a stack would make. Pulumi's runtime is loaded only for it. */
export async function stackSnapshot(stack: string): Promise<Snapshot> {
  loadLate();
  const { snapshotOfStack } = await import("../rehearsal/snapshot");
  return snapshotOfStack(ROOT, stack);
}

/** The cluster in a file of `npm run plan -- --save`, or in a List of kubectl. @throws UserError that names the file. */
export async function fileSnapshot(path: string): Promise<Snapshot> {
  const { readSnapshot } = await import("../planner/snapshot/file");
  const text = readText(path);
  const reading = readSnapshot(parseJson(text, path), path, text.includes("null"));
  if (reading.type === "invalid") {
    throw new UserError(reading.problems.map((problem) => `${path}: ${problem}`).join("\n"));
  }
  return reading.snapshot;
}

/** The value of a file's JSON text. @throws UserError that names the file. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
