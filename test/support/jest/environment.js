const { join, sep } = require("node:path");
const OwnModules = require("./own-modules");
const SharedModules = require("./shared-modules");

/**
 * Folders of tests, and test files, that leave modules as they found them. A file in them that cannot says `@jest-environment ./test/support/jest/own-modules.js` in its
 * first comment.
 */
const SHARING = [
  ...["aws", "cel", "cli", "cluster-model", "config", "control-plane", "docs", "doctor", "dra", "fleet", "hardware"],
  ...["json", "kubernetes", "live", "monitoring", "planner", "policy-pack", "published", "rehearsal", "relayout", "releases", "trial"],
  ...["well-known", "index.test.ts", "workflows.test.ts"],
].map((name) => join(__dirname, "../..", name));

/** A test file shares its modules with others if it is in such a folder. */
module.exports = class {
  constructor(config, context) {
    const Environment = SHARING.some((path) => context.testPath === path || context.testPath.startsWith(path + sep))
      ? SharedModules
      : OwnModules;
    return new Environment(config, context);
  }
};
