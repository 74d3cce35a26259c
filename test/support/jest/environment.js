const { join, sep } = require("node:path");
const { setFlagsFromString } = require("node:v8");
const OwnModules = require("./own-modules");
const SharedModules = require("./shared-modules");

// Optimizing takes longer than most tests gain by it. Later versions of Node.js have other compilers, and no such flag.
if (process.versions.node.startsWith("20.")) {
  setFlagsFromString("--interrupt-budget=270000");
}

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
