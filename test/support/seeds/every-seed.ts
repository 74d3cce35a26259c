/**
 * Runs in every test file of `npm run test:seeds`: a test that draws from the seed runs once for each seed, any other once.
 * A file is loaded once for all seeds, which takes longer than most properties do.
 */
import fc from "fast-check";
import { SEEDS, SEED_VARIABLE } from "./seed";

type Body = (...args: readonly unknown[]) => unknown;
type Define = (name: string, body: Body, timeout?: number) => void;
type Each = (...table: readonly unknown[]) => Define;

let hasDrawn = false;

function drawFrom(seed: number): void {
  hasDrawn = false;
  fc.configureGlobal({
    get seed() {
      hasDrawn = true;
      return seed;
    },
  });
}

/** jest passes a callback to a body that declares a parameter too many, and this one declares none. */
function forEverySeed(body: Body): Body {
  return async (...args) => {
    const failures: string[] = [];
    for (const seed of SEEDS) {
      drawFrom(seed);
      try {
        await body(...args);
      } catch (error) {
        // As written: a test that has not drawn fails for another reason than the seed.
        if (!hasDrawn) {
          throw error;
        }
        failures.push(`${SEED_VARIABLE}=${seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (!hasDrawn) {
        return;
      }
    }
    if (failures.length > 0) {
      throw new Error(failures.join("\n\n"));
    }
  };
}

function wrapped(define: jest.It): jest.It {
  const each = define.each as unknown as Each;
  return Object.assign(
    ((name, body, timeout) => {
      (define as Define)(name, forEverySeed(body), timeout);
    }) as Define,
    define,
    {
      each: ((...table) =>
        (name, body, timeout) => {
          each(...table)(name, forEverySeed(body), timeout);
        }) as Each,
    },
  ) as unknown as jest.It;
}

Object.assign(globalThis, { test: wrapped(globalThis.test), it: wrapped(globalThis.it) });
