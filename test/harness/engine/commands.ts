/** Commands that the engine and its providers find on PATH, beside the real binaries: scripts of a few lines. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/program";
import { SOCKET } from "./aws-cli/serve";
import { LANGUAGE_HOST } from "./parts";

export interface CommandOptions {
  /** The token that `aws eks get-token` answers. It stands in the script alone, never in a kubeconfig or a state. */
  readonly token: string;
}

/**
 * Writes the commands into an existing folder.
 * - `aws`: the version that the eks plugin asks for, a credential for kubectl, in the words of `aws eks get-token`, and what a simulated account answers on the socket of `aws-cli/serve.ts`.
 * - `pulumi-analyzer-policy-nodejs`: how the CLI starts a policy pack where it finds no Node language host.
 */
export function writeCommands(folder: string, { token }: CommandOptions): void {
  const credential = { kind: "ExecCredential", apiVersion: "client.authentication.k8s.io/v1beta1", spec: {}, status: { token } };
  writeScript(
    join(folder, "aws"),
    `case "$*" in
  --version) echo "aws-cli/2.31.0 Python/3.13.7 Linux" ;;
  *"eks get-token"*) echo '${JSON.stringify(credential)}' ;;
  *) exec '${process.execPath}' '${join(__dirname, "aws-cli/aws.js")}' '${join(folder, SOCKET)}' "$@" ;;
esac`,
  );
  const host = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  writeScript(join(folder, "pulumi-analyzer-policy-nodejs"), `exec '${process.execPath}' '${host}' "$@"`);
}

/** Writes the stand-in for Pulumi's Node language host. With it the CLI runs programs, and starts packs, by itself. */
export function writeLanguageHost(folder: string): void {
  const [loader, host] = [join(ROOT, "transpile.js"), join(__dirname, "language-host.ts")];
  writeScript(join(folder, LANGUAGE_HOST), `exec '${process.execPath}' --require '${loader}' '${host}' "$@"`);
}

function writeScript(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o700);
}
