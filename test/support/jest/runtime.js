const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const Runtime = require("jest-runtime").default;

/** Of what was compiled, by file: for the positions in stack traces. */
const sourceMaps = new Map();

/**
 * In the environment shared-modules.js, what a test file imports is loaded as Node.js does it: once for all such files of a process. jest loads and runs every
 * module again for each of them, which takes most of the time of most files. The test file itself and what the configuration names stay its own.
 */
module.exports = class extends Runtime {
  constructor(config, environment, resolver, transformer, sources, coverage, ...rest) {
    super(config, environment, resolver, transformer, sources, coverage, ...rest);
    this.isShared = environment.global === globalThis;
    if (this.isShared) {
      // jest's compiler, which keeps its results on disk.
      require.extensions[".ts"] = (module, filename) => {
        const { code, sourceMapPath } = transformer.transform(filename, coverage, readFileSync(filename, "utf8"));
        if (sourceMapPath) sourceMaps.set(filename, sourceMapPath);
        module._compile(code, filename);
      };
      require("../../../src/rehearsal/late-modules.ts").loadLate();
    }
  }

  requireModule(from, name, ...rest) {
    return this.isShared && name !== undefined ? createRequire(from)(name) : super.requireModule(from, name, ...rest);
  }

  getSourceMaps() {
    // jest asks before it compiles the test file, and looks things up later.
    const own = super.getSourceMaps();
    return Object.assign(new Map(), { get: (file) => own.get(file) ?? sourceMaps.get(file) });
  }
};
