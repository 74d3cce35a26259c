/**
 * `npm run test:seeds`: every file of `npm test` that has a property, once for each of many seeds.
 *
 *   npm run test:seeds                            seeds 1 to 10
 *   npm run test:seeds -- --from 20261127 --runs 25
 *
 * It tells every seed that fails, with jest's report and the command that draws the same examples again, and exits with 1 if there is one.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { runNode } from "../child";
import { closeRecordings, openRecordings } from "../recordings/folder";
import { SEED_VARIABLE, readSeed } from "./seed";

const ROOT = join(__dirname, "../../..");
/** They need a control plane or an engine, and have a command of their own. */
const OTHER_TIERS = ["cluster", "engine"].map((tier) => join(ROOT, "test", tier));

function filesWithProperties(): readonly string[] {
  return readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .map((name) => join(ROOT, "test", name))
    .filter((path) => path.endsWith(".test.ts") && !OTHER_TIERS.some((tier) => path.startsWith(`${tier}/`)))
    .filter((path) => readFileSync(path, "utf8").includes('from "fast-check"'))
    .map((path) => relative(ROOT, path))
    .sort();
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: "string", default: "1" }, runs: { type: "string", default: "10" } } });
  const [from, runs] = [readSeed(values.from), readSeed(values.runs)];
  const files = filesWithProperties();
  const failed: number[] = [];
  // The program registers the same with every seed.
  openRecordings();
  for (let seed = from; seed < from + runs; seed++) {
    const env = { [SEED_VARIABLE]: String(readSeed(String(seed))) };
    const { code, stdout, stderr, wallMs } = await runNode([require.resolve("jest/bin/jest"), "--runTestsByPath", ...files], {
      cwd: ROOT,
      env,
    });
    console.log(`seed ${seed}: ${code === 0 ? "green" : "FAILED"}, ${files.length} files, ${(wallMs / 1000).toFixed(0)} s`);
    if (code !== 0) {
      failed.push(seed);
      console.log(`${stdout}${stderr}\n  ${SEED_VARIABLE}=${seed} npx jest ${files.join(" ")}\n`);
    }
  }
  closeRecordings();
  console.log(`${runs - failed.length} of ${runs} seeds are green${failed.length === 0 ? "" : `; failed: ${failed.join(", ")}`}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

void main();
