const { default: run } = require("jest-circus/runner");

/**
 * jest's own runner, which does not tell the main process when each test begins and ends: no reporter here asks, and with two messages for each of ten thousand
 * tests, both processes are busy for seconds.
 */
module.exports = (globalConfig, config, environment, runtime, testPath) => run(globalConfig, config, environment, runtime, testPath);
