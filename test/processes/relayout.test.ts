/** The relayout as a user runs it, on a cluster that does not answer. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { runNode } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

/** A kubeconfig whose cluster has a port at which nobody listens. */
async function kubeconfig(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const config = {
    ...{ apiVersion: "v1", kind: "Config" },
    clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${String(port)}` } }],
    users: [{ name: "u", user: { token: "none" } }],
    contexts: [{ name: "my cluster", context: { cluster: "c", user: "u" } }],
  };
  return join(makeFolder({ "config.json": JSON.stringify(config) }), "config.json");
}

test.each([
  ["--layout", "all-1g.5gb", "--dry-run"],
  ["--reboot", "--yes"],
  ["--reboot", "--dry-run"],
])("%s %s says in one line that the cluster does not answer, with the command that tells", async (...args) => {
  const env = { KUBECONFIG: await kubeconfig() };
  const { code, stdout, stderr } = await runNode(
    ["--require", "./transpile.js", "src/cli/relayout.ts", "--context", "my cluster", ...args],
    { cwd: ROOT, env },
  );
  expect({ code, stdout, stderr }).toEqual({
    ...{ code: 2, stdout: "" },
    stderr: expect.stringMatching(/^[^\n]*ECONNREFUSED[^\n]*kubectl --context 'my cluster' version tells[^\n]*\n$/) as string,
  });
});
