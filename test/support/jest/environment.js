const { join, sep } = require("node:path");
const OwnModules = require("./own-modules");
const SharedModules = require("./shared-modules");

/** Folders of tests of what keeps nothing between two calls: neither the state of a Pulumi program nor that of the policy pack. */
const SHARING = ["cel", "cluster-model", "dra", "hardware", "planner/ask", "releases", "well-known"].map(
  (folder) => join(__dirname, "../..", folder) + sep,
);

/** A test file shares its modules with others if it is in such a folder. */
module.exports = class {
  constructor(config, context) {
    const Environment = SHARING.some((folder) => context.testPath.startsWith(folder)) ? SharedModules : OwnModules;
    return new Environment(config, context);
  }
};
