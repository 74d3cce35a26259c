/** Answers the `aws` of a workspace's PATH, which is a process of its own, from this process. */
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { Printed } from "./answer";

/** The socket, in the folder of the commands. */
export const SOCKET = "aws.sock";

/** @returns what ends it. */
export async function serve(socket: string, answer: (args: readonly string[]) => Promise<Printed>): Promise<() => void> {
  const server = createServer((request, response) => {
    void (async () => {
      const printed = await answer(JSON.parse(await text(request)) as readonly string[]).catch((error: unknown): Printed => ({
        code: 255,
        stdout: "",
        stderr: `${String(error)}\n`,
      }));
      response.end(JSON.stringify(printed));
    })();
  });
  server.listen(socket);
  await once(server, "listening");
  return () => server.close();
}
