/**
 * Records runs of the program, each once, for whoever asks: the request has the run's options, the answer is the recording, both as JSON text. A process of
 * its own, because the program takes twice as long in a test file, where jest loads the SDKs anew and nothing is warm.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { loadLate } from "../../../src/rehearsal/late-modules";
import type { RunOptions } from "../../../src/rehearsal/run-program";

/** By the options as JSON text. */
const runs = new Map<string, Promise<string>>();
let last: Promise<unknown> = Promise.resolve();

/** One run at a time: together they would only wait for each other. */
function recordingOf(options: string): Promise<string> {
  const known = runs.get(options);
  if (known !== undefined) {
    return known;
  }
  const run = last.then(async () => {
    // The SDKs are loaded when somebody asks, which few runs of a single test file do.
    loadLate();
    const { runProgram } = await import("../../../src/rehearsal/run-program");
    return JSON.stringify(await runProgram(JSON.parse(options) as RunOptions));
  });
  runs.set(options, run);
  last = run.catch(() => undefined);
  return run;
}

const server = createServer((request, response) => {
  // A connection for each request: while a run keeps this process busy, an idle one ends between the client's look at it and its next request.
  response.shouldKeepAlive = false;
  text(request)
    .then(recordingOf)
    .then(
      (recording) => response.end(recording),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
});

process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
