const root = require("../../jest.config.js");

/**
 * The tests under the real pulumi CLI. Three files at a time: each drives a CLI, its plugins, a policy pack and mostly a control plane too, which wait for one
 * another half of the time.
 * @type {import("jest").Config}
 */
module.exports = {
  ...root,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/engine/**/*.test.ts"],
  // Files with a command of their own, `npm run test:operations`.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/engine/operations/"],
  globalSetup: "<rootDir>/test/engine/build-binaries.ts",
  testEnvironment: "<rootDir>/test/harness/engine/environment.js",
  testTimeout: 900_000,
  testSequencer: "<rootDir>/test/support/jest/longest-first.js",
  maxWorkers: 3,
};
