/** Where a command reads a cluster from. */
import type { ApiServer } from "../live/api/api-server";
import { UserError } from "../rehearsal/files";

/** What `read` reads of the live cluster of a context of kubectl. @throws UserError where the cluster cannot be read. */
export async function readContext<T>(context: string, read: (api: ApiServer) => Promise<T>): Promise<T> {
  const { ApiServer } = await import("../live/api/api-server");
  const { accessOf } = await import("../live/api/context");
  const { UnusableError } = await import("../live/unusable");
  try {
    const api = new ApiServer(accessOf(context));
    try {
      return await read(api);
    } finally {
      api.close();
    }
  } catch (error) {
    throw error instanceof UnusableError ? new UserError(error.message) : error;
  }
}

/** The value of a file's JSON text. @throws UserError that names the file. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
