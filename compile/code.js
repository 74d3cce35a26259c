/** What V8 makes of each module that a process loads, kept for the next one (docs/decisions/0014-what-is-compiled-is-kept.md). Node.js has this itself since 22.8. */
const Module = require("node:module");
const { dirname, join } = require("node:path");
const vm = require("node:vm");
const { keep, kept } = require("./kept");

/** Of Node.js 20, which gets no more changes; what it gives a module is repeated here. */
const { _compile: compileOfNode } = Module.prototype;
const [BEFORE] = Module.wrapper;

exports.keepCode = () => {
  if (Module.enableCompileCache !== undefined) {
    Module.enableCompileCache(join(__dirname, "../node_modules/.cache/shared-gpu/code"));
  } else if (process.versions.node.startsWith("20.")) {
    Module.prototype._compile = compile;
  }
};

function compile(text, filename, format) {
  const script = format === "module" ? undefined : scriptOf(text, filename);
  if (script === undefined) return compileOfNode.call(this, text, filename, format);
  const run = script.runInThisContext();
  return run.call(this.exports, this.exports, requireOf(this), this, filename, dirname(filename));
}

/** Nothing for an ES module, which only Node.js itself can tell and load. */
function scriptOf(text, filename) {
  const name = `code ${filename}`;
  const cachedData = kept(name, text);
  let script;
  try {
    script = new vm.Script(Module.wrap(text.replace(/^#!.*/, "")), {
      filename,
      columnOffset: -BEFORE.length,
      cachedData,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
  } catch {
    return undefined;
  }
  if (cachedData === undefined || script.cachedDataRejected) {
    keep(name, text, () => script.createCachedData());
  }
  return script;
}

function requireOf(module) {
  const require = (id) => module.require(id);
  require.resolve = (id, options) => Module._resolveFilename(id, module, false, options);
  require.resolve.paths = (id) => Module._resolveLookupPaths(id, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}
