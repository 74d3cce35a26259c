const unit = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...unit,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/cluster/**/*.test.ts"],
  // A live cluster's controllers would find that no kubelet stands behind the fleet's nodes.
  testPathIgnorePatterns: ["/node_modules/", ...(process.env["SHARED_GPU_TEST_CONTEXT"] ? ["<rootDir>/test/cluster/fleet/"] : [])],
  globalSetup: "<rootDir>/test/cluster/build-binaries.ts",
  // Every file starts a control plane of its own, which is four processes.
  maxWorkers: 1,
  // A limit against hanging, not a measurement.
  testTimeout: 240_000,
};
