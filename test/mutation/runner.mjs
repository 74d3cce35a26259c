/**
 * A test runner for Stryker that keeps the rules and their tests in one process: a test takes milliseconds, where a run of jest loads Pulumi's SDK for every
 * change of a rule. It runs the test files of `tests.mjs` by jest's own library (jest-circus), file by file, and stops at the first test that fails.
 *
 * A module computes tables when it is loaded, and some keep what they have found. So for each change the module is loaded again, with the modules that use it, and
 * no others.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { inspect } from "node:util";
import { Script } from "node:vm";
import { PluginKind, declareClassPlugin } from "@stryker-mutator/api/plugin";
import { DryRunStatus, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import { testFiles } from "./tests.mjs";

/** Which test has been in which changed place, as the first process has found out. All processes share the sandbox. */
const COVERAGE = ".mutation-coverage.json";

/** Beside twice what all tests need. */
const ROUNDS_TO_SPARE = 1_000_000;

class RulesRunner {
  /** The state of jest-circus of each test file: its tests. */
  #files = new Map();
  /** The modules that have loaded a module, by its path. */
  #users = new Map();
  /** The test files that have noticed a change of a module, the last one first: they are asked first about the next. */
  #killers = new Map();
  /** Which test has been in which changed place. */
  #coverage;
  /** The tests that have been in a module, by its path. */
  #visitors = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    // The sandbox is the working directory by now, and was not yet when this file was loaded.
    this.sandbox = process.cwd();
    this.testFiles = testFiles(this.sandbox);
    this.require = createRequire(join(this.sandbox, "package.json"));
    this.circus = this.require("jest-circus");
    const { describe, test, it, beforeAll, beforeEach, afterAll, afterEach } = this.circus;
    const { jestExpect: expect } = this.require("@jest/expect");
    this.expect = expect;
    const { ModernFakeTimers } = this.require("@jest/fake-timers");
    const jest = new ModernFakeTimers({ global: globalThis, config: { fakeTimers: {} } });
    Object.assign(globalThis, { jest, describe, test, it, beforeAll, beforeEach, afterAll, afterEach, expect });
    globalThis.__stryker__ ??= {};
    // Unknown values are errors that the SDK throws, by the thousand, and nobody reads where from.
    Error.stackTraceLimit = 0;
    keepCompiled(this.require);
    recordUsers(this.#users);
    withoutProperties(this.require);
    const rowOf = recordRows([describe, test], this.circus);
    this.nameOf = (test, texts) => `${idOf(test)} #${shortHash([rowOf(test), texts])}`;
    this.circus.addEventHandler(({ name, test }) => {
      if (name === "test_done") {
        // Matchers of recorded texts do not throw. They leave their errors here.
        const { suppressedErrors } = expect.getState();
        test.errors.push(...suppressedErrors);
        expect.setState({ suppressedErrors: [] });
      }
      if (name === "test_fn_start") {
        const id = idOf(test);
        globalThis.__stryker__.currentTestId = id;
        // The recorded texts are called by a name without the file.
        expect.setState({ currentTestName: id.slice(id.indexOf(" ") + 1), currentConcurrentTestName: undefined });
      }
    });
  }

