import "./widened-lists.mjs";

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  testRunner: "rules",
  plugins: ["./test/mutation/runner.mjs"],
  coverageAnalysis: "perTest",
  /**
   * The rules: the policies of the pack and what they read resources with, the admission policies, the language and the reach of selectors, Pod Security, and
   * the table of a team's rights. Every mutator of Stryker is on, those of texts too: the tests compare whole messages.
   */
  mutate: [
    "policy-pack/{aws,claims,helm,platform,pods,resources}/**/*.ts",
    "src/kubernetes/admission/*.ts",
    // It registers the admission policies. The engine tier does that on a real API server.
    "!src/kubernetes/admission/component.ts",
    "src/dra/selector/language/*.ts",
    "src/dra/{reach,reach/*}.ts",
    "src/cluster/judgement/pod-security.ts",
    "src/well-known/{pod-security,team-rights}.ts",
  ],
  // Tables are values of modules, and a rule is as good as its table.
  ignoreStatic: false,
  warnings: { slow: false },
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false },
  thresholds: { high: 100, low: 95, break: 90 },
};
