/**
 * `npm run test:cluster`: the tests of this folder. Everything but `--context` goes to jest.
 *
 *   npm run test:cluster
 *   npm run test:cluster -- placement                the files whose path has this in it
 *   npm run test:cluster -- --context kind-spare     on a cluster of yours that has no GPUs
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { CONTEXT_VARIABLE } from "../harness/control-plane/context";

const args = process.argv.slice(2);
const at = args.indexOf("--context");
const [, context] = at === -1 ? [] : args.splice(at, 2);
if (at !== -1 && context === undefined) {
  process.stderr.write("--context needs the name of a kubectl context\n");
  process.exit(2);
}
const jest = [require.resolve("jest/bin/jest"), "--config", join(__dirname, "jest.config.js"), ...args];
const env = { ...process.env, ...(context === undefined ? {} : { [CONTEXT_VARIABLE]: context }) };
const { status } = spawnSync(process.execPath, jest, { stdio: "inherit", env });
process.exitCode = status ?? 1;
