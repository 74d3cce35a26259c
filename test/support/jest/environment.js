const { join, sep } = require("node:path");
const OwnModules = require("./own-modules");
const SharedModules = require("./shared-modules");

/**
 * Folders of tests that leave modules as they found them. A file in them that cannot says `@jest-environment ./test/support/jest/own-modules.js` in its
 * first comment.
 */
const SHARING = [
  ...["aws", "cel", "cli", "cluster-model", "config", "control-plane", "docs", "doctor", "dra", "hardware", "kubernetes", "live"],
  ...["monitoring", "planner", "policy-pack", "published", "rehearsal", "releases", "trial", "well-known"],
].map((folder) => join(__dirname, "../..", folder) + sep);

/** A test file shares its modules with others if it is in such a folder. */
module.exports = class {
  constructor(config, context) {
    const Environment = SHARING.some((folder) => context.testPath.startsWith(folder)) ? SharedModules : OwnModules;
    return new Environment(config, context);
  }
};
