const { ModernFakeTimers } = require("@jest/fake-timers");
const { ModuleMocker } = require("jest-mock");
const asyncHooks = require("node:async_hooks");
const vm = require("node:vm");

const compileFunction = vm.compileFunction;

// jest compiles test files for the context of their environment, and Node.js has no other name for its own than none.
vm.compileFunction = (code, parameters, options) =>
  compileFunction(code, parameters, options.parsingContext === globalThis ? { ...options, parsingContext: undefined } : options);

/** The asynchronous contexts of this process: Pulumi's with the state of a run, and jest's own with the test that runs. */
const contexts = new Set();

asyncHooks.AsyncLocalStorage = class extends asyncHooks.AsyncLocalStorage {
  constructor() {
    super();
    contexts.add(this);
  }
};

/** Where jest's test framework keeps its listeners; it takes those of the test file before for its own. */
const LISTENERS = Symbol.for("EVENT_HANDLERS");

/**
 * Test files run in the process itself, and share its modules (runtime.js). In jest's own environment every use of a global, such as `Object` or `Map`, goes
 * through a proxy, which takes longer than many a test does.
 */
module.exports = class {
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.before = { console: globalThis.console, exit: process.exit, env: process.env };
  }

  async setup() {
    // jest asks for a hundred frames, and this is what Node.js has. Every `expect` makes an error in case it fails, and so does everything that a policy cannot know.
    Error.stackTraceLimit = 10;
    // What tests set stays theirs. A variable of a copy is also read sooner than one of the process, and the YAML parser reads one for each lexeme.
    process.env = { ...process.env };
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    // Left on, each context slows every promise of all later files, and keeps what its own file made in memory.
    for (const context of contexts) {
      context.disable();
    }
    delete globalThis[LISTENERS];
    // jest replaces the first two for each file.
    const { console, exit, env } = this.before;
    globalThis.console = console;
    process.exit = exit;
    process.env = env;
  }

  exportConditions() {
    return ["node", "node-addons"];
  }

  getVmContext() {
    return globalThis;
  }
};
