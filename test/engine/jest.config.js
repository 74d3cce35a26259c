const root = require("../../jest.config.js");

/**
 * The tests under the real pulumi CLI: one file at a time, because each drives a process of the CLI, its plugins and a policy pack.
 * @type {import("jest").Config}
 */
module.exports = {
  ...root,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/engine/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  testEnvironment: "<rootDir>/test/engine/environment.js",
  testTimeout: 300_000,
  maxWorkers: 1,
};
