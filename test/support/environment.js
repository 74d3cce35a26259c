const { TestEnvironment } = require("jest-environment-node");
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

module.exports = class extends TestEnvironment {
  async teardown() {
    // Pulumi keeps the state of a run in an asynchronous context. Left on, it keeps the whole test file in memory and slows every promise of the next ones.
    this.global.asyncLocalStorage?.disable();
    await super.teardown();
  }
};
