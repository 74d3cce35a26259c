import "./widened-lists.mjs";

/**
 * Every mutator of Stryker is on, those of texts too: the tests compare whole messages. `run.mjs` says which piece of the rules is measured.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  testRunner: "rules",
  plugins: ["./test/mutation/runner.mjs"],
  // As for `npm test`: what a test makes is gone before it would be moved to the old space.
  testRunnerNodeArgs: ["--min-semi-space-size=64", "--max-semi-space-size=64"],
  coverageAnalysis: "perTest",
  // A result is kept until its rule, or the test that decided it, changes.
  incremental: true,
  // Tables are values of modules, and a rule is as good as its table.
  ignoreStatic: false,
  // Loops that a change makes endless are counted, so this is for a busy machine, on which a slow test would count as one that noticed.
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 60,
  warnings: { slow: false },
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false, reportScoreTable: false },
};
