const { TestEnvironment } = require("jest-environment-node");

/**
 * Gives tests the process that jest hides from them. A program that fails under Pulumi leaves rejected promises that nobody awaits:
 * Pulumi's hosts listen for them at the process, and jest would take each for a failure of the test file.
 */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.hostProcess = process;
  }
};
