/**
 * `npm run test:mutation`: measures the rules piece by piece, and prints one table.
 *
 *   npm run test:mutation                            what has changed since it was measured
 *   npm run test:mutation -- policy-pack/pods reach  the pieces whose names have this in them
 *   npm run test:mutation -- --shard 2/4             every fourth piece, from the second on
 *   npm run test:mutation -- --minutes 30            starts no piece after 30 minutes. The next run goes on from there
 *   npm run test:mutation -- --report                measures nothing: the table of what was measured
 *
 * `node_modules/.cache/mutation` keeps the results, a file for each piece. A piece is not measured again while its rules and all tests are the same.
 * If they are not, Stryker tries the changes again whose rule is another, whose noticing test is another, or which no test had noticed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { piecesOf } from "./pieces.mjs";

/** Just below what the rules reached when they were last measured as a whole. */
const LEAST_SCORE = 90;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules/.cache/mutation");
const STRYKER = join(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json"), "../bin/stryker.js");
/** What the tests of the rules are made of. */
const TESTS = ["cluster-model", "corpus", "dra", "kubernetes", "mutation", "policy-pack", "support", "well-known"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shard: { type: "string", default: "1/1" }, minutes: { type: "string" }, report: { type: "boolean", default: false } },
});
const [shard, shards] = values.shard.split("/").map(Number);
const end = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const pieces = piecesOf(ROOT).filter(
  ({ name }, index) => index % shards === shard - 1 && (positionals.length === 0 || positionals.some((part) => name.includes(part))),
);
if (pieces.length === 0) {
  process.stderr.write("No piece has such a name or number\n");
  process.exit(2);
}

const tests = TESTS.flatMap((folder) =>
  readdirSync(join(ROOT, "test", folder), { recursive: true }).map((name) => `test/${folder}/${name}`),
);
const testHash = hashOf(tests);
for (const piece of pieces) {
  piece.results = join(CACHE, `${piece.name.replaceAll("/", ".")}.json`);
  piece.stamp = join(CACHE, `${piece.name.replaceAll("/", ".")}.stamp`);
  piece.hash = `${testHash} ${hashOf(piece.files)}`;
}
if (!values.report) {
  pieces.filter((piece) => !isMeasured(piece) && Date.now() < end).forEach(measure);
}
report();

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files.toSorted().filter((each) => statSync(join(ROOT, each)).isFile())) {
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}

function isMeasured({ stamp, hash }) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
}

function measure({ name, files, results, stamp, hash }) {
  console.log(`\n${name}`);
  const args = [STRYKER, "run", "test/mutation/stryker.config.mjs", "--mutate", files.join(","), "--incrementalFile", results];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, hash);
}

/** Prints the table, and fails if a piece is not measured as it is or if too many changes pass unnoticed. */
function report() {
  const rows = pieces.filter(({ results }) => existsSync(results)).map(rowOf);
  const sum = rows.reduce(
    (total, { noticed, passed, marked }) => ({
      noticed: total.noticed + noticed,
      passed: total.passed + passed,
      marked: total.marked + marked,
    }),
    { noticed: 0, passed: 0, marked: 0 },
  );
  console.log("\n| piece | changes | noticed | marked | score |\n| --- | ---: | ---: | ---: | ---: |");
  [...rows, { name: "together", ...sum }].forEach(({ name, noticed, passed, marked }) => {
    console.log(`| ${name} | ${noticed + passed} | ${noticed} | ${marked} | ${scoreOf(noticed, passed)} % |`);
  });
  const missing = pieces.filter((piece) => !isMeasured(piece)).map(({ name }) => name);
  if (missing.length > 0) {
    console.log(`\nNot measured, or another since: ${missing.join(", ")}`);
  }
  const score = Number(scoreOf(sum.noticed, sum.passed));
  if (score < LEAST_SCORE) {
    console.log(`\nThe score is below ${LEAST_SCORE} %`);
  }
  process.exitCode = missing.length > 0 || score < LEAST_SCORE ? 1 : 0;
}

function rowOf({ name, files, results }) {
  const report = JSON.parse(readFileSync(results, "utf8"));
  const statuses = files.flatMap((file) => (report.files[file]?.mutants ?? []).map(({ status }) => status));
  const count = (...wanted) => statuses.filter((status) => wanted.includes(status)).length;
  return { name, noticed: count("Killed", "Timeout"), passed: count("Survived", "NoCoverage"), marked: count("Ignored") };
}

/** In per cent, rounded down, so that 100 means all. */
function scoreOf(noticed, passed) {
  return (Math.floor((noticed / Math.max(noticed + passed, 1)) * 10_000) / 100).toFixed(2);
}
