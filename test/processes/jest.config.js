const unit = require("../../jest.config.js");

/**
 * The commands as users start them, and Pulumi's own hosts: processes that compile and load everything anew, most of the time of a test.
 * @type {import("jest").Config}
 */
module.exports = {
  ...unit,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/processes/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};