  async dryRun({ coverageAnalysis }) {
    const results = [];
    for (const file of this.testFiles) {
      globalThis.__stryker__.currentTestId = undefined;
      const state = this.#load(file);
      const recorded = this.#recordedTexts(state);
      await this.#run(
        state,
        () => true,
        (test) => {
          const [failure] = test.errors;
          const timeSpentMs = test.duration ?? 0;
          const id = idOf(test);
          // Stryker tells a test by its file's text and by its name. The name has what the test reads beside that, so that results are kept for as long as they hold.
          const name = this.nameOf(test, recorded.get(id.slice(id.indexOf(" ") + 1)));
          const result = { id, name, timeSpentMs, fileName: join(this.sandbox, file) };
          results.push(
            failure === undefined
              ? { ...result, status: TestStatus.Success }
              : { ...result, status: TestStatus.Failed, failureMessage: textOf(failure) },
          );
        },
      );
    }
    globalThis.__stryker__.currentTestId = undefined;
    const mutantCoverage = coverageAnalysis === "off" ? undefined : globalThis.__stryker__.mutantCoverage;
    writeFileSync(join(this.sandbox, COVERAGE), JSON.stringify(mutantCoverage?.perTest ?? {}));
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage };
  }

  async mutantRun({ activeMutant, sandboxFileName, testFilter, hitLimit }) {
    this.#limitHits(hitLimit);
    this.#loadAll();
    const users = this.#forget(sandboxFileName);
    let nrOfTests = 0;
    let killed;
    const onDone = (test) => {
      nrOfTests += 1;
      const [failure] = test.errors;
      if (failure !== undefined) {
        killed ??= { killedBy: [idOf(test)], failureMessage: textOf(failure) };
      }
    };
    try {
      globalThis.__stryker__.activeMutant = activeMutant.id;
      const killers = this.#killers.get(sandboxFileName) ?? [];
      const files = [...killers.filter((each) => users.includes(each)), ...users.filter((each) => !killers.includes(each))];
      for (const { isWanted, files: ofRound } of this.#roundsOf(testFilter, sandboxFileName)) {
        for (const file of files.filter((each) => ofRound.has(each))) {
          const tests = (test) => killed === undefined && isWanted(idOf(test));
          await this.#run(this.#files.get(file) ?? this.#load(file), tests, onDone);
          if (killed !== undefined) {
            this.#killers.set(sandboxFileName, [file, ...killers.filter((each) => each !== file)]);
            break;
          }
        }
      }
    } catch (error) {
      // A rule that cannot be loaded is one that nobody can use.
      killed ??= { killedBy: [], failureMessage: textOf(error) };
    } finally {
      globalThis.__stryker__.activeMutant = undefined;
      this.#forget(sandboxFileName);
    }
    return killed === undefined
      ? { status: MutantRunStatus.Survived, nrOfTests }
      : { status: MutantRunStatus.Killed, ...killed, nrOfTests };
  }

  /** Stryker calls a loop endless after a hundred times as many rounds as all tests need. For loops that many tests need, that takes minutes. */
  #limitHits(hitLimit) {
    const limit = hitLimit === undefined ? undefined : Math.min(hitLimit, hitLimit / 50 + ROUNDS_TO_SPARE);
    Object.assign(globalThis.__stryker__, { hitLimit: limit, hitCount: limit === undefined ? undefined : 0 });
  }

  /**
   * Says which tests run in the first round, and which in the second: those that have been in the changed place, then those that have been in the same module,
   * because rules keep what they have found, and some tests only read what an earlier one has left. A table of a module is read by tests that run nothing of it,
   * so of what is computed when the module is loaded all tests are asked.
   */
  #roundsOf(testFilter, path) {
    const visitors = this.#visitorsOf(path);
    const covering = testFilter === undefined ? visitors : new Set(testFilter);
    const second =
      testFilter === undefined
        ? { isWanted: (id) => !covering.has(id), files: new Set(this.testFiles) }
        : { isWanted: (id) => visitors.has(id) && !covering.has(id), files: filesOf(visitors) };
    return [{ isWanted: (id) => covering.has(id), files: filesOf(covering) }, second];
  }

  /** The tests that have been in a module. */
  #visitorsOf(path) {
    this.#coverage ??= Object.entries(JSON.parse(readFileSync(join(this.sandbox, COVERAGE), "utf8")));
    let visitors = this.#visitors.get(path);
    if (visitors === undefined) {
      const changes = new Set([...readFileSync(path, "utf8").matchAll(/stryMutAct_\w+\("(\d+)"\)/g)].map(([, id]) => id));
      visitors = new Set(this.#coverage.filter(([, places]) => Object.keys(places).some((id) => changes.has(id))).map(([test]) => test));
      this.#visitors.set(path, visitors);
    }
    return visitors;
  }

  /** Of several processes, only the first has run the tests without a change. The others have to find out who uses whom, too. */
  #loadAll() {
    if (this.#users.size === 0) {
      for (const file of this.testFiles) {
        this.#load(file);
      }
    }
  }

  #load(file) {
    this.circus.resetState();
    const path = join(this.sandbox, file);
    delete this.require.cache[path];
    this.circus.describe(file, () => {
      this.require(path);
    });
    const state = Object.assign(this.circus.getState(), { snapshots: this.#snapshotsOf(path) });
    this.#files.set(file, state);
    return state;
  }

  /** The recorded messages, of which none is written here. */
  #snapshotsOf(testPath) {
    const { SnapshotState } = this.require("jest-snapshot");
    const path = join(dirname(testPath), "__snapshots__", `${basename(testPath)}.snap`);
    const snapshotState = new SnapshotState(path, {
      ...{ rootDir: this.sandbox, updateSnapshot: "none", snapshotFormat: { escapeString: false, printBasicPrototype: false } },
    });
    return { path, testPath, snapshotState };
  }

  /** The recorded texts of each test, by its titles. */
  #recordedTexts({ snapshots: { path } }) {
    const { getSnapshotData, keyToTestName } = this.require("@jest/snapshot-utils");
    const { data } = getSnapshotData(path, "none");
    const texts = new Map();
    for (const [key, text] of Object.entries(data)) {
      const name = keyToTestName(key);
      texts.set(name, [...(texts.get(name) ?? []), text]);
    }
    return texts;
  }

  /** Runs the tests of a file that are wanted, and hands over each that has run. */
  async #run(state, isWanted, onDone) {
    const tests = testsIn(state.rootDescribeBlock);
    const byId = new Map(tests.map((test) => [idOf(test), test]));
    for (const test of tests) {
      test.errors = [];
    }
    if (!tests.some(isWanted)) {
      return;
    }
    this.circus.setState(state);
    state.hasStarted = false;
    state.testTimeout = 600_000;
    state.unhandledErrors.length = 0;
    state.snapshots.snapshotState.clear();
    this.expect.setState(state.snapshots);
    state.testNamePattern = { test: (id) => isWanted(byId.get(id)) };
    const handler = ({ name, test }) => {
      if (name === "test_done") {
        onDone(test);
      }
    };
    this.circus.addEventHandler(handler);
    try {
      await this.circus.run();
    } finally {
      this.circus.removeEventHandler(handler);
    }
  }

  /** Unloads a module and what uses it, however indirectly. @returns the test files among them. */
  #forget(path) {
    const found = new Set([path]);
    for (const each of found) {
      for (const user of this.#users.get(each) ?? []) {
        found.add(user);
      }
    }
    const files = this.testFiles.filter((file) => found.has(join(this.sandbox, file)));
    for (const each of found) {
      delete this.require.cache[each];
    }
    for (const file of files) {
      this.#files.delete(file);
    }
    return files;
  }
}

