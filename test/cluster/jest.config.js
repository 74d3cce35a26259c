const unit = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...unit,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/cluster/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  globalSetup: "<rootDir>/test/cluster/build-binaries.ts",
  testSequencer: "<rootDir>/test/support/jest/longest-first.js",
  // Every file starts a control plane of its own, which is four processes that wait for one another half of the time. A live cluster is one for all.
  maxWorkers: process.env["SHARED_GPU_TEST_CONTEXT"] ? 1 : 3,
  // A limit against hanging, not a measurement.
  testTimeout: 600_000,
};
