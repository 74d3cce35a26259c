/**
 * `npm run test:mutation`: measures the rules, and prints one table.
 *
 *   npm run test:mutation                            what has changed since it was measured
 *   npm run test:mutation -- policy-pack/pods reach  the pieces whose names have this in them
 *   npm run test:mutation -- --minutes 30            starts nothing after 30 minutes. The next run goes on from there
 *   npm run test:mutation -- --report                measures nothing: the table of what was measured
 *
 * `node_modules/.cache/mutation` keeps the results. A file is not measured again while it and all tests are the same. If they are not, Stryker tries the changes
 * again whose rule is another, whose noticing test is another, or which no test had noticed. Files are measured some dozens at a time, some minutes for each lot.
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
const RESULTS = join(CACHE, "results.json");
/** The files that are measured, each with a hash of itself and of the tests. */
const MEASURED = join(CACHE, "measured.json");
const STRYKER = join(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json"), "../bin/stryker.js");
/** What the tests of the rules are made of. */
const TESTS = ["cluster-model", "corpus", "dra", "kubernetes", "mutation", "policy-pack", "support", "well-known"];
/** Source text of one lot. */
const MAX_LOT_BYTES = 100_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string" }, report: { type: "boolean", default: false } },
});
const end = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const pieces = piecesOf(ROOT).filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
if (pieces.length === 0) {
  process.stderr.write("No piece has such a name\n");
  process.exit(2);
}
const testHash = hashOf(
  TESTS.flatMap((folder) => readdirSync(join(ROOT, "test", folder), { recursive: true }).map((name) => `test/${folder}/${name}`)),
);
const measured = existsSync(MEASURED) ? JSON.parse(readFileSync(MEASURED, "utf8")) : {};
const isMeasured = (file) => measured[file] === stampOf(file);

if (!values.report) {
  const lots = lotsOf(pieces.flatMap(({ files }) => files).filter((file) => !isMeasured(file)));
  lots.forEach((files, index) => {
    if (Date.now() < end) {
      console.log(`\n${index + 1} of ${lots.length}: ${files.join(", ")}`);
      measure(files);
    }
  });
}
report();

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files.toSorted().filter((each) => statSync(join(ROOT, each)).isFile())) {
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}

function stampOf(file) {
  return `${testHash} ${hashOf([file])}`;
}

/** Files that are measured together: Stryker runs every test once before it measures anything. */
function lotsOf(files) {
  const lots = [];
  let bytes = Infinity;
  for (const file of files) {
    const { size } = statSync(join(ROOT, file));
    if (bytes + size > MAX_LOT_BYTES) {
      lots.push([]);
      bytes = 0;
    }
    lots.at(-1).push(file);
    bytes += size;
  }
  return lots;
}

/** Removes what no test had noticed, so that it is tried again: of a table Stryker does not know which tests read it, and keeps that none noticed. */
function forgetUnnoticed(files) {
  if (!existsSync(RESULTS)) {
    return;
  }
  const results = JSON.parse(readFileSync(RESULTS, "utf8"));
  for (const each of files.map((file) => results.files[file]).filter((found) => found !== undefined)) {
    each.mutants = each.mutants.filter(({ status }) => status !== "Survived" && status !== "NoCoverage");
  }
  writeFileSync(RESULTS, JSON.stringify(results));
}

function measure(files) {
  forgetUnnoticed(files);
  const args = [STRYKER, "run", "test/mutation/stryker.config.mjs", "--mutate", files.join(","), "--incrementalFile", RESULTS];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
  files.forEach((file) => {
    measured[file] = stampOf(file);
  });
  writeFileSync(MEASURED, JSON.stringify(measured, null, 2));
}

/** Prints the table, and fails if something is not measured as it is or if too many changes pass unnoticed. */
function report() {
  const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")).files : {};
  const rows = pieces.map((piece) => rowOf(piece, results));
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const together = { name: "together", noticed: sum("noticed"), passed: sum("passed"), marked: sum("marked") };
  console.log("\n| piece | changes | noticed | marked | score |\n| --- | ---: | ---: | ---: | ---: |");
  [...rows, together].forEach(({ name, noticed, passed, marked }) => {
    console.log(`| ${name} | ${noticed + passed} | ${noticed} | ${marked} | ${scoreOf(noticed, passed)} % |`);
  });
  const missing = pieces.flatMap(({ files }) => files).filter((file) => !isMeasured(file));
  if (missing.length > 0) {
    console.log(`\nNot measured, or another since: ${missing.join(", ")}`);
  }
  const score = Number(scoreOf(together.noticed, together.passed));
  if (score < LEAST_SCORE) {
    console.log(`\nThe score is below ${LEAST_SCORE} %`);
  }
  process.exitCode = missing.length > 0 || score < LEAST_SCORE ? 1 : 0;
}

function rowOf({ name, files }, results) {
  const statuses = files.flatMap((file) => (results[file]?.mutants ?? []).map(({ status }) => status));
  const count = (...wanted) => statuses.filter((status) => wanted.includes(status)).length;
  return { name, noticed: count("Killed", "Timeout"), passed: count("Survived", "NoCoverage"), marked: count("Ignored") };
}

/** In per cent, rounded down, so that 100 means all. */
function scoreOf(noticed, passed) {
  return (Math.floor((noticed / Math.max(noticed + passed, 1)) * 10_000) / 100).toFixed(2);
}
