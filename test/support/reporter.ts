/** What is told besides jest's own report, in all tiers: the seed first, since a run that hangs has no end, and the slowest files last. */
import { relative } from "node:path";
import { SEED, SEED_VARIABLE } from "./seeds/seed";

const SLOWEST = 3;

/** What is read here of jest's AggregatedResult. */
interface Results {
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly testFilePath: string; readonly perfStats: { readonly runtime: number } }[];
}

export default class {
  onRunStart(): void {
    say(`Seed of the properties: ${SEED} (${SEED_VARIABLE})`);
  }

  onRunComplete(_contexts: unknown, { testResults, numFailedTestSuites }: Results): void {
    const files = testResults
      .map(({ testFilePath, perfStats }) => ({ path: relative(process.cwd(), testFilePath), seconds: perfStats.runtime / 1000 }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, SLOWEST);
    say(`Slowest files: ${files.map(({ path, seconds }) => `${path} ${seconds.toFixed(1)} s`).join(", ")}`);
    if (numFailedTestSuites > 0) {
      say(`To draw the same examples again: ${SEED_VARIABLE}=${SEED}`);
    }
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
