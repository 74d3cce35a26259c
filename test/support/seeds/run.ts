/**
 * `npm run test:seeds`: every file of `npm test` that has a property, with many seeds.
 *
 *   npm run test:seeds                            seeds 1 to 10
 *   npm run test:seeds -- --from 20261127 --runs 25
 *
 * A property that fails says with which seeds. `SHARED_GPU_TEST_SEED=<seed> npx jest <file>` draws the same examples again.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { COUNT_VARIABLE, SEED_VARIABLE, readSeed } from "./seed";

const ROOT = join(__dirname, "../../..");
/** They start programs, and have a command of their own. */
const OTHER_TIERS = ["processes", "cluster", "engine"].map((tier) => join(ROOT, "test", tier));

function filesWithProperties(): readonly string[] {
  return readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .map((name) => join(ROOT, "test", name))
    .filter((path) => path.endsWith(".test.ts") && !OTHER_TIERS.some((tier) => path.startsWith(`${tier}/`)))
    .filter((path) => readFileSync(path, "utf8").includes('from "fast-check"'))
    .map((path) => relative(ROOT, path))
    .sort();
}

const { values } = parseArgs({ options: { from: { type: "string", default: "1" }, runs: { type: "string", default: "10" } } });
const [from, runs] = [readSeed(values.from), readSeed(values.runs)];
const last = readSeed(String(from + runs - 1));
const files = filesWithProperties();
console.log(`Seeds ${from} to ${last}, ${files.length} files with properties`);
const { status } = spawnSync(
  process.execPath,
  [require.resolve("jest/bin/jest"), "--config", "test/support/seeds/jest.config.js", "--runTestsByPath", ...files],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, [SEED_VARIABLE]: String(from), [COUNT_VARIABLE]: String(runs) } },
);
console.log(status === 0 ? `All ${runs} seeds are green` : "Failed");
process.exitCode = status ?? 1;
