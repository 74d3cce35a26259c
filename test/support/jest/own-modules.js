const { TestEnvironment } = require("jest-environment-node");
const asyncHooks = require("node:async_hooks");
const vm = require("node:vm");

/** What a process compiled, by file name and text: jest compiles the SDKs, its own parts and the sources anew for each of its test files. */
const compiled = new Map();
const compileFunction = vm.compileFunction;

vm.compileFunction = (code, parameters, options) => {
  const key = `${options.filename}\n${parameters}`;
  const known = compiled.get(key);
  if (known?.code === code) {
    return compileFunction(code, parameters, { ...options, cachedData: known.data });
  }
  const compiledFunction = compileFunction(code, parameters, { ...options, produceCachedData: true });
  compiled.set(key, { code, data: compiledFunction.cachedData });
  return compiledFunction;
};

/** The asynchronous contexts of the test file that runs: Pulumi's with the state of a run, and jest's own with the test that runs. */
const contexts = new Set();

asyncHooks.AsyncLocalStorage = class extends asyncHooks.AsyncLocalStorage {
  constructor() {
    super();
    contexts.add(this);
  }
};

module.exports = class extends TestEnvironment {
  async teardown() {
    // Left on, each context slows every promise of all later files, and keeps what its own file made in memory.
    for (const context of contexts) {
      context.disable();
    }
    contexts.clear();
    await super.teardown();
  }
};