/** A test by its titles, of which the outermost is its file. jest-circus calls it so too. */
function idOf({ name, parent }) {
  return parent.parent === undefined ? name : `${idOf(parent)} ${name}`;
}

/** The files of tests. */
function filesOf(tests) {
  return new Set([...tests].map((id) => id.slice(0, id.indexOf(" "))));
}

function testsIn({ children }) {
  return children.flatMap((child) => (child.type === "test" ? [child] : testsIn(child)));
}

function textOf(failure) {
  const [error] = Array.isArray(failure) ? failure : [failure];
  return error instanceof Error ? error.message : String(error);
}

/**
 * Records the rows of tables of which tests are made. A table is handed to jest row by row.
 *
 * @returns the rows of a test: its own, and those of the blocks around it
 */
function recordRows(makers, { addEventHandler, getState }) {
  const rows = [];
  const rowsOf = new WeakMap();
  for (const make of makers) {
    const { each } = make;
    make.each =
      (table) =>
      (title, ...rest) => {
        for (const row of table) {
          rows.push(row);
          each([row])(title, ...rest);
          rows.pop();
        }
      };
  }
  addEventHandler(({ name }) => {
    if (name === "add_test") {
      rowsOf.set(getState().currentDescribeBlock.children.at(-1), [...rows]);
    }
  });
  return (test) => rowsOf.get(test);
}

function shortHash(value) {
  const text = inspect(value, { depth: 20, maxArrayLength: null, maxStringLength: null });
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** What must notice a change is a case that somebody wrote down. Properties would take most of the time, and explain nothing. */
function withoutProperties(require) {
  const properties = { ...require("fast-check").default, assert: () => undefined };
  require.cache[require.resolve("fast-check")].exports = { ...properties, __esModule: true, default: properties };
}

/** Records who loads whom: node itself does not where a module loads others by a `require` that it has made. */
function recordUsers(users) {
  const load = Module._load;
  Module._load = (request, parent, isMain) => {
    if (parent !== undefined && /^[./]/.test(request) && !parent.filename.includes("/node_modules/")) {
      const path = Module._resolveFilename(request, parent, isMain);
      users.set(path, (users.get(path) ?? new Set()).add(parent.filename));
    }
    return load(request, parent, isMain);
  };
}

/** Keeps what a module is in JavaScript, compiled, so that it is made once however often the module is loaded. */
function keepCompiled(sandboxRequire) {
  sandboxRequire("./transpile.js");
  const transpile = sandboxRequire.extensions[".ts"];
  const scripts = new Map();
  sandboxRequire.extensions[".ts"] = (module, filename) => {
    let script = scripts.get(filename);
    if (script === undefined) {
      const compile = (code) => {
        script = new Script(Module.wrap(code), { filename });
      };
      transpile({ _compile: compile }, filename);
      scripts.set(filename, script);
    }
    const require = Object.assign((id) => module.require(id), createRequire(filename));
    script.runInThisContext().call(module.exports, module.exports, require, module, filename, dirname(filename));
  };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "rules", RulesRunner)];
