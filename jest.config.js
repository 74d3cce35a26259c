// The reporter is TypeScript, which jest loads as it is.
require("./transpile.js");

/** @type {import("jest").Config} */
module.exports = {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", ...["processes", "cluster", "driver", "engine"].map((tier) => `<rootDir>/test/${tier}/`)],
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }] },
  // Pulumi loads the two only to serialize functions, which nothing here does: a third of the loading time of a test file.
  moduleNameMapper: {
    "^typescript$": "<rootDir>/test/support/lazy/typescript.js",
    "^@npmcli/arborist$": "<rootDir>/test/support/lazy/arborist.js",
  },
  globalSetup: "<rootDir>/test/support/recordings/global-setup.ts",
  globalTeardown: "<rootDir>/test/support/recordings/global-teardown.ts",
  setupFiles: ["<rootDir>/test/support/seeds/properties.ts"],
  setupFilesAfterEnv: ["<rootDir>/test/support/jest/after-each-file.ts"],
  reporters: ["default", "<rootDir>/test/support/reporter.ts"],
  // The built pack has a package.json of the same name.
  modulePathIgnorePatterns: ["<rootDir>/policy-pack/dist/"],
  testEnvironment: "<rootDir>/test/support/jest/environment.js",
  runtime: "<rootDir>/test/support/jest/runtime.js",
  testRunner: "<rootDir>/test/support/jest/runner.js",
  // A limit against hanging, not a measurement: loading the SDKs under jest takes seconds on a busy machine.
  testTimeout: 120_000,
  // jest leaves one core free by default, which on two cores is half of them.
  maxWorkers: "100%",
  // Pulumi keeps process-wide state in globals of its own; jest's clean-up of globals only warns about it.
  testEnvironmentOptions: { globalsCleanup: "off" },
};
