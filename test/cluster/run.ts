/**
 * `npm run test:cluster`: the tests of this folder. Everything but `--context` goes to jest.
 *
 *   npm run test:cluster
 *   npm run test:cluster -- placement                the files whose path has this in it
 *   npm run test:cluster -- --context kind-spare     on a cluster of yours that has no GPUs
 *
 * With SHARED_GPU_KUBERNETES=1.35 the control plane has that version, and without patterns only those files run that hold the models against it.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { defaultRelease } from "../../src/releases/find";
import { CONTEXT_VARIABLE } from "../harness/control-plane/context";
import { testedRelease } from "../support/tested-release";

/**
 * Files that hold what the models say of a Kubernetes version against its own programs. The others are about this project's own parts, or, as `selectors/soundness`,
 * about packages of one version.
 */
const ABOUT_A_VERSION = [
  "admission/",
  "differential/",
  "immutability",
  "objects",
  "quotas/",
  "selectors/api-server",
  "selectors/scheduling",
  "templates",
  "tenants/",
  "trial/agreement",
  "validation/",
];

const args = process.argv.slice(2);
const at = args.indexOf("--context");
const [, context] = at === -1 ? [] : args.splice(at, 2);
if (at !== -1 && context === undefined) {
  process.stderr.write("--context needs the name of a kubectl context\n");
  process.exit(2);
}
const isWhole = testedRelease() === defaultRelease() || args.some((arg) => !arg.startsWith("-"));
const patterns = isWhole ? [] : ABOUT_A_VERSION.map((path) => `test/cluster/${path}`);
const jest = [require.resolve("jest/bin/jest"), "--config", join(__dirname, "jest.config.js"), ...args, ...patterns];
const env = { ...process.env, ...(context === undefined ? {} : { [CONTEXT_VARIABLE]: context }) };
const { status } = spawnSync(process.execPath, jest, { stdio: "inherit", env });
process.exitCode = status ?? 1;
