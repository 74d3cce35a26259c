const { join } = require("node:path");
const unit = require("../../jest.config.js");

/**
 * What `npm run test:mutation` runs against every mutant: the corpus, and the tests of the policies, which have the values that no manifest can hold.
 * @type {import("jest").Config}
 */
module.exports = {
  ...unit,
  // Absolute: Stryker takes a relative path from its own working directory, not from here.
  rootDir: join(__dirname, "../.."),
  testMatch: [
    "<rootDir>/test/policy-pack/corpus.test.ts",
    "<rootDir>/test/policy-pack/{claims,platform,aws,helm}/**/*.test.ts",
    "<rootDir>/test/kubernetes/admission/**/*.test.ts",
  ],
  reporters: [],
};
