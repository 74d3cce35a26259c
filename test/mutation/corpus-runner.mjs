/**
 * A test runner for Stryker that has the pack and the corpus in one process: a case takes milliseconds, where a test framework loads Pulumi's SDK anew for every
 * change of a rule. It runs the cases of `cases.ts` in the sandbox that Stryker makes.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { PluginKind, declareClassPlugin } from "@stryker-mutator/api/plugin";
import { DryRunStatus, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";

class CorpusRunner {
  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    // The sandbox is the working directory by now, and was not yet when this file was loaded.
    this.sandbox = process.cwd();
    this.require = createRequire(join(this.sandbox, "package.json"));
    this.require("./transpile.js");
    globalThis.expect = this.require("expect").expect;
    globalThis.__stryker__ ??= {};
  }

  dryRun({ coverageAnalysis }) {
    const cases = this.#load();
    const tests = cases.map(({ id, run }) => {
      globalThis.__stryker__.currentTestId = id;
      const started = performance.now();
      const failure = attempt(run);
      const timeSpentMs = performance.now() - started;
      return failure === undefined
        ? { id, name: id, timeSpentMs, status: TestStatus.Success }
        : { id, name: id, timeSpentMs, status: TestStatus.Failed, failureMessage: failure };
    });
    globalThis.__stryker__.currentTestId = undefined;
    const mutantCoverage = coverageAnalysis === "off" ? undefined : globalThis.__stryker__.mutantCoverage;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  mutantRun({ activeMutant, mutantActivation, reloadEnvironment, testFilter, hitLimit }) {
    Object.assign(globalThis.__stryker__, { hitLimit, hitCount: hitLimit === undefined ? undefined : 0 });
    if (mutantActivation === "static") {
      globalThis.__stryker__.activeMutant = activeMutant.id;
    }
    try {
      const cases = reloadEnvironment ? this.#load() : (this.cases ?? this.#load());
      globalThis.__stryker__.activeMutant = activeMutant.id;
      const wanted = testFilter && new Set(testFilter);
      let nrOfTests = 0;
      for (const { id, run } of cases) {
        if (wanted === undefined || wanted.has(id)) {
          nrOfTests += 1;
          const failure = attempt(run);
          if (failure !== undefined) {
            return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage: failure, nrOfTests };
          }
        }
      }
      return { status: MutantRunStatus.Survived, nrOfTests };
    } catch (error) {
      // A pack that cannot be loaded is one that nobody can use.
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 };
    } finally {
      globalThis.__stryker__.activeMutant = undefined;
      if (reloadEnvironment) {
        this.cases = undefined;
      }
    }
  }

  #load() {
    const { cache } = this.require;
    for (const file of Object.keys(cache).filter((path) => path.startsWith(this.sandbox) && !path.includes("/node_modules/"))) {
      delete cache[file];
    }
    this.cases = this.require("./test/mutation/cases.ts").mutationCases();
    return this.cases;
  }
}

function attempt(run) {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "corpus", CorpusRunner)];
