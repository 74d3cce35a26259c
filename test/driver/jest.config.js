const unit = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...unit,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/driver/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  // Not the recordings of the program: nothing here is about it.
  globalSetup: "<rootDir>/test/driver/build-binaries.ts",
  globalTeardown: undefined,
  maxWorkers: 1,
  // A limit against hanging, not a measurement.
  testTimeout: 240_000,
};
