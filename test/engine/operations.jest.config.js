const engine = require("./jest.config.js");

/**
 * The files that do what docs/operations.md says, for minutes each. They are not part of `npm run test:engine` yet: some of their waits and words still differ from run
 * to run on a busy machine. A file goes back there when it has been green ten times in a row.
 * @type {import("jest").Config}
 */
module.exports = {
  ...engine,
  testMatch: ["changes", "destroy", "interrupted", "runbooks"].map((name) => `<rootDir>/test/engine/${name}.test.ts`),
  testPathIgnorePatterns: ["/node_modules/"],
};
