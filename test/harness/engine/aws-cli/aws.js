/** Sends its arguments to the socket that the first one names, and prints the answer. */
const { request } = require("node:http");
const { text } = require("node:stream/consumers");

const [socketPath, ...args] = process.argv.slice(2);
const sent = request({ socketPath, method: "POST" }, async (response) => {
  const { code, stdout, stderr } = JSON.parse(await text(response));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
});
sent.on("error", () => {
  process.stderr.write(`this aws answers --version and eks get-token only, not: ${args.join(" ")}\n`);
  process.exitCode = 252;
});
sent.end(JSON.stringify(args));
