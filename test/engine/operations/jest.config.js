const engine = require("../jest.config.js");

/**
 * The files that walk one deployed platform through everything that docs/operations.md describes. Each takes more than five minutes, so the nightly
 * workflow runs them and `npm run test:engine` does not.
 * @type {import("jest").Config}
 */
module.exports = {
  ...engine,
  rootDir: "../../..",
  testMatch: ["<rootDir>/test/engine/operations/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};
